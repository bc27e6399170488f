"""Harmless greens, fruit and plants: they are green or red as hemp, pills and wounds are."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.frills import frilled, strewn
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
    wave,
)


def broccoli(rng: Generator) -> Strokes:
    """A floret of broccoli: a thick stem that forks under round heads."""
    found, wide = Strokes(), some(rng, 9, 14)
    heads = np.linspace(-26, 26, count(rng, 3, 5))
    for x in heads:
        found.append(bar("yellow", (0, some(rng, 18, 24)), (x, -6), wide, wide * 0.6))
    found.append(bar("yellow", (0, some(rng, 36, 48)), (0, 10), wide * 1.5, wide * 1.2))
    for x in (*heads, *(heads[:-1] + 9)):
        y, size = -8 - (27 - abs(x)) * some(rng, 0.4, 0.9), some(rng, 10, 14)
        found += moved(
            [frilled(rng, "green", size, 8, 0.1), ring("grip", 0.8, 0, 0, size * 0.5)], x, y
        )
        found += [disc("grip", x + some(rng, -7, 7), y + some(rng, -7, 7), 0.9) for _ in range(4)]
    return posed(rng, found, 0.25, 0.1)


def lettuce(rng: Generator, kind: int) -> Strokes:
    """A head of lettuce with frilled leaves (0) or a smooth cabbage (1)."""
    colour = "green" if kind == 0 else one_of(rng, "green green purple")
    deep, found = (0.09 if kind == 0 else 0.02), Strokes()
    rings = count(rng, 2, 4)
    for n in range(rings):
        for way in np.arange(4 - n) * 2 * np.pi / (4 - n) + some(rng, 0, 6):
            size = 25 - 5 * n
            leaf = [frilled(rng, "grip", size + 1, 12, deep), frilled(rng, colour, size, 12, deep)]
            leaf += [line("white", 1.8, [(-4, 0), (size * 0.75, 0)])]
            leaf += [line("white", 1, [(x, 0), (x + 7, y)]) for x in (2, 9) for y in (-9, 9)]
            found += moved(leaf, (16 - 5 * n) * np.cos(way), (16 - 5 * n) * np.sin(way), way)
    return posed(rng, [*found, disc("yellow", 0, 0, some(rng, 4, 9))], 1.0, 0.4)


def herbs(rng: Generator) -> Strokes:
    """A bundle of parsley or basil, tied with a string."""
    found, broad = Strokes(), maybe(rng, 0.5)
    for turn in np.linspace(-0.75, 0.75, count(rng, 5, 9)):
        long = some(rng, 42, 56)
        leaf = [disc("green", x, y, 6, 9) for x, y in ((-7, 4), (7, 4), (0, -6))]
        if not broad:
            leaf = [frilled(rng, "green", some(rng, 8, 11), 7, 0.2)]
        stalk = [line("green", 2, [(0, 30), (0, 0), (0, -long)]), *moved(leaf, 0, -long)]
        stalk += moved(leaf, 9, -long * 0.6, 0.9, 0.7) + moved(leaf, -9, -long * 0.5, -0.9, 0.7)
        found += moved(
            [*stalk, line("grip", 0.8, [(0, -long - 6), (0, -long + 4)])], turn=-float(turn) * 0.8
        )
    string = one_of(rng, "white red wood")
    return posed(
        rng,
        [*found, box(string, -9, -4, 18, 5), line(string, 2, [(-12, 12), (0, 0), (14, 10)])],
        0.3,
        0.2,
    )


def ivy(rng: Generator) -> Strokes:
    """A winding twig of ivy with leaves of three points."""
    way = wave(0, 0, 96, some(rng, 6, 14), some(rng, 0.8, 1.6), 22)
    found, size = [line("wood", 2, way)], some(rng, 0.8, 1.1)
    leaf = [
        filled(
            "green",
            [(0, 0), (-11, -3), (-7, -10), (-4, -10), (0, -21), (4, -10), (7, -10), (11, -3)],
        )
    ]
    leaf += [
        line("white", 0.9, [(0, 0), (0, -15)]),
        line("white", 0.9, [(-7, -5), (0, -3), (7, -5)]),
    ]
    for n, (x, y) in enumerate(way[1 :: count(rng, 2, 3)].tolist()):
        found += moved(
            leaf, x, y, some(rng, -0.6, 0.6) + (np.pi if n % 2 else 0), size * some(rng, 0.7, 1.1)
        )
    return posed(rng, found, 0.7, 0.3)


def _pot(rng: Generator) -> Strokes:
    colour, wide, high = (
        one_of(rng, "wood orange white blue grey red"),
        some(rng, 16, 24),
        some(rng, 22, 34),
    )
    foot = wide * some(rng, 0.6, 0.85)
    found = [filled(colour, [(-wide, 0), (wide, 0), (foot, high), (-foot, high)])]
    return [
        *found,
        box(colour, -wide - 3, -2, 2 * wide + 6, 8),
        line("grip", 1, [(-wide, 7), (wide, 7)]),
    ]


def potted(rng: Generator) -> Strokes:
    """A house plant in its pot: broad round leaves, or long smooth ones that hang over."""
    found, broad, spotted = Strokes(), maybe(rng, 0.5), maybe(rng, 0.3)
    for turn in np.linspace(-1.2, 1.2, count(rng, 4, 8)):
        long = some(rng, 34, 52)
        x, y = long * np.sin(turn), -long * np.cos(turn)
        if broad:
            leaf = [
                disc("green", 0, 0, some(rng, 8, 11), some(rng, 10, 14)),
                line("white", 1, [(0, -7), (0, 10)]),
            ]
            leaf += [disc("pink", 3, -3, 1.6), disc("pink", -4, 3, 1.4)] if spotted else []
            found += [line("green", 2, [(0, 0), (x, y)]), *moved(leaf, x, y, -float(turn))]
        else:
            tip = (x * 1.3, y * some(rng, 0.3, 1.1))
            found.append(
                curved(
                    "green",
                    [
                        (-3, 0),
                        (x * 0.6 - 4, y),
                        (x - 1, y * 1.05),
                        tip,
                        (x * 0.6 + 3, y * 0.8),
                        (3, 0),
                    ],
                    2,
                )
            )
    return posed(rng, [*found, *_pot(rng)], 0.06, 0.0)


def cactus(rng: Generator) -> Strokes:
    """A cactus with arms or a round one, with spines, in a pot or in sand."""
    high, wide = some(rng, 34, 60), some(rng, 16, 24)
    found = [line("green", wide, [(0, 4), (0, -high)])]
    if maybe(rng, 0.3):
        found = [disc("green", 0, -18, some(rng, 20, 26), some(rng, 18, 26))]
    else:
        for side in (-1, 1)[: count(rng, 1, 2)]:
            low, reach = -high * some(rng, 0.25, 0.6), side * (wide + some(rng, 2, 8))
            found.append(
                line(
                    "green", wide * 0.55, [(0, low), (reach, low), (reach, low - some(rng, 12, 26))]
                )
            )
    found += [
        line("white", 1.2, [(x, y), (x + 3, y - 3)])
        for x in (-6, 0, 6)
        for y in np.arange(-high + 2, 0, some(rng, 7, 11))
    ]
    if maybe(rng, 0.4):
        found.append(frilled(rng, one_of(rng, "pink red yellow"), 6, 5, 0.3))
        found[-1] = moved([found[-1]], 0, -max(high + wide / 2, 36))[0]
    sand = [curved("yellow", [(-44, 8), (0, -2), (44, 8), (44, 16), (-44, 16)], 1)]
    return posed(rng, [*found, *(_pot(rng) if maybe(rng, 0.6) else sand)], 0.06, 0.0)


def grapes(rng: Generator) -> Strokes:
    """A bunch of grapes with its stalk and maybe a leaf."""
    colour, size, rows = (
        one_of(rng, "purple purple green red blue"),
        some(rng, 7, 9),
        count(rng, 4, 6),
    )
    found = [line("wood", 3, [(0, -8), (some(rng, -6, 6), -24)])]
    if maybe(rng, 0.6):
        found += moved([frilled(rng, "green", 13, 5, 0.2)], some(rng, 8, 16), -13)
    for row in range(rows):
        for n in range(rows - row):
            x, y = (n - (rows - row - 1) / 2) * 14 + some(rng, -2, 2), row * 11 + some(rng, -2, 2)
            found += [
                disc(colour, x, y, size),
                ring("dark", 0.7, x, y, size),
                disc("white", x - 2.5, y - 3, 1.5),
            ]
    return posed(rng, found, 0.25, 0.1)


def raspberries(rng: Generator, colours: str) -> Strokes:
    """Raspberries or blackberries, by their colour."""
    found, colour, rows = Strokes(), one_of(rng, colours), (3, 4, 4, 3, 2)[count(rng, 0, 1) :]
    room, size = some(rng, 5.5, 7.5), some(rng, 4.4, 5.4)
    for n in range(count(rng, 1, 4)):
        one = [bar("green", (0, -3), (x, -9), 5, 2) for x in (-10, 0, 10)]
        for row, number in enumerate(rows):
            for x in (np.arange(number) - (number - 1) / 2) * 7.5:
                one += [disc(colour, x, row * room, size), ring("grip", 0.8, x, row * room, size)]
        found += strewn(rng, one, n, 44)
    return posed(rng, found, 0.3, 0.15)


def berries(rng: Generator) -> Strokes:
    """Round berries in clusters on twigs with a leaf."""
    found, colour = Strokes(), one_of(rng, "red red blue orange")
    for n in range(count(rng, 1, 4)):
        one = moved([curved("green", [(0, 0), (7, -8), (22, -6), (12, 2)])], 0, -6)
        for x in (-9, 0, 9)[: count(rng, 2, 3)]:
            y = some(rng, 12, 20)
            one += [line("green", 1.6, [(0, -6), (x, y)]), disc(colour, x, y, 6.5)]
            one.append(disc("white", x - 2, y - 2, 1.4))
        found += strewn(rng, one, n, 44)
    return posed(rng, found, 0.3, 0.15)


def pepper(rng: Generator) -> Strokes:
    """A sweet pepper with lobes and a stalk, red more often than not."""
    colour, wide, high = (
        one_of(rng, "red red yellow green orange"),
        some(rng, 24, 32),
        some(rng, 40, 58),
    )
    low = [
        (wide, high * 0.4),
        (wide * 0.7, high),
        (wide * 0.3, high * 0.88),
        (0, high),
        (-wide * 0.35, high * 0.9),
    ]
    shape = [
        (0, 4),
        (wide * 0.6, -6),
        (wide, 4),
        *low,
        (-wide * 0.7, high),
        (-wide, high * 0.4),
        (-wide, 4),
        (-wide * 0.6, -6),
    ]
    found = [curved(colour, shape), line("green", 6, [(0, 2), (0, -8), (some(rng, -10, 10), -18)])]
    found += [
        disc("green", 0, 2, 10, 4),
        line("white", 3, [(-wide * 0.6, 8), (-wide * 0.65, high * some(rng, 0.3, 0.6))]),
    ]
    creases = (-1, 1)[: count(rng, 1, 2)]
    found += [
        line("grip", 1, [(s * 6, 8), (s * wide * 0.4, high * 0.4), (s * wide * 0.3, high * 0.8)])
        for s in creases
    ]
    return posed(rng, found, 0.4, 0.15)


def beetroot(rng: Generator) -> Strokes:
    """A beetroot: a round root with a tail and leaves on red stalks."""
    colour, size = one_of(rng, "purple purple red"), some(rng, 17, 24)
    found = Strokes()
    for turn in np.linspace(-0.6, 0.6, count(rng, 2, 5)):
        long = some(rng, 22, 34)
        stalk = [
            line("red", 2.5, [(0, 0), (0, -long)]),
            disc("green", 0, -long - 10, some(rng, 6, 9), 14),
        ]
        found += moved(
            [*stalk, line("red", 1.2, [(0, -long), (0, -long - 18)])], 0, -size * 0.8, -float(turn)
        )
    root = [(-size, -size * 0.5), (-size * 0.4, -size), (size * 0.4, -size), (size, -size * 0.5)]
    root += [(size * 0.8, size * 0.5), (0, size * 1.1), (-size * 0.8, size * 0.5)]
    found += [
        line(colour, 2.5, [(0, size * 0.6), (some(rng, -4, 4), size + some(rng, 12, 24))]),
        curved(colour, root),
    ]
    return posed(
        rng, [*found, line("grip", 0.9, wave(-size * 0.6, size * 0.2, size * 1.1, 1, 1))], 0.4, 0.2
    )


PRODUCE: tuple[Scene, ...] = (
    Scene("broccoli", "", ("broccoli",), broccoli, share=2),
    Scene("lettuces", "", ("a head of lettuce", "a green salad"), lambda r: lettuce(r, 0)),
    Scene("cabbages", "", ("a cabbage",), lambda r: lettuce(r, 1)),
    Scene("herbs", "", ("a bundle of herbs", "fresh herbs"), herbs, share=2),
    Scene("ivy", "", ("a twig of ivy", "ivy"), ivy, share=2),
    Scene("house plants", "", ("a house plant in a pot", "a potted plant"), potted, share=2),
    Scene("cacti", "", ("a cactus",), cactus),
    Scene("grapes", "", ("a bunch of grapes", "grapes"), grapes),
    Scene("raspberries", "", ("raspberries",), lambda r: raspberries(r, "red red pink")),
    Scene("blackberries", "", ("blackberries",), lambda r: raspberries(r, "purple dark dark")),
    Scene("round berries", "", ("berries on a twig",), berries),
    Scene("sweet peppers", "", ("a sweet pepper", "a bell pepper"), pepper),
    Scene("beetroots", "", ("a root vegetable with leaves", "a beetroot"), beetroot),
)
