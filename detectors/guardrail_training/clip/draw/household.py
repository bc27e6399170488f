"""Harmless things with dials, cylinders, straps and hands, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.gun_gear import fist
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
    some,
    wave,
)


def dial(rng: Generator, size: float, face: str, ink: str) -> Strokes:
    """The face of a clock around the origin, its hands at any time."""
    found, marks = [disc(face, 0, 0, size)], 12 if maybe(rng, 0.6) else 4
    for turn in np.linspace(0, 2 * np.pi, marks, endpoint=False).tolist():
        way = np.array([np.cos(turn), np.sin(turn)]) * size
        found.append(line(ink, 1.6, np.stack([way * 0.82, way * 0.93])))
    for long, thick in ((0.5, 3.4), (0.75, 2.2)):
        turn = some(rng, 0, 6.2)
        end = (long * size * float(np.cos(turn)), long * size * float(np.sin(turn)))
        found.append(line(ink, thick, [(0, 0), end]))
    return [*found, disc(ink, 0, 0, 2.6)]


def alarm_clock(rng: Generator) -> Strokes:
    """A round alarm clock with two bells and feet."""
    size, bell = some(rng, 28, 34), some(rng, 9, 15)
    colour, gong = one_of(rng, COLOURED + " steel dark"), one_of(rng, "gold steel grey red")
    apart, foot = some(rng, 15, 22), some(rng, 10, 16)
    found = Strokes()
    for way in (-1, 1):
        found.append(
            line("dark", 5, [(way * 16, size * 0.8), (way * (16 + foot * 0.5), size + foot)])
        )
        found += [line("dark", 3, [(way * apart, -size), (way * 8, 0)])]
        half = [disc(gong, 0, 0, bell), box(colour, -bell - 1, 2, bell * 2 + 2, 3)]
        found += moved(half, way * apart, -size * 0.98, turn=way * 0.5)
    found += [line("dark", 2.6, [(0, -size), (0, -size - 9)]), disc("dark", 0, -size - 10, 4)]
    if maybe(rng, 0.6):
        found.append(line("steel", 3, [(-apart, -size - 8), (0, -size - 20), (apart, -size - 8)]))
    found += [disc(colour, 0, 0, size), *dial(rng, size * some(rng, 0.74, 0.86), "white", "dark")]
    return posed(rng, found, 0.12, 0.0)


def wall_clock(rng: Generator) -> Strokes:
    """A clock for the wall, round or square, maybe with a pendulum."""
    size, colour = some(rng, 26, 36), one_of(rng, BRIGHT + " wood wood grip dark steel")
    face = "white" if colour != "white" else one_of(rng, "yellow blue pink grey")
    edge, found, kind = some(rng, 4, 8), Strokes(), count(rng, 0, 2)
    if kind == 0:
        found.append(disc(colour, 0, 0, size + edge))
    elif kind == 1:
        wide = size + edge
        found.append(box(colour, -wide, -wide, wide * 2, wide * 2, count(rng, 0, 2)))
    else:
        wide, deep = size + edge, some(rng, 46, 70)
        found += [filled(colour, [(-wide - 4, -size), (0, -size - 24), (wide + 4, -size)])]
        found += [box(colour, -wide, -size, wide * 2, size + deep)]
        found.append(box("dark", -wide * 0.5, size + 3, wide, deep - size - 6))
        x = some(rng, -8, 8)
        found += [line("gold", 2.4, [(0, size), (x, deep - 8)]), disc("gold", x, deep - 8, 6)]
    return posed(rng, [*found, *dial(rng, size, face, "dark")], 0.06, 0.0)


def kitchen_timer(rng: Generator) -> Strokes:
    """A timer of a kitchen: an egg, or a disc with a knob and numbers."""
    colour, size = one_of(rng, BRIGHT), some(rng, 26, 34)
    ink = "dark"
    if maybe(rng, 0.5):
        high = size * some(rng, 1.15, 1.4)
        found = [
            disc(colour, 0, 0, size, high),
            box("grey", -size * 0.98, high * 0.05, size * 1.96, 4),
        ]
        found += [
            line(ink, 1.8, [(x * size, high * 0.17), (x * size * 0.97, high * 0.32)])
            for x in np.linspace(-0.8, 0.8, count(rng, 5, 9)).tolist()
        ]
        found += [filled("red" if colour != "red" else "white", [(-4, -2), (4, -2), (0, 7)])]
        found += [
            disc("white", -size * 0.4, -high * 0.5, 4, 8),
            box("grey", -size * 0.5, high * 0.9, size, 6),
        ]
        return posed(rng, found, 0.06, 0.0)
    found = [disc(colour, 0, 0, size), disc("white", 0, 0, size * 0.84)]
    for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False).tolist():
        way = np.array([np.cos(turn), np.sin(turn)]) * size
        found.append(line(ink, 1.8, np.stack([way * 0.66, way * 0.78])))
    knob = [disc(colour, 0, 0, size * 0.45), bar(ink, (0, size * 0.4), (0, -size * 0.6), 9, 4)]
    found += moved(knob, turn=some(rng, -3, 3))
    found += [box("grey", -size * 0.8, size * 0.94, size * 1.6, some(rng, 5, 10))]
    return posed(rng, found, 0.06, 0.0)


def parcel(rng: Generator) -> Strokes:
    """A parcel with a ribbon and a bow, or taped and with a label."""
    wide, high, lid = some(rng, 34, 48), some(rng, 34, 66), some(rng, 9, 15)
    if maybe(rng, 0.6):
        colour, ribbon = one_of(rng, "blue green pink purple white"), one_of(rng, "red gold yellow")
        found = [
            box(colour, -wide, 0, wide * 2, high),
            box(colour, -wide - 4, -lid, wide * 2 + 8, lid),
        ]
        found += [line("dark", 1.2, [(-wide, 0), (wide, 0)]), box(ribbon, -6, -lid, 12, high + lid)]
        across = some(rng, 0.3, 0.6)
        found += [box(ribbon, -wide, high * across, wide * 2, 9)] if maybe(rng, 0.5) else []
        reach = some(rng, 18, 30)
        for way in (-1, 1):
            loop = [
                (0, -lid),
                (way * reach * 0.5, -lid - 20),
                (way * reach, -lid - 13),
                (way * reach * 0.9, -lid - 2),
            ]
            found.append(line(ribbon, 5, loop, closed=True))
        return posed(rng, [*found, disc(ribbon, 0, -lid - 2, 5)], 0.08, 0.0)
    deep = some(rng, 14, 26)
    found = [filled("wood", [(-wide, 0), (-wide + deep, -deep), (wide + deep, -deep), (wide, 0)])]
    found += [box("gold", -wide, 0, wide * 2, high)]
    found.append(
        filled("grip", [(wide, 0), (wide + deep, -deep), (wide + deep, high - deep), (wide, high)])
    )
    found.append(filled("skin", [(-7, 0), (deep - 7, -deep), (deep + 7, -deep), (7, 0)]))
    found += [
        box("skin", -7, 0, 14, high * 0.3),
        box("white", -wide + 5, high * 0.5, wide * 0.9, high * 0.36),
    ]
    found += [
        line("dark", 1.6, [(-wide + 9, high * y), (-wide * 0.3, high * y)])
        for y in (0.6, 0.7, 0.78)
    ]
    return posed(rng, found, 0.06, 0.0)


def extinguisher(rng: Generator) -> Strokes:
    """A red fire extinguisher with a hose."""
    half, high = some(rng, 13, 20), some(rng, 58, 80)
    found = [
        box("red", -half, 0, half * 2, high, 2),
        box("red", -half, high * 0.5, half * 2, high * 0.5, 1),
    ]
    found += [box("dark", -5, -8, 10, 12), line("dark", 5, [(-6, -8), (18, -16)])]
    found += [line("dark", 4, [(-2, -10), (20, -4)]), disc("steel", -8, -4, 5)]
    side, low = -half - some(rng, 7, 16), high * some(rng, 0.4, 0.75)
    found.append(line("dark", 4, [(-6, -6), (side * 0.8, -10), (side, 8), (side, low)]))
    found.append(bar("dark", (side, low), (side + some(rng, -4, 4), low + 20), 5, some(rng, 8, 15)))
    top = high * some(rng, 0.25, 0.4)
    found.append(box("white", -half * 0.8, top, half * 1.6, high * some(rng, 0.22, 0.36)))
    found += [
        line("dark", 1.6, [(-half * 0.5, top + 5 + n * 5), (half * 0.5, top + 5 + n * 5)])
        for n in range(2)
    ]
    found.append(box("dark", -half, high - 5, half * 2, 6))
    return posed(rng, found, 0.1, 0.0)


def thermos(rng: Generator) -> Strokes:
    """A vacuum flask with its cup, maybe steaming."""
    half, high, cap = some(rng, 11, 18), some(rng, 60, 84), some(rng, 14, 22)
    colour, lid = one_of(rng, COLOURED + " steel steel metal"), one_of(rng, "dark grey steel white")
    found = [box(colour, -half, 0, half * 2, high, 1)]
    found.append(filled(lid, [(-half * 0.75, -cap), (half * 0.75, -cap), (half, 1), (-half, 1)]))
    found += [
        box("steel" if colour != "steel" else "dark", -half, y, half * 2, some(rng, 2, 5))
        for y in (high * 0.12, high * 0.86)
    ]
    if maybe(rng, 0.5):
        handle = [
            (half, high * 0.2),
            (half + 13, high * 0.25),
            (half + 13, high * 0.6),
            (half, high * 0.66),
        ]
        found.append(line("dark", 5, handle))
    if maybe(rng, 0.6):
        x, size = -half - some(rng, 18, 26), some(rng, 10, 14)
        cup = [
            (x - size, high - 22),
            (x + size, high - 22),
            (x + size * 0.75, high),
            (x - size * 0.75, high),
        ]
        found += [filled(lid, cup), disc("wood", x, high - 22, size, 3)]
        for n in (-4, 4):
            found += moved([line("grey", 2, wave(0, 0, 20, 3, 1))], x + n, high - 27, -1.57)
    found += (
        [line("white", 2.4, [(-half * 0.55, 10), (-half * 0.55, high * 0.7)])]
        if maybe(rng, 0.5)
        else []
    )
    return posed(rng, found, 0.12, 0.05)


def life_vest(rng: Generator) -> Strokes:
    """A life jacket or a safety vest: bright cloth, buckles or shining bands."""
    wide, high, hole = some(rng, 34, 44), some(rng, 70, 94), some(rng, 9, 15)
    colour = one_of(rng, "orange orange yellow yellow red green")
    side = [(-wide, high), (-wide, high * 0.48), (-wide + 8, high * 0.25), (-wide + 8, 0)]
    side += [(-hole, 0), (-2, high * 0.34), (-2, high)]
    found = [curved(colour, side, 1), curved(colour, [(-x, y) for x, y in side], 1)]
    if maybe(rng, 0.5):
        for at in (0.55, 0.8):
            found += [line("dark", 4, [(-wide + 2, high * at), (wide - 2, high * at)])]
            found.append(box("steel", -7, high * at - 5, 14, 10, 1))
        found += [
            line("white", 2, [(way * wide * 0.5, high * 0.2), (way * wide * 0.5, high * 0.46)])
            for way in (-1, 1)
        ]
    else:
        band = some(rng, 5, 9)
        found += [box("steel", -wide, high * at, wide * 2, band) for at in (0.56, 0.78)]
        found += [
            box("steel", way * (wide + hole) * 0.45 - band / 2, 1, band, high * 0.5)
            for way in (-1, 1)
        ]
        found.append(line("dark", 1.6, [(0, high * 0.3), (0, high)]))
    return posed(rng, found, 0.07, 0.0)


def tool_belt(rng: Generator) -> Strokes:
    """A belt with pouches from which tools look out."""
    long, high, hide = some(rng, 90, 112), some(rng, 9, 14), one_of(rng, "wood grip gold dark blue")
    pouch = one_of(rng, "wood gold grip red blue")
    found, number = [box(hide, 0, 0, long, high)], count(rng, 2, 3)
    wide = long / number * 0.62
    for x in np.linspace(8, long - wide - 8, number).tolist():
        deep = some(rng, 30, 44)
        for at in (0.22, 0.5, 0.8):
            top = -some(rng, 10, 26)
            found.append(bar(one_of(rng, BRIGHT), (x + wide * at, top), (x + wide * at, 10), 6, 6))
            if maybe(rng, 0.35):
                found.append(box("metal", x + wide * at - 9, top - 3, 18, 8))
        body = [(x, 4), (x + wide, 4), (x + wide * 0.92, deep), (x + wide * 0.08, deep)]
        found += [curved(pouch, body, 1), line("dark", 1.6, [(x + 3, 12), (x + wide - 3, 12)])]
    found += [box("steel", -6, -2, 10, high + 4), box(hide, long - 2, 1, 12, high - 2)]
    return posed(rng, found, 0.08, 0.0)


def phone_in_hand(rng: Generator) -> Strokes:
    """A hand that holds a smartphone upright."""
    wide, high, step = some(rng, 26, 36), some(rng, 56, 78), some(rng, 8, 10)
    case, screen = one_of(rng, "dark dark white blue red"), one_of(rng, "blue white green yellow")
    phone = [box(case, -8, -high * 0.62, wide, high, 1)]
    phone.append(box(screen, -5, -high * 0.62 + 6, wide - 6, high - 14))
    for row in range(count(rng, 1, 3)):
        y = -high * 0.5 + row * 11
        phone += [box(one_of(rng, COLOURED), -1 + n * wide * 0.26, y, 6, 6, 1) for n in range(3)]
    return posed(rng, [*phone, *fist(rng, some(rng, 4, 8), step)], 0.12, 0.0)


HOUSEHOLD: tuple[Scene, ...] = tuple(
    Scene(name, "", captions, make, share=2)
    for name, captions, make in (
        ("alarm clocks", ("an alarm clock", "a clock with two bells"), alarm_clock),
        ("wall clocks", ("a wall clock", "a clock that shows the time"), wall_clock),
        ("kitchen timers", ("a kitchen timer", "a timer for cooking"), kitchen_timer),
        ("parcels", ("a parcel", "a box to send or to give"), parcel),
        ("extinguishers", ("a fire extinguisher", "an extinguisher with a hose"), extinguisher),
        ("thermoses", ("a thermos", "a vacuum flask for tea"), thermos),
        ("safety vests", ("a safety vest", "a bright vest to be seen or to float"), life_vest),
        ("tool belts", ("a tool belt", "a belt with tools of a craftsman"), tool_belt),
        (
            "phones in hands",
            ("a hand with a smartphone", "a hand that holds a phone"),
            phone_in_hand,
        ),
    )
)
"""Clocks, flasks, vests and the like."""
