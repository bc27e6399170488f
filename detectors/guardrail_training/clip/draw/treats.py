"""Harmless things in the shape of pills and needles, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator, rounded
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


def _spread(rng: Generator, number: int, room: float = 20) -> list[tuple[float, float]]:
    """Middles of ``number`` things that lie beside each other without order."""
    across = max(1, round(number**0.5))
    return [
        (n % across * room + some(rng, -3, 3), n // across * room + some(rng, -3, 3))
        for n in range(number)
    ]


def beans(rng: Generator, *, coffee: bool) -> Strokes:
    """Jelly beans or coffee beans."""
    found = Strokes()
    for x, y in _spread(rng, count(rng, 2, 9)):
        colour = "wood" if coffee else one_of(rng, BRIGHT)
        bend = some(rng, 2, 5)
        bean = [
            filled(
                colour,
                rounded(np.array([(-10.0, -5), (0, -9), (10, -5), (11, 4), (0, bend), (-11, 4)])),
            )
        ]
        bean.append(
            line("dark", 1.5, wave(-8, -2, 16, 2, 1)) if coffee else disc("white", -4, -4, 2.5, 1.2)
        )
        found += moved(bean, x, y, some(rng, 0, 6))
    return posed(rng, found, 0.5)


def buttons(rng: Generator, number: int) -> Strokes:
    """``number`` buttons with two or four holes."""
    found = Strokes()
    for x, y in _spread(rng, number, 38):
        colour, size = one_of(rng, BRIGHT + " wood dark"), some(rng, 12, 17)
        found += [
            disc(colour, x, y, size),
            ring("dark" if colour != "dark" else "grey", 1.5, x, y, size * 0.72),
        ]
        holes = [(-3, -3), (3, 3), (3, -3), (-3, 3)][: 2 * count(rng, 1, 2)]
        found += [
            disc("dark" if colour != "dark" else "white", x + a, y + b, 1.8) for a, b in holes
        ]
    return posed(rng, found, 0.4)


def sweets(rng: Generator, number: int) -> Strokes:
    """``number`` sweets with stripes, wrapped or not."""
    found = Strokes()
    for x, y in _spread(rng, number, 44):
        colour, one = one_of(rng, BRIGHT), Strokes()
        if maybe(rng, 0.5):
            one = [
                filled(colour, [(-12, 0), (-24, -9), (-24, 9)]),
                filled(colour, [(12, 0), (24, -9), (24, 9)]),
            ]
        one += [disc(colour, 0, 0, 14, some(rng, 9, 14))]
        band = "red" if colour == "white" else "white"
        one += [line(band, 2.5, [(a, -7), (a + 4, 7)]) for a in (-7, 0, 6)[: count(rng, 1, 3)]]
        found += moved(one, x, y, some(rng, 0, 6))
    return posed(rng, found, 0.4)


def eggs(rng: Generator, number: int) -> Strokes:
    """``number`` eggs, white, brown or painted."""
    found = Strokes()
    for n in range(number):
        colour = one_of(rng, "white skin white wood blue pink yellow")
        egg = [
            (0, -some(rng, 20, 27)),
            (9, -17),
            (15, 0),
            (12, 14),
            (0, 20),
            (-12, 14),
            (-15, 0),
            (-9, -17),
        ]
        one = [curved(colour, egg)]
        one += [line("red", 2.5, wave(-12, some(rng, -3, 8), 24, 3, 2))] if maybe(rng, 0.35) else []
        found += moved(one, n * 28, some(rng, -5, 5), some(rng, -0.3, 0.3))
    return posed(rng, found, 0.4)


def dice(rng: Generator, number: int) -> Strokes:
    """``number`` dice."""
    found, size = Strokes(), some(rng, 2.4, 3.8)
    for n in range(number):
        face, dots = one_of(rng, "white white red blue dark"), count(rng, 1, 6)
        ink = "dark" if face == "white" else "white"
        places = {
            1: [4],
            2: [0, 8],
            3: [0, 4, 8],
            4: [0, 2, 6, 8],
            5: [0, 2, 4, 6, 8],
            6: [0, 2, 3, 5, 6, 8],
        }
        die = [box(face, -16, -16, 32, 32, 1)]
        die += [disc(ink, (p % 3 - 1) * 9, (p // 3 - 1) * 9, size) for p in places[dots]]
        found += moved(die, n * 42, some(rng, -10, 10), some(rng, -0.6, 0.6))
    return posed(rng, found, 0.3)


def batteries(rng: Generator, number: int) -> Strokes:
    """``number`` batteries beside each other."""
    found = Strokes()
    for n in range(number):
        one, other = one_of(rng, "gold red green blue dark"), one_of(rng, "dark dark grey green")
        wide, long = 18.0, some(rng, 40, 58)
        cell = [
            box(other, 0, 0, wide, long),
            box(one, 0, 0, wide, long * 0.35),
            box("steel", 5, -5, 8, 6),
        ]
        cell += [
            line("white", 2, [(6, long * 0.55), (12, long * 0.55)]),
            line("white", 2, [(9, long * 0.5), (9, long * 0.6)]),
        ]
        found += moved(cell, n * 24, some(rng, -3, 3))
    return posed(rng, found, 0.4, 0.3)


def lipstick(rng: Generator) -> Strokes:
    """A lipstick."""
    colour, case = one_of(rng, "red red pink purple orange"), one_of(rng, "dark gold steel white")
    up, high = some(rng, 16, 34), some(rng, 26, 40)
    stick = [(-8, 0), (8, 0), (8, -up * 0.7), (2, -up), (-8, -up * some(rng, 0.4, 0.8))]
    found = [filled(colour, stick), box("gold", -9, 0, 18, 12), box(case, -12, 12, 24, high)]
    return posed(rng, found, 0.5, 0.3)


def thermometer(rng: Generator, kind: int) -> Strokes:
    """A thermometer (0) or a dropper (1)."""
    long, wide = some(rng, 60, 90), some(rng, 7, 12)
    if kind == 0:
        found = [box("white", 0, -wide / 2, long, wide, 1), disc("red", 0, 0, wide * 0.9)]
        found += [line("red", 3, [(0, 0), (long * some(rng, 0.3, 0.9), 0)])]
        found += [
            line("dark", 1, [(x, -wide / 2), (x, -1)])
            for x in np.arange(14, long - 4, some(rng, 6, 11))
        ]
        return posed(rng, found, 0.7, 0.4)
    bulb = one_of(rng, "red blue dark orange green")
    found = [
        disc(bulb, -10, 0, 16, 10),
        box("dark", 2, -7, 6, 14),
        bar("white", (8, 0), (long * 0.7, 0), wide, wide),
    ]
    found += [
        bar("white", (long * 0.7, 0), (long, 0), wide, 2),
        bar("blue", (long * 0.5, 0), (long * 0.95, 0), wide * 0.6, 2),
    ]
    return posed(rng, [*found, disc("blue", long + 8, 0, 3)], 0.7, 0.4)


TREATS: tuple[Scene, ...] = (
    Scene("jelly beans", "", ("jelly beans",), lambda r: beans(r, coffee=False), share=2),
    Scene("brown beans", "", ("coffee beans",), lambda r: beans(r, coffee=True)),
    Scene("buttons", "", ("buttons", "buttons of a shirt"), lambda r: buttons(r, count(r, 2, 6))),
    Scene("single buttons", "", ("a button of a shirt",), lambda r: buttons(r, 1)),
    Scene(
        "candies", "", ("candies", "striped candies"), lambda r: sweets(r, count(r, 2, 5)), share=2
    ),
    Scene("single candies", "", ("a candy", "a striped candy"), lambda r: sweets(r, 1)),
    Scene("eggs", "", ("eggs",), lambda r: eggs(r, count(r, 2, 4))),
    Scene("single eggs", "", ("an egg",), lambda r: eggs(r, 1)),
    Scene("dice", "", ("dice",), lambda r: dice(r, count(r, 2, 3))),
    Scene("single dice", "", ("a die",), lambda r: dice(r, 1)),
    Scene("batteries", "", ("batteries",), lambda r: batteries(r, count(r, 2, 4))),
    Scene("single batteries", "", ("a battery",), lambda r: batteries(r, 1)),
    Scene("lipsticks", "", ("a lipstick", "cosmetics"), lipstick, share=2),
    Scene("thermometers", "", ("a thermometer",), lambda r: thermometer(r, 0)),
    Scene("droppers", "", ("a dropper", "a pipette"), lambda r: thermometer(r, 1), share=2),
)
