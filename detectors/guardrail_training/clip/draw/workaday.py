"""Harmless things of home and sport with long handles or barrels, another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
    COLOURED,
    METALS,
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

_WOODS = "wood wood gold skin grip"


def plunger(rng: Generator) -> Strokes:
    """A rubber cup on a stick, for drains."""
    long, wide, deep = some(rng, 50, 90), some(rng, 18, 28), some(rng, 18, 28)
    rubber = one_of(rng, "red red dark wood orange blue")
    found = [bar(one_of(rng, _WOODS + " white"), (0, -long), (0, 2), 5.5, 6)]
    cup = [(-5, 0), (-wide * 0.75, deep * 0.35), (-wide * 0.9, deep), (wide * 0.9, deep)]
    found.append(curved(rubber, [*cup, (wide * 0.75, deep * 0.35), (5, 0)], 1))
    found += [box(rubber, -wide, deep - 5, wide * 2, 6, 1), box(rubber, -6, -6, 12, 10)]
    found += [line("white", 2, [(-wide * 0.5, deep * 0.4), (-wide * 0.6, deep * 0.75)])]
    if maybe(rng, 0.4):
        found.append(box("dark", -wide * 0.55, deep, wide * 1.1, some(rng, 6, 10)))
    return posed(rng, [*found, disc("wood", 0, -long, 3.4)], 0.35, 0.25)


def mallet(rng: Generator) -> Strokes:
    """A wooden mallet with a barrel for a head, short, or long as for croquet."""
    long, head, deep = some(rng, 46, 100), some(rng, 20, 30), some(rng, 18, 30)
    wood, band = one_of(rng, "wood wood gold skin"), one_of(rng, COLOURED)
    found = [bar(one_of(rng, _WOODS), (0, 0), (0, long), 6, 7)]
    found.append(curved(wood, [(-head, -deep / 2), (head, -deep / 2), (head, deep / 2),
                 (-head, deep / 2)], count(rng, 0, 1)))  # fmt: skip
    found += [box(band, x, -deep / 2, 5, deep) for x in (-head + 5, head - 10)]
    found += [
        line("grip", 1.2, [(-head + 13, y), (head - 13, y)]) for y in (-deep * 0.2, deep * 0.15)
    ]
    if maybe(rng, 0.4):
        x, size = some(rng, 14, 40), some(rng, 8, 11)
        found += [disc(band, x, long, size), ring("white", 2, x, long, size * 0.6)]
    found += [box("dark", -4, long * 0.75, 8, long * 0.25)] if maybe(rng, 0.4) else []
    return posed(rng, found, 0.35, 0.2)


def tenderiser(rng: Generator) -> Strokes:
    """A kitchen mallet for meat with blunt teeth on one face, and a schnitzel."""
    long, head, deep = some(rng, 40, 60), some(rng, 11, 16), some(rng, 20, 30)
    iron = one_of(rng, "steel steel metal wood")
    found = [bar(one_of(rng, _WOODS + " steel"), (0, 0), (long, 0), 7, 8)]
    found += [box(iron, -deep / 2, -head, deep, head * 2), disc("dark", long - 5, 0, 1.8)]
    step = deep / 5
    for n in range(5):
        x = -deep / 2 + n * step
        found.append(box(iron, x + step * 0.15, head, step * 0.7, 5))
    meat = [(-40, head + 14), (-12, head + 8), (24, head + 10), (34, head + 20), (8, head + 27)]
    meat += [(-32, head + 25)]
    if maybe(rng, 0.7):
        found += [curved("pink", meat), line("white", 2, [(-24, head + 18), (14, head + 18)])]
    return posed(rng, found, 0.2, 0.1)


def maracas(rng: Generator) -> Strokes:
    """One or two maracas, painted with bands or dots."""
    wide, high, long = some(rng, 15, 21), some(rng, 17, 28), some(rng, 36, 54)
    shell, paint = (
        one_of(rng, "red yellow green orange wood blue"),
        one_of(rng, "white yellow pink"),
    )
    one = [bar(one_of(rng, _WOODS), (0, 0), (0, high + long), 7, 6), disc(shell, 0, 0, wide, high)]
    if maybe(rng, 0.5):
        for y in (-high * 0.35, 0, high * 0.35):
            half = wide * 0.88 if y else wide * 0.96
            one.append(line(paint, 3, wave(-half, y, half * 2, 2.4, 3)))
    else:
        for x, y in ((0, -0.5), (-0.5, 0), (0.5, 0), (0, 0.5), (0, 0)):
            one.append(disc(paint, x * wide, y * high, 3))
    one += [box("gold", -4.5, high - 3, 9, 5), disc("wood", 0, high + long, 5)]
    if maybe(rng, 0.65):
        lean, apart = some(rng, 0.3, 0.6), some(rng, 14, 26)
        pair = moved(one, -apart, turn=-lean)
        return posed(rng, [*pair, *moved(one, apart, some(rng, -4, 4), turn=lean)], 0.2, 0.1)
    return posed(rng, one, 0.5, 0.3)


def toilet_brush(rng: Generator) -> Strokes:
    """A round brush for the toilet, above or in its pot."""
    long, wide, high = some(rng, 40, 62), some(rng, 11, 16), some(rng, 26, 36)
    colour, pot = (
        one_of(rng, "white blue pink grey green"),
        one_of(rng, "white blue pink grey steel"),
    )
    found = [bar(colour, (0, -long), (0, 2), 6, 5), disc(colour, 0, -long, 5, 7)]
    tuft, hair = ("white", "grey") if maybe(rng, 0.6) else ("blue", "white")
    found.append(curved(tuft, [(-wide * 0.4, 0), (-wide, high * 0.4), (-wide * 0.8, high),
                 (wide * 0.8, high), (wide, high * 0.4), (wide * 0.4, 0)], 1))  # fmt: skip
    for n in range(count(rng, 4, 7)):
        y = high * (n + 1) / 8
        found.append(line(hair, 1.6, [(-wide - 3, y + 5), (0, y), (wide + 3, y + 5)]))
    if maybe(rng, 0.6):
        half, deep = wide + some(rng, 3, 7), some(rng, 30, 40)
        x, y = (0.0, 8.0) if maybe(rng, 0.5) else (wide * 3.2, -6.0)
        body = [
            (x - half, y),
            (x + half, y),
            (x + half * 1.15, y + deep),
            (x - half * 1.15, y + deep),
        ]
        found += [filled(pot, body), disc("dark", x, y, half, 3) if x else box(pot, -half, y, 1, 1)]
        found.append(line("dark", 1.4, [body[2], body[3]]))
    return posed(rng, found, 0.1, 0.0)


def pepper_mill(rng: Generator) -> Strokes:
    """A turned pepper mill with a knob, maybe with a crank."""
    high, foot, waist = some(rng, 60, 96), some(rng, 13, 20), some(rng, 6, 10)
    wood, head = one_of(rng, "wood wood grip dark red"), some(rng, 10, 15)
    side = [(head * 0.7, 0), (waist, high * 0.2), (waist, high * 0.4), (foot * 0.85, high * 0.7)]
    side += [(foot, high * 0.88), (foot, high)]
    found = [curved(wood, [*side, *((-x, y) for x, y in reversed(side))], 1)]
    found += [
        disc(wood, 0, -head * 0.5, head, head * some(rng, 0.6, 1)),
        disc("gold", 0, -head * 1.3, 4),
    ]
    found += [line("gold", 2, [(-head * 0.7, 1), (head * 0.7, 1)])]
    found += [
        box(wood, -foot, high - 6, foot * 2, 8),
        line("dark", 1.4, [(-foot, high - 6), (foot, high - 6)]),
    ]
    if maybe(rng, 0.35):
        found += [
            line("steel", 3.4, [(0, -head * 1.2), (24, -head * 1.5)]),
            disc("dark", 25, -head * 2, 4, 6),
        ]
    found += [
        disc("dark", some(rng, -foot * 1.8, foot * 1.8), high + some(rng, 4, 9), 2)
        for _ in range(count(rng, 0, 9))
    ]
    return posed(rng, found, 0.12, 0.05)


def fishing_rod(rng: Generator) -> Strokes:
    """A rod with a reel, a line with a float and a hook."""
    long, bend, fall = some(rng, 85, 110), some(rng, 0, 20), some(rng, 40, 70)
    rod, hand = one_of(rng, "wood dark green blue gold"), one_of(rng, "grip dark wood red")
    at = np.linspace(0, 1, 12)
    path = np.stack([long * at * 0.9, -long * at * 0.45 + bend * at**3], 1)
    found = [line(rod, 3, path), line(rod, 4.5, path[:6]), line(hand, 7, path[:3] - (12, -6))]
    x, y = path[-1].tolist()
    found += [
        disc("dark", 16, 4, 8),
        disc("steel", 16, 4, 4),
        line("dark", 2.4, [(16, 4), (26, 10)]),
    ]
    end = x + some(rng, -12, 8)
    found += [line("grey", 1.4, [(x, y), (end, y + fall)])]
    middle = y + fall * 0.7
    found += [disc("white", end, middle, 4.5, 6), disc("red", end, middle - 3, 4.5, 4)]
    hook = [(end, y + fall), (end, y + fall + 8), (end - 5, y + fall + 11), (end - 8, y + fall + 6)]
    found.append(line("metal", 2, hook))
    if maybe(rng, 0.4):
        body = [disc("blue", end, y + fall + 24, 7, 13)]
        found += [*body, filled("blue", [(end, y + fall + 34), (end - 8, y + fall + 46),
                  (end + 8, y + fall + 46)])]  # fmt: skip
    return posed(rng, found, 0.12, 0.0)


def golf_club(rng: Generator) -> Strokes:
    """A golf club with its ball, an iron or a wood."""
    long, size = some(rng, 80, 108), some(rng, 13, 20)
    head = one_of(rng, METALS + " red blue")
    found = [bar("steel", (0, 0), (0, long), 2.8, 3.4)]
    found.append(bar(one_of(rng, "dark dark red green"), (0, -4), (0, long * 0.26), 6, 4.6))
    if maybe(rng, 0.5):
        shape = [
            (-3, long - 6),
            (3, long - 4),
            (size * 1.4, long - size * 0.4),
            (size * 1.4, long + 5),
        ]
        found.append(filled(head, [*shape, (-3, long + 5)]))
        found += [line("dark", 1, [(4, long + y - 1), (size, long + y - 2)]) for y in (0, 3)]
    else:
        found.append(curved(head, [(-4, long - 4), (size, long - size * 0.7), (size * 1.8, long),
                     (size * 1.2, long + 6), (-4, long + 6)]))  # fmt: skip
    x = size * some(rng, 2.2, 3.4)
    found.append(disc("white", x, long, 6))
    found += [ring("grey", 1.4, x, long, 6), bar("wood", (x, long + 6), (x, long + 14), 5, 1)]
    if maybe(rng, 0.4):
        found += [line("wood", 2, [(48, long + 8), (48, long - 60)])]
        found.append(filled("red", [(48, long - 60), (74, long - 50), (48, long - 40)]))
    return posed(rng, found, 0.25, 0.1)


def racket(rng: Generator) -> Strokes:
    """A racket with strings, and a ball or a shuttlecock."""
    wide, high, long = some(rng, 20, 28), some(rng, 24, 36), some(rng, 30, 58)
    rim = one_of(rng, BRIGHT + " wood dark")
    found = Strokes()
    for part in np.linspace(-0.8, 0.8, count(rng, 5, 8)).tolist():
        edge = (1 - part * part) ** 0.5
        found.append(line("grey", 1.1, [(part * wide, -edge * high), (part * wide, edge * high)]))
        found.append(line("grey", 1.1, [(-edge * wide, part * high), (edge * wide, part * high)]))
    found.append(ring(rim, some(rng, 3.4, 5.4), 0, 0, wide, high))
    if long < 44:
        found += [
            line(rim, 3, [(x, high * 0.82), (0, high + 16)]) for x in (-wide * 0.5, wide * 0.5)
        ]
    found += [bar(rim, (0, high), (0, high + long), 4, 5)]
    found.append(
        bar(one_of(rng, "dark wood white red"), (0, high + long * 0.5), (0, high + long), 7, 8)
    )
    x, y = wide + some(rng, 10, 18), some(rng, -10, high)
    if maybe(rng, 0.6):
        found += [
            disc("yellow", x, y, 8),
            line("white", 1.6, [(x - 6, y - 4), (x, y), (x + 7, y + 2)]),
        ]
    else:
        found += [filled("white", [(x - 9, y - 16), (x + 9, y - 16), (x + 3, y), (x - 3, y)])]
        found += [disc("red", x, y + 2, 4.5), line("grey", 1.2, [(x, y - 15), (x, y)])]
    return posed(rng, found, 0.5, 0.3)


WORKADAY: tuple[Scene, ...] = tuple(
    Scene(name, "", captions, make, share=2)
    for name, captions, make in (
        ("plungers", ("a plunger", "a plunger for a drain"), plunger),
        ("mallets", ("a wooden mallet", "a mallet for games and work"), mallet),
        ("meat mallets", ("a meat tenderiser", "a kitchen mallet for meat"), tenderiser),
        ("maracas", ("maracas", "rattles to make music"), maracas),
        ("toilet brushes", ("a toilet brush", "a brush to clean a toilet"), toilet_brush),
        ("pepper mills", ("a pepper mill", "a pepper grinder of a kitchen"), pepper_mill),
        ("fishing rods", ("a fishing rod", "a rod with a line and a float"), fishing_rod),
        ("golf clubs", ("a golf club", "a golf club and a ball"), golf_club),
        ("rackets", ("a tennis racket", "a racket with strings, for sport"), racket),
    )
)
"""Things of home and sport."""
