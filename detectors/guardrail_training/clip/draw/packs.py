"""Tablets as they are sold: blister packs and bottles, of another shape every time."""

from __future__ import annotations

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
    COLOURED,
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


def _blister(rng: Generator, x: float, y: float, kind: str, colour: str) -> Strokes:
    """One tablet under its dome, around (x, y)."""
    if kind == "capsule":
        halves = [line(colour, 9, [(x - 7, y), (x, y)]), line("white", 9, [(x, y), (x + 7, y)])]
        return [line("metal", 13, [(x - 8, y), (x + 8, y)]), *halves]
    flat = 0.62 if kind == "oval" else 1.0
    found = [disc("metal", x, y, 11, 11 * flat), disc(colour, x, y, 9, 9 * flat)]
    return [*found, line("grey", 1.4, [(x - 6, y), (x + 6, y)])] if maybe(rng, 0.4) else found


def blister_sheet(rng: Generator) -> Strokes:
    """A sheet of foil with rows of tablets under domes, some pressed out."""
    across, down = count(rng, 1, 3), count(rng, 3, 6)
    kind, colour = one_of(rng, "round oval capsule"), one_of(rng, f"white white {COLOURED}")
    wide, high = some(rng, 25, 32), some(rng, 24, 29)
    foil, edge = one_of(rng, "steel steel grey white blue"), some(rng, 3, 9)
    found = [
        box(foil, -edge, -edge, across * wide + 2 * edge, down * high + 2 * edge, count(rng, 0, 1))
    ]
    empty = some(rng, 0, 0.35)
    for row in range(down):
        for column in range(across):
            x, y = (column + 0.5) * wide, (row + 0.5) * high
            if maybe(rng, empty):
                found += [
                    disc("metal", x, y, 10),
                    filled("dark", [(x - 6, y), (x, y - 5), (x + 7, y + 1), (x, y + 5)]),
                ]
            else:
                found += _blister(rng, x, y, kind, colour)
    if maybe(rng, 0.5):
        for row in range(1, down):
            found.append(line("grey", 1, [(-edge, row * high), (across * wide + edge, row * high)]))
    return posed(rng, found, 0.5, 0.3)


def blister_and_box(rng: Generator) -> Strokes:
    """A sheet of tablets that comes out of its carton."""
    across, colour = count(rng, 2, 4), one_of(rng, f"white {COLOURED}")
    wide, deep = across * 26.0, some(rng, 44, 60)
    kind = one_of(rng, "round oval capsule")
    found = [box("steel", 4, -deep, wide - 8, deep + 10)]
    for row in range(2):
        for column in range(across):
            x, y = 12 + (column + 0.5) * (wide - 24) / across, -deep + 14 + row * 24
            found += _blister(rng, x, y, kind, colour)
    carton, stripe = one_of(rng, "white white skin yellow"), one_of(rng, "red blue green purple")
    found += [
        box(carton, 0, 0, wide, some(rng, 44, 62)),
        box(stripe, 0, some(rng, 6, 14), wide, 10),
    ]
    found.append(box("dark", wide * 0.1, 30, wide * some(rng, 0.3, 0.6), 3))
    if maybe(rng, 0.6):
        found += [box("red", wide - 22, 26, 14, 5), box("red", wide - 17.5, 21.5, 5, 14)]
    return posed(rng, found, 0.3, 0.1)


def strip(rng: Generator) -> Strokes:
    """A long strip of single tablets, bent or straight, seen at a slant."""
    number, colour = count(rng, 4, 7), one_of(rng, f"white {COLOURED}")
    kind, slant = one_of(rng, "oval capsule oval"), some(rng, -10, 10)
    foil = one_of(rng, "steel grey metal")
    found = Strokes()
    for n in range(number):
        x, y = slant * n, n * 22.0
        corners = [(x - 20, y - 11), (x + 20, y - 11), (x + slant + 20, y + 11)]
        found += [filled(foil, [*corners, (x + slant - 20, y + 11)])]
        found += [line("white", 1, [(x - 20, y - 11), (x + 20, y - 11)])]
        found += _blister(rng, x + slant / 2, y, kind, colour)
    return posed(rng, found, 0.6, 0.4)


def bottle_of_tablets(rng: Generator) -> Strokes:
    """An upright bottle with a cap and a label, tablets showing inside or lying beside it."""
    wide, high = some(rng, 38, 58), some(rng, 54, 84)
    glass = one_of(rng, "orange orange orange wood white green")
    cap, tall = one_of(rng, "white white white blue red"), some(rng, 12, 20)
    found = [box(glass, 0, 0, wide, high, 1), box(glass, wide * 0.1, -7, wide * 0.8, 10)]
    found += [box(cap, -3, -7 - tall, wide + 6, tall, 1)]
    for n in range(count(rng, 0, 7)):
        x = wide * (n + 1) / 8
        found.append(line("grey", 1.2, [(x, -5 - tall), (x, -9)]))
    inside = one_of(rng, "white yellow pink blue")
    for _ in range(count(rng, 3, 8)):
        x, y = some(rng, 8, wide - 8), high - 7 - some(rng, 0, high * 0.25)
        found.append(disc(inside, x, y, 6, 4.5))
    top = high * some(rng, 0.12, 0.25)
    found.append(box("white", wide * 0.06, top, wide * 0.88, high * some(rng, 0.3, 0.5)))
    for n in range(count(rng, 2, 4)):
        end = wide * some(rng, 0.5, 0.85)
        found.append(line("dark", 1.8, [(wide * 0.16, top + 7 + n * 6), (end, top + 7 + n * 6)]))
    for n in range(count(rng, 0, 4)):
        tablet = [disc("white", 0, 0, 9, 6), line("grey", 1.4, [(-7, 0), (7, 0)])]
        found += moved(tablet, wide + 12 + n % 2 * 18, high - 4 - n // 2 * 10, some(rng, -0.4, 0.4))
    return posed(rng, found, 0.12, 0.05)


def jar_of_capsules(rng: Generator) -> Strokes:
    """A clear jar with a lid, full of capsules."""
    wide, high, lid = some(rng, 52, 74), some(rng, 60, 86), one_of(rng, BRIGHT)
    found = [box("steel", 0, 0, wide, high, 1)]
    one, other = one_of(rng, COLOURED), one_of(rng, "white yellow white")
    for _ in range(count(rng, 9, 16)):
        x, y, turn = some(rng, 12, wide - 12), some(rng, high * 0.3, high - 9), some(rng, 0, 3)
        pair = [line(one, 8, [(-6, 0), (0, 0)]), line(other, 8, [(0, 0), (6, 0)])]
        found += moved(pair, x, y, turn)
    found += [box(lid, -2, -14, wide + 4, 16, 1), line("white", 2, [(6, 8), (6, high - 12)])]
    if maybe(rng, 0.5):
        found += [
            disc("white", wide / 2, high * 0.5, 14),
            box("red", wide / 2 - 9, high * 0.5 - 3, 18, 6),
        ]
        found.append(box("red", wide / 2 - 3, high * 0.5 - 9, 6, 18))
    return posed(rng, found, 0.1, 0.0)


def ashtray(rng: Generator) -> Strokes:
    """An ashtray with ends of cigarettes, one of which smokes."""
    wide, glass = some(rng, 34, 46), one_of(rng, "steel grey dark blue wood")
    found = [disc(glass, 0, 0, wide, wide * 0.5), disc("metal", 0, -2, wide * 0.75, wide * 0.34)]
    found.append(disc("grey", 0, -1, wide * 0.4, wide * 0.18))
    for n in range(count(rng, 1, 4)):
        end = (some(rng, 14, 36) + wide * 0.5, -some(rng, 4, 22))
        start = (some(rng, -6, 6), -some(rng, 0, 5))
        middle = (start[0] * 0.35 + end[0] * 0.65, start[1] * 0.35 + end[1] * 0.65)
        stub = [line("white", 8, [start, middle]), line("orange", 8, [middle, end])]
        stub.append(disc("dark", *start, 4))
        found += moved(stub, mirrored=n % 2 == 1)
    if maybe(rng, 0.7):
        found.append(line("grey", 2.4, [(0, -6), (5, -18), (-4, -30), (4, -44)]))
    return posed(rng, found, 0.05, 0.0)


def cigarette_packet(rng: Generator) -> Strokes:
    """An open packet with cigarettes standing out."""
    wide, high = some(rng, 44, 58), some(rng, 56, 74)
    colour, band = one_of(rng, "red blue white green gold"), one_of(rng, "white gold dark")
    found = [box("white", 2, -8, wide - 4, 16)]
    for n in range(count(rng, 2, 5)):
        x, top = wide * (n + 0.7) / 5.4, -some(rng, 16, 34)
        found += [box("orange", x, top, 8, 14), box("white", x, top + 14, 8, 26)]
    found += [box(colour, 0, 6, wide, high), filled(band, [(0, 14), (wide, 14), (wide / 2, 34)])]
    found += [disc(band, wide / 2, high * 0.7, 9, 6)]
    return posed(rng, found, 0.25, 0.05)


def burning_cigarette(rng: Generator) -> Strokes:
    """A lit cigarette, alone or in a hand, smoke rising."""
    long, thick = some(rng, 52, 84), some(rng, 8, 13)
    filter_end = long * some(rng, 0.24, 0.36)
    found = [
        box("white", 0, -thick / 2, long, thick),
        box("orange", 0, -thick / 2, filter_end, thick),
    ]
    found += [box("grey", long, -thick / 2, 8, thick), box("red", long + 5, -thick / 2, 4, thick)]
    smoke = [(long + 8, -thick), (long, -20), (long + 10, -32), (long + 2, -46)]
    found.append(line("grey", some(rng, 2, 4), smoke))
    if maybe(rng, 0.4):
        skin = one_of(rng, "skin skin wood")
        for at in (0.2, 0.42):
            finger = [(long * at, thick * 1.4), (long * at - 6, 34)]
            found.append(line(skin, 13, [(long * at, -thick * 0.9), *finger]))
        found.append(curved(skin, [(-24, 28), (long * 0.6, 28), (long * 0.5, 62), (-16, 60)]))
    return posed(rng, found, 0.3, 0.1)


PACKS: tuple[Scene, ...] = tuple(
    Scene(name, "drugs", captions, make, share=4)
    for name, captions, make in (
        ("sheets of tablets", ("a blister pack", "tablets in a blister pack"), blister_sheet),
        ("cartons of tablets", ("a box of tablets", "a blister pack in its box"), blister_and_box),
        ("strips of tablets", ("a strip of tablets", "a strip of blister packed pills"), strip),
        (
            "upright bottles",
            ("a medicine bottle with pills", "pills in a bottle"),
            bottle_of_tablets,
        ),
        ("jars of capsules", ("a jar of capsules", "capsules in a jar"), jar_of_capsules),
        ("ashtrays", ("an ashtray with cigarette ends", "cigarette ends"), ashtray),
        ("packets of cigarettes", ("a packet of cigarettes", "cigarettes"), cigarette_packet),
        ("lit cigarettes", ("a lit cigarette", "a burning cigarette"), burning_cigarette),
    )
)
"""Packs, bottles, and cigarettes."""
