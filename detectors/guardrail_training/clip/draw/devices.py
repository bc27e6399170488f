"""Harmless appliances that are held as guns are, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    PLASTICS,
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


def selfie_stick(rng: Generator) -> Strokes:
    """A phone in the clamp of a long thin stick."""
    colour, long, wide = (
        one_of(rng, "dark pink blue red green"),
        some(rng, 60, 90),
        some(rng, 24, 32),
    )
    found = [
        line(colour, 9, [(0, long), (0, long + 24)]),
        line("steel", 4, [(0, long), (0, long * 0.4)]),
    ]
    found.append(line("grey", 2.6, [(0, long * 0.4), (0, 4)]))
    high = wide * some(rng, 0.55, 1.8)
    phone = [box("dark", -wide / 2, -high, wide, high, 1)]
    phone.append(box(one_of(rng, "blue white yellow"), 3 - wide / 2, 3 - high, wide - 6, high - 6))
    phone += [disc("skin", 0, 2 - high / 2, 5), box(colour, -7, -4, 14, 10)]
    return posed(rng, [*found, *moved(phone, turn=some(rng, -0.3, 0.3))], 0.5, 0.2)


def vacuum_cleaner(rng: Generator) -> Strokes:
    """A vacuum cleaner: a body on wheels with a hose, or one upright."""
    body, long = one_of(rng, PLASTICS), some(rng, 60, 84)
    if maybe(rng, 0.5):
        found = [line("grey", 4, [(0, 0), (some(rng, 12, 26), -long)])]
        found += [curved(body, [(-10, 0), (10, 0), (20, -long * 0.6), (4, -long * 0.66)], 1)]
        found += [
            box(one_of(rng, "dark grey red"), -24, -4, 44, 14, 1),
            ring("dark", 4, 22, -long, 7, 9),
        ]
        return posed(rng, found, 0.12, 0.0)
    size = some(rng, 18, 25)
    top, hand = (some(rng, -14, 4), -long), some(rng, 24, 36)
    found = [
        line(
            "dark",
            5,
            [(-2, 0), (-hand, -24), (-hand + 2, -long * 0.8), (top[0], -long), (30, -long)],
        )
    ]
    found += [
        line("metal", 4.5, [(28, -long), (74, 12)]),
        filled("dark", [(60, 10), (88, 10), (92, 20), (56, 20)]),
    ]
    found += [
        curved(body, [(-size, 14), (-size, -8), (0, -size), (size * 1.2, -4), (size * 1.2, 14)], 2)
    ]
    return posed(
        rng, [*found, disc("dark", -size * 0.6, 14, 9), disc("dark", size * 0.8, 16, 6)], 0.1, 0.0
    )


def garden_hose(rng: Generator) -> Strokes:
    """A hose with a nozzle, coiled or wavy, mostly with water that comes out."""
    hose, tip, thick = (
        one_of(rng, "green green yellow blue orange"),
        one_of(rng, "yellow orange red gold dark"),
        some(rng, 4, 6),
    )
    found = Strokes()
    if maybe(rng, 0.6):
        found += [
            ring(hose, thick, some(rng, -3, 3), 30 + n * 6, 30 - n * some(rng, 0, 3), 15)
            for n in range(count(rng, 2, 4))
        ]
    else:
        found.append(line(hose, thick, wave(-30, 34, 60, some(rng, 9, 16), some(rng, 1, 2.5))))
    found.append(line(hose, thick, [(28, 30), (36, 16), (34, 2), (40, -4)]))
    nozzle = [bar(tip, (0, 0), (18, 0), 6, 10), bar("dark", (18, 0), (24, 0), 11, 11)]
    if maybe(rng, 0.5):
        nozzle += [bar(tip, (2, 2), (-2, 22), 7, 6), line("dark", 2.5, [(10, 4), (8, 16)])]
    if maybe(rng, 0.7):
        spread = some(rng, 5, 15)
        nozzle += [
            line("blue", 1.8, [(27, y / 4), (some(rng, 50, 64), y)])
            for y in np.linspace(-spread, spread, count(rng, 3, 5))
        ]
    return posed(rng, [*found, *moved(nozzle, 40, -5, some(rng, -0.6, 0.2))], 0.12, 0.05)


def leaf_blower(rng: Generator) -> Strokes:
    """A leaf blower: a motor with a handle on top and a long pipe; leaves fly before it."""
    body, size, pipe = (
        one_of(rng, "orange orange red green yellow blue"),
        some(rng, 20, 27),
        some(rng, 48, 72),
    )
    found = [bar("dark", (size * 0.6, 6), (pipe + size, some(rng, 10, 22)), 15, some(rng, 8, 12))]
    found += [
        curved(
            body,
            [(-size, 14), (-size, -12), (0, -size * 0.8), (size, -6), (size * 1.2, 14), (0, size)],
            1,
        )
    ]
    found.append(
        line(
            "dark", 6, [(-size * 0.8, -10), (-size * 0.5, -30), (size * 0.5, -30), (size * 0.7, -8)]
        )
    )
    found += [ring("dark", 2, -4, 2, size * part) for part in (0.3, 0.5)]
    leaf = [(0, 0), (5, -5), (12, 0), (5, 5)]
    for _ in range(count(rng, 0, 5)):
        one = [curved(one_of(rng, "orange green wood yellow red"), leaf, 1)]
        found += moved(one, pipe + size + some(rng, 8, 26), some(rng, -10, 36), some(rng, 0, 6))
    return posed(rng, found, 0.2, 0.1)


def walkie_talkie(rng: Generator) -> Strokes:
    """A walkie-talkie with its antenna, screen and loudspeaker."""
    body, wide, long = (
        one_of(rng, "dark dark yellow red green blue"),
        some(rng, 28, 38),
        some(rng, 54, 72),
    )
    ink, left = ("grey" if body == "dark" else "dark"), some(rng, 3, 8)
    found = [
        bar("dark", (left + 3, 4), (left + 3, -some(rng, 24, 46)), 7, 4),
        box("grey", wide - 12, -6, 7, 9),
    ]
    found += [
        box(body, 0, 0, wide, long, 1),
        box(one_of(rng, "green blue white"), 6, long * 0.14, wide - 12, long * 0.2),
    ]
    found += [
        line(ink, 2, [(8, long * part), (wide - 8, long * part)])
        for part in np.linspace(0.68, 0.88, count(rng, 3, 5))
    ]
    found += [disc(ink, wide * part, long * 0.52, 3) for part in (0.28, 0.5, 0.72)]
    return posed(rng, [*found, box("red", -3, long * 0.3, 4, 14)], 0.3, 0.15)


def hand_microphone(rng: Generator) -> Strokes:
    """A microphone with a mesh: in the hand, on a cable or on a stand."""
    body, size, long = (
        one_of(rng, "dark dark steel red blue gold"),
        some(rng, 12, 18),
        some(rng, 40, 58),
    )
    found = Strokes()
    kind = count(rng, 0, 2)
    if kind == 0:
        found.append(line("dark", 2.5, wave(0, 0, some(rng, 24, 40), 6, 1)[:, ::-1] + (0, long)))
    elif kind == 1:
        found += [
            line("metal", 3, [(0, long * 0.7), (0, long + 44)]),
            box("metal", -20, long + 42, 40, 6),
        ]
    found += [
        bar(body, (0, 0), (0, long), size * 1.3, size * 0.8),
        disc("grey", 0, -size * 0.6, size, size * 1.1),
    ]
    found += [
        line("dark", 1.1, [(x - 5, -size * 1.3), (x + 5, size * 0.1)])
        for x in (-size * 0.4, 0, size * 0.4)
    ]
    found += [
        line("dark", 1.1, [(x + 5, -size * 1.3), (x - 5, size * 0.1)])
        for x in (-size * 0.4, 0, size * 0.4)
    ]
    return posed(
        rng,
        [*found, box("steel", -size * 0.8, 0, size * 1.6, 5), box("red", -2, long * 0.3, 4, 8)],
        0.4,
        0.15,
    )


def television_remote(rng: Generator) -> Strokes:
    """The remote of a television: rows of buttons on a long box."""
    body, wide, gap = one_of(rng, "dark dark grey white"), some(rng, 24, 34), some(rng, 8, 11)
    ink, rows = ("dark" if body == "white" else "white"), count(rng, 4, 7)
    found = [box(body, 0, 0, wide, 30 + rows * gap, 1), disc("red", wide * 0.25, 9, 3.4)]
    if maybe(rng, 0.5):
        found += [ring(ink, 3, wide / 2, 20, wide * 0.24), disc(ink, wide / 2, 20, 2.5)]
    for row in range(rows):
        colour = ("red", "green", "yellow") if row == rows - 1 else (ink, ink, ink)
        found += [
            disc(one, wide * part, 34 + row * gap, 2.8)
            for one, part in zip(colour, (0.24, 0.5, 0.76), strict=True)
        ]
    return posed(rng, found, 0.4, 0.25)


def baster(rng: Generator) -> Strokes:
    """A kitchen baster: a rubber bulb on a clear tube that narrows at its end."""
    bulb, long, wide = (
        one_of(rng, "red dark blue green orange"),
        some(rng, 60, 84),
        some(rng, 10, 15),
    )
    size = some(rng, 11, 15)
    found = [
        bar("steel", (0, 0), (long, 0), wide, wide),
        bar("steel", (long, 0), (long + 16, 0), wide, 3),
    ]
    found.append(bar("gold", (long * some(rng, 0.3, 0.7), 0), (long, 0), wide - 4, wide - 4))
    found += [
        line("dark", 1, [(x, -wide / 2), (x, 0)]) for x in np.arange(14, long, some(rng, 8, 13))
    ]
    shape = [
        (4, -8),
        (-8, -size),
        (-28, -size * 0.8),
        (-34, 0),
        (-28, size * 0.8),
        (-8, size),
        (4, 8),
    ]
    return posed(rng, [*found, curved(bulb, shape)], 0.7, 0.3)


DEVICES: tuple[Scene, ...] = (
    Scene("selfie sticks", "", ("a selfie stick", "a phone on a stick"), selfie_stick),
    Scene("vacuum cleaners", "", ("a vacuum cleaner",), vacuum_cleaner),
    Scene("garden hoses", "", ("a garden hose",), garden_hose),
    Scene("leaf blowers", "", ("a leaf blower",), leaf_blower, share=2),
    Scene("walkie-talkies", "", ("a walkie-talkie",), walkie_talkie),
    Scene("hand microphones", "", ("a hand microphone",), hand_microphone),
    Scene("television remotes", "", ("a television remote",), television_remote),
    Scene("basters", "", ("a turkey baster",), baster),
)
