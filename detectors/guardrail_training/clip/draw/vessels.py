"""Harmless vessels of glass and clay, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.parts import lit
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
    ring,
    some,
)

_LIQUIDS = "blue green red orange purple pink yellow"


def _turned(colour: str, profile: list[tuple[float, float]], soft: int = 1) -> Strokes:
    """What is round about a vertical axis: half widths and heights from the top down."""
    right = [(half, y) for half, y in profile]
    outline = [*right, *((-x, y) for x, y in reversed(right))]
    return [curved(colour, outline, soft) if soft else filled(colour, outline)]


def vase(rng: Generator) -> Strokes:
    """A vase with a belly, a neck and a band, mostly with flowers."""
    colour, band = one_of(rng, f"{COLOURED} white wood"), one_of(rng, "gold white dark red")
    band = "dark" if band == colour else band
    rim, neck, belly = some(rng, 10, 22), some(rng, 7, 13), some(rng, 20, 34)
    foot, high, at = some(rng, 10, 18), some(rng, 62, 92), some(rng, 0.45, 0.75)
    found = Strokes()
    for n in range(count(rng, 3, 6) if maybe(rng, 0.7) else 0):
        x, y = (n - 2) * some(rng, 9, 14), -some(rng, 26, 52)
        found.append(line("green", 2.6, [(0, 14), (x * 0.5, y * 0.4), (x, y)]))
        petal = one_of(rng, "red pink yellow purple white orange")
        for turn in (np.arange(5) * 2 * np.pi / 5).tolist():
            found.append(disc(petal, x + 6 * np.cos(turn), y + 6 * np.sin(turn), 5))
        found.append(disc("gold", x, y, 4))
    body = [(rim, 0.0), (neck, high * 0.16), (neck, high * 0.26), (belly, high * at)]
    found += _turned(colour, [*body, (foot, high * 0.94), (foot + 2, high)], count(rng, 0, 2))
    width = belly * 0.9
    found.append(line(band, some(rng, 2, 6), [(-width, high * at), (width, high * at)]))
    if maybe(rng, 0.4):
        for way in (-1, 1):
            ear = [
                (way * neck, high * 0.2),
                (way * belly, high * 0.2),
                (way * belly * 0.9, high * at),
            ]
            found.append(line(colour, 4, ear))
    return posed(rng, found, 0.04, 0.0)


def watering_can(rng: Generator) -> Strokes:
    """A watering can with a spout, a rose and a handle, maybe with water."""
    colour, rose = one_of(rng, f"{COLOURED} metal steel"), one_of(rng, "gold dark steel")
    wide, high, slope = some(rng, 42, 60), some(rng, 38, 58), some(rng, -6, 7)
    out, up = some(rng, 34, 54), some(rng, -16, 10)
    tip = (wide + out, up)
    found = [bar(colour, (wide - 6, high * 0.75), tip, some(rng, 12, 20), 6)]
    mouth = [(tip[0] - 4, tip[1] + 5), (tip[0] - 4, tip[1] - 7), (tip[0] + 11, tip[1] - 16)]
    found.append(filled(rose, [*mouth, (tip[0] + 14, tip[1] + 5)]))
    body = [(slope, 0), (wide - slope, 0), (wide + slope, high), (-slope, high)]
    found.append(filled(colour, body))
    grip = [(6, 2), (-some(rng, 4, 26), -some(rng, 16, 30)), (-some(rng, 16, 28), high * 0.5)]
    found.append(line(colour, some(rng, 4, 7), [*grip, (2, high * 0.8)]))
    if maybe(rng, 0.5):
        found.append(line(colour, 5, [(10, 2), (wide / 2, -some(rng, 18, 30)), (wide - 6, 2)]))
    found += [
        line("dark", 1.6, [(slope, high * at), (wide - slope, high * at)]) for at in (0.2, 0.8)
    ]
    for n in range(count(rng, 3, 5) if maybe(rng, 0.6) else 0):
        x, y = tip[0] + 14 + n * 3, tip[1] - 10 + n * 4
        found.append(line("blue", 1.8, [(x, y), (x + 14, y + 14), (x + 18, y + 38)]))
    return posed(rng, found, 0.05, 0.0)


def flask(rng: Generator) -> Strokes:
    """A laboratory flask, cone-shaped or round, with a coloured liquid and a scale."""
    half, high, neck = some(rng, 30, 42), some(rng, 52, 72), some(rng, 7, 11)
    up, colour, level = some(rng, 20, 40), one_of(rng, _LIQUIDS), some(rng, 0.3, 0.7)
    glass, found = one_of(rng, "white steel"), Strokes()
    if maybe(rng, 0.6):
        cone = [(-neck, 0), (neck, 0), (half, high), (-half, high)]
        wide = neck + (half - neck) * level
        found += [box(glass, -neck, -up, neck * 2, up + 2), filled(glass, cone)]
        found += [filled(colour, [(-wide + 2, high * level), (wide - 2, high * level),
                                  (half - 4, high - 3), (4 - half, high - 3)])]  # fmt: skip
        found += [line("metal", 2, [(-neck, -up), (-neck, 0), (-half, high), (half, high),
                                    (neck, 0), (neck, -up)])]  # fmt: skip
    else:
        found += [box(glass, -neck, -up, neck * 2, up + half * 0.3), disc(glass, 0, half, half)]
        turn = np.linspace(0.1, np.pi - 0.1, 16)
        content = np.stack([np.cos(turn), np.sin(turn)], 1) * (half - 4) + (0, half)
        found += [filled(colour, content), ring("metal", 2, 0, half, half)]
        found += [line("metal", 2, [(way * neck, -up), (way * neck, 3)]) for way in (-1, 1)]
        high = half * 2
    found.append(line("metal", 3.6, [(-neck - 4, -up), (neck + 4, -up)]))
    found += [line("dark", 1.4, [(0, high * at), (9, high * at)]) for at in (0.5, 0.62, 0.74, 0.86)]
    for _ in range(count(rng, 2, 6)):
        found.append(ring("white", 1.4, some(rng, -12, 12), high * some(rng, 0.7, 0.9), 3))
    if maybe(rng, 0.4):
        found += [box("wood", -neck + 1, -up - 8, neck * 2 - 2, 14)]
    return posed(rng, found, 0.08, 0.0)


def siphon(rng: Generator) -> Strokes:
    """A coffee siphon: a glass funnel over a glass ball on a stand, a small burner below."""
    size, wide, high = some(rng, 20, 28), some(rng, 17, 24), some(rng, 34, 50)
    stand, coffee = one_of(rng, "dark wood metal gold red"), one_of(rng, "wood grip")
    up = size + 10
    found = [box(stand, -46, -up - high * 0.5, 7, up + high * 0.5 + 66), box(stand, -52, 66, 96, 7)]
    found += [box(stand, -42, -up + 2, 46, 6), box("steel", -4, -up - 2, 8, size + 10)]
    found += [box("steel", -wide, -up - high, wide * 2, high, count(rng, 1, 3))]
    part = some(rng, 0.3, 0.7) * high
    found += [box(coffee, -wide + 3, -up - part, wide * 2 - 6, part - 4, 1)]
    found += [disc("steel", 0, 0, size), ring("metal", 2, 0, 0, size)]
    turn = np.linspace(0.3, np.pi - 0.3, 14)
    found.append(filled(coffee, np.stack([np.cos(turn), np.sin(turn)], 1) * (size - 4)))
    found += [
        box(stand, -8, -size - 6, 16, 8),
        line("metal", 1.8, [(-wide, -up - high), (wide, -up - high)]),
    ]
    found += lit(rng, 0, 48, some(rng, 12, 18))
    found += [
        box("gold", -5, 46, 10, 6),
        curved("blue", [(-15, 52), (15, 52), (18, 66), (-18, 66)], 1),
    ]
    return posed(rng, found, 0.03, 0.0)


def hourglass(rng: Generator) -> Strokes:
    """A sand glass between two plates, with posts, sand above and below."""
    half, high, waist = some(rng, 20, 32), some(rng, 34, 46), some(rng, 2, 4)
    wood, sand = one_of(rng, "wood grip gold dark red"), one_of(rng, "gold yellow pink blue white")
    left, soft = some(rng, 0.2, 0.8), count(rng, 0, 1)
    profile = [(half, -high), (half * 0.8, -high * 0.4), (waist, 0.0), (half * 0.8, high * 0.4)]
    found = _turned("steel", [*profile, (half, high)], soft)
    edge = half * 0.7 * left + waist
    found += [
        filled(sand, [(-edge, -high * 0.45 * left - 3), (edge, -high * 0.45 * left - 3), (0, 0)])
    ]
    found += [line(sand, 1.8, [(0, 0), (0, high - 4)])]
    found += [
        curved(
            sand,
            [(-half * 0.9, high - 1), (0, high * (0.3 + 0.5 * left)), (half * 0.9, high - 1)],
            1,
        )
    ]
    post = half + some(rng, 5, 10)
    for x in (-post, post):
        found.append(line(wood, some(rng, 3, 6), [(x, -high), (x, high)]))
        if maybe(rng, 0.5):
            found.append(disc(wood, x, 0, 4.4, 7))
    found += [box(wood, -post - 7, y, post * 2 + 14, 9) for y in (-high - 8, high - 1)]
    return posed(rng, found, 0.15, 0.1)


def carafe(rng: Generator) -> Strokes:
    """A glass carafe of water or juice, maybe with a handle, slices of fruit or a tumbler."""
    rim, neck, belly = some(rng, 12, 18), some(rng, 8, 12), some(rng, 24, 34)
    high, colour = some(rng, 70, 94), one_of(rng, "blue orange yellow pink red")
    profile = [(rim, 0.0), (neck, high * 0.2), (neck, high * 0.34), (belly, high * 0.72)]
    found = _turned("steel", [*profile, (belly * 0.9, high * 0.97), (belly * 0.6, high)], 1)
    level = some(rng, 0.42, 0.6)
    wide = neck + (belly - neck) * (level - 0.34) / 0.38
    inner = [(wide - 3, high * level), (belly - 4, high * 0.74), (belly * 0.85, high * 0.94)]
    found += _turned(colour, inner, 0)
    found += [line("white", 2.4, [(-belly * 0.6, high * 0.7), (-belly * 0.6, high * 0.88)])]
    for _ in range(count(rng, 0, 3)):
        x, y = some(rng, -0.5, 0.5) * belly, high * some(rng, 0.66, 0.88)
        slice_of = "yellow" if colour not in {"yellow", "orange"} else "green"
        found += [disc(slice_of, x, y, 7), ring("white", 1.4, x, y, 5)]
    if maybe(rng, 0.5):
        grip = [
            (rim, 6),
            (belly + 14, high * 0.2),
            (belly + 12, high * 0.55),
            (belly - 6, high * 0.66),
        ]
        found.append(line("metal", 4, grip))
    if maybe(rng, 0.5):
        x = -belly - 26
        found += [
            filled(
                "steel",
                [(x - 13, high * 0.6), (x + 13, high * 0.6), (x + 10, high), (x - 10, high)],
            )
        ]
        found += [box(colour, x - 9, high * 0.75, 18, high * 0.22)]
    return posed(rng, found, 0.04, 0.0)


def tea_infuser(rng: Generator) -> Strokes:
    """A ball or basket with holes on a chain, with tea leaves."""
    size, metal = some(rng, 22, 30), one_of(rng, "steel metal gold")
    links, hook = count(rng, 5, 9), one_of(rng, "steel metal gold")
    found, bend = Strokes(), some(rng, -2, 4)
    for n in range(links):
        found.append(ring(hook, 1.8, n * bend * 0.5, -size - 6 - n * 8, 2.6, 4.6))
    top = (links * bend * 0.5, -size - 8 - links * 8)
    found += [
        ring(hook, 2.4, top[0] + 6, top[1], 9),
        disc(metal, 0, 0, size, size * some(rng, 0.9, 1.2)),
    ]
    for x, y in np.argwhere(np.ones((5, 5))) - 2:
        if x * x + y * y < 6:
            found.append(disc("dark", float(x) * size * 0.34, float(y) * size * 0.34, size * 0.08))
    found += [line("dark", 2.2, [(-size, 0), (size, 0)]), box(metal, size - 3, -6, 9, 12)]
    for _ in range(count(rng, 6, 16)):
        x, y = some(rng, -1.6, 1.6) * size, size * 1.2 + some(rng, 4, 14)
        found += moved([disc(one_of(rng, "grip green wood"), 0, 0, 4, 1.4)], x, y, some(rng, 0, 3))
    if maybe(rng, 0.4):
        cup = [(-size - 12, 4), (size + 12, 4), (size, size + 22), (-size, size + 22)]
        colour = one_of(rng, COLOURED)
        found = [*found[: links + 2], ring(colour, 5, size + 12, 14, 10, 8)]
        found += [curved(colour, cup, 1), disc("wood", 0, 6, size + 6, 4)]
    return posed(rng, found, 0.06, 0.0)


def candlestick(rng: Generator) -> Strokes:
    """A candle holder with one to five arms on a foot."""
    arms, metal = count(rng, 0, 2), one_of(rng, "gold gold steel metal dark")
    gap, high, wax = some(rng, 22, 30), some(rng, 44, 70), one_of(rng, "white red yellow skin")
    foot, found = some(rng, 18, 30), Strokes()
    found += [bar(metal, (0, 0), (0, high), 6, 9), disc(metal, 0, high * some(rng, 0.3, 0.7), 9, 6)]
    found += [
        curved(metal, [(-5, high - 8), (5, high - 8), (foot, high + 6), (-foot, high + 6)], 1)
    ]
    for n in range(-arms, arms + 1):
        x, y = n * gap, -4.0 + abs(n) * some(rng, 0, 5)
        low = 14 + abs(n) * some(rng, 10, 16)
        if n:
            found.append(line(metal, 4, [(0, low + 4), (x * 0.6, low), (x, low * 0.5), (x, y)]))
        tall = some(rng, 20, 34)
        found += [box(wax, x - 4.5, y - tall, 9, tall), disc(metal, x, y, 10, 3.6)]
        found += [box(metal, x - 6, y - 7, 12, 7), *lit(rng, x, y - tall - 1, some(rng, 11, 16))]
    return posed(rng, found, 0.03, 0.0)


VESSELS: tuple[Scene, ...] = (
    Scene("vases", "", ("a vase", "a flower vase"), vase, share=2),
    Scene("watering cans", "", ("a watering can", "a can to water plants"), watering_can, share=2),
    Scene("laboratory flasks", "", ("a laboratory flask", "a flask for chemistry"), flask, share=2),
    Scene("coffee siphons", "", ("a coffee siphon", "a vacuum coffee maker"), siphon, share=2),
    Scene("hourglasses", "", ("an hourglass", "a sand timer"), hourglass, share=2),
    Scene("carafes", "", ("a carafe", "a jug to drink from"), carafe, share=2),
    Scene("tea infusers", "", ("a tea infuser", "a tea ball on a chain"), tea_infuser, share=2),
    Scene("candlesticks", "", ("a candle holder", "a candlestick"), candlestick, share=2),
)
