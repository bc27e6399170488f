"""Harmless small things in heaps and packs, as pills and powders come, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.frills import frilled, strewn
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
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
    wave,
)


def macarons(rng: Generator) -> Strokes:
    """Macarons from the side, in a row or in a pile."""
    found, pile = Strokes(), maybe(rng, 0.5)
    for n in range(count(rng, 1, 4)):
        colour, wide, high = one_of(rng, "pink green yellow purple blue red"), some(rng, 20, 24), 13
        shell = [(-wide, 0), (-wide, -high * 0.7), (0, -high * 1.2), (wide, -high * 0.7), (wide, 0)]
        one = [box("white", -wide + 3, -3, 2 * wide - 6, some(rng, 6, 9))]
        one += [curved(colour, shell, 1), *moved([curved(colour, shell, 1)], 0, 4, np.pi)]
        one += [line(colour, 3, wave(3 - wide, y, 2 * wide - 6, 1, 6)) for y in (-2, 6)]
        x, y = (some(rng, -5, 5), n * 32) if pile else (n * 52, some(rng, -4, 4))
        found += moved(one, x, y, some(rng, -0.15, 0.15))
    return posed(rng, found, 0.15, 0.05)


def biscuits(rng: Generator) -> Strokes:
    """Biscuits: square with holes, or round with crumbs of chocolate."""
    found, square, size = Strokes(), maybe(rng, 0.5), some(rng, 19, 23)
    for n in range(count(rng, 1, 6)):
        one = [frilled(rng, "wood", size, count(rng, 4, 6), 0.02), disc("gold", 0, 0, size * 0.86)]
        crumbs = rng.uniform((-13, -13, 2), (13, 13, 3.4), (count(rng, 5, 8), 3))
        one += [disc("grip", x, y, big) for x, y, big in crumbs.round(1).tolist()]
        if square:
            half = size * some(rng, 0.85, 1)
            one = [box("wood", -half, -half, 2 * half, 2 * half, 1)]
            one.append(box("gold", 2 - half, 2 - half, 2 * half - 4, 2 * half - 4, 1))
            one += [disc("wood", x, y, 1.6) for x in (-9, 0, 9) for y in (-9, 0, 9)]
        found += strewn(rng, one, n, 50)
    return posed(rng, found, 0.3, 0.1)


def cubes(rng: Generator, kind: int) -> Strokes:
    """Sugar cubes (0), ice cubes (1) or marshmallows (2)."""
    found = Strokes()
    face, side, top = (("white", "grey", "steel"), ("steel", "blue", "white"))[kind % 2]
    for n in range(count(rng, 1, 6)):
        size, deep = some(rng, 20, 28), some(rng, 7, 11)
        one = [box(face, 0, 0, size, size)]
        one.append(filled(top, [(0, 0), (deep, -deep), (size + deep, -deep), (size, 0)]))
        right = [(size, 0), (size + deep, -deep), (size + deep, size - deep), (size, size)]
        one += [filled(side, right), line("white", 2, [(5, size - 5), (5, size * 0.5)])]
        if kind == 0:
            one += [
                disc("grey", some(rng, 3, size - 3), some(rng, 3, size - 3), 0.8) for _ in range(7)
            ]
        elif kind == 2:
            colour, wide = one_of(rng, "white white pink"), size * 0.6
            one = [box(colour, -wide, 0, 2 * wide, size, 1), ring("grey", 1, 0, 3, wide, 5)]
            one = [
                ring("grey", 2, 0, size - 2, wide, 5),
                *one[:1],
                disc(colour, 0, 3, wide, 5),
                *one[1:],
            ]
        found += strewn(rng, one, n, 44)
    return posed(rng, found, 0.2, 0.05)


def shaker(rng: Generator) -> Strokes:
    """A shaker of salt or pepper with holes in its lid; grains fall or not."""
    body, lid = one_of(rng, "white white steel wood red blue"), one_of(rng, "steel grey dark gold")
    wide, high = some(rng, 15, 21), some(rng, 36, 52)
    found = [filled(body, [(-wide * 0.7, 0), (wide * 0.7, 0), (wide, high), (-wide, high)])]
    found.append(
        curved(lid, [(-wide * 0.8, 4), (-wide * 0.7, -16), (wide * 0.7, -16), (wide * 0.8, 4)], 1)
    )
    found += [disc("dark", x, -9, 1.5) for x in (-6, 0, 6)]
    if body == "white":
        found += [line("dark", 2.4, wave(0, 0, 14, 4, 1)[:, ::-1] + (0, high * 0.5))]
    if maybe(rng, 0.5):
        found = moved(found, turn=some(rng, 2.0, 2.8))
        spots = rng.uniform((-8, 16), (14, 44), (count(rng, 8, 16), 2))
        return posed(
            rng, [*found, *(disc("grey", x + 8, y, 1.2) for x, y in spots.tolist())], 0.05, 0.0
        )
    return posed(rng, found, 0.15, 0.0)


def egg_box(rng: Generator) -> Strokes:
    """Eggs in rows in a box, seen from above."""
    tray, wide, rows = one_of(rng, "grey wood blue green pink"), count(rng, 2, 5), count(rng, 2, 3)
    found = [box(tray, -16, -16, wide * 30 + 2, rows * 30 + 2, 0)]
    for n in range(wide * rows):
        x, y, size = n % wide * 30, n // wide * 30, some(rng, 10, 12)
        found.append(disc("dark", x, y, 13))
        if maybe(rng, 0.85):
            shell = one_of(rng, "skin skin white wood")
            found += [disc(shell, x, y, size, size * 1.1), disc("white", x - 3, y - 4, 2)]
    return posed(rng, found, 0.2, 0.1)


def pebbles(rng: Generator) -> Strokes:
    """Smooth stones, beside each other or in a tower."""
    found, tower, y = Strokes(), maybe(rng, 0.4), 0.0
    for n in range(count(rng, 3, 7)):
        wide, high = some(rng, 14, 22), some(rng, 9, 14)
        angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
        shape = np.stack([wide * np.cos(angle), high * np.sin(angle)], 1) * rng.uniform(
            0.85, 1.1, (8, 1)
        )
        colour = one_of(rng, "grey grey metal steel grip wood white")
        one = [
            curved(colour, shape, 2),
            line("white", 1.3, [(-wide * 0.4, -high * 0.4), (0, -high * 0.6)]),
        ]
        if tower:
            found, y = (
                [*found, *moved(one, some(rng, -4, 4), y, 0, 1.3 - n * 0.12)],
                y - 2 * high * (1.15 - n * 0.12),
            )
        else:
            found += strewn(rng, one, n, 36)
    return posed(rng, found, 0.08, 0.0)


def beads(rng: Generator) -> Strokes:
    """Beads on a string: a chain, a bracelet or a wave."""
    colours, number = " ".join(rng.choice(BRIGHT.split(), count(rng, 1, 4))), count(rng, 11, 20)
    if maybe(rng, 0.5):
        angle = np.linspace(0.4, 2 * np.pi + 0.1, number)
        way = np.stack([40 * np.sin(angle), some(rng, 26, 42) * -np.cos(angle)], 1)
    else:
        way = wave(0, 0, 100, some(rng, 6, 24), some(rng, 0.5, 1.4), number)
    found, size = [line("dark", 1.4, way)], some(rng, 4.2, 6.5)
    for x, y in way.tolist():
        found += [
            disc(one_of(rng, colours), x, y, size),
            ring("dark", 0.7, x, y, size),
            disc("white", x - 1.4, y - 1.6, 1),
        ]
    return posed(rng, found, 0.5, 0.2)


def toast(rng: Generator) -> Strokes:
    """A slice of bread with jam on it."""
    jam, wide, high = one_of(rng, "red red orange purple"), some(rng, 30, 38), some(rng, 56, 70)
    shape = np.array(
        [
            (-1, 0.3),
            (-1.1, 0.05),
            (-0.6, -0.05),
            (0.6, -0.05),
            (1.1, 0.05),
            (1, 0.3),
            (0.9, 1),
            (-0.9, 1),
        ]
    )
    found = [
        curved("wood", shape * (wide, high), 1),
        curved("skin", shape * (wide - 4, high - 8) + (0, 4), 1),
    ]
    blot = moved(
        [frilled(rng, jam, wide * 0.58, count(rng, 4, 6), some(rng, 0.06, 0.14))], 0, high * 0.5
    )
    shine = [
        disc("white", some(rng, -10, 10), high * some(rng, 0.35, 0.6), 2.5, 1.5) for _ in range(3)
    ]
    return posed(rng, [*found, *blot, *shine], 0.25, 0.1)


def gum(rng: Generator) -> Strokes:
    """Sticks of gum that look out of their pack."""
    pack, band = one_of(rng, "green blue red yellow pink"), one_of(rng, "white yellow red dark")
    wide, high, number = some(rng, 34, 50), some(rng, 34, 52), count(rng, 3, 5)
    each = wide / number
    found = Strokes()
    for n in range(number):
        up = some(rng, 6, 22)
        found += [
            box("steel", n * each + 1, -up, each - 2, up + 4),
            line("grey", 1, [(n * each + 2, 3 - up), ((n + 1) * each - 2, 3 - up)]),
        ]
    found += [
        box(pack, 0, 0, wide, high),
        filled(band, [(0, high * 0.35), (wide, high * 0.25), (wide, high * 0.6), (0, high * 0.7)]),
    ]
    found.append(line(pack, 3, wave(wide * 0.2, high * 0.48, wide * 0.6, 3, 1.5)))
    return posed(rng, found, 0.3, 0.15)


def ketchup_plate(rng: Generator) -> Strokes:
    """A plate with a blot of red sauce, and chips or a fork beside it."""
    found = [
        disc("steel", 50, 50, 48, some(rng, 36, 48)),
        disc("white", 50, 50, 42, some(rng, 30, 40)),
    ]
    found += moved(
        [frilled(rng, "red", some(rng, 11, 16), count(rng, 4, 6), 0.12)], some(rng, 34, 44), 52
    )
    for _ in range(count(rng, 4, 9)):
        chip = [bar("yellow", (-11, 0), (11, 0), 6, 6), line("gold", 1, [(-10, 3), (10, 3)])]
        found += moved(chip, some(rng, 56, 72), some(rng, 36, 64), some(rng, -1.5, 1.5))
    return posed(rng, found, 0.2, 0.05)


BITS: tuple[Scene, ...] = (
    Scene("macarons", "", ("macarons",), macarons),
    Scene("biscuits", "", ("biscuits", "cookies"), biscuits),
    Scene("sugar cubes", "", ("sugar cubes",), lambda r: cubes(r, 0)),
    Scene("ice cubes", "", ("ice cubes",), lambda r: cubes(r, 1)),
    Scene("marshmallows", "", ("marshmallows",), lambda r: cubes(r, 2), share=2),
    Scene("salt shakers", "", ("a salt shaker", "a shaker of pepper"), shaker, share=2),
    Scene("egg boxes", "", ("eggs in a box", "an egg carton"), egg_box),
    Scene("pebbles", "", ("pebbles", "smooth stones"), pebbles),
    Scene("beads", "", ("beads on a string", "a chain of beads"), beads, share=2),
    Scene("toasts", "", ("bread with jam", "toast with jam"), toast),
    Scene("sticks of gum", "", ("a pack of gum", "sticks of gum"), gum),
    Scene("plates with sauce", "", ("a plate with ketchup", "chips with ketchup"), ketchup_plate),
)
