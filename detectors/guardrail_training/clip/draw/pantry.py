"""Harmless things of kitchens: white heaps, drinks, bottles, snacks, another one every time."""

from __future__ import annotations

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
    bar,
    box,
    count,
    curved,
    disc,
    line,
    moved,
    one_of,
    posed,
    ring,
    some,
    wave,
)


def tube(rng: Generator) -> Strokes:
    """A tube of any paste, squeezed out."""
    colour, paste = (
        one_of(rng, "white blue green pink yellow"),
        one_of(rng, "pink white red blue wood"),
    )
    wide, long = some(rng, 28, 40), some(rng, 50, 70)
    neck = some(rng, 6, 12)
    found = [filled(colour, [(-wide / 2, 0), (wide / 2, 0), (neck / 2, long), (-neck / 2, long)])]
    found += [
        box(one_of(rng, "metal red blue"), -neck / 2, long, neck, 10),
        box("grey", -wide / 2, -5, wide, 6),
    ]
    found += [
        line(paste, 7, wave(0, 0, some(rng, 18, 30), some(rng, 2, 9), 1)[:, ::-1] + (0, long + 12))
    ]
    return posed(rng, [*found, box("white", -wide * 0.3, 12, wide * 0.6, 12)], 0.7, 0.4)


def candles(rng: Generator, kind: int) -> Strokes:
    """Candles without much of a flame (0), chalk (1) or cotton buds (2)."""
    found = Strokes()
    for n in range(count(rng, 2, 5)):
        colour, long = one_of(rng, BRIGHT), some(rng, 40, 64)
        if kind == 0:
            one = [
                box(colour, -5, 0, 10, long),
                line("dark", 1.5, [(0, 0), (0, -5)]),
                disc("yellow", 0, -9, 3, 6),
            ]
        elif kind == 1:
            one = [bar(colour, (0, 0), (0, long), 9, 10), disc("white", 0, 0, 4.5, 2)]
        else:
            one = [
                line("white", 2.5, [(0, 0), (0, long)]),
                disc("white", 0, 0, 5, 8),
                disc("white", 0, long, 5, 8),
                ring("blue", 1, 0, 0, 5, 8),
            ]
        found += moved(one, n * 17, some(rng, -6, 6))
    return posed(rng, found, 0.3, 0.25)


def heap_of_white(rng: Generator, kind: int) -> Strokes:
    """A bowl (0) or a sack (1) of something white, or a hill of snow (2)."""
    if kind == 0:
        colour = one_of(rng, "blue red wood green metal")
        rise = some(rng, -28, -14)
        bowl = [(-38, 0), (38, 0), (26, 28), (-26, 28)]
        return posed(
            rng,
            [
                curved("white", [(-36, 2), (-10, rise), (12, rise + 2), (36, 2)]),
                curved(colour, bowl, 1),
                disc("white", 0, 0, 37, 5),
            ],
            0.1,
            0.0,
        )
    if kind == 1:
        half, high = some(rng, 30, 44), some(rng, 52, 76)
        sack = [(-30, 0), (30, 0), (half, high), (-half, high)]
        found = [curved("wood", sack, 1), disc("white", 0, 6, 26, 8), box("white", -18, 26, 36, 22)]
        return posed(
            rng,
            [*found, line("dark", 2, [(-12, 34), (12, 34)]), line("dark", 2, [(-8, 41), (8, 41)])],
            0.1,
            0.05,
        )
    hill = [(-50, 40), (-30, some(rng, -4, 10)), (0, some(rng, -10, 6)), (30, 4), (50, 40)]
    sky, sun = box("blue", -50, -40, 100, 80), disc("yellow", 30, -24, 8)
    fir = [filled("green", [(x, some(rng, -18, -6)), (x + 9, 24), (x - 9, 24)]) for x in (-24, 8)]
    return posed(rng, [sky, sun, *fir, curved("white", hill)], 0.03, 0.0)


def drink(rng: Generator) -> Strokes:
    """A glass with a straw."""
    colour, content, wide = (
        one_of(rng, BRIGHT),
        one_of(rng, "orange red yellow wood green blue"),
        some(rng, 18, 26),
    )
    high, foot = some(rng, 46, 70), some(rng, 0.65, 1.0)
    glass = [(-wide, 0), (wide, 0), (wide * foot, high), (-wide * foot, high)]
    level = some(rng, 0.1, 0.4)
    inner = [
        (-wide * 0.92, high * level),
        (wide * 0.92, high * level),
        (wide * foot * 0.9, high - 3),
        (-wide * foot * 0.9, high - 3),
    ]
    straw = line(colour, 4, [(-4, high * 0.7), (8, -22), (22, -28)])
    found = [filled("white", glass), straw, filled(content, inner)]
    return posed(
        rng, [*found, disc("white", -4, high * 0.5, 3), disc("white", 5, high * 0.7, 2)], 0.1, 0.05
    )


def bottle(rng: Generator) -> Strokes:
    """A bottle with a label."""
    colour, cap, wide = (
        one_of(rng, BRIGHT + " wood"),
        one_of(rng, "white red dark gold"),
        some(rng, 16, 26),
    )
    high, neck = some(rng, 44, 70), some(rng, 5, 10)
    outline = [
        (-neck, -26),
        (neck, -26),
        (neck, -12),
        (wide, 4),
        (wide, high),
        (-wide, high),
        (-wide, 4),
        (-neck, -12),
    ]
    found = [filled(colour, outline), box(cap, -neck - 1, -33, 2 * neck + 2, 8)]
    found += [
        box("white", -wide, high * 0.3, 2 * wide, high * 0.4),
        disc(one_of(rng, BRIGHT), 0, high * 0.5, 8),
    ]
    return posed(rng, found, 0.2, 0.15)


def snack(rng: Generator, kind: int) -> Strokes:
    """A hot dog (0), chips (1) or noodles with red sauce (2)."""
    if kind == 0:
        sauce = one_of(rng, "red red yellow")
        found = [line("wood", 30, [(-34, 0), (34, 0)]), line("red", 15, [(-40, -3), (40, -3)])]
        return posed(rng, [*found, line(sauce, 4, wave(-36, -4, 72, 5, some(rng, 2, 4)))], 0.3, 0.1)
    if kind == 1:
        chips = [
            bar("yellow", (x, 20), (x + some(rng, -6, 6), some(rng, -44, -14)), 6, 6)
            for x in range(-22, 24, 6)
        ]
        return posed(
            rng, [*chips, filled("red", [(-30, 0), (30, 0), (22, 50), (-22, 50)])], 0.1, 0.05
        )
    found = [disc("white", 0, 0, 46, 30), disc("grey", 0, 0, 34, 21)]
    found += [line("yellow", 3, wave(-28, y, 56, 4, some(rng, 2, 4))) for y in range(-12, 16, 5)]
    return posed(
        rng,
        [*found, curved("red", [(-14, -8), (10, -12), (16, 6), (-8, 10)]), disc("green", 4, -2, 3)],
        0.2,
        0.05,
    )


PANTRY: tuple[Scene, ...] = (
    Scene("squeezed tubes", "", ("a squeezed tube", "a tube of paste"), tube, share=2),
    Scene("candles", "", ("candles",), lambda r: candles(r, 0)),
    Scene("sticks of chalk", "", ("chalk", "sticks of chalk"), lambda r: candles(r, 1)),
    Scene("cotton buds", "", ("cotton buds", "cotton swabs"), lambda r: candles(r, 2)),
    Scene("bowls of flour", "", ("a bowl of flour",), lambda r: heap_of_white(r, 0)),
    Scene("sacks of sugar", "", ("a sack of sugar",), lambda r: heap_of_white(r, 1)),
    Scene("snowy hills", "", ("a hill of snow", "a snowy hill"), lambda r: heap_of_white(r, 2)),
    Scene("drinks", "", ("a drink with a straw", "a glass with a straw"), drink, share=2),
    Scene("bottles", "", ("a bottle", "a bottle with a label"), bottle, share=3),
    Scene("hot dogs", "", ("a hot dog",), lambda r: snack(r, 0)),
    Scene("chips", "", ("chips in a bag", "french fries"), lambda r: snack(r, 1)),
    Scene("noodles", "", ("noodles with sauce", "a plate of noodles"), lambda r: snack(r, 2)),
)
