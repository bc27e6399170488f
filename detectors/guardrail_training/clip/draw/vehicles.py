"""Harmless vehicles of land, water and air, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
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


def tyre(x: float, y: float, size: float, hub: str) -> Strokes:
    """A wheel with a hub of that colour."""
    return [disc("dark", x, y, size), disc(hub, x, y, size * 0.5)]


def bullet_train(rng: Generator) -> Strokes:
    """A fast train with a long nose, windows and a stripe, on a rail."""
    long, high, nose = some(rng, 84, 120), some(rng, 22, 32), some(rng, 24, 50)
    colour, stripe = one_of(rng, "white white grey blue red"), one_of(rng, "blue red green orange")
    side = [(0, 0), (long - nose, 0), (long - nose * 0.5, high * 0.18), (long, high * 0.72)]
    found = [curved(colour, [*side, (long - 2, high), (0, high)], 1), box(colour, 0, 0, 14, high)]
    found.append(box(stripe, 0, high * 0.62, long - nose * 0.35, some(rng, 3, 6)))
    number = count(rng, 3, 7)
    pane = (long - nose - 12) / number * 0.7
    found += [
        box("dark", x, high * 0.22, pane, high * 0.26, 1)
        for x in np.linspace(7, long - nose - 12, number).tolist()
    ]
    glass = [(long - nose * 0.72, high * 0.16), (long - nose * 0.45, high * 0.24)]
    found.append(
        filled("dark", [*glass, (long - nose * 0.25, high * 0.5), (long - nose * 0.7, high * 0.5)])
    )
    axles = (12, 24, long - nose - 6, long - nose + 6)
    found += [disc("dark", x, high + 2, 4.5) for x in axles]
    found.append(line("metal", 2.6, [(-8, high + 8), (long + 8, high + 8)]))
    if maybe(rng, 0.4):
        found += [
            line("dark", 1.6, [(18, 0), (28, -9), (18, -16)]),
            line("dark", 1.4, [(-8, -17), (long + 8, -17)]),
        ]
    return posed(rng, found, 0.05, 0.0)


def submarine(rng: Generator) -> Strokes:
    """A submarine with a tower, portholes and a periscope."""
    half, high, tower = some(rng, 40, 56), some(rng, 13, 24), some(rng, 12, 20)
    colour, trim = (
        one_of(rng, "yellow yellow red blue orange green white"),
        one_of(rng, "red grey blue white"),
    )
    at = some(rng, -12, 12)
    found = [
        line("metal", 3.4, [(at, -high), (at, -high - tower - 12), (at + 10, -high - tower - 12)])
    ]
    found += [
        curved(
            colour,
            [
                (at - 16, -high + 5),
                (at - 12, -high - tower),
                (at + 12, -high - tower),
                (at + 15, -high + 5),
            ],
            1,
        )
    ]
    found += [filled(trim, [(-half + 8, 0), (-half - 13, -high), (-half - 13, high)])]
    found += [disc("gold", -half - 14, way * 6, 2.6, 7) for way in (-1, 1)]
    found.append(disc(colour, 0, 0, half, high))
    for n in range(count(rng, 2, 4)):
        x = -half * 0.35 + n * half * 0.36
        found += [disc("white", x, -1, high * 0.34), ring("dark", 2, x, -1, high * 0.34)]
    found.append(line(trim, 2.4, [(-half * 0.8, high * 0.58), (half * 0.8, high * 0.58)]))
    for n in range(count(rng, 0, 5)):
        found.append(ring("blue", 1.6, -half - 26 - n * 6, some(rng, -16, 6), some(rng, 2, 4)))
    return posed(rng, found, 0.08, 0.0)


def airliner(rng: Generator) -> Strokes:
    """A passenger plane from the side with a row of windows, engines and a tail."""
    long, half = some(rng, 84, 112), some(rng, 8, 13)
    colour, trim = (
        one_of(rng, "white white grey blue yellow"),
        one_of(rng, "red blue green orange purple"),
    )
    body = [(0, -half * 0.4), (14, -half), (long - 14, -half), (long, -half * 0.1)]
    body += [(long - 3, half * 0.7), (long - 16, half), (24, half)]
    high = some(rng, 18, 30)
    found = [filled(trim, [(-4, -half - high), (7, -half - high), (24, -half + 2), (4, -half + 2)])]
    found += [curved(colour, body, 1)]
    found += [line(trim, 2.6, [(8, half * 0.45), (long - 8, half * 0.45)])]
    for x in np.linspace(22, long - 22, count(rng, 7, 13)).tolist():
        found.append(disc("dark", x, -half * 0.35, 1.7, 2))
    found.append(
        filled(
            "dark", [(long - 12, -half * 0.7), (long - 5, -half * 0.35), (long - 12, -half * 0.3)]
        )
    )
    root, fall = long * some(rng, 0.42, 0.55), some(rng, 22, 36)
    wing = [(root - 8, half * 0.3), (root + 18, half * 0.3), (root - 16, half + fall)]
    found.append(filled("grey", [*wing, (root - 26, half + fall)]))
    for n in range(count(rng, 1, 2)):
        found.append(box("metal", root + 2 - n * 13, half + 5 + n * 9, 17, 8, 2))
    found.append(filled("grey", [(6, -2), (17, -2), (-2, half * 0.9), (-9, half * 0.9)]))
    return posed(rng, found, 0.15, 0.0)


def blimp(rng: Generator) -> Strokes:
    """An airship with a cabin and fins."""
    half, high = some(rng, 42, 54), some(rng, 15, 26)
    colour, trim = one_of(rng, BRIGHT + " grey"), one_of(rng, "red blue white yellow orange")
    found = Strokes()
    for way in (-1, 1):
        found.append(
            filled(
                trim,
                [
                    (-half * 0.55, way * high * 0.5),
                    (-half - 10, way * high * 1.15),
                    (-half - 8, way * high * 0.3),
                    (-half * 0.8, 0),
                ],
            )
        )
    cabin = some(rng, 14, 22)
    found += [box("dark", -cabin, high - 4, cabin * 2, 13, 2), disc(colour, 0, 0, half, high)]
    for part in (-0.45, 0.0, 0.45) if maybe(rng, 0.6) else ():
        found.append(line("grey", 1.3, [(-half * 0.92, part * high * 0.6), (0, part * high * 1.3),
                     (half * 0.92, part * high * 0.6)]))  # fmt: skip
    if maybe(rng, 0.5):
        found.append(box(trim, -half * 0.45, -high * 0.3, half * 0.9, high * 0.6))
    found += [
        box("white", -cabin + 4 + n * cabin * 0.5, high + 1, cabin * 0.3, 4) for n in range(4)
    ]
    found += (
        [disc("white", x, y, 12, 5) for x, y in ((-40, 44), (30, 50))] if maybe(rng, 0.3) else []
    )
    return posed(rng, found, 0.1, 0.0)


def fire_engine(rng: Generator) -> Strokes:
    """A fire engine with a raised ladder."""
    long, high, rise = some(rng, 84, 104), some(rng, 22, 30), some(rng, 0, 0.5)
    colour, cab = one_of(rng, "red red red orange yellow"), some(rng, 24, 32)
    found = [
        box(colour, 0, -high, long - cab, high, 0),
        box(colour, long - cab - 1, -high - 7, cab, high + 7, 1),
    ]
    found.append(box("steel", long - cab * 0.66, -high - 2, cab * 0.5, high * 0.45))
    found += [
        box("white", 0, -high * 0.4, long - 2, 4),
        box("blue", long - cab * 0.7, -high - 12, 9, 5, 1),
    ]
    for n in range(count(rng, 1, 3)):
        found.append(box("grey", 7 + n * 17, -high + 4, 13, high * 0.42))
    reach = some(rng, 66, 90)
    steps = [line("steel", 2.4, [(0, y), (reach, y)]) for y in (0, -9)]
    steps += [line("steel", 1.8, [(x, 0), (x, -9)]) for x in np.arange(3, reach, 8).tolist()]
    found += moved(steps, 6, -high - 3, turn=-rise)
    for x in (16, long - 17, *((32,) if maybe(rng, 0.4) else ())):
        found += tyre(x, 1, some(rng, 8, 10), "grey")
    return posed(rng, found, 0.04, 0.0)


def tractor(rng: Generator) -> Strokes:
    """A farm tractor: a large wheel behind, a small one in front, a cab."""
    colour, size, front = (
        one_of(rng, "green red blue orange yellow"),
        some(rng, 19, 27),
        some(rng, 9, 14),
    )
    long, high = some(rng, 34, 48), some(rng, 17, 24)
    hub = one_of(rng, "yellow white red grey")
    found = [
        box(colour, 0, -high - 8, long, high, 1),
        box("dark", long - 5, -high - 4, 6, high - 7),
    ]
    roof = some(rng, 26, 36)
    cab = [(-26, -8), (-22, -high - roof), (6, -high - roof), (9, -8)]
    found += [filled("steel", cab), line(colour, 3.4, cab, closed=True)]
    found += [
        box(colour, -27, -high - roof - 4, 39, 6, 1),
        box("dark", long * 0.6, -high - 26, 4.5, 19),
    ]
    found += [line("dark", 3, [(10, -high - 6), (2, -high - 14)])] if maybe(rng, 0.5) else []
    if maybe(rng, 0.4):
        found += [
            disc("grey", long * 0.6 + n * 6, -high - 32 - n * 7, 4 + n * 1.6) for n in range(3)
        ]
    found += [*tyre(-14, 0, size, hub), *tyre(long - 6, size - front, front, hub)]
    return posed(rng, found, 0.05, 0.0)


def camera_drone(rng: Generator) -> Strokes:
    """A small drone with four rotors and a camera."""
    colour, arm = one_of(rng, "white white grey yellow orange blue"), some(rng, 30, 46)
    if maybe(rng, 0.5):
        deep, found = arm * some(rng, 0.6, 1), Strokes()
        for x in (-arm, arm):
            for y in (-deep, deep):
                size = some(rng, 14, 18)
                found += [bar(colour, (0, 0), (x, y), 9, 5), ring("dark", 2, x, y, size)]
                found += [line("grey", 3, [(x - size, y), (x + size, y)]), disc("dark", x, y, 3)]
        found += [curved(colour, [(-13, -18), (13, -18), (15, 16), (-15, 16)], 1)]
        found += [disc("dark", 0, -16, 6), disc("blue", 0, -16, 3), disc("green", 0, 10, 2)]
        return posed(rng, found, 0.5, 0.3)
    high, leg = some(rng, 6, 14), some(rng, 18, 28)
    found = [line(colour, 4.4, [(-arm, -high), (0, 0), (arm, -high)])]
    for x in (-arm, arm):
        found += [
            box("grey", x - 3, -high - 8, 6, 9),
            disc("dark", x, -high - 9, some(rng, 15, 21), 2),
        ]
    for way in (-1, 1):
        found.append(
            line("dark", 2.6, [(way * 12, 4), (way * 20, leg), (way * 10, leg), (way * 28, leg)])
        )
    found += [
        curved(colour, [(-18, -9), (18, -9), (22, 6), (-22, 6)], 1),
        box("dark", -7, 6, 14, 11, 1),
    ]
    found += [disc("blue", 0, 12, 4), disc("white", 1, 11, 1.4)]
    return posed(rng, found, 0.1, 0.0)


def tipper(rng: Generator) -> Strokes:
    """A lorry that tips sand, or a lorry with a crane arm."""
    colour, bed = one_of(rng, COLOURED), one_of(rng, "grey orange yellow metal blue")
    long, cab, rise = some(rng, 80, 98), some(rng, 22, 28), some(rng, 0.1, 0.6)
    high = some(rng, 26, 36)
    found = [box("dark", 0, -4, long, 7), box(colour, long - cab, -high, cab, high + 3, 1)]
    found.append(filled("steel", [(long - cab * 0.5, -high + 4), (long - 4, -high + 4),
                 (long - 3, -high * 0.5), (long - cab * 0.5, -high * 0.5)]))  # fmt: skip
    reach = long - cab - 4
    part = [
        curved(
            "gold", [(10, -16), (reach * 0.4, -27), (reach - 8, -18), (reach - 6, -10), (8, -8)], 1
        )
    ]
    part.append(filled(bed, [(0, 0), (reach, 0), (reach + 4, -20), (-8, -16)]))
    part += [
        line("dark", 1.6, [(x, -2), (x, -15)]) for x in (reach * 0.25, reach * 0.5, reach * 0.75)
    ]
    found += [bar("metal", (reach * 0.7, -4), (reach * 0.6, -22), 5, 4)]
    found += moved(part, 2, -6, turn=-rise)
    for x in (14, 32, long - 14):
        found += tyre(x, 4, some(rng, 8, 10), "grey")
    if maybe(rng, 0.5):
        found.append(curved("gold", [(-26, 14), (-14, -2), (-2, 14)], 1))
    return posed(rng, found, 0.04, 0.0)


VEHICLES: tuple[Scene, ...] = tuple(
    Scene(name, "", captions, make, share=2)
    for name, captions, make in (
        ("bullet trains", ("a fast train", "a high-speed train with a long nose"), bullet_train),
        ("submarines", ("a submarine", "a small submarine with portholes"), submarine),
        ("airliners", ("an airliner", "a passenger plane with windows"), airliner),
        ("blimps", ("a blimp", "an airship with a cabin"), blimp),
        ("fire engines", ("a fire engine with a ladder", "a fire truck"), fire_engine),
        ("tractors", ("a tractor", "a tractor of a farm"), tractor),
        ("camera drones", ("a camera drone", "a drone to take pictures"), camera_drone),
        ("tipper lorries", ("a tipper lorry", "a dump truck with sand"), tipper),
    )
)
"""Vehicles for travel and work."""
