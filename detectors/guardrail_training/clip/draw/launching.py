"""Weapons that throw or shock, from cannon to sling, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    bar,
    box,
    count,
    disc,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
)


def _wheel(rng: Generator, size: float, wood: str) -> Strokes:
    spokes = count(rng, 6, 12)
    found = [ring(wood, size * 0.16, 0, 0, size)]
    angles = (np.arange(spokes) * 2 * np.pi / spokes).tolist()
    found += [line(wood, 3, [(0, 0), (size * np.cos(a), size * np.sin(a))]) for a in angles]
    return [*found, disc("dark", 0, 0, size * 0.2)]


def cannon(rng: Generator) -> Strokes:
    """A barrel on wheels that points to the right, maybe with balls beside it."""
    long, thick, size = some(rng, 62, 92), some(rng, 20, 28), some(rng, 18, 30)
    metal, wood = one_of(rng, "dark metal grip gold"), one_of(rng, "wood wood grip red")
    barrel = [
        bar(metal, (-22, 0), (long - 20, 0), thick, thick * 0.7),
        disc(metal, -22, 0, thick / 2),
    ]
    barrel += [
        disc(metal, -22 - thick * 0.6, 0, 4),
        box(metal, long - 24, -thick * 0.45, 8, thick * 0.9),
    ]
    for x in (-8, long * 0.35):
        barrel.append(box("gold" if metal != "gold" else "wood", x, -thick / 2, 4, thick))
    found = [bar(wood, (8, size * 0.5), (-some(rng, 44, 60), size * 1.5), 14, 7)]
    found += moved(barrel, turn=-some(rng, 0.05, 0.5))
    found += moved(_wheel(rng, size, wood), 4, size * 0.65)
    for n in range(count(rng, 0, 1) * 6):
        row, x = (0, n) if n < 3 else (1, n - 3) if n < 5 else (2, 0)
        found.append(
            disc("dark", long * 0.5 + 10 + x * 13 + row * 6.5, size * 1.45 - row * 11, 6.5)
        )
    if maybe(rng, 0.2):
        found += puffs(rng, "grey", long - 6, -long * 0.25, 20, 6)
    return posed(rng, found, 0.06, 0.0)


def slingshot(rng: Generator) -> Strokes:
    """A forked stick with a rubber band, slack or with a stone in its pouch."""
    wide, fork, long = some(rng, 16, 28), some(rng, 24, 38), some(rng, 32, 52)
    wood, thick = one_of(rng, "wood wood grip metal dark"), some(rng, 7, 11)
    found = [line(wood, thick, [(0, 0), (some(rng, -3, 3), long)])]
    found += [
        line(wood, thick * 0.9, [(0, 0), (way * wide * 0.7, -fork * 0.4), (way * wide, -fork)])
        for way in (-1, 1)
    ]
    deep = some(rng, 6, fork * 0.8) if maybe(rng, 0.5) else some(rng, 40, 64)
    x = some(rng, -4, 4) if deep < fork else some(rng, 20, 40)
    band, bag = one_of(rng, "red skin dark gold"), -fork + deep
    for way in (-1, 1):
        found.append(line(band, 2.6, [(way * wide, -fork + 4), (x + way * 5, bag)]))
        found.append(box("red" if band != "red" else "dark", way * wide - 5, -fork + 2, 10, 5))
    found.append(bar("grip", (x - 7, bag), (x + 7, bag), 8, 8))
    found += [disc("grey", x, bag - 1, 5)] if maybe(rng, 0.7) else []
    return posed(rng, found, 0.2, 0.05)


def _arrow(rng: Generator, long: float) -> Strokes:
    """An arrow from the origin to the right."""
    feather, tip = one_of(rng, "red white green blue"), some(rng, 4, 6)
    found = [line("wood", 2.2, [(0, 0), (long, 0)])]
    found.append(filled("steel", [(long, -tip), (long + tip * 2.4, 0), (long, tip)]))
    for way in (-1, 1):
        vane = [(2, 0), (14, 0), (9, way * 5), (-4, way * 5)]
        found.append(filled(feather, vane))
    return found


def bow(rng: Generator) -> Strokes:
    """A bow that shoots to the right, with one arrow or with spare ones."""
    half, deep = some(rng, 40, 54), some(rng, 14, 30)
    curl, pull = some(rng, 0, 10), some(rng, 8, 34) if maybe(rng, 0.6) else 0.0
    wood, thick = one_of(rng, "wood wood grip dark red"), some(rng, 3.5, 6)
    at = np.linspace(-1, 1, 21)
    x = deep * (1 - at**2) + curl * np.maximum(0, np.abs(at) - 0.75) * 4 * at**2
    limbs = np.stack([x, half * at], 1)
    found = [line("white" if maybe(rng, 0.5) else "grey", 1.4, [limbs[0], (-pull, 0), limbs[-1]])]
    found += [line(wood, thick, limbs), line("grip", thick + 3, limbs[9:12])]
    if pull or maybe(rng, 0.7):
        found += moved(_arrow(rng, deep + pull + some(rng, 8, 20)), -pull, 0)
    for n in range(count(rng, 1, 3) if not pull else 0):
        found += moved(_arrow(rng, half * 1.5), deep + 20 + n * 11, half * 0.8, -1.57)
    return posed(rng, found, 0.3, 0.15)


def _arc(rng: Generator, x: float, low: float, high: float) -> Strokes:
    """An electric spark between two heights."""
    steps = np.linspace(low, high, 7)
    bend = np.where(np.arange(7) % 2, 1, -1) * rng.uniform(1, 5, 7)
    points = np.stack([x + bend, steps], 1)
    return [line("blue", 3, points), line("white", 1.2, points)]


def taser(rng: Generator) -> Strokes:
    """A stun gun: like a pistol with a square head, or a box with two poles; with a spark."""
    colour, other = one_of(rng, "yellow yellow dark dark blue"), one_of(rng, "dark metal grey")
    long, high = some(rng, 48, 68), some(rng, 22, 30)
    if maybe(rng, 0.5):
        lean = some(rng, 4, 14)
        grip = [(0, high), (18, high), (18 - lean, high + 38), (-lean - 2, high + 38)]
        found = [filled("dark" if colour != "dark" else "grip", grip)]
        found += [ring(other, 3, 25, high + 6, 8, 7), box(colour, -4, 0, long, high, 1)]
        found += [box(other, long - 14, -2, 16, high + 4), box("dark", 4, 5, 18, 4)]
        poles = (high * 0.15, high * 0.85)
    else:
        found = [
            box(colour, 0, 0, long, high, 1),
            box(other, long * 0.82, -1, long * 0.2, high + 2),
        ]
        found += [box("red", long * 0.4, -3, 10, 5), disc("red", long * 0.6, high / 2, 3)]
        found += [line("dark", 1.4, [(n * 6 + 5, 4), (n * 6 + 5, high - 4)]) for n in range(4)]
        poles = (1.0, high - 1.0)
    for y in poles:
        found.append(line("steel", 3, [(long, y), (long + 9, y)]))
    found += _arc(rng, long + 10, *poles) if maybe(rng, 0.85) else []
    if maybe(rng, 0.3):
        found += _arc(rng, long + 16, *poles)
    return posed(rng, found, 0.3, 0.15)


def catapult(rng: Generator) -> Strokes:
    """A catapult on wheels with a stone in its spoon."""
    wood, long, lean = one_of(rng, "wood wood grip"), some(rng, 60, 80), some(rng, 0.4, 1.1)
    post = some(rng, 26, 36)
    found = [line(wood, 6, [(0, 0), (long, 0)])]
    found += [line(wood, 5, [(long * 0.62 + way, 0), (long * 0.62, -post)]) for way in (-14, 14)]
    end = (long * 0.2 - long * 0.55 * np.cos(lean), -12 - long * 0.7 * np.sin(lean))
    found.append(line(wood, 5, [(long * 0.62, -8), end]))
    found += [disc("dark", *end, 10, 6), disc("grey", end[0], end[1] - 6, some(rng, 6, 9))]
    for x in (8, long - 8):
        found += moved(_wheel(rng, some(rng, 9, 12), wood), x, 6)
    return posed(rng, found, 0.06, 0.0)


LAUNCHING: tuple[Scene, ...] = (
    Scene("cannons", "weapons", ("a cannon on wheels", "an old cannon"), cannon, share=3),
    Scene("slingshots", "weapons", ("a slingshot", "a sling to shoot stones"), slingshot, share=2),
    Scene("bows", "weapons", ("a bow and arrow", "an archer's bow"), bow, share=3),
    Scene("tasers", "weapons", ("a taser", "a stun gun"), taser, share=2),
    Scene("catapults", "weapons", ("a catapult", "a siege engine that throws stones"), catapult),
)
