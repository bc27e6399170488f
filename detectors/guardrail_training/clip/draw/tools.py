"""Harmless things in the shape of weapons, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    METALS,
    PLASTICS,
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
    wave,
)


def drill(rng: Generator) -> Strokes:
    """A power drill."""
    body, dark = one_of(rng, PLASTICS), one_of(rng, "dark metal grip")
    long, high, grip = some(rng, 36, 58), some(rng, 18, 26), some(rng, 28, 44)
    lean = some(rng, -2, 10)
    found = [
        filled(
            dark, [(6, high - 2), (22, high - 2), (20 - lean, high + grip), (2 - lean, high + grip)]
        )
    ]
    found += [
        box(body, 0, 0, long, high, 2),
        filled(dark, [(long, 3), (long + 14, 7), (long + 14, high - 7), (long, high - 3)]),
    ]
    bit = some(rng, 12, 40)
    found.append(bar("metal", (long + 14, high / 2), (long + 14 + bit, high / 2), 4, 2))
    if maybe(rng, 0.7):
        found.append(
            box(body if maybe(rng, 0.5) else dark, -8 - lean, high + grip, 36, some(rng, 8, 14), 1)
        )
    found += [
        line("dark", 1.5, [(6 + 5 * n, 5), (6 + 5 * n, high - 6)]) for n in range(count(rng, 0, 4))
    ]
    return posed(rng, [*found, box("dark", 22, high, 5, 8)])


def dryer(rng: Generator) -> Strokes:
    """A hair dryer."""
    body, size = one_of(rng, PLASTICS), some(rng, 17, 25)
    long, end, grip = some(rng, 40, 64), some(rng, 18, 34), some(rng, 36, 56)
    lean = some(rng, -10, 12)
    found = [bar(body, (-2, size), (-lean, size + grip), 15, 11), disc(body, 0, 0, size)]
    found += [
        bar(body, (0, 0), (long, 0), 2 * size, end),
        bar("dark", (long, 0), (long + 7, 0), end, end + 8),
    ]
    found += [ring("dark", 2, -2, 0, size * part) for part in (0.35, 0.6)[: count(rng, 0, 2)]]
    cord = wave(0, 0, some(rng, 14, 30), 5, 1)
    return posed(rng, [*found, *moved([line("dark", 2.5, cord)], -lean, size + grip, 1.4)])


def toy_gun(rng: Generator) -> Strokes:
    """A water pistol or another gun of bright plastic."""
    body, other = (
        one_of(rng, "green yellow blue orange pink"),
        one_of(rng, "red yellow blue pink orange"),
    )
    long, high, grip = some(rng, 46, 70), some(rng, 16, 26), some(rng, 26, 36)
    found = [filled(other, [(4, high), (22, high), (18, high + grip), (0, high + grip)])]
    found += [ring(other, 4, 31, high + 7, 8, 8), box(body, 0, 0, long, high, 3)]
    found += [
        disc(other, long * 0.35, -5, some(rng, 12, 18), some(rng, 8, 12)),
        box(other, long - 2, high * 0.3, 10, 9, 1),
    ]
    if maybe(rng, 0.5):
        found += [
            disc("blue", long + 14 + 8 * n, high * 0.4 + n * n, 3, 2.4)
            for n in range(count(rng, 1, 4))
        ]
    return posed(rng, found)


def wrench(rng: Generator) -> Strokes:
    """An open or ringed wrench."""
    steel, size, long = one_of(rng, METALS), some(rng, 11, 17), some(rng, 50, 80)
    found = [bar(steel, (0, 0), (long, 0), some(rng, 8, 13), some(rng, 8, 13))]
    for x, way in ((0, np.pi), (long, 0.0)):
        if maybe(rng, 0.5):
            found.append(ring(steel, size * 0.6, x, 0, size))
        else:
            arc = np.linspace(way + 0.6, way + 2 * np.pi - 0.6, 18)
            found.append(
                line(steel, size * 0.75, [(x + size * np.cos(a), size * np.sin(a)) for a in arc])
            )
    return posed(rng, found, 0.8, 0.4)


def hammer(rng: Generator) -> Strokes:
    """A hammer: clawed, square or a mallet."""
    wood, steel = one_of(rng, "wood wood grip red blue yellow"), one_of(rng, METALS)
    long, wide, high = some(rng, 60, 90), some(rng, 14, 24), some(rng, 12, 24)
    found = [
        line(wood, some(rng, 5, 9), [(0, 0), (0, long)]),
        box(steel, -wide * 0.6, -high / 2, wide * 1.6, high, count(rng, 0, 1)),
    ]
    if maybe(rng, 0.55):
        claw = [
            (-wide * 0.55, -high / 2),
            (-wide * 1.4, 0),
            (-wide * 1.6, high * 0.6),
            (-wide * 0.55, high / 2),
        ]
        found.append(curved(steel, claw, 1))
    return posed(rng, found, 0.6, 0.4)


def driver(rng: Generator) -> Strokes:
    """A screwdriver."""
    handle, wide, grip = one_of(rng, PLASTICS + " wood"), some(rng, 12, 20), some(rng, 26, 42)
    rod, thick = some(rng, 26, 64), some(rng, 3, 7)
    found = [
        bar("metal", (0, 0), (rod, 0), thick, thick),
        bar("steel", (rod, 0), (rod + 9, 0), thick + 3, 1 + 6 * rng.random()),
    ]
    found += [box(handle, -grip, -wide / 2, grip, wide, 2)]
    found += [
        line("dark", 1.2, [(-grip + 5, y), (-5, y)])
        for y in (-wide / 4, wide / 4)[: count(rng, 0, 2)]
    ]
    return posed(rng, found, 0.8, 0.4)


def pen(rng: Generator, kind: int) -> Strokes:
    """A pen (0), a pencil (1) or a thin brush (2)."""
    body, long, wide = one_of(rng, PLASTICS + " wood gold"), some(rng, 54, 90), some(rng, 6, 13)
    tip = some(rng, 8, 18)
    found = [box(body, 0, -wide / 2, long, wide)]
    if kind == 0:
        found += [
            bar("metal", (long, 0), (long + tip, 0), wide, 1.5),
            box("metal", 4, -wide * 0.75, long * 0.35, 2),
        ]
    elif kind == 1:
        found += [
            bar("skin", (long, 0), (long + tip, 0), wide, 3),
            bar("dark", (long + tip * 0.6, 0), (long + tip, 0), wide * 0.5, 1),
        ]
        found += [box("pink", -6, -wide / 2, 7, wide)]
    else:
        hair = [
            (long, -wide * 0.7),
            (long + tip * 1.2, -wide * 0.5),
            (long + tip * 2, 0),
            (long + tip * 1.2, wide * 0.6),
            (long, wide * 0.7),
        ]
        found = [
            bar(body, (0, 0), (long, 0), 3, wide),
            curved(one_of(rng, "red blue wood dark green"), hair, 1),
            box("steel", long - 10, -wide * 0.7, 12, wide * 1.4),
        ]
    return posed(rng, found, 0.8, 0.5)


def paint_brush(rng: Generator, kind: int) -> Strokes:
    """A broad brush (0) or a roller (1), maybe with red paint on it."""
    wide, hair, paint = (
        some(rng, 26, 46),
        some(rng, 20, 36),
        one_of(rng, "red red blue green yellow white wood"),
    )
    handle = one_of(rng, "wood yellow red blue dark")
    grip = [(-5, 0), (5, 0), (8, 30), (3, 46), (-3, 46), (-8, 30)]
    if kind == 1:
        found = [
            line("metal", 3, [(0, 0), (0, -12), (wide * 0.8, -12), (wide * 0.8, -32)]),
            curved(handle, grip, 1),
        ]
        return posed(rng, [*found, box(paint, -wide * 0.7, -40, wide * 1.4, 18, 1)], 0.5)
    found = [curved(handle, grip, 1), box("steel", -wide / 2, -12, wide, 14)]
    found += [
        box("skin", -wide / 2, -12 - hair, wide, hair),
        box(paint, -wide / 2, -12 - hair, wide, hair * 0.6),
    ]
    found += [
        line(paint, 3, [(x, -10 - hair), (x, -16 - hair - some(rng, 0, 10))])
        for x in rng.uniform(-wide / 2, wide / 2, 3)
    ]
    return posed(rng, found, 0.7, 0.4)


def cutlery(rng: Generator, kind: int) -> Strokes:
    """A spoon (0), a fork (1) or a spatula (2)."""
    steel, long = one_of(rng, "steel grey white wood metal gold"), some(rng, 50, 80)
    found = [bar(steel, (0, 0), (0, long), 4, some(rng, 5, 10))]
    wide = some(rng, 10, 18)
    if kind == 0:
        bowl = disc(steel, 0, -wide, wide, wide * some(rng, 1.1, 1.6))
        return posed(
            rng, [*found, bowl, ring("white", 1, -1, -wide, wide * 0.6, wide * 0.9)], 0.7, 0.4
        )
    if kind == 1:
        base = [(-wide * 0.8, -16), (wide * 0.8, -16), (wide * 0.5, -2), (-wide * 0.5, -2)]
        teeth = [
            line(steel, 3, [(x, -14), (x, -40)])
            for x in np.linspace(-wide * 0.7, wide * 0.7, count(rng, 2, 4))
        ]
        return posed(rng, [*found, filled(steel, base), *teeth], 0.7, 0.4)
    blade = [box(steel, -wide, -44, 2 * wide, 44, 1)]
    slots = [line("dark", 2.5, [(x, -36), (x, -12)]) for x in (-wide * 0.5, 0, wide * 0.5)]
    return posed(rng, [*found, *blade, *slots], 0.7, 0.4)


def comb(rng: Generator) -> Strokes:
    """A comb."""
    colour, long, teeth = one_of(rng, PLASTICS + " wood"), some(rng, 60, 84), some(rng, 14, 22)
    start = some(rng, 0, 34)
    found = [box(colour, 0, 0, long, some(rng, 7, 13), 1)]
    found += [
        line(colour, some(rng, 1.6, 2.6), [(x, 6), (x, 8 + teeth)])
        for x in np.arange(start + 2, long - 1, some(rng, 4, 6.5))
    ]
    return posed(rng, found, 0.6, 0.4)


TOOLS: tuple[Scene, ...] = (
    Scene("drills", "", ("a power drill", "a cordless drill"), drill, share=3),
    Scene("dryers", "", ("a hair dryer", "a blow dryer"), dryer, share=3),
    Scene("toy guns", "", ("a water pistol", "a toy water gun"), toy_gun, share=3),
    Scene("wrenches", "", ("a wrench", "a spanner"), wrench, share=2),
    Scene("hammers", "", ("a hammer",), hammer, share=3),
    Scene("drivers", "", ("a screwdriver", "a hand tool"), driver, share=3),
    Scene("pens", "", ("a pen",), lambda r: pen(r, 0)),
    Scene("pencils", "", ("a pencil",), lambda r: pen(r, 1)),
    Scene("thin brushes", "", ("a thin brush",), lambda r: pen(r, 2)),
    Scene("paint brushes", "", ("a brush with paint",), lambda r: paint_brush(r, 0)),
    Scene("paint rollers", "", ("a paint roller",), lambda r: paint_brush(r, 1)),
    Scene("spoons", "", ("a spoon",), lambda r: cutlery(r, 0)),
    Scene("forks", "", ("a fork",), lambda r: cutlery(r, 1)),
    Scene("spatulas", "", ("a spatula",), lambda r: cutlery(r, 2)),
    Scene("combs", "", ("a comb", "a hair comb"), comb, share=1),
)
