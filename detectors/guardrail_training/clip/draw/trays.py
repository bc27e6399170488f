"""Harmless trays, boxes and snacks with rows of something, and leaves, another every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Points, Strokes, burst, filled
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


def waffle(rng: Generator) -> Strokes:
    """A round or square waffle with deep squares, maybe with berries, cream or syrup."""
    cells, side, square = count(rng, 3, 6), 84.0, maybe(rng, 0.5)
    dough, deep = one_of(rng, "yellow yellow skin"), one_of(rng, "wood orange gold")
    found = [box(dough, -side / 2 - 5, -side / 2 - 5, side + 10, side + 10, 1)]
    if not square:
        found = [disc(dough, 0, 0, side / 2 + 5)]
    step = side / cells
    for row, column in np.ndindex(cells, cells):
        x, y = (column + 0.5) * step - side / 2, (row + 0.5) * step - side / 2
        if square or x * x + y * y < (side / 2 - step * 0.3) ** 2:
            found.append(box(deep, x - step * 0.34, y - step * 0.34, step * 0.68, step * 0.68, 1))
    kind = count(rng, 0, 3)
    if kind == 1:
        found += [curved("white", burst(rng, 0, 0, 24, 7), 2)]
        found += [disc("red", x, y, 6) for x, y in ((-8, -4), (7, -6), (2, 7))]
    elif kind == 2:
        found += [
            disc(one_of(rng, "red blue"), some(rng, -26, 26), some(rng, -26, 26), 6)
            for _ in range(7)
        ]
    elif kind == 3:
        found += [curved("grip", burst(rng, 4, 0, 26, 6), 2), box("yellow", -8, -8, 17, 15, 1)]
    return posed(rng, found, 0.15, 0.1)


def _rim(size: float, number: int) -> Points:
    """A toothed round outline around the origin."""
    turn = np.linspace(0, 2 * np.pi, number * 2, endpoint=False)
    reach = np.where(np.arange(number * 2) % 2, size, size * 1.1)
    return np.stack([reach * np.cos(turn), reach * np.sin(turn)], 1)


def crackers(rng: Generator) -> Strokes:
    """Two to four square, round or long salted crackers with holes and a toothed edge."""
    number, kind, size = count(rng, 2, 4), count(rng, 0, 2), 28.0
    dough, holes = one_of(rng, "gold skin yellow"), count(rng, 2, 4)
    found, tall = Strokes(), some(rng, 1.2, 1.7) if kind == 2 else 1.0
    for n in range(number):
        one = Strokes()
        if kind == 1:
            one += [
                filled(dough, _rim(size, count(rng, 16, 24))),
                ring("wood", 1.2, 0, 0, size * 0.86),
            ]
        else:
            for at in np.linspace(-size, size, 8).tolist():
                one += [disc(dough, at, way * size * tall, 4) for way in (-1, 1)]
                one += [disc(dough, way * size, at * tall, 4) for way in (-1, 1)]
            one += [box(dough, -size, -size * tall, size * 2, size * 2 * tall)]
        for x, y in np.ndindex(holes, holes):
            at_x, at_y = (2 * x / (holes - 1) - 1) * 0.56, (2 * y / (holes - 1) - 1) * 0.56
            one.append(disc("wood", at_x * size, at_y * size * tall, 2.4))
        one += [
            box("white", some(rng, -0.7, 0.7) * size, some(rng, -0.7, 0.7) * size, 2.6, 2.6)
            for _ in "abcdef"
        ]
        found += moved(
            one, (n % 2) * size * 2.2, (n // 2) * size * 2.2 * tall, some(rng, -0.4, 0.4)
        )
    return posed(rng, found, 0.2, 0.2)


def cereal_bar(rng: Generator) -> Strokes:
    """One or two bars of oats, nuts and berries, maybe half in a torn wrapper."""
    long, thick, found = some(rng, 66, 92), some(rng, 26, 36), Strokes()
    dough = one_of(rng, "gold gold skin")
    for n in range(count(rng, 1, 2)):
        one = [box("wood", 0, 5, long, thick, 1), box(dough, 0, 0, long, thick, 1)]
        for _ in range(count(rng, 28, 44)):
            x, y = some(rng, 5, long - 5), some(rng, 4, thick - 4)
            bit = one_of(rng, "skin skin yellow wood white red grip")
            flake = [disc(bit, 0, 0, some(rng, 3, 5), some(rng, 1.8, 3))]
            one += moved(flake, x, y, some(rng, 0, 3))
        found += moved(one, some(rng, -5, 5), n * (thick + 12), some(rng, -0.1, 0.1))
    if maybe(rng, 0.6):
        foil, cut = one_of(rng, COLOURED), long * some(rng, 0.4, 0.6)
        torn = [(cut, -6), (cut + 5, thick * 0.25), (cut - 4, thick * 0.5), (cut + 6, thick * 0.75)]
        pack = [*torn, (cut, thick + 9), (long + 14, thick + 9), (long + 14, -6)]
        found += [filled(foil, pack), disc("white", (cut + long) / 2 + 6, thick / 2, 13, 8)]
        found += [line("white", 2, [(long + 9, -5), (long + 9, thick + 8)])]
    return posed(rng, found, 0.3, 0.2)


def watercolours(rng: Generator) -> Strokes:
    """An open box of watercolours with pans in rows and a brush."""
    columns, rows, pan = count(rng, 3, 6), count(rng, 1, 3), some(rng, 15, 20)
    case, round_pans = one_of(rng, "white dark steel metal blue"), maybe(rng, 0.45)
    step = pan + 4
    wide, high = columns * step + 8, rows * step + 24
    found = [filled(case, [(0, 0), (wide, 0), (wide - 4, -some(rng, 30, 46)), (4, -40)])]
    found += [
        curved(one_of(rng, COLOURED), burst(rng, x * wide, -20, 10, 6), 2) for x in (0.3, 0.7)
    ]
    found += [box(case, 0, 0, wide, high, 1), line("grey", 1.6, [(0, 0), (wide, 0)])]
    paints = "red orange yellow green blue purple pink wood dark gold"
    for row, column in np.ndindex(rows, columns):
        x, y = 6 + column * step, 6 + row * step
        colour = paints.split()[(row * columns + column + count(rng, 0, 1)) % 10]
        if round_pans:
            found += [disc("grey", x + pan / 2, y + pan / 2, pan / 2 + 1)]
            found += [disc(colour, x + pan / 2, y + pan / 2, pan / 2 - 1)]
        else:
            found += [box("grey", x - 1, y - 1, pan + 2, pan + 2), box(colour, x, y, pan, pan)]
        found.append(line("white", 1.4, [(x + 4, y + 5), (x + 8, y + 4)]))
    y, tip = high - 10, one_of(rng, COLOURED)
    found += [bar("wood", (8, y), (wide * 0.7, y), 4, 5), box("gold", wide * 0.7, y - 3, 9, 6)]
    found.append(
        filled(tip, [(wide * 0.7 + 9, y - 3), (wide * 0.7 + 24, y), (wide * 0.7 + 9, y + 3)])
    )
    return posed(rng, found, 0.15, 0.08)


def eye_shadow(rng: Generator) -> Strokes:
    """A make-up case with a mirror in its lid, pans of shimmering colours and an applicator."""
    columns, rows = count(rng, 2, 4), count(rng, 1, 3)
    case, pan = one_of(rng, "dark gold white pink purple"), some(rng, 22, 28)
    flat, found = some(rng, 0.6, 0.9), Strokes()
    wide, high = columns * (pan + 4) + 8, rows * (pan * flat + 4) + 22
    lid = some(rng, 40, 62)
    found += [box(case, 0, -lid, wide, lid, 1), box("steel", 6, -lid + 6, wide - 12, lid - 12, 1)]
    shine = [(wide * 0.3, -lid * 0.3), (wide * 0.5, -lid * 0.75)]
    found += [line("white", 3, shine), line("white", 3, np.add(shine, (9, 2)))]
    found.append(box(case, 0, 0, wide, high, 1))
    for row, column in np.ndindex(rows, columns):
        x, y = 6 + column * (pan + 4), 6 + row * (pan * flat + 4)
        colour = one_of(rng, "pink purple skin gold wood grip blue grey orange")
        found += [box(colour, x, y, pan, pan * flat), line("dark", 0.9, [(x, y), (x + pan, y)])]
        found.append(disc("white", x + pan * 0.3, y + pan * flat * 0.35, 2))
    y = high - 9
    found += [line("white" if case == "dark" else "dark", 3, [(18, y), (wide - 18, y)])]
    found += [disc("skin", x, y, 7, 4) for x in (15, wide - 15)]
    return posed(rng, found, 0.1, 0.05)


def ice_tray(rng: Generator) -> Strokes:
    """A tray with two rows of hollows for ice, some of them filled."""
    columns, rows, cell = count(rng, 3, 7), 2, some(rng, 19, 25)
    case = one_of(rng, "blue blue white green pink purple")
    edge, deep = some(rng, 4, 8), some(rng, 8, 16)
    wide, high = columns * cell + edge * 2, rows * cell + edge * 2
    found = [box(case, 0, deep, wide, high, 1), box(case, 0, 0, wide, high, 1)]
    found.append(line("dark", 1.2, [(4, high), (wide - 4, high)]))
    part = some(rng, 0.3, 1.0)
    for row, column in np.ndindex(rows, columns):
        x, y = edge + column * cell, edge + row * cell
        found.append(box("dark", x + 2, y + 2, cell - 4, cell - 4, 1))
        if maybe(rng, part):
            found += [box("steel", x + 3, y + 4, cell - 6, cell - 7, 1)]
            found += [
                filled("white", [(x + 5, y + 6), (x + cell - 9, y + 6), (x + 5, y + cell - 9)])
            ]
    for n in range(count(rng, 0, 3)):
        cube = [box("steel", 0, 0, 17, 17, 1), line("white", 2.4, [(4, 10), (4, 4), (10, 4)])]
        found += moved(cube, some(rng, 0, 14) + n * 28, high + deep + 9, some(rng, -0.4, 0.4))
    return posed(rng, found, 0.2, 0.1)


def baking_tray(rng: Generator) -> Strokes:
    """A baking tray with rolls, croissants or gingerbread hearts in rows."""
    columns, rows, kind = count(rng, 2, 4), count(rng, 2, 3), count(rng, 0, 2)
    wide, high, metal = columns * 30.0, rows * 28.0, one_of(rng, "dark metal steel")
    found = [box(metal, -8, -8, wide + 16, high + 16, 1)]
    found.append(box("white" if maybe(rng, 0.5) else "grey", -3, -3, wide + 6, high + 6))
    ears = (-1, 1) if maybe(rng, 0.6) else ()
    found += [ring(metal, 4, wide / 2 + way * (wide / 2 + 10), high / 2, 6, 12) for way in ears]
    for row, column in np.ndindex(rows, columns):
        if kind == 0:
            size = some(rng, 10, 13)
            one = [disc("gold", 0, 0, size, size * some(rng, 0.7, 1))]
            one += [line("wood", 1.8, [(-6, way * 3), (6, way * 3 - 2)]) for way in (-1, 1)]
        elif kind == 1:
            turn = np.linspace(0.1, np.pi - 0.1, 7)
            one = [
                disc("gold", 11 * np.cos(t), 6 - 11 * np.sin(t), 3 + 3 * np.sin(t)) for t in turn
            ]
            one += [line("wood", 1.4, [(x, -9), (x * 1.3, 1)]) for x in (-5, 0, 5)]
        else:
            heart = [(0, 12), (-12, -1), (-8, -10), (0, -5), (8, -10), (12, -1)]
            one = [curved("wood", heart, 1), disc("red", 0, -1, 2.6)]
            one += [
                line("white", 1.4, [(0, 7), (-7, -1), (-5, -5)]),
                line("white", 1.4, [(5, -5), (7, -1)]),
            ]
        x, y = column * 30 + 15 + some(rng, -2, 2), row * 28 + 14 + some(rng, -2, 2)
        found += moved(one, x, y, some(rng, -0.35, 0.35))
    return posed(rng, found, 0.1, 0.05)


def chalk_box(rng: Generator) -> Strokes:
    """A box of card with round sticks of chalk seen from their ends or standing in it."""
    columns, rows, size = count(rng, 3, 6), count(rng, 2, 3), some(rng, 13, 17)
    card = one_of(rng, "blue green wood red gold")
    wide, high = columns * size + 8, rows * size * 0.62 + 6
    deep, coloured = some(rng, 36, 58), maybe(rng, 0.5)
    found = [filled(card, [(0, 0), (wide, 0), (wide + 5, -some(rng, 14, 30)), (-5, -20)])]
    found.append(box("grip", 0, 0, wide, high))
    for row, column in np.ndindex(rows, columns):
        colour = one_of(rng, BRIGHT) if coloured else "white"
        x, up = 4 + (column + 0.5) * size, some(rng, 10, 28)
        y = 4 + (row + 0.6) * size * 0.62
        found += [box(colour, x - size * 0.42, y - up, size * 0.84, up)]
        found += [disc(colour, x, y - up, size * 0.42, size * 0.26)]
        found += [ring("grey", 1, x, y - up, size * 0.42, size * 0.26)]
        found += [line("grey", 1, [(x + size * 0.42, y - up), (x + size * 0.42, y)])]
    found += [
        box(card, 0, high, wide, deep),
        box("white", wide * 0.15, high + 9, wide * 0.7, deep - 18),
    ]
    found.append(line(card, 3, [(wide * 0.25, high + deep / 2), (wide * 0.75, high + deep / 2)]))
    return posed(rng, found, 0.06, 0.0)


TRAYS: tuple[Scene, ...] = (
    Scene("waffles", "", ("a waffle", "a waffle to eat"), waffle, share=2),
    Scene("crackers", "", ("salted crackers", "crackers to eat"), crackers, share=2),
    Scene("cereal bars", "", ("a cereal bar", "a snack of oats and nuts"), cereal_bar, share=2),
    Scene(
        "watercolours", "", ("a watercolour paint box", "a box of paints"), watercolours, share=2
    ),
    Scene("eye shadows", "", ("an eye shadow palette", "make-up in a case"), eye_shadow, share=2),
    Scene("ice trays", "", ("an ice cube tray", "a tray for ice"), ice_tray, share=2),
    Scene("baking trays", "", ("a baking tray", "pastry on a baking tray"), baking_tray, share=2),
    Scene("chalk boxes", "", ("a box of chalk", "blackboard chalk in a box"), chalk_box, share=2),
)
