"""Harmless things made of squares, of another shape every time: floors, keys, games, windows."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
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
    some,
)

_CASES = "dark white metal grey steel blue"


def tiles(rng: Generator) -> Strokes:
    """A floor or a wall of tiles with joints, straight, shifted or with a diamond in each."""
    rows, columns, wide = count(rng, 3, 5), count(rng, 3, 5), some(rng, 20, 32)
    high, kind = wide * some(rng, 0.6, 1.0), count(rng, 0, 2)
    one, other = one_of(rng, "white steel skin blue"), one_of(rng, "blue green red dark wood")
    other = "dark" if one == other else other
    found = [box("grey", -2, -2, columns * wide + 4, rows * high + 4)]
    for row, column in np.ndindex(rows, columns):
        colour = other if kind == 1 and (row + column) % 2 else one
        slide = wide / 2 if kind == 2 and row % 2 else 0.0
        x = min(column * wide + slide, columns * wide - 2)
        across = min(wide - 2.4, columns * wide - x)
        found.append(box(colour, x, row * high, across, high - 2.4))
        if kind == 0:
            middle = (x + wide / 2 - 1.2, row * high + high / 2 - 1.2)
            way = [(0, -high * 0.36), (wide * 0.36, 0), (0, high * 0.36), (-wide * 0.36, 0)]
            found += moved([filled(other, way)], *middle)
    return posed(rng, found, 0.06, 0.0)


def calculator(rng: Generator) -> Strokes:
    """A pocket calculator with a display and rows of keys."""
    columns, rows, key = count(rng, 4, 5), count(rng, 4, 6), some(rng, 12, 16)
    case, keys = one_of(rng, f"{_CASES} green pink"), one_of(rng, "white grey dark steel")
    keys = "metal" if keys == case else keys
    gap, shown = some(rng, 3, 6), some(rng, 18, 28)
    wide = columns * (key + gap) + gap * 2
    deep = key * some(rng, 0.7, 1.0)
    high = rows * (deep + gap) + shown + gap * 4
    found = [
        box(case, 0, 0, wide, high, 1),
        box("steel", gap * 1.5, gap * 2, wide - gap * 3, shown),
    ]
    for n in range(count(rng, 2, 5)):
        x = wide - gap * 3 - n * 9
        found.append(
            line("dark", 2, [(x - 5, gap * 2 + 5), (x, gap * 2 + 5), (x, gap * 2 + shown - 5)])
        )
    for row, column in np.ndindex(rows, columns):
        colour = "orange" if column == columns - 1 else keys
        colour = "red" if row == column == 0 else colour
        x, y = gap * 1.5 + column * (key + gap), shown + gap * 3.4 + row * (deep + gap)
        found += [box(colour, x, y, key, deep, 1)]
        mark = "dark" if colour in {"white", "grey", "steel"} else "white"
        found.append(
            line(mark, 1.6, [(x + key * 0.35, y + deep / 2), (x + key * 0.65, y + deep / 2)])
        )
    return posed(rng, found, 0.25, 0.15)


def keyboard(rng: Generator) -> Strokes:
    """A keyboard with rows of keys and a space bar, maybe with a block of digits."""
    rows, columns, key = count(rng, 3, 4), count(rng, 8, 11), some(rng, 9, 11)
    case, keys = one_of(rng, "dark white metal steel blue"), one_of(rng, "white grey dark")
    keys = "steel" if keys == case else keys
    slide, digits = some(rng, 0, 4), maybe(rng, 0.4)
    gap = 2.4
    main = columns * (key + gap) + rows * slide
    wide, found = main + (4 * (key + gap) + 4 if digits else 0), Strokes()
    high = (rows + 1) * (key + gap)
    found.append(box(case, -6, -6, wide + 10, high + 10, 1))
    for row, column in np.ndindex(rows, columns):
        colour = "red" if row == column == 0 and maybe(rng, 0.5) else keys
        found.append(
            box(colour, row * slide + column * (key + gap), row * (key + gap), key, key, 1)
        )
    low = rows * (key + gap)
    found += [box(keys, n * (key + gap) * 1.2, low, key * 1.2, key) for n in (0, 1)]
    found.append(box(keys, 2.6 * (key + gap), low, main * some(rng, 0.4, 0.5), key))
    found += [box(keys, main - n * (key + gap) * 1.2, low, key, key) for n in (1, 2)]
    for row, column in np.ndindex(rows + 1, 3 if digits else 0):
        found.append(box(keys, main + 8 + column * (key + gap), row * (key + gap), key, key, 1))
    if maybe(rng, 0.4):
        found.append(line("dark", 2.4, [(wide * 0.5, -6), (wide * 0.5, -14), (wide * 0.6, -26)]))
    return posed(rng, found, 0.12, 0.05)


def window(rng: Generator) -> Strokes:
    """A window with panes, a sill, and maybe curtains, an arch or a flower pot."""
    columns, rows, pane = count(rng, 2, 3), count(rng, 2, 4), some(rng, 22, 30)
    tall, frame = pane * some(rng, 0.8, 1.3), one_of(rng, "white wood grip green blue dark")
    glass = one_of(rng, "blue steel") if frame != "blue" else "steel"
    wide, high, edge = columns * pane, rows * tall, some(rng, 4, 7)
    found = Strokes()
    if maybe(rng, 0.35):
        turn = np.linspace(0, np.pi, 16)
        half = wide / 2
        for colour, size in ((frame, half + edge), (glass, half - 1)):
            arch = np.stack([half - size * np.cos(turn), -size * 0.8 * np.sin(turn)], 1)
            found.append(filled(colour, arch))
        found.append(line(frame, 3, [(half, 0), (half, -half * 0.8)]))
    found += [
        box(frame, -edge, -edge, wide + edge * 2, high + edge * 2),
        box(glass, 0, 0, wide, high),
    ]
    for row, column in np.ndindex(rows, columns):
        x, y = column * pane, row * tall
        found.append(line("white", 1.6, [(x + 6, y + tall * 0.5), (x + pane * 0.5, y + 6)]))
    found += [line(frame, 3.6, [(n * pane, 0), (n * pane, high)]) for n in range(1, columns)]
    found += [line(frame, 3.6, [(0, n * tall), (wide, n * tall)]) for n in range(1, rows)]
    if maybe(rng, 0.5):
        cloth, fall = one_of(rng, COLOURED), high * some(rng, 0.6, 1.0)
        found += [filled(cloth, [(-6, -4), (wide * 0.34, -4), (4, fall), (-6, fall)])]
        found += [
            filled(cloth, [(wide + 6, -4), (wide * 0.66, -4), (wide - 4, fall), (wide + 6, fall)])
        ]
    found.append(box(frame, -edge * 2.4, high + edge, wide + edge * 4.8, 7))
    return posed(rng, found, 0.04, 0.0)


def domino(rng: Generator) -> Strokes:
    """Two to five domino tiles with dots, side by side, in a row or falling."""
    stone = one_of(rng, "white white dark skin wood")
    dot, wide = "white" if stone in {"dark", "wood"} else "dark", some(rng, 24, 30)
    spots: tuple[tuple[tuple[int, int], ...], ...] = (
        (),
        ((0, 0),),
        ((-1, -1), (1, 1)),
        ((-1, -1), (0, 0), (1, 1)),
    )
    spots += (((-1, -1), (1, -1), (-1, 1), (1, 1)), ((-1, -1), (1, -1), (0, 0), (-1, 1), (1, 1)))
    kind, found = count(rng, 0, 1), Strokes()
    for n in range(count(rng, 2, 5)):
        one = [box("grey", -wide / 2 + 2, -wide + 3, wide, wide * 2, 1)]
        one += [box(stone, -wide / 2, -wide, wide, wide * 2, 1)]
        one.append(line(dot, 1.6, [(-wide * 0.36, 0), (wide * 0.36, 0)]))
        for way in (-1, 1):
            for x, y in spots[count(rng, 0, 5)]:
                middle = (x * wide * 0.27, way * wide / 2 + y * wide * 0.27)
                one.append(disc(dot, *middle, wide * 0.085))
        lean = some(rng, -0.25, 0.25) + (1.57 if kind and n % 2 else 0)
        found += moved(one, n * wide * (1.75 if kind else 1.3), some(rng, -5, 5), lean)
    return posed(rng, found, 0.15, 0.15)


def _brick(wide: int, colour: str, unit: float) -> Strokes:
    """A toy brick with ``wide`` studs, its lower left corner at the origin."""
    high, deep = unit * 1.1, unit * 0.6
    long = wide * unit
    top = [(0, -high), (long, -high), (long + deep, -high - deep), (deep, -high - deep)]
    side = [(long, -high), (long + deep, -high - deep), (long + deep, -deep), (long, 0)]
    found = [box(colour, 0, -high, long, high), filled(colour, top), filled(colour, side)]
    found += [line("dark", 1.2, [(0, 0), (0, -high), (long, -high), (long, 0), (0, 0)])]
    found += [line("dark", 1.2, [(long, -high), side[1], side[2], side[3]])]
    found.append(line("dark", 1.2, [(0, -high), top[3], top[2]]))
    for n in range(wide):
        x, y = (n + 0.5) * unit + deep / 2, -high - deep / 2
        found += [box(colour, x - unit * 0.28, y - unit * 0.3, unit * 0.56, unit * 0.3)]
        found += [disc(colour, x, y - unit * 0.3, unit * 0.28, unit * 0.14)]
        found += [line("dark", 1, [(x - unit * 0.28, y), (x - unit * 0.28, y - unit * 0.3)])]
        found += [
            line("white", 1, [(x - unit * 0.16, y - unit * 0.3), (x + unit * 0.16, y - unit * 0.3)])
        ]
    return found


def bricks(rng: Generator) -> Strokes:
    """Toy building bricks with studs, stacked or lying about."""
    unit, found, kind = 18.0, Strokes(), count(rng, 0, 1)
    for n in range(count(rng, 2, 5)):
        one = _brick(count(rng, 2, 4), one_of(rng, "red blue yellow green orange white"), unit)
        if kind:
            found += moved(one, some(rng, -14, 18), -n * unit * 1.1)
        else:
            at = ((n % 2) * 70 + some(rng, -6, 6), (n // 2) * 52 + some(rng, -6, 6))
            found += moved(one, *at, some(rng, -0.35, 0.35))
    return posed(rng, found, 0.08, 0.0)


def chess_board(rng: Generator) -> Strokes:
    """A chess board from above or at a slant, mostly with a few pieces on it."""
    cells, light = count(rng, 5, 8), one_of(rng, "white skin yellow steel")
    dark, rim = one_of(rng, "dark wood green grip blue"), one_of(rng, "wood grip gold metal")
    flat, slide = some(rng, 0.45, 1.0), some(rng, 0, 0.3)
    side = 88 / cells
    found = Strokes()

    def at(column: float, row: float) -> tuple[float, float]:
        return (column * side - row * side * slide, row * side * flat)

    edge = [
        at(-0.5, -0.5),
        at(cells + 0.5, -0.5),
        at(cells + 0.5, cells + 0.5),
        at(-0.5, cells + 0.5),
    ]
    found.append(filled(rim, edge))
    for row, column in np.ndindex(cells, cells):
        corners = [
            at(column, row),
            at(column + 1, row),
            at(column + 1, row + 1),
            at(column, row + 1),
        ]
        found.append(filled(dark if (row + column) % 2 else light, corners))
    for _ in range(count(rng, 0, 6)):
        x, y = at(count(rng, 0, cells - 1) + 0.5, count(rng, 1, cells - 1) + 0.6)
        piece = one_of(rng, "white dark") if dark != "dark" else one_of(rng, "white red")
        found += [filled(piece, [(x - 4, y - 12), (x + 4, y - 12), (x + 6, y), (x - 6, y)])]
        found += [disc(piece, x, y - 15, 4.6), disc(piece, x, y, 6, 2.4)]
    return posed(rng, found, 0.1, 0.1)


def crayon_box(rng: Generator) -> Strokes:
    """An open box of coloured wax sticks whose points stand above its front."""
    number, thick = count(rng, 4, 8), some(rng, 10, 13)
    card, wide, high = (
        one_of(rng, "yellow green blue orange"),
        number * thick + 8,
        some(rng, 40, 60),
    )
    found = [filled(card, [(0, 4), (wide, 4), (wide - 6, -some(rng, 40, 56)), (6, -44)])]
    for n in range(number):
        x, up, colour = 4 + n * thick, some(rng, 14, 30), one_of(rng, f"{COLOURED} wood dark")
        found += [box(colour, x, -up, thick - 1, up + high * 0.6)]
        found += [
            bar(colour, (x + thick / 2 - 0.5, -up), (x + thick / 2 - 0.5, -up - 13), thick - 2, 3)
        ]
        found.append(line("dark", 1.2, [(x, -up + 5), (x + thick - 1, -up + 5)]))
    dip = high * some(rng, 0.15, 0.35)
    front = [
        (0, 0),
        (wide * 0.2, 0),
        (wide * 0.4, dip),
        (wide * 0.6, dip),
        (wide * 0.8, 0),
        (wide, 0),
    ]
    found += [filled(card, [*front, (wide, high), (0, high)])]
    mark = [
        (wide * 0.2, high * 0.7),
        (wide * 0.4, high * 0.5),
        (wide * 0.6, high * 0.75),
        (wide * 0.8, high * 0.5),
    ]
    found += [
        line("white", 4, mark),
        curved("white", [(4, high - 9), (wide - 4, high - 9), (wide - 4, high - 3)], 0),
    ]
    return posed(rng, found, 0.12, 0.05)


GRIDS: tuple[Scene, ...] = (
    Scene("tiles", "", ("floor tiles", "a floor of tiles"), tiles, share=2),
    Scene("calculators", "", ("a calculator", "a pocket calculator"), calculator, share=2),
    Scene("keyboards", "", ("a computer keyboard", "keys of a keyboard"), keyboard, share=2),
    Scene("windows", "", ("a window", "a window with panes"), window, share=2),
    Scene("dominoes", "", ("domino tiles", "a game of dominoes"), domino, share=2),
    Scene(
        "building bricks", "", ("toy building bricks", "plastic bricks with studs"), bricks, share=2
    ),
    Scene("chess boards", "", ("a chess board", "a board for chess"), chess_board, share=2),
    Scene("crayon boxes", "", ("a box of crayons", "crayons in a box"), crayon_box, share=2),
)
