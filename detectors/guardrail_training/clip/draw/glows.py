"""Harmless red, orange and yellow things, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
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

_WARM = "red red orange yellow pink"


def evening_sea(rng: Generator) -> Strokes:
    """The sun low over water, with its light on the waves."""
    level, x, size = some(rng, 48, 66), some(rng, 28, 72), some(rng, 9, 17)
    bands = one_of(rng, "red-red-orange purple-red-orange purple-pink-orange blue-pink-orange")
    found = [
        box(one, 0, level * n / 3, 100, 100 - level * n / 3)
        for n, one in enumerate(bands.split("-"))
    ]
    found += [
        disc("yellow", x, level - some(rng, 0.2, 1.4) * size, size),
        box("blue", 0, level, 100, 100 - level),
    ]
    for y in np.arange(level + 4, 98, some(rng, 5, 8)):
        half = some(rng, 0.3, 1.1) * size
        found.append(line("orange", 2.2, [(x - half, y), (x + half, y)]))
    if maybe(rng, 0.4):
        at = some(rng, 12, 80)
        found += [
            filled(
                "dark",
                [
                    (at - 9, level + 4),
                    (at + 9, level + 4),
                    (at + 6, level + 9),
                    (at - 6, level + 9),
                ],
            )
        ]
        found.append(filled("white", [(at, level - 18), (at, level + 3), (at + 9, level + 3)]))
    return posed(rng, found, 0.01, 0.0)


def table_lamp(rng: Generator) -> Strokes:
    """A lamp with a shade, on a foot or on a cable."""
    shade, top, wide = (
        one_of(rng, "orange orange red yellow pink"),
        some(rng, 12, 22),
        some(rng, 26, 38),
    )
    high = some(rng, 26, 40)
    found = [filled(shade, [(-top, 0), (top, 0), (wide, high), (-wide, high)])]
    found += [line("yellow", 2.5, [(-wide, high), (wide, high)])]
    if maybe(rng, 0.7):
        long, foot = some(rng, 30, 50), one_of(rng, "wood dark gold white blue")
        body = [line(foot, some(rng, 4, 9), [(0, high), (0, high + long)])]
        body += [box(foot, -16, high + long - 3, 32, 6, 1)]
        body += (
            [disc(foot, 0, high + long * 0.6, some(rng, 8, 14), long * 0.35)]
            if maybe(rng, 0.5)
            else []
        )
        return posed(rng, [*body, *found], 0.04, 0.0)
    return posed(
        rng,
        [line("dark", 2, [(0, 0), (0, -some(rng, 20, 44))]), disc("yellow", 0, high, 9), *found],
        0.03,
        0.0,
    )


def goldfish(rng: Generator) -> Strokes:
    """Goldfish, in a bowl or without."""
    found = Strokes()
    for n in range(count(rng, 1, 3)):
        colour, long, high = (
            one_of(rng, "orange orange red yellow"),
            some(rng, 15, 19),
            some(rng, 8, 12),
        )
        one = [
            filled(
                colour, [(long * 0.7, 0), (long * 1.8, -high), (long * 1.5, 0), (long * 1.8, high)]
            )
        ]
        one += [
            filled(colour, [(-4, -high * 0.7), (8, -high * 1.7), (10, -high * 0.5)]),
            disc(colour, 0, 0, long, high),
        ]
        one += [
            disc("white", -long * 0.55, -2, 3),
            disc("dark", -long * 0.6, -2, 1.4),
            line("white", 1, [(0, -3), (5, 0), (0, 4)]),
        ]
        found += moved(
            one, some(rng, -6, 6), n * 25, some(rng, -0.3, 0.3), mirrored=maybe(rng, 0.5)
        )
    if maybe(rng, 0.5):
        y, size = found[-1].points[:, 1].mean() / 2, some(rng, 44, 52)
        return posed(
            rng,
            [
                disc("blue", 0, y, size),
                *found,
                ring("white", 3, 0, y, size),
                line("white", 5, [(-24, y - size), (24, y - size)]),
            ],
            0.03,
            0.0,
        )
    return posed(rng, found, 0.25, 0.05)


def tulip_field(rng: Generator) -> Strokes:
    """Rows of tulips under the sky."""
    level = some(rng, 24, 44)
    found = [box("blue", 0, 0, 100, level), box("green", 0, level, 100, 100 - level)]
    for row, y in enumerate(np.linspace(level + 8, 92, count(rng, 3, 5))):
        colour, size = one_of(rng, _WARM + " purple"), 3.5 + row * 1.7
        for x in np.arange(some(rng, 3, 8), 98, size * 2.4):
            cup = [
                (-1, -1.2),
                (-0.4, -0.6),
                (0, -1.4),
                (0.4, -0.6),
                (1, -1.2),
                (0.8, 0.4),
                (-0.8, 0.4),
            ]
            found += [
                line("grip", 1, [(x, y), (x, y + size)]),
                *moved([filled(colour, cup)], x, y, size=size),
            ]
    return posed(rng, found, 0.01, 0.0)


def hot_air_balloon(rng: Generator) -> Strokes:
    """A hot-air balloon with stripes and a basket."""
    one, other = one_of(rng, _WARM), one_of(rng, "white blue yellow green orange purple")
    wide, low = some(rng, 32, 40), some(rng, 36, 48)
    arc = np.linspace(np.pi * 0.96, np.pi * 2.04, 17)
    top = np.stack([np.cos(arc), np.sin(arc) * some(rng, 0.9, 1.15)], 1)
    foot = np.array([(0.26, low / wide), (-0.26, low / wide)])
    parts = [
        filled(one if n % 2 else other, np.concatenate([top, foot]) * (wide * part, wide))
        for n, part in enumerate((1, 0.66, 0.3))
    ]
    ropes = [
        line("dark", 1.2, [(side * wide * 0.26, low), (side * 6, low + 16)]) for side in (-1, 1)
    ]
    basket = [box("wood", -8, low + 15, 16, some(rng, 9, 13))]
    return posed(rng, [*parts, *ropes, *basket], 0.06, 0.0)


def lava_lamp(rng: Generator) -> Strokes:
    """A lava lamp: blobs that rise in a glass between two cones of metal."""
    glass, wax = one_of(
        rng, "purple-orange blue-red orange-red yellow-red pink-purple green-yellow"
    ).split("-")
    wide, high = some(rng, 17, 23), some(rng, 52, 66)
    found = [filled(glass, [(-wide * 0.5, 0), (wide * 0.5, 0), (wide, high), (-wide, high)])]
    for y in np.linspace(high - 6, 10, count(rng, 3, 5)):
        room = wide * (0.45 + 0.45 * y / high)
        found.append(
            disc(wax, some(rng, -0.4, 0.4) * room, y, some(rng, 0.35, 0.6) * room, some(rng, 3, 8))
        )
    base = [
        (-wide, high),
        (wide, high),
        (wide * 0.55, high + 16),
        (wide * 0.9, high + 32),
        (-wide * 0.9, high + 32),
        (-wide * 0.55, high + 16),
    ]
    cap = [(-wide * 0.5, 0), (-wide * 0.3, -12), (wide * 0.3, -12), (wide * 0.5, 0)]
    metal = one_of(rng, "steel dark gold grey")
    return posed(rng, [*found, filled(metal, base), filled(metal, cap)], 0.05, 0.0)


def pumpkin(rng: Generator) -> Strokes:
    """Pumpkins with ribs and a stalk."""
    found = Strokes()
    for n in range(count(rng, 1, 2)):
        wide, high = some(rng, 24, 34), some(rng, 19, 26)
        one = [line("green", 6, [(0, -high + 4), (some(rng, -5, 5), -high - 10)])]
        for part in (0.72, -0.72, 0.38, -0.38, 0):
            one += [
                disc("orange", part * wide, 0, wide * 0.42, high),
                ring("wood", 1.2, part * wide, 0, wide * 0.42, high),
            ]
        one += (
            [curved("green", [(2, -high), (16, -high - 10), (24, -high), (12, -high + 4)])]
            if maybe(rng, 0.5)
            else []
        )
        found += moved(one, n * 62, n * some(rng, -4, 8), some(rng, -0.15, 0.15), some(rng, 0.7, 1))
    return posed(rng, found, 0.08, 0.0)


def wine_glass(rng: Generator) -> Strokes:
    """A glass with red wine; maybe a bottle beside it."""
    wide, high, stem = some(rng, 16, 23), some(rng, 30, 42), some(rng, 20, 34)
    fill = some(rng, 0.35, 0.65)
    bowl = np.array([(-0.8, 0), (-1, 0.5), (-0.6, 0.9), (0, 1), (0.6, 0.9), (1, 0.5), (0.8, 0)])
    wine = np.where(bowl[:, 1:] < 1 - fill, bowl * (1.1, 0) + (0, 1 - fill), bowl) * (
        wide * 0.9,
        high * 0.97,
    )
    found = [
        filled("steel", bowl * (wide, high)),
        filled("red", wine),
        line("grey", 1.5, bowl * (wide, high)),
    ]
    found += [
        line("grey", 3, [(0, high), (0, high + stem)]),
        disc("grey", 0, high + stem, wide * 0.75, 3),
    ]
    if maybe(rng, 0.4):
        body = one_of(rng, "green dark purple")
        found += [
            box(body, wide + 10, -6, 24, high + stem + 8, 1),
            box(body, wide + 17, -36, 10, 34),
            box("white", wide + 10, 16, 24, 20),
        ]
    return posed(rng, found, 0.06, 0.0)


def nail_polish(rng: Generator) -> Strokes:
    """A bottle of nail polish with a long cap; maybe its brush lies by it."""
    colour, cap = (
        one_of(rng, "red red pink orange purple"),
        one_of(rng, "dark dark gold white steel"),
    )
    wide, high, long = some(rng, 24, 36), some(rng, 22, 36), some(rng, 28, 44)
    body = [
        box(colour, -wide / 2, 0, wide, high, count(rng, 0, 2)),
        line("white", 2.5, [(4 - wide / 2, 7), (4 - wide / 2, high - 7)]),
    ]
    if maybe(rng, 0.3):
        body = [disc(colour, 0, high / 2, wide * 0.6, high * 0.6)]
    top = [bar(cap, (0, 0), (0, -long), 13, some(rng, 8, 12))]
    if maybe(rng, 0.3):
        brush = [*top, line("dark", 1.8, [(0, 0), (0, 20)]), line(colour, 5, [(0, 20), (0, 27)])]
        return posed(
            rng,
            [*body, box("white", -5, -6, 10, 7), *moved(brush, wide + 6, 6, some(rng, -0.5, 0.5))],
            0.15,
            0.0,
        )
    return posed(rng, [*body, *moved(top, 0, 2)], 0.2, 0.08)


GLOWS: tuple[Scene, ...] = (
    Scene(
        "evening seas", "", ("the sun over water", "the sea in the evening"), evening_sea, share=2
    ),
    Scene("table lamps", "", ("a lamp with a shade", "a table lamp"), table_lamp),
    Scene("goldfish", "", ("goldfish",), goldfish),
    Scene("tulip fields", "", ("a field of tulips",), tulip_field),
    Scene("hot-air balloons", "", ("a hot-air balloon",), hot_air_balloon),
    Scene("lava lamps", "", ("a lava lamp",), lava_lamp, share=2),
    Scene("pumpkins", "", ("a pumpkin", "pumpkins"), pumpkin),
    Scene("wine glasses", "", ("a glass of red wine",), wine_glass, share=2),
    Scene("nail polish", "", ("a bottle of nail polish",), nail_polish, share=2),
)
