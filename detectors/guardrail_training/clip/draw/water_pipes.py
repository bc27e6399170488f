"""Pipes that bubble and powder in heaps, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, burst, filled
from guardrail_training.clip.draw.parts import smoke
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
)

_GLASS = "blue green steel purple orange grey"


def _bowl(rng: Generator, x: float, y: float, reach: float) -> Strokes:
    """A stem that rises to the right from (x, y), herbs in the bowl at its end."""
    rise = reach * some(rng, 0.5, 1.1)
    end = (x + reach, y - rise)
    glass = one_of(rng, "steel metal dark gold")
    found = [bar(glass, (x, y), end, some(rng, 4, 6), 4)]
    cup = [(end[0] - 8, end[1] - 9), (end[0] + 8, end[1] - 9), (end[0] + 3, end[1] + 4)]
    found += [filled(glass, [*cup, (end[0] - 3, end[1] + 4)])]
    found.append(disc("green", end[0], end[1] - 9, 7, 4))
    return found


def _tube(rng: Generator, high: float, wide: float, lean: float, glass: str) -> Strokes:
    """A tube that stands on the origin, its mouth at the top."""
    top = (lean, -high)
    found = [
        bar(glass, (0, 0), top, wide, wide),
        line("white", 2, [(-wide * 0.2, -6), (lean - wide * 0.2, 6 - high)]),
    ]
    found.append(ring("dark" if maybe(rng, 0.4) else glass, 3, *top, wide * 0.6, 3))
    if maybe(rng, 0.4):
        for n in range(3):
            x, y = lean * (0.35 + n * 0.1), -high * (0.35 + n * 0.1)
            found.append(line("white", 1.6, [(x - wide / 2, y), (x + wide / 2, y - 3)]))
    return found


def _foot(kind: str, wide: float, foot: float, deep: float, glass: str, water: str) -> Strokes:
    """A ball, a cone or a bell with water in it, below the origin."""
    if kind == "ball":
        level = [(-foot * 0.75, deep * 0.5), (foot * 0.75, deep * 0.5)]
        bottom = [(foot * 0.4, deep), (-foot * 0.4, deep)]
        round_part = disc(glass, 0, deep / 2, foot * 0.85, deep * 0.6)
        return [round_part, curved(water, [*level, *bottom], 1)]
    neck = [(-wide / 2, -2), (wide / 2, -2)]
    if kind == "cone":
        body = filled(glass, [*neck, (foot, deep), (-foot, deep)])
    else:
        right = [(foot, deep * 0.4), (foot * 0.9, deep)]
        left = [(-foot * 0.9, deep), (-foot, deep * 0.4)]
        body = curved(glass, [*neck, *right, *left], 2)
    half = foot * 0.62
    level = [(-half, deep * 0.5), (half, deep * 0.5)]
    bottom = [(foot * 0.85, deep - 3), (-foot * 0.85, deep - 3)]
    return [body, filled(water, [*level, *bottom])]


def beaker_pipe(rng: Generator) -> Strokes:
    """A water pipe with a wide foot: a cone, a ball or a bell."""
    glass, wide = one_of(rng, _GLASS), some(rng, 12, 20)
    foot, deep = some(rng, 26, 40), some(rng, 34, 50)
    water = one_of(rng, "blue steel wood green")
    body = _foot(one_of(rng, "cone ball bell"), wide, foot, deep, glass, water)
    body += [disc("white", some(rng, -10, 10), deep * some(rng, 0.55, 0.8), 2.5) for _ in range(3)]
    found = _tube(rng, some(rng, 44, 74), wide, some(rng, -6, 6), glass)
    found += [*body, *_bowl(rng, foot * 0.35, deep * 0.45, some(rng, 22, 34))]
    found.append(box(one_of(rng, f"dark {glass}"), -foot * 0.8, deep - 2, foot * 1.6, 6))
    if maybe(rng, 0.4):
        found += smoke(rng, 0, -76, 22, 2)
    return posed(rng, found, 0.08, 0.0)


def straight_pipe(rng: Generator) -> Strokes:
    """A straight tube on a foot with a bowl low at its side."""
    glass, wide, high = one_of(rng, _GLASS), some(rng, 15, 26), some(rng, 76, 106)
    found = _tube(rng, high, wide, some(rng, -3, 3), glass)
    level = high * some(rng, 0.2, 0.36)
    found.append(box(one_of(rng, "blue steel green wood"), -wide / 2 + 2, -level, wide - 4, level))
    found += [disc("white", some(rng, -4, 4), -level * some(rng, 0.2, 0.8), 2) for _ in range(3)]
    found.append(box(one_of(rng, f"dark metal {glass}"), -wide * 0.95, -1, wide * 1.9, 8, 1))
    found += _bowl(rng, wide * 0.4, -level * 0.6, some(rng, 18, 30))
    for n in range(count(rng, 0, 3)):
        found.append(box(one_of(rng, "red yellow green"), -wide / 2, -high * 0.5 - n * 9, wide, 7))
    return posed(rng, found, 0.12, 0.05)


def hookah(rng: Generator) -> Strokes:
    """A tall pipe with a vase of water, a stem of metal and a hose."""
    glass, metal = one_of(rng, "blue green purple red orange"), one_of(rng, "gold steel metal")
    vase = [(-7, 30), (7, 30), (14, 48), (24, 72), (20, 88), (-20, 88), (-24, 72), (-14, 48)]
    side = some(rng, 30, 40)
    hose = [
        (5, 22),
        (side * 0.6, 14),
        (side, 30),
        (side * 0.9, 58),
        (side * 1.2, 82),
        (side * 1.5, 70),
    ]
    found = [line(one_of(rng, "dark red wood grip"), 5, hose)]
    found += [line(metal, 6, hose[-2:]), curved(glass, vase), bar(metal, (0, 32), (0, -30), 6, 5)]
    found += [disc(metal, 0, y, some(rng, 5, 9), 5) for y in (20, 2, -16)]
    found += [
        disc(metal, 0, -30, 20, 4),
        filled("grip", [(-9, -46), (9, -46), (5, -32), (-5, -32)]),
    ]
    found += [disc("dark", 0, -47, 10, 4), disc("red", some(rng, -4, 4), -49, 4, 3)]
    found.append(box("gold", -18, 60, 36, 4))
    if maybe(rng, 0.5):
        found += smoke(rng, -4, -54, 22, 2)
    return posed(rng, found, 0.04, 0.0)


def _mound(rng: Generator, wide: float, high: float) -> Strokes:
    """White powder that lies on y = 0, its middle at x = 0."""
    at = np.linspace(-1, 1, 13)
    top = high * (1 - np.abs(at) ** some(rng, 1.1, 2.0)) + rng.uniform(-1.5, 1.5, 13)
    outline = np.stack([at * wide, -np.maximum(top, 0)], 1)
    shade = [
        (wide * 0.1, -high * 0.8),
        (wide * 0.5, -high * 0.35),
        (wide * 0.9, -1),
        (wide * 0.3, -1),
    ]
    found = [filled("white", outline), filled("steel", shade)]
    return found + [
        disc("white", some(rng, -1.3, 1.3) * wide, some(rng, 0, 8), some(rng, 1, 2.2))
        for _ in range(count(rng, 4, 12))
    ]


def powder_on_tray(rng: Generator) -> Strokes:
    """A mound of powder on a dark plate or a mirror, with a blade, a straw or a card."""
    wide, high = some(rng, 22, 36), some(rng, 16, 34)
    plate = one_of(rng, "dark dark blue metal grip red")
    found = [disc(plate, 0, 2, wide + some(rng, 12, 24), some(rng, 14, 22))]
    if maybe(rng, 0.5):
        found.insert(0, disc("gold", 0, 3, wide + 28, 26))
    found += _mound(rng, wide, high)
    for n in range(count(rng, 0, 3)):
        found.append(line("white", 3, [(wide * 0.3 + n * 10, 9), (wide * 0.3 + n * 10 + 12, 15)]))
    kind = one_of(rng, "razor straw card note")
    tool = {
        "razor": [box("steel", 0, 0, 26, 15), box("dark", 6, 6, 14, 3), box("grey", 0, -3, 26, 4)],
        "straw": [line(one_of(rng, "red white green"), 4, [(0, 0), (34, -8)])],
        "card": [
            box(one_of(rng, "blue gold green red"), 0, 0, 34, 21, 1),
            box("dark", 0, 4, 34, 4),
        ],
        "note": [line("green", 8, [(0, 0), (32, -6)]), ring("white", 1.4, 33, -6, 2, 4)],
    }[kind]
    found += moved(tool, some(rng, -46, -30), some(rng, 0, 8), some(rng, -0.5, 0.5))
    return posed(rng, found, 0.06, 0.0)


def torn_bag(rng: Generator) -> Strokes:
    """A bag that is torn open, powder pouring out in a mound."""
    wide, high = some(rng, 34, 46), some(rng, 26, 40)
    bag = one_of(rng, "grey steel blue skin")
    found = moved(_mound(rng, some(rng, 24, 34), some(rng, 14, 24)), wide * 0.8, high)
    sack = [(-wide, high), (-wide * 1.05, high * 0.2), (-wide * 0.6, -4), (wide * 0.2, 2)]
    tear = [(wide * 0.4, high * 0.3), (wide * 0.25, high * 0.5), (wide * 0.45, high * 0.7)]
    found.append(curved(bag, [*sack, *tear, (wide * 0.3, high)], 1))
    inside = [(wide * 0.1, high * 0.3), (wide * 0.55, high * 0.6), (wide * 0.5, high)]
    found.append(filled("white", [*inside, (-wide * 0.4, high), (-wide * 0.5, high * 0.6)]))
    found += [line("white", 1.6, [(-wide * 0.8, high * 0.3), (-wide * 0.7, high * 0.7)])]
    if maybe(rng, 0.6):
        found.append(box("gold", -wide * 0.9, high * 0.5, wide * 0.5, 6))
    if maybe(rng, 0.4):
        found.append(filled("white", burst(rng, wide * 1.6, high - 3, 6, 5)))
    return posed(rng, found, 0.06, 0.0)


def bare_mound(rng: Generator) -> Strokes:
    """A mound of powder on a table, a small spoon in it, or a scoop beside it."""
    wide, high = some(rng, 32, 46), some(rng, 24, 48)
    table = one_of(rng, "wood dark grip metal blue")
    found = [box(table, -wide - 12, -2, 2 * wide + 24, some(rng, 5, 12))]
    found += _mound(rng, wide, high)
    if maybe(rng, 0.6):
        spoon = [disc("metal", 0, 0, 8, 5), line("metal", 3, [(6, -2), (38, -22)])]
        found += moved(spoon, wide * some(rng, 0.1, 0.5), -high * 0.5, some(rng, -0.3, 0.3))
    if maybe(rng, 0.5):
        small = [
            box("grey", -9, -18, 18, 18),
            box("white", -8, -10, 16, 9),
            box("red", -9, -20, 18, 3),
        ]
        found += moved(small, -wide * 0.9, -1)
    return posed(rng, found, 0.04, 0.0)


WATER_PIPES: tuple[Scene, ...] = tuple(
    Scene(name, "drugs", captions, make, share=4)
    for name, captions, make in (
        ("beaker pipes", ("a glass bong", "a bong with water for cannabis"), beaker_pipe),
        ("straight water pipes", ("a tall bong", "a glass water pipe for cannabis"), straight_pipe),
        ("hookahs", ("a hookah", "a hookah with a hose, smoking"), hookah),
        ("powder on trays", ("cocaine on a tray", "a mound of cocaine"), powder_on_tray),
        ("torn bags", ("a torn bag of cocaine", "white powder from a bag, a drug"), torn_bag),
        ("powder on tables", ("a mound of white powder, a drug", "heroin powder"), bare_mound),
    )
)
"""Bongs and hookahs, then powder that is no flour."""
