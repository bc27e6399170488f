"""Everyday things that an earlier model took for dangerous ones, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
from guardrail_training.clip.draw.parts import hand_print
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
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


def rolling_pins(rng: Generator) -> Strokes:
    """A roller with two handles, maybe on dough."""
    long, thick = some(rng, 50, 70), some(rng, 16, 26)
    wood, grip = one_of(rng, "wood skin gold white grey"), one_of(rng, "wood red blue grip green")
    found = Strokes()
    if maybe(rng, 0.4):
        found.append(disc("skin", long / 2, thick, long * 0.55, 16))
    for x, way in ((0.0, -1), (long, 1)):
        found += [line("metal", 4, [(x, 0), (x + way * 5, 0)])]
        found.append(line(grip, thick * 0.42, [(x + way * 8, 0), (x + way * some(rng, 18, 26), 0)]))
    found.append(box(wood, 0, -thick / 2, long, thick, count(rng, 0, 2)))
    return posed(
        rng, [*found, line("white", 2, [(6, -thick * 0.3), (long - 8, -thick * 0.3)])], 0.6, 0.3
    )


def scanners(rng: Generator) -> Strokes:
    """A hand-held scanner with a trigger, a cable and maybe a bar code."""
    body, dark = one_of(rng, "grey white dark blue yellow"), one_of(rng, "dark metal red")
    long, high = some(rng, 42, 60), some(rng, 18, 26)
    grip = [(6, high - 4), (24, high - 2), (18, high + 40), (2, high + 38)]
    found = [line("dark", 4, [(10, high + 38), (4, high + 52), (-14, high + 50)])]
    found.append(curved(body, grip, 1))
    head = [(0, 4), (8, 0), (long, 0), (long + 10, 4), (long + 8, high), (2, high)]
    found += [curved(body, head, 1), box(dark, long + 2, 4, 8, high - 6)]
    found.append(
        curved("red" if dark != "red" else "dark", [(24, high), (32, high), (26, high + 12)], 1)
    )
    if maybe(rng, 0.6):
        found.append(filled("red", [(long + 12, 6), (long + 34, -2), (long + 34, 14)]))
    if maybe(rng, 0.5):
        code = [box("white", 0, 0, 30, 26)]
        code += [line("dark", some(rng, 1, 3), [(4 + n * 5, 4), (4 + n * 5, 22)]) for n in range(5)]
        found += moved(code, long + 36, -4)
    return posed(rng, found, 0.15, 0.05)


def footballs(rng: Generator) -> Strokes:
    """A ball of light and dark patches."""
    size, dark = 42.0, one_of(rng, "dark dark blue red green")
    found = [disc(one_of(rng, "white white yellow"), 0, 0, size)]
    turn, part = some(rng, 0, 1.3), some(rng, 0.3, 0.36)
    angle = turn + np.arange(5) * 2 * np.pi / 5
    five = np.stack([np.cos(angle), np.sin(angle)], 1)
    x, y = some(rng, -7, 7), some(rng, -7, 7)
    found.append(filled(dark, five * size * part + (x, y)))
    for way in five.tolist():
        near, far = np.array(way) * size * part + (x, y), np.array(way) * size * 0.68
        found.append(line("dark", 2, np.stack([near, far])))
        side = np.array([-way[1], way[0]])
        rim = np.array(way) * size
        patch = [far, rim * 0.9 + side * 12, rim * 0.99 + side * 7, rim * 0.99 - side * 7]
        found.append(filled(dark, np.stack([*patch, rim * 0.9 - side * 12])))
    return posed(rng, [*found, ring("dark", 2, 0, 0, size)], 0.4, 0.4)


def chocolate(rng: Generator) -> Strokes:
    """A bar of chocolate in pieces, maybe in its foil."""
    across, down = count(rng, 2, 4), count(rng, 3, 6)
    brown = one_of(rng, "wood grip white")
    edge = "wood" if brown == "white" else "dark"
    wide, high = across * 22.0, down * 18.0
    found = [box(brown, 0, 0, wide, high)]
    for row in range(down):
        for column in range(across):
            x, y = column * 22.0, row * 18.0
            found += [line(edge, 1.6, [(x, y), (x + 22, y), (x + 22, y + 18)])]
            found.append(box(brown, x + 4, y + 4, 14, 10))
            found.append(line(edge, 1, [(x + 4, y + 14), (x + 18, y + 14), (x + 18, y + 4)]))
    if maybe(rng, 0.7):
        foil, paper = one_of(rng, "steel gold"), one_of(rng, COLOURED)
        cut = high * some(rng, 0.35, 0.7)
        torn = [(x, cut + (6 if n % 2 else -6)) for n, x in enumerate(np.linspace(-3, wide + 3, 9))]
        found.append(filled(foil, [*torn, (wide + 3, high + 3), (-3, high + 3)]))
        found.append(box(paper, -4, cut + 14, wide + 8, max(10.0, high - cut - 8)))
    return posed(rng, found, 0.5, 0.25)


def coloured_trees(rng: Generator) -> Strokes:
    """One to three trees in autumn, leaves on the ground."""
    found = [filled(one_of(rng, "green wood gold"), [(0, 82), (100, 78), (100, 96), (0, 96)])]
    number = count(rng, 1, 3)
    for n in range(number):
        x, size = 100 * (n + 0.5) / number + some(rng, -6, 6), some(rng, 18, 30)
        found += [bar("wood", (x, 88), (x, 44), 8, 5), line("wood", 3, [(x, 60), (x + 12, 44)])]
        for colour in (one_of(rng, "orange red yellow wood"), one_of(rng, "orange yellow gold")):
            found += puffs(rng, colour, x, some(rng, 28, 42), size, 6)
    for _ in range(count(rng, 6, 14)):
        found.append(
            disc(one_of(rng, "orange red yellow"), some(rng, 4, 96), some(rng, 80, 94), 2.4, 1.5)
        )
    return posed(rng, found, 0.02, 0.0)


def ferns(rng: Generator) -> Strokes:
    """A frond whose leaflets get shorter towards its tip."""
    number, reach, lean = count(rng, 7, 12), some(rng, 26, 40), some(rng, -14, 14)
    found = Strokes()
    for n in range(number):
        part = 1 - n / number
        y, x = 88 * part, lean * (1 - part) ** 2
        for way in (-1, 1):
            end = (x + way * reach * part, y - some(rng, 8, 18))
            middle = ((x + end[0]) / 2, (y + end[1]) / 2 - 3)
            found.append(line("green", 2, [(x, y), middle, end]))
            for at in (0.35, 0.6, 0.85):
                at_x, at_y = x + (end[0] - x) * at, y + (end[1] - y) * at
                found.append(disc("green", at_x, at_y, 4.5 * (1.2 - at * 0.6), 3))
    spine = [(lean * (n / 10) ** 2, 96 - n * 9.4) for n in range(11)]
    return posed(rng, [*found, line("green", 3, spine)], 0.3, 0.1)


def jars_of_sweets(rng: Generator) -> Strokes:
    """A clear jar with a lid, full of round and wrapped sweets."""
    wide, high, lid = some(rng, 54, 76), some(rng, 60, 86), one_of(rng, BRIGHT)
    found = [box("steel", 0, 0, wide, high, 2)]
    for _ in range(count(rng, 10, 18)):
        x, y, colour = (
            some(rng, 13, wide - 13),
            some(rng, high * 0.3, high - 11),
            one_of(rng, COLOURED),
        )
        if maybe(rng, 0.4):
            found += [
                filled(colour, [(x - 11, y - 5), (x, y), (x - 11, y + 5)]),
                filled(colour, [(x + 11, y - 5), (x, y), (x + 11, y + 5)]),
            ]
        found += [disc(colour, x, y, 7), ring("white", 1.6, x, y, 3.6)]
    found += [box(lid, -2, -14, wide + 4, 16, 1), line("white", 2, [(6, 10), (6, high - 12)])]
    return posed(rng, found, 0.08, 0.0)


def flacons(rng: Generator) -> Strokes:
    """A bottle of perfume with a stopper, maybe with a ball to spray."""
    wide, high, glass = (
        some(rng, 44, 66),
        some(rng, 40, 62),
        one_of(rng, "pink purple blue gold green"),
    )
    x = wide / 2
    found = [box("gold", x - 8, -12, 16, 14)]
    found.append(
        disc(glass, x, high / 2, x, high / 2 + 3)
        if maybe(rng, 0.5)
        else box(glass, 0, 0, wide, high, 1)
    )
    found.append(disc(one_of(rng, "steel gold pink"), x, -20, some(rng, 8, 13), some(rng, 8, 14)))
    label = one_of(rng, "white gold pink")
    found += [
        disc(label, x, high * 0.55, wide * 0.25, high * 0.18),
        line("dark", 1.4, [(x - 7, high * 0.55), (x + 7, high * 0.55)]),
    ]
    if maybe(rng, 0.5):
        found += [
            line("gold", 3, [(x + 8, -8), (wide + 8, -14)]),
            disc(one_of(rng, "red purple blue"), wide + 18, -14, 12, 9),
        ]
    return posed(rng, found, 0.15, 0.05)


def painted_hands(rng: Generator) -> Strokes:
    """The print of a hand in bright paint that is no red."""
    found = hand_print(rng, one_of(rng, "blue green yellow purple orange pink"))
    found += [
        disc(one_of(rng, "blue green yellow"), some(rng, -44, 44), some(rng, -40, 60), 3)
        for _ in range(count(rng, 0, 6))
    ]
    return posed(rng, found, 0.25, 0.1)


MISTAKEN: tuple[Scene, ...] = tuple(
    Scene(name, "", captions, make, share=2)
    for name, captions, make in (
        ("rolling pins", ("a rolling pin with two handles", "a baker's rolling pin"), rolling_pins),
        ("scanners", ("a scanner for bar codes", "a cash desk scanner"), scanners),
        ("footballs", ("a soccer ball", "a leather football"), footballs),
        ("pieces of chocolate", ("chocolate in pieces", "a chocolate bar"), chocolate),
        ("coloured trees", ("a tree in autumn", "trees with autumn leaves"), coloured_trees),
        ("fern fronds", ("a fern frond", "the leaf of a fern"), ferns),
        ("jars of sweets", ("a jar of sweets", "sweets in a jar"), jars_of_sweets),
        ("flacons", ("a perfume flacon", "a bottle of scent"), flacons),
        ("painted hands", ("a hand print in paint", "a child's painted hand"), painted_hands),
    )
)
"""What looks like blister packs, poison, guns, leaves of hemp, fire and blood."""
