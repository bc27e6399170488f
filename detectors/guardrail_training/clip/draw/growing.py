"""Plants and mushrooms that are drugs, and doses of them, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.medicine import leaf
from guardrail_training.clip.draw.motifs import Strokes, burst, filled
from guardrail_training.clip.draw.parts import placed
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    COLOURED,
    bar,
    box,
    count,
    curved,
    disc,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
)


def growing_mushrooms(rng: Generator) -> Strokes:
    """Thin bent mushrooms with pointed caps that grow from soil or a box."""
    cap, number = one_of(rng, "wood wood gold grip"), count(rng, 3, 7)
    rim, found = "grip" if cap != "grip" else "dark", Strokes()
    for n in range(number):
        x, high, wide = (n - (number - 1) / 2) * 15, some(rng, 34, 78), some(rng, 9, 15)
        bend = some(rng, -10, 10)
        stem = [(x, 0), (x - bend * 0.4, -high * 0.4), (x + bend, -high)]
        found.append(line("white" if maybe(rng, 0.5) else "skin", some(rng, 3.4, 5), stem))
        if maybe(rng, 0.5):
            found.append(line("blue", 2.4, [(x, -3), (x - bend * 0.2, -high * 0.2)]))
        one = [(-wide, 5), (-wide * 0.8, -5), (-wide * 0.3, -12), (0, -20), (wide * 0.3, -12)]
        hood = [curved(cap, [*one, (wide * 0.8, -5), (wide, 5)], 1)]
        hood += [
            disc(rim, 0, 4, wide * 0.8, 2.6),
            line("white", 1.4, [(-3, -9), (-wide * 0.5, -2)]),
        ]
        found += moved(hood, x + bend, -high, some(rng, -0.3, 0.3))
    half = number * 8 + 12
    if maybe(rng, 0.5):
        found += [box("steel", -half, -4, half * 2, some(rng, 18, 30), 1)]
        found.append(box("grip", -half + 4, 2, half * 2 - 8, 9))
    else:
        found.append(curved("grip", [(-half, 10), (-half * 0.6, -6), (half * 0.6, -5), (half, 10)]))
        for _ in range(count(rng, 5, 12)):
            x = some(rng, -half * 0.8, half * 0.8)
            found.append(line("green", 2, [(x, 3), (x + some(rng, -5, 5), -some(rng, 6, 16))]))
    return posed(rng, found, 0.05, 0.0)


def _oval(long: float, wide: float) -> Strokes:
    """A pointed oval leaf upwards from the origin with three long veins."""
    at = np.linspace(0, 1, 12)
    half = wide * np.sin(np.pi * at**0.9)
    right = [(float(x), float(-y)) for x, y in zip(half, at * long, strict=True)]
    found = [filled("green", [*right, *((-x, y) for x, y in reversed(right))])]
    for way in (-0.5, 0.5):
        bent = [(0, -long * 0.06), (way * wide, -long * 0.5), (0, -long * 0.92)]
        found.append(line("dark", 0.8, bent))
    return [*found, line("yellow", 1.2, [(0, 0), (0, -long)])]


def coca(rng: Generator) -> Strokes:
    """A twig of coca with oval leaves and red berries."""
    pairs, long, wide = count(rng, 3, 5), some(rng, 32, 44), some(rng, 8, 12)
    gap, found = some(rng, 19, 26), Strokes()
    high, bend = pairs * gap, some(rng, -10, 10)
    found.append(line("wood", 3, [(bend, 0), (0, -high * 0.5), (bend * 0.5, -high)]))
    for n in range(pairs):
        y = -high * (n + 0.6) / pairs
        for way in (-1, 1):
            grow = some(rng, 0.85, 1.1) * (1 - n * 0.07)
            one = _oval(long * grow, wide * grow)
            found += moved(one, 0, y + some(rng, -4, 4), -way * some(rng, 0.75, 1.3))
    found += moved(_oval(long, wide), bend * 0.5, -high + 5, some(rng, -0.3, 0.3))
    for _ in range(count(rng, 4, 9)):
        x, y = some(rng, -9, 9), -high * some(rng, 0.1, 0.85)
        found += [line("wood", 1, [(0, y + 5), (x, y)]), disc("red", x, y, 3, 4.4)]
    return posed(rng, found, 0.3, 0.15)


def bud(rng: Generator) -> Strokes:
    """One dense bud of cannabis with orange hairs and small leaves at its foot."""
    long, wide, layers = some(rng, 58, 86), some(rng, 19, 30), count(rng, 6, 9)
    found = [line("green", 5, [(0, 0), (some(rng, -4, 4), some(rng, 12, 24))])]
    for turn in (-1.3, -0.8, 0.8, 1.3):
        blade = [(0, 0), (5, -12), (0, -some(rng, 30, 46)), (-5, -12)]
        found += moved([filled("green", blade)], 0, -4, turn)
    for n in range(layers):
        at = n / (layers - 1)
        half = wide * float(np.sin(np.pi * (0.18 + at * 0.72)))
        for x in np.linspace(-half, half, 4).tolist():
            calyx = [(-8, 5), (0, 9), (8, 5), (4, -6), (0, -13), (-4, -6)]
            lump = [curved("green", calyx, 1), line("dark", 1, [(-7, 5), (0, 9), (7, 5)])]
            found += moved(lump, x, -at * long + abs(x) * 0.2, -x / wide * 0.8)
    for _ in range(count(rng, 14, 28)):
        at = some(rng, 0.02, 0.95)
        x = some(rng, -0.9, 0.9) * wide * float(np.sin(np.pi * (0.18 + at * 0.72)))
        y = -at * long
        hair = [(x, y), (x + some(rng, -3, 3), y - 4), (x + some(rng, -7, 7), y - some(rng, 4, 9))]
        found.append(line("orange", 1.4, hair))
    for _ in range(count(rng, 8, 20)):
        x, y = some(rng, -wide * 0.7, wide * 0.7), -some(rng, 0, 0.85) * long
        found.append(disc("white", x, y, 1))
    return posed(rng, found, 0.4, 0.2)


def _plant(rng: Generator, high: float, leaves: int) -> Strokes:
    """A cannabis plant that stands on the origin."""
    found = [line("green", 4, [(0, 0), (some(rng, -3, 3), -high * 0.9)])]
    for n in range(leaves):
        at, way = (n + 1) / (leaves + 1), (n % 2) * 2 - 1
        far = (1.15 - at) * high * some(rng, 0.4, 0.55)
        end = (way * far, -at * high - far * 0.35)
        found += [line("green", 2.4, [(0, -at * high * 0.9), end])]
        found += placed(leaf(rng), *end, high * some(rng, 0.34, 0.46))
    return [*found, *placed(leaf(rng), 0, -high, high * 0.46)]


def potted_cannabis(rng: Generator) -> Strokes:
    """A cannabis plant in a pot."""
    pot, half, high = (
        one_of(rng, "orange wood dark white blue"),
        some(rng, 18, 28),
        some(rng, 24, 38),
    )
    foot, rim = half * some(rng, 0.6, 0.85), some(rng, 7, 11)
    found = _plant(rng, some(rng, 70, 96), count(rng, 4, 7))
    found += [filled(pot, [(-half, 0), (half, 0), (foot, high), (-foot, high)])]
    found += [
        box(pot, -half - 3, -3, half * 2 + 6, rim),
        line("dark", 1.4, [(-half, rim), (half, rim)]),
    ]
    return posed(rng, found, 0.05, 0.0)


def grow_room(rng: Generator) -> Strokes:
    """A lamp that hangs over a row of cannabis plants."""
    number, high = count(rng, 2, 3), some(rng, 40, 54)
    wide, glow = number * 44.0, one_of(rng, "yellow yellow purple pink")
    half, up = wide * some(rng, 0.26, 0.4), high + some(rng, 44, 60)
    beam = [(-half, -up), (half, -up), (wide * 0.5, 2), (-wide * 0.5, 2)]
    found = [filled(glow, beam)] if maybe(rng, 0.75) else []
    found += [line("dark", 1.6, [(way * half * 0.7, -up - 6), (0, -up - 32)]) for way in (-1, 1)]
    hood = [(-half, -up), (half, -up), (half * 0.7, -up - 12), (-half * 0.7, -up - 12)]
    found += [filled(one_of(rng, "metal dark steel"), hood), box("white", -half, -up, half * 2, 4)]
    pot = one_of(rng, "dark orange wood white")
    for n in range(number):
        x = (n - (number - 1) / 2) * 43
        found += moved(_plant(rng, high * some(rng, 0.85, 1.1), count(rng, 3, 4)), x, 0)
        found.append(filled(pot, [(x - 13, 0), (x + 13, 0), (x + 10, 18), (x - 10, 18)]))
    found.append(box("metal", -wide * 0.55, 18, wide * 1.1, 4))
    return posed(rng, found, 0.03, 0.0)


def crumbled(rng: Generator) -> Strokes:
    """Crumbled dried leaves on a small sheet of folded paper, with a rolled filter."""
    wide, high, fold = some(rng, 74, 96), some(rng, 30, 44), some(rng, 8, 15)
    paper, slide = one_of(rng, "white white skin gold"), some(rng, -10, 14)
    sheet = [(0, 0), (wide, -4), (wide + slide, high), (slide, high + 4)]
    found = [filled(paper, sheet)]
    found += [
        filled("grey", [sheet[3], sheet[2], (wide + slide, high - fold), (slide, high - fold)])
    ]
    middle = (wide / 2 + slide / 2, high * 0.45)
    for _ in range(count(rng, 34, 60)):
        x = middle[0] + float(np.clip(rng.normal(0, 0.2), -0.4, 0.4)) * wide
        y = middle[1] + float(np.clip(rng.normal(0, 0.18), -0.4, 0.4)) * high
        flake = burst(rng, x, y, some(rng, 3, 6.5), 4)
        found.append(filled(one_of(rng, "green green green wood grip"), flake))
    found += moved([box("gold", 0, 0, 18, 7), ring("wood", 1.4, 18, 3.5, 1.5, 3)], 4, high * 0.5)
    if maybe(rng, 0.6):
        pack = one_of(rng, COLOURED)
        packet = [
            box(pack, 0, 0, 52, 20),
            box("white", 30, 4, 16, 12),
            line("gold", 2, [(4, 10), (24, 10)]),
        ]
        found += moved(
            packet, some(rng, 0, wide - 50), high + some(rng, 12, 20), some(rng, -0.2, 0.2)
        )
    return posed(rng, found, 0.25, 0.1)


def opium(rng: Generator) -> Strokes:
    """A dark sticky ball of raw opium on a leaf, a piece cut from it."""
    size, colour = some(rng, 26, 38), one_of(rng, "grip grip dark wood")
    shine = "wood" if colour != "wood" else "gold"
    lump = burst(rng, 0, 0, size, 9)
    lump *= (size * some(rng, 0.86, 1.0)) / np.linalg.norm(lump, axis=1, keepdims=True)
    blade = [
        (-size * 2, 8),
        (-size * 0.6, -size * 0.7),
        (size * 1.2, -size * 0.6),
        (size * 2.1, 12),
    ]
    found = [curved("green", [*blade, (size, size * 1.25), (-size, size * 1.2)])]
    found += [line("yellow", 1.6, [(-size * 1.8, 9), (size * 1.8, 11)])]
    found += [curved(colour, lump, 1)]
    start = some(rng, -0.9, -0.2)
    cut = [(size * np.cos(t), size * np.sin(t)) for t in np.linspace(start, start + 0.8, 5)]
    found.append(filled(shine, [(0, 0), *cut]))
    found += [line(shine, 2.4, [(-size * 0.6, -size * 0.3), (-size * 0.2, -size * 0.65)])]
    for _ in range(count(rng, 2, 6)):
        x, y = some(rng, -1.3, 1.4) * size, size * some(rng, 0.75, 1.1)
        found.append(disc(colour, x, y, some(rng, 3, 6), some(rng, 2, 4)))
    if maybe(rng, 0.6):
        pod = [disc("green", 0, 0, 13, 16), bar("green", (0, 14), (4, 50), 3, 3)]
        pod += [filled("wood", burst(rng, 0, -18, 10, 7) * (1, 0.5) + (0, -9))]
        pod += [line("dark", 1.2, [(x, -9), (x * 1.3, 8)]) for x in (-5, 0, 5)]
        found += moved(pod, size * 1.5, -size * 0.9, some(rng, -0.5, 0.3))
    return posed(rng, found, 0.1, 0.0)


def spilled_capsule(rng: Generator) -> Strokes:
    """The two halves of a capsule, pulled apart, with coloured grains between and under them."""
    one, other = one_of(rng, COLOURED), one_of(rng, "white yellow grey")
    long, wide, gap = some(rng, 20, 34), some(rng, 18, 28), some(rng, 12, 24)
    tip, half = some(rng, 0.1, 0.7), wide / 2
    found = Strokes()
    for way, colour in ((-1, one), (1, other)):
        shell = [line(colour, wide, [(long, 0), (4, 0)]), box(colour, -4, -half, 9, wide)]
        shell += [disc("dark", -4, 0, 3.5, half * 0.92), ring(colour, 1.6, -4, 0, 4, half)]
        shell += [line("white", 2.4, [(4, -half * 0.5), (long, -half * 0.5)])]
        found += moved(shell, way * gap / 2, 0, tip if way > 0 else np.pi - tip)
    grains = one_of(rng, "orange pink blue green red white")
    for _ in range(count(rng, 30, 55)):
        y = abs(float(rng.normal(0, 22))) + 4
        x = float(np.clip(rng.normal(0, 4 + min(y, 40) * 0.35), -44, 44))
        colour = grains if maybe(rng, 0.7) else "white"
        found += [
            disc(colour, x, min(y, 52), some(rng, 2, 3.2)),
            ring("grey", 0.6, x, min(y, 52), 2),
        ]
    return posed(rng, [*found], 0.1, 0.0)


GROWING: tuple[Scene, ...] = (
    Scene(
        "growing mushrooms",
        "drugs",
        ("magic mushrooms that grow", "psilocybin mushrooms, a drug"),
        growing_mushrooms,
        share=2,
    ),
    Scene("coca twigs", "drugs", ("coca leaves", "a twig of coca, a drug plant"), coca, share=2),
    Scene("cannabis buds", "drugs", ("a cannabis bud", "a bud of marijuana"), bud, share=2),
    Scene(
        "potted cannabis",
        "drugs",
        ("a cannabis plant in a pot", "a marijuana plant"),
        potted_cannabis,
        share=2,
    ),
    Scene(
        "grow lamps",
        "drugs",
        ("a grow lamp over cannabis plants", "marijuana grown under a lamp"),
        grow_room,
        share=2,
    ),
    Scene(
        "crumbled leaves",
        "drugs",
        ("dried cannabis on rolling paper", "cannabis to be rolled into a joint"),
        crumbled,
        share=2,
    ),
    Scene("raw opium", "drugs", ("raw opium", "a ball of opium resin, a drug"), opium, share=2),
    Scene(
        "spilled capsules",
        "drugs",
        ("a drug capsule pulled apart", "grains that fall from a capsule"),
        spilled_capsule,
        share=2,
    ),
)
