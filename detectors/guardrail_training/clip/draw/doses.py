"""Medicines as they are kept and given, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
from guardrail_training.clip.draw.parts import placed
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    SKINS,
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

_PILLS = "white white red blue yellow pink green orange"


def _pill(kind: int, colour: str) -> Strokes:
    """A capsule or a tablet, its middle at the origin."""
    if kind == 0:
        return [
            line("white" if colour != "white" else "grey", 7, [(-6, 0), (6, 0)]),
            line(colour, 7, [(0, 0), (6, 0)]),
        ]
    if kind == 1:
        return [
            disc(colour, 0, 0, 7),
            ring("grey", 1, 0, 0, 7),
            line("grey", 1.4, [(-5, 0), (5, 0)]),
        ]
    return [disc(colour, 0, 0, 8, 5), ring("grey", 1, 0, 0, 8, 5)]


def tipped_bottle(rng: Generator) -> Strokes:
    """A pill bottle that has fallen over, pills spilling from it."""
    long, high = some(rng, 46, 64), some(rng, 30, 42)
    colour, kind = one_of(rng, "orange orange orange white blue grip green"), count(rng, 0, 2)
    half, pill = high / 2, one_of(rng, _PILLS)
    found = [
        box(colour, -long, -half, long, high, 1),
        box("white", -long * 0.85, -half, long * 0.55, high),
    ]
    for n in range(count(rng, 2, 4)):
        x = -long * 0.75 + n * 8
        found.append(line("dark", 1.6, [(x, -half + 5), (x, half - some(rng, 5, 14))]))
    found += [
        bar("grey", (-1, 0), (8, 0), high * 0.8, high * 0.8),
        disc("dark", 8, 0, 4, half * 0.75),
    ]
    found = moved(found, turn=some(rng, -0.12, 0.35))
    for n in range(count(rng, 6, 16)):
        x = 8 + abs(float(rng.normal(0, 22)))
        y = half * 0.3 + some(rng, -8, 8 + x * 0.25) - max(0, 8 - n) * 0.5
        found += moved(_pill(kind, pill), x, y, some(rng, 0, 6))
    if maybe(rng, 0.5):
        cap = [disc("white", 0, 0, high * 0.45), ring("grey", 2, 0, 0, high * 0.36)]
        found += moved(cap, some(rng, 6, 40), half + some(rng, 14, 24))
    return posed(rng, found, 0.12, 0.0)


def _injection(rng: Generator) -> Strokes:
    """A small syringe whose needle's tip is the origin and that lies to the right of it."""
    long, thick = some(rng, 30, 42), some(rng, 8, 12)
    found = [line("metal", 1.8, [(0, 0), (16, 0)]), box("white", 16, -thick / 2, long, thick)]
    found.append(
        box(
            one_of(rng, "wood orange gold blue"),
            17,
            -thick * 0.35,
            long * some(rng, 0.3, 0.8),
            thick * 0.7,
        )
    )
    end = 16 + long
    found += [
        box("metal", end - 2, -thick, 4, thick * 2),
        line("metal", 3, [(end, 0), (end + 14, 0)]),
    ]
    return [*found, line("metal", 4, [(end + 14, -thick * 0.7), (end + 14, thick * 0.7)])]


def tied_arm(rng: Generator) -> Strokes:
    """An arm tied with a tourniquet, and a syringe at the inside of the elbow."""
    skin, thick = one_of(rng, SKINS), some(rng, 24, 34)
    fore, upper, bend = some(rng, 52, 68), some(rng, 44, 60), some(rng, -0.7, -0.1)
    hand = (-fore, some(rng, 0, 10))
    end = (upper * np.cos(bend), upper * np.sin(bend))
    found = [
        bar(skin, (0, 0), hand, thick, thick * 0.6),
        bar(skin, (0, 0), end, thick, thick * 1.2),
    ]
    found += [disc(skin, 0, 0, thick / 2), disc(skin, hand[0] - 6, hand[1], 13, thick * 0.36)]
    for n in range(4):
        y = hand[1] - 7 + n * 5
        found.append(line(skin, 5, [(hand[0] - 8, y), (hand[0] - some(rng, 20, 26), y + 1)]))
    found.append(line(skin, 6, [(hand[0] - 2, hand[1] - 8), (hand[0] - 12, hand[1] - 17)]))
    at = np.array(end) * 0.55
    across = np.array([np.sin(bend), -np.cos(bend)]) * thick * 0.62
    band = one_of(rng, "blue grip orange dark red")
    knot = at + across
    found.append(line(band, some(rng, 5, 8), np.stack([knot, at - across])))
    for low in (-14, 4):
        loose = np.add(knot, (some(rng, low, low + 10), some(rng, -22, -10)))
        found.append(line(band, 3, np.stack([knot, loose])))
    found.append(
        line("blue" if skin != "dark" else "purple", 1.5, [(-fore * 0.6, 3), (-14, -2), (4, 0)])
    )
    found += moved(_injection(rng), -4, -thick * 0.12, some(rng, -2.5, -1.9))
    return posed(rng, found, 0.15, 0.05)


def ampoules(rng: Generator) -> Strokes:
    """A row of glass ampoules with narrow necks, maybe in a tray."""
    wide, high, neck = some(rng, 14, 20), some(rng, 34, 50), some(rng, 10, 18)
    glass, content = (
        one_of(rng, "steel grey wood white"),
        one_of(rng, "blue green yellow orange red white pink"),
    )
    half, level, number = wide / 2, some(rng, 0.1, 0.6), count(rng, 3, 6)
    outline = [(-half, high), (-half, 0), (-3, -7), (-5, -11), (-2, -11 - neck), (2, -11 - neck)]
    outline += [(5, -11), (3, -7), (half, 0), (half, high)]
    found, labelled, ringed = Strokes(), maybe(rng, 0.5), one_of(rng, "blue red dark")
    for n in range(number):
        one = [
            filled(glass, outline),
            box(content, -half + 2, high * level, wide - 4, high * (1 - level) - 2),
        ]
        one.append(line(ringed, 2, [(-3, -8), (3, -8)]))
        if labelled:
            one.append(box("white", -half, high * 0.35, wide, high * 0.35))
            one += [
                line("dark", 1.2, [(-half + 3, high * at), (half - 3, high * at)])
                for at in (0.45, 0.57)
            ]
        found += moved(one, n * wide * 1.35)
    if maybe(rng, 0.4):
        tray = one_of(rng, "white blue green skin")
        found.append(box(tray, -wide, high * 0.72, number * wide * 1.35 + wide * 0.7, high * 0.36))
    return posed(rng, found, 0.12, 0.1)


def inhaler(rng: Generator) -> Strokes:
    """An inhaler for the mouth: a can in a bent case that sprays, maybe with a mask."""
    wide, high, mouth = some(rng, 22, 30), some(rng, 46, 60), some(rng, 20, 30)
    case, lid = one_of(rng, "blue blue purple white green orange"), one_of(rng, "metal steel grey")
    tube = some(rng, 13, 18)
    found = [box(lid, 3, -some(rng, 14, 24), wide - 6, 30, 1), box(case, 0, 0, wide, high)]
    found.append(
        filled(
            case,
            [
                (wide, high - tube),
                (wide + mouth, high - tube + 4),
                (wide + mouth, high + 6),
                (0, high),
            ],
        )
    )
    x, y = wide + mouth, high - tube / 2 + 4
    found += [box("white", 4, high * 0.2, wide - 8, high * 0.35)] if maybe(rng, 0.6) else []
    if maybe(rng, 0.45):
        cup = [
            (x, y - 8),
            (x + 20, y - 24),
            (x + 28, y - 20),
            (x + 28, y + 20),
            (x + 20, y + 24),
            (x, y + 8),
        ]
        found += [curved("steel", cup, 1), line("blue", 3.5, [(x + 28, y - 20), (x + 28, y + 20)])]
        x += 28
    found += puffs(rng, one_of(rng, "grey white steel"), x + 20, y, some(rng, 14, 22), 6)
    for n in range(count(rng, 2, 5)):
        found.append(line("grey", 1.6, [(x + 4, y), (x + 24, y - 18 + n * 9)]))
    return posed(rng, found, 0.12, 0.0)


_LETTERS = {
    "M": ((0, 2), (0, 0), (1, 1), (2, 0), (2, 2)),
    "T": ((0, 0), (2, 0), (1, 0), (1, 2)),
    "W": ((0, 0), (0.5, 2), (1, 0.8), (1.5, 2), (2, 0)),
    "F": ((0, 2), (0, 1), (1.5, 1), (0, 1), (0, 0), (2, 0)),
    "S": ((2, 0), (0, 0), (0, 1), (2, 1), (2, 2), (0, 2)),
}


def day_box(rng: Generator) -> Strokes:
    """A pill box with a compartment for each day of the week, some of them open."""
    rows, wide, high = count(rng, 1, 3), some(rng, 17, 20), some(rng, 20, 30)
    colour, lid = (
        one_of(rng, "blue purple green pink orange steel"),
        one_of(rng, "white steel yellow blue"),
    )
    ink = "dark" if lid != "dark" else "white"
    found = [box(colour, -3, -3, wide * 7 + 5, rows * high + 5)]
    for row, day in np.ndindex(rows, 7):
        x, y = day * wide, row * high
        if maybe(rng, 0.35):
            found.append(box("grey" if colour != "steel" else "metal", x, y, wide - 2, high - 2))
            for n in range(count(rng, 1, 2)):
                pill = moved(
                    _pill(count(rng, 0, 2), one_of(rng, _PILLS)),
                    size=0.65,
                    turn=some(rng, 0, 3),
                )
                found += moved(pill, x + wide / 2 - 1, y + high * (0.3 + 0.35 * n))
            continue
        found.append(box(lid, x, y, wide - 2, high - 2))
        letter = np.array(_LETTERS["MTWTFSS"[day]]) * 3.6
        found.append(line(ink, 1.8, np.add(letter, (x + wide / 2 - 4.6, y + high / 2 - 4.6))))
    turned = moved(found, turn=float(rng.normal(0, 0.15)))
    return placed(turned, 50, 50, some(rng, 80, 90))  # letters are never mirrored


def handful(rng: Generator) -> Strokes:
    """An open hand with pills on it."""
    skin, wide = one_of(rng, SKINS), some(rng, 42, 52)
    found = [
        bar(skin, (wide / 2, 40), (wide / 2, 84), wide * 0.8, wide * 0.6),
        box(skin, 0, 0, wide, 48, 2),
    ]
    for n in range(4):
        x, long = wide * (n + 0.5) / 4, some(rng, 24, 34) - abs(n - 1.5) * 5
        found.append(line(skin, wide * 0.2, [(x, 6), (x + (n - 1.5) * 4, -long)]))
    found.append(line(skin, wide * 0.24, [(4, 34), (-wide * 0.35, some(rng, 0, 14))]))
    found += [
        line("grip", 1.2, [(wide * 0.1, 16 + n * 14), (wide * 0.8, 12 + n * 14)]) for n in range(2)
    ]
    kind, colour, mixed = count(rng, 0, 2), one_of(rng, _PILLS), maybe(rng, 0.4)
    for n in range(count(rng, 3, 8)):
        one = _pill(kind, one_of(rng, _PILLS) if mixed else colour)
        place = (wide * (0.25 + 0.25 * (n % 3)), 10 + n // 3 * 14 + some(rng, -3, 3))
        found += moved(one, *place, some(rng, 0, 3), 1.1)
    return posed(rng, found, 0.4, 0.1)


DOSES: tuple[Scene, ...] = (
    Scene(
        "tipped bottles",
        "drugs",
        ("pills spilling from a bottle", "a pill bottle that fell over"),
        tipped_bottle,
        share=3,
    ),
    Scene(
        "tied arms",
        "drugs",
        ("an arm with a tourniquet and a syringe", "injecting drugs in an arm"),
        tied_arm,
        share=3,
    ),
    Scene("ampoule rows", "drugs", ("a row of ampoules",), ampoules, share=2),
    Scene("inhalers", "drugs", ("an inhaler with vapour", "a medicine inhaler"), inhaler, share=2),
    Scene(
        "day boxes", "drugs", ("a pill box with days", "a weekly pill organiser"), day_box, share=2
    ),
    Scene("handfuls", "drugs", ("a hand with pills", "a handful of pills"), handful, share=2),
)
