"""Harmless plants that are no drug: seaweed, needles, ears of corn, leaves; another every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Points, Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    bar,
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


def seaweed(rng: Generator) -> Strokes:
    """Wavy ribbons of seaweed that rise from sand, with bubbles."""
    number, colour = count(rng, 3, 5), one_of(rng, "green green wood red purple")
    found = Strokes()
    for n in range(number):
        high, wide, turns = some(rng, 50, 92), some(rng, 5, 9), some(rng, 1.0, 2.2)
        at = np.linspace(0, 1, 22)
        middle = 7 * np.sin(at * turns * 6.28 + n) * (0.3 + at)
        half = wide * (1 - at**3) * (0.8 + 0.25 * np.sin(at * 40))
        side = [np.stack([middle + way * half, -at * high], 1) for way in (-1, 1)]
        ribbon: Points = np.concatenate([side[0], side[1][::-1]])
        one = [filled(colour, ribbon)]
        one.append(line("dark", 1, np.stack([middle, -at * high], 1)[:-3]))
        found += moved(one, (n - (number - 1) / 2) * some(rng, 18, 24))
    ground = number * 14.0
    found.append(
        curved("gold", [(-ground, 10), (-ground * 0.5, -4), (ground * 0.5, -4), (ground, 10)])
    )
    for _ in range(count(rng, 2, 6)):
        x, y = some(rng, -ground, ground), -some(rng, 20, 90)
        found.append(ring("blue", 1.6, x, y, some(rng, 2, 4)))
    return posed(rng, found, 0.05, 0.0)


def dandelion_leaf(rng: Generator) -> Strokes:
    """A rosette of long jagged leaves, mostly with a yellow flower or a seed ball."""
    number, lobes, found = count(rng, 4, 7), count(rng, 4, 6), Strokes()
    if maybe(rng, 0.75):
        high, ball = some(rng, 54, 76), maybe(rng, 0.4)
        found.append(line("green", 3, [(0, 0), (some(rng, -6, 6), -high * 0.5), (0, -high)]))
        reach = some(rng, 13, 19)
        for turn in np.linspace(0, 2 * np.pi, 22, endpoint=False).tolist():
            tip = (reach * np.cos(turn), -high + reach * np.sin(turn))
            found.append(line("white" if ball else "yellow", 1.2 if ball else 4, [(0, -high), tip]))
            found += [disc("white", *tip, 2)] if ball else []
        found.append(disc("wood" if ball else "gold", 0, -high, reach * 0.3))
    for n in range(number):
        long, wide = some(rng, 48, 70), some(rng, 9, 14)
        right = [(2.0, 0.0)]
        for k in range(lobes):
            y, grow = -long * (k + 0.4) / (lobes + 0.4), wide * (0.5 + 0.6 * k / lobes)
            right += [(grow, y + long * 0.07), (2.5, y - long * 0.1)]
        right.append((wide * 0.5, -long * 0.95))
        blade = [*right, (0, -long - 4), *((-x, y) for x, y in reversed(right))]
        one = [filled("green", blade), line("yellow", 1.4, [(0, 0), (0, -long * 0.9)])]
        found += moved(one, turn=(n / (number - 1) - 0.5) * some(rng, 2.6, 3.2))
    return posed(rng, found, 0.06, 0.0)


def _toothed(long: float, wide: float, teeth: int) -> Strokes:
    """A broad oval leaflet upwards from the origin with teeth and veins."""
    at = np.linspace(0, 1, teeth * 2 + 1)
    half = wide * np.sin(np.pi * at**0.75) ** 0.8 * np.where(np.arange(at.size) % 2, 1.1, 0.93)
    right = [(float(x), float(-y)) for x, y in zip(half, at * long, strict=True)]
    found = [filled("green", [*right, *((-x, y) for x, y in reversed(right))])]
    found.append(line("yellow", 1.2, [(0, 0), (0, -long * 0.9)]))
    for y in (0.25, 0.45, 0.65):
        for way in (-1, 1):
            end = (way * wide * 0.7, -long * (y + 0.2))
            found.append(line("dark", 0.9, [(0, -long * y), end]))
    return found


def strawberry_leaf(rng: Generator) -> Strokes:
    """Leaves of three broad toothed parts on stalks, maybe with a white blossom."""
    found, long, wide = Strokes(), some(rng, 34, 44), some(rng, 16, 22)
    teeth, stalks = count(rng, 6, 9), count(rng, 1, 3)
    for n in range(stalks):
        lean = (n - (stalks - 1) / 2) * some(rng, 0.7, 1.0)
        stem = some(rng, 36, 60)
        one = [line("green", 3, [(0, 0), (0, -stem)])]
        for turn in (-some(rng, 1.3, 1.6), some(rng, 1.3, 1.6), some(rng, -0.1, 0.1)):
            one += moved(_toothed(long, wide, teeth), 0, -stem, turn)
        found += moved(one, turn=lean)
    if maybe(rng, 0.5):
        way = count(rng, 0, 1) * 2 - 1
        x, y = way * some(rng, 34, 44), -some(rng, 4, 18)
        found.append(line("green", 2, [(0, 0), (x, y)]))
        for turn in (np.arange(5) * 1.257).tolist():
            found.append(disc("white", x + 7 * np.cos(turn), y + 7 * np.sin(turn), 6))
        found.append(disc("yellow", x, y, 4.4))
    return posed(rng, found, 0.15, 0.08)


def pine_branch(rng: Generator) -> Strokes:
    """A branch of a conifer with needles, mostly with cones."""
    long, needle, twigs = some(rng, 84, 104), some(rng, 13, 22), count(rng, 1, 4)
    found, slant = Strokes(), some(rng, 0.6, 1.1)

    def twig(length: float) -> Strokes:
        one = [line("wood", 3, [(0, 0), (length, 0)])]
        for x in np.arange(6, length, 3.4).tolist():
            for way in (-1, 1):
                reach = needle * some(rng, 0.8, 1.1)
                end = (x + reach * np.cos(slant), way * reach * np.sin(slant))
                one.append(line("green", 1.7, [(x, 0), end]))
        return [*one, line("green", 2, [(length, 0), (length + needle, 0)])]

    found += twig(long)
    for n in range(twigs):
        turn = (n % 2 * 2 - 1) * some(rng, 0.55, 0.85)
        found += moved(twig(long * some(rng, 0.35, 0.5)), long * (0.2 + n * 0.17), 0, turn)
    for _ in range(count(rng, 0, 3)):
        cone, wide = Strokes(), some(rng, 8, 11)
        cone.append(disc("wood", 0, 17, wide, 18))
        for y in range(4, 32, 6):
            scale = [(-wide * 0.9, y), (-wide * 0.4, y + 5), (0, y + 1), (wide * 0.4, y + 5)]
            cone.append(line("grip", 1.6, [*scale, (wide * 0.9, y)]))
        found += moved(cone, some(rng, 0.15, 0.8) * long, 2, some(rng, -0.4, 0.4))
    return posed(rng, found, 0.35, 0.1)


def wheat(rng: Generator) -> Strokes:
    """One to five ears of wheat or barley on stalks, maybe tied."""
    number, rows, beard = count(rng, 1, 5), count(rng, 5, 8), some(rng, 0, 28)
    colour, found = one_of(rng, "gold gold yellow wood green"), Strokes()
    grain, stem = some(rng, 8, 11), some(rng, 46, 70)
    for n in range(number):
        lean = (n - (number - 1) / 2) * some(rng, 0.2, 0.28)
        one = [line(colour, 2.4, [(0, 0), (0, -stem - rows * grain)])]
        for k in range(rows):
            y = -stem - k * grain
            for way in (-1, 1):
                seed = [disc(colour, 0, -grain * 0.7, grain * 0.36, grain * 0.8)]
                seed.append(ring("grip", 0.9, 0, -grain * 0.7, grain * 0.36, grain * 0.8))
                if beard > 9:
                    seed.append(line(colour, 1, [(0, -grain * 1.4), (0, -grain * 1.4 - beard)]))
                one += moved(seed, way * 2, y, -way * 0.45)
        one.append(disc(colour, 0, -stem - rows * grain - 4, grain * 0.36, grain * 0.8))
        if maybe(rng, 0.5):
            way = n % 2 * 2 - 1
            one.append(
                line(
                    colour, 3, [(0, -stem * 0.3), (way * 9, -stem * 0.6), (way * 20, -stem * 0.55)]
                )
            )
        found += moved(one, turn=lean)
    if number > 2:
        found += [line(one_of(rng, "red blue wood"), 5, [(-7, -14), (7, -14)])]
        found += [bar(colour, (0, -12), (way * 10, 18), 3, 3) for way in (-1, 1)]
    return posed(rng, found, 0.15, 0.05)


def clover(rng: Generator) -> Strokes:
    """Clover with three or four heart-shaped leaflets each, maybe with a round blossom."""
    parts, size, found = count(rng, 3, 4), some(rng, 22, 32), Strokes()
    notch, number = some(rng, 0.7, 0.9), count(rng, 1, 3)
    for n in range(number):
        grow = 1.0 if n == 0 else some(rng, 0.5, 0.75)
        x, y = ((0.0, 0.0), (-size * 1.9, size * 1.1), (size * 1.9, size * 1.2))[n]
        stem = [(x, y), (x * 0.6, size * 1.6), (some(rng, -6, 6), size * 3)]
        found.append(line("green", 3.4, stem))
        one = Strokes()
        for turn in (np.arange(parts) * 2 * np.pi / parts).tolist():
            heart = [(0, 0), (size * 0.62, -size * 0.6), (size * 0.5, -size), (0, -size * notch)]
            leaf = [curved("green", [*heart, (-size * 0.5, -size), (-size * 0.62, -size * 0.6)], 2)]
            band = [(-size * 0.4, -size * 0.52), (0, -size * 0.7), (size * 0.4, -size * 0.52)]
            leaf += [line("white", 1.8, band), line("dark", 0.9, [(0, -2), (0, -size * 0.7)])]
            one += moved(leaf, turn=turn)
        found += moved(one, x, y, some(rng, -0.4, 0.4), grow)
    if maybe(rng, 0.45):
        x, petal = size * some(rng, 0.9, 1.3), one_of(rng, "pink white purple")
        found.append(line("green", 2.6, [(0, size * 3), (x, -size * 1.4)]))
        for _ in range(22):
            turn, far = some(rng, 0, 6.3), some(rng, 2, 11)
            found.append(disc(petal, x + far * np.cos(turn), far * np.sin(turn) - size * 1.5, 4, 3))
    return posed(rng, found, 0.15, 0.1)


FOLIAGE: tuple[Scene, ...] = (
    Scene("seaweed", "", ("seaweed", "seaweed under water"), seaweed, share=2),
    Scene("dandelions", "", ("a dandelion", "jagged dandelion leaves"), dandelion_leaf, share=2),
    Scene(
        "strawberry leaves",
        "",
        ("leaves of a strawberry plant", "a leaf of three toothed parts"),
        strawberry_leaf,
        share=2,
    ),
    Scene("pine branches", "", ("a pine branch", "a twig with needles"), pine_branch, share=2),
    Scene("wheat ears", "", ("wheat or barley", "a cereal plant with ears"), wheat, share=2),
    Scene("clover", "", ("clover", "a clover leaf"), clover, share=2),
)
