"""Missiles, grenades with handles, bombs with clocks, of another shape every time."""

from __future__ import annotations

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

_SHELL = "grey white green steel metal grip"


def guided_missile(rng: Generator) -> Strokes:
    """A missile with two sets of fins and a trail of fire."""
    long, thick = some(rng, 70, 104), some(rng, 9, 17)
    body, tip = one_of(rng, _SHELL), one_of(rng, "red dark orange metal white yellow")
    fin, half = one_of(rng, "dark metal red grey"), thick / 2
    found = Strokes()
    if maybe(rng, 0.7):
        fire = [(0, -half), (-some(rng, 22, 42), 0), (0, half)]
        found += [
            filled("orange", fire),
            filled("yellow", [(0, -half * 0.5), (-16, 0), (0, half * 0.5)]),
        ]
    for at, reach in ((0.02, some(rng, 11, 20)), (some(rng, 0.5, 0.68), some(rng, 7, 14))):
        for way in (-1, 1):
            root = long * at
            wing = [(root, way * half), (root - 6, way * (half + reach))]
            wing += [(root + 8, way * (half + reach)), (root + 22, way * half)]
            found.append(filled(fin, wing))
    found.append(box(body, 0, -half, long, thick))
    nose = [(long, -half), (long + thick * 0.8, -half * 0.7), (long + thick * 1.7, 0)]
    nose += [(long + thick * 0.8, half * 0.7), (long, half)]
    found.append(
        curved(tip, nose, 1) if maybe(rng, 0.5) else filled(tip, [nose[0], nose[2], nose[4]])
    )
    for at in (0.25, 0.75)[: count(rng, 0, 2)]:
        found.append(box(one_of(rng, "red yellow dark"), long * at, -half, 5, thick))
    return posed(rng, found, 0.9, 0.6)


def standing_missile(rng: Generator) -> Strokes:
    """A fat missile that stands on its fins or on a launcher, a sign of danger on it."""
    high, thick = some(rng, 60, 86), some(rng, 18, 30)
    half, body = thick / 2, one_of(rng, _SHELL)
    found = [
        filled("dark", [(way * half, high - 18), (way * (half + 16), high + 6), (way * half, high)])
        for way in (-1, 1)
    ]
    found += [box(body, -half, 0, thick, high), bar("dark", (0, high - 22), (0, high + 6), 4, 4)]
    tip = one_of(rng, "red dark metal yellow orange")
    found.append(
        curved(
            tip,
            [
                (-half, 2),
                (-half * 0.8, -thick * 0.8),
                (0, -thick * 1.3),
                (half * 0.8, -thick * 0.8),
                (half, 2),
            ],
            1,
        )
    )
    found.append(box(one_of(rng, "dark yellow red"), -half, high * some(rng, 0.1, 0.6), thick, 6))
    if maybe(rng, 0.5):
        found += [
            disc("yellow", 0, high * 0.4, half * 0.7),
            disc("dark", 0, high * 0.4, half * 0.2),
        ]
    if maybe(rng, 0.4):
        found += [
            box("metal", half + 3, 10, 6, high),
            box("metal", -half - 12, high + 4, thick + 24, 6),
        ]
    return posed(rng, found, 0.3, 0.15)


def handled_grenade(rng: Generator) -> Strokes:
    """A grenade like a tin on a wooden handle."""
    long, thick = some(rng, 44, 64), some(rng, 7, 11)
    head, wide = some(rng, 24, 36), some(rng, 20, 30)
    wood, tin = one_of(rng, "wood wood gold grip"), one_of(rng, "metal green grey dark steel")
    found = [
        bar(wood, (0, 0), (0, long), thick * 0.8, thick),
        box("metal", -thick * 0.8, long - 4, thick * 1.6, 8),
    ]
    found += [box(tin, -wide / 2, -head, wide, head, count(rng, 0, 1))]
    found += [box("dark", -wide / 2, -head * part, wide, 2.4) for part in (0.85, 0.25)]
    found.append(box("metal", -wide * 0.3, -3, wide * 0.6, 6))
    if maybe(rng, 0.5):
        found.append(box("metal", wide / 2 - 2, -head * 0.7, 5, head * 0.6))
    if maybe(rng, 0.5):
        cord = wave(0, 0, some(rng, 14, 22), 4, 1.2)
        found += moved([line("white", 1.8, cord), ring("steel", 2, 24, 2, 4)], 0, long + 4, -0.7)
    if maybe(rng, 0.3):
        found += moved(found, wide * 1.3, 4)
    return posed(rng, found, 0.7, 0.4)


def clock_bomb(rng: Generator) -> Strokes:
    """Sticks of explosive bound together, a clock or a display and wires on them."""
    number, high = count(rng, 3, 6), some(rng, 60, 84)
    thick, colour = some(rng, 14, 18), one_of(rng, "red red wood gold")
    wide = number * thick
    found = Strokes()
    for n in range(number):
        found += [
            box(colour, n * thick, 0, thick - 1, high, 1),
            disc("skin", (n + 0.5) * thick, 2, thick * 0.4, 3),
        ]
    found += [box("dark", -2, high * at, wide + 4, 7) for at in (0.16, 0.74)]
    x, y = wide / 2, high * 0.46
    if maybe(rng, 0.5):
        found += [disc("metal", x, y, 19), disc("white", x, y, 15)]
        found += [
            line("dark", 2.4, [(x, y), (x, y - 11)]),
            line("dark", 2.4, [(x, y), (x + 8, y + 3)]),
        ]
        found += [disc("gold", x - 12, y - 18, 6, 4), disc("gold", x + 12, y - 18, 6, 4)]
    else:
        found += [box("dark", x - 24, y - 13, 48, 26, 1), box("metal", x - 19, y - 9, 38, 15)]
        for n in range(4):
            left = x - 16 + n * 8.5
            found.append(
                line(
                    "red", 2.4, [(left, y - 6), (left + 4, y - 6), (left + 4, y + 3), (left, y + 3)]
                )
            )
    for wire in ("red", "blue", "yellow")[: count(rng, 1, 3)]:
        way = some(rng, -1, 1)
        points = [(x + way * 14, y - 12), (x + way * 34, -some(rng, 6, 14)), (x + way * 8, 3)]
        found.append(line(wire, 2.4, points))
    return posed(rng, found, 0.25, 0.1)


ROCKETS: tuple[Scene, ...] = tuple(
    Scene(name, "weapons", captions, make, share=4)
    for name, captions, make in (
        ("guided missiles", ("a guided missile", "a missile in flight"), guided_missile),
        (
            "standing missiles",
            ("a ballistic missile", "a missile that stands upright"),
            standing_missile,
        ),
        (
            "grenades with handles",
            ("a grenade with a wooden handle", "a potato masher grenade"),
            handled_grenade,
        ),
        (
            "bombs with clocks",
            ("a bomb with a clock", "sticks of explosive with a timer"),
            clock_bomb,
        ),
    )
)
"""What flies, what is thrown and what ticks."""
