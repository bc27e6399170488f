"""Harmless heaps of something white or grainy, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
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

_CHINA = "blue red green wood yellow purple dark"


def _dish(rng: Generator, wide: float, flat: float) -> Strokes:
    """A plate around the origin."""
    colour = one_of(rng, f"{_CHINA} steel")
    found = [disc(colour, 0, 0, wide, wide * flat)]
    return [*found, ring("white", 2, 0, 0, wide * 0.84, wide * flat * 0.82)]


def rice(rng: Generator) -> Strokes:
    """Long grains of cooked rice in a mound on a dish or in a bowl, maybe with chopsticks."""
    wide, high, bowl = some(rng, 32, 44), some(rng, 20, 36), maybe(rng, 0.5)
    colour = one_of(rng, _CHINA)
    dome = [(-wide, 4), (-wide * 0.7, -high * 0.7), (0, -high), (wide * 0.7, -high * 0.7)]
    found = [] if bowl else _dish(rng, wide * 1.4, some(rng, 0.24, 0.36))
    found.append(curved("white", [*dome, (wide, 4), (0, 10)], 2))
    for _ in range(count(rng, 36, 60)):
        x = some(rng, -0.85, 0.85) * wide
        top = high * (1 - (x / wide) ** 2) * 0.9
        grain = [disc("white", 0, 0, 4.4, 1.9), ring("grey", 0.8, 0, 0, 4.4, 1.9)]
        found += moved(grain, x, 3 - some(rng, 0, 1) * top, some(rng, 0, 3.1))
    if bowl:
        foot, deep = wide * some(rng, 0.4, 0.6), some(rng, 26, 40)
        side = [(-wide - 4, 0), (wide + 4, 0), (wide * 0.8, deep * 0.6), (foot, deep)]
        found += [curved(colour, [*side, (-foot, deep), (-wide * 0.8, deep * 0.6)], 1)]
        found += [box(colour, -foot, deep - 3, foot * 2, 7)]
    if maybe(rng, 0.6):
        rods = [line("wood", 3, [(0, 0), (70, -8)]), line("wood", 3, [(0, 6), (70, 3)])]
        found += moved(rods, -8, -high * 0.6, some(rng, 0.4, 0.9))
    else:
        found += [disc("green", some(rng, -12, 12), -high * 0.8, 5, 3) for _ in range(3)]
    return posed(rng, found, 0.06, 0.0)


def mashed_potato(rng: Generator) -> Strokes:
    """Lumpy yellow mash with a pool of gravy or butter on a plate, a fork beside it."""
    wide, high = some(rng, 26, 38), some(rng, 22, 34)
    found = _dish(rng, wide * 1.6, some(rng, 0.36, 0.5))
    found += puffs(rng, "yellow", 0, -2, wide * 1.1, 8)
    dome = [(-wide, 8), (-wide * 0.9, -high * 0.4), (-wide * 0.4, -high), (wide * 0.4, -high * 0.9)]
    found += [curved("yellow", [*dome, (wide * 0.9, -high * 0.4), (wide, 8), (0, 13)], 2)]
    for way in (-1, 1):
        swirl = [(way * wide * 0.7, -2), (way * wide * 0.3, 4), (-way * wide * 0.2, 2)]
        found.append(line("gold", 2.4, swirl))
    sauce = one_of(rng, "wood wood grip")
    found += [disc(sauce, 0, -high * 0.8, wide * 0.46, high * 0.16)]
    found += [line(sauce, 6, [(wide * 0.2, -high * 0.7), (wide * 0.4, some(rng, -8, 6))])]
    if maybe(rng, 0.5):
        found.append(box("yellow", -7, -high * 0.8 - 8, 14, 9, 1))
    for _ in range(count(rng, 4, 10)):
        x, y = some(rng, -1.2, 1.2) * wide, some(rng, 10, 17)
        found.append(disc("green", x, y, 3.4))
    fork = [line("steel", 4, [(0, 10), (0, 58)]), box("steel", -6, -4, 12, 15)]
    fork += [line("steel", 2.4, [(x, -18), (x, 0)]) for x in (-5, 0, 5)]
    return posed(rng, [*found, *moved(fork, wide * 1.9, -14)], 0.06, 0.0)


def whipped_cream(rng: Generator) -> Strokes:
    """A swirl of whipped cream on a dish or a mug of cocoa, mostly with a cherry."""
    turns, wide, tall = count(rng, 3, 5), some(rng, 30, 44), some(rng, 11, 16)
    found = Strokes()
    if maybe(rng, 0.5):
        found += moved(_dish(rng, wide * 1.5, 0.22), 0, 6)
    else:
        mug, deep = one_of(rng, "blue red green white yellow"), some(rng, 58, 78)
        found += [ring(mug, 7, wide + 6, deep * 0.45, 13, deep * 0.26)]
        found += [box(mug, -wide - 3, 0, wide * 2 + 6, deep, count(rng, 0, 1))]
    for n in range(turns):
        half = wide * (1 - n / (turns + 0.4))
        y, lean = -n * tall, some(rng, 2, 6)
        band = [(-half, y + 5), (-half, y - 5), (half, y - 5 - lean), (half, y + 5 - lean)]
        found += [
            curved("white", band, 3),
            line("grey", 1.6, [(-half * 0.8, y + 6), (half * 0.8, y + 3)]),
        ]
    top = -turns * tall
    found.append(curved("white", [(-9, top + 13), (9, top + 10), (4, top - 8)], 1))
    if maybe(rng, 0.6):
        found += [disc("red", 0, top - 3, 8), line("green", 1.8, [(0, top - 10), (6, top - 26)])]
    return posed(rng, found, 0.05, 0.0)


def sandcastle(rng: Generator) -> Strokes:
    """Towers of sand with battlements and a flag, maybe a bucket beside them."""
    towers, sand = count(rng, 2, 4), one_of(rng, "gold gold yellow skin")
    gap, low = some(rng, 30, 38), some(rng, 22, 34)
    found = [box(sand, -4, -low, (towers - 1) * gap + 8, low)]
    for n in range(towers):
        x, high, half = n * gap, some(rng, 36, 66), some(rng, 11, 16)
        found.append(filled(sand, [(x - half, -high), (x + half, -high), (x + half + 4, 0),
                                   (x - half - 4, 0)]))  # fmt: skip
        found += [
            box(sand, x - half + k * half * 0.75, -high - 7, half * 0.48, 8) for k in range(3)
        ]
        found.append(box("grip", x - 3, -high * 0.6, 5, 9))
        found.append(line("grip", 1, [(x - half, -high + 5), (x + half, -high + 5)]))
        if n == 0 or maybe(rng, 0.3):
            flag = [(x, -high - 28), (x + 16, -high - 22), (x, -high - 16)]
            found += [line("wood", 2, [(x, -high), (x, -high - 28)])]
            found.append(filled(one_of(rng, "red blue green"), flag))
    middle = (towers - 1) * gap / 2
    found += [
        curved("grip", [(middle - 8, 0), (middle - 7, -16), (middle + 7, -16), (middle + 8, 0)], 1)
    ]
    found.append(curved(sand, [(-34, 10), (-20, -3), (middle * 2 + 20, -3), (middle * 2 + 34, 10)]))
    if maybe(rng, 0.5):
        x, pail = middle * 2 + 34, one_of(rng, "red blue green pink")
        found += [filled(pail, [(x - 13, -20), (x + 13, -20), (x + 9, 6), (x - 9, 6)])]
        found.append(line("white", 2, [(x - 13, -20), (x, -36), (x + 13, -20)]))
    return posed(rng, found, 0.03, 0.0)


def igloo(rng: Generator) -> Strokes:
    """A round house of blocks of snow with an arched entrance."""
    wide, high, rows = 50.0, some(rng, 36, 56), count(rng, 3, 5)
    turn = np.linspace(0, np.pi, 24)
    found = [filled("white", np.stack([-wide * np.cos(turn), -high * np.sin(turn)], 1))]
    for n in range(1, rows):
        level = n / rows
        half = wide * (1 - level**2) ** 0.5
        found.append(line("blue", 1.4, [(-half, -high * level), (half, -high * level)]))
    for n in range(rows):
        low, up = n / rows, (n + 1) / rows
        half = wide * (1 - up**2) ** 0.5
        for x in np.linspace(-0.8, 0.8, 6 - n).tolist():
            at = x * half + (n % 2) * 5
            found.append(line("blue", 1.4, [(at, -high * low), (at * 0.94, -high * up)]))
    way, size = count(rng, -1, 1), some(rng, 14, 20)
    x = way * some(rng, 18, 34)
    door = np.stack([x - size * np.cos(turn), -size * 1.3 * np.sin(turn)], 1)
    inner = np.stack([x - size * 0.68 * np.cos(turn), -size * np.sin(turn)], 1)
    found += [filled("steel", door), line("blue", 1.4, door), filled("dark", inner)]
    found += [curved("white", [(-72, 9), (-50, -4), (50, -4), (72, 9)])]
    return posed(rng, found, 0.02, 0.0)


def snowman(rng: Generator) -> Strokes:
    """Two or three balls of snow with a carrot for a nose, a hat and arms of twigs."""
    low, middle, head = some(rng, 28, 36), some(rng, 20, 26), some(rng, 14, 19)
    three, hat = maybe(rng, 0.65), one_of(rng, "dark red blue green")
    up = low + middle * 0.6 if three else 0.0
    top = up + (middle if three else low) + head * 0.6
    found = [disc("white", 0, 0, low), ring("grey", 1, 0, 0, low)]
    if three:
        found += [disc("white", 0, -up, middle), ring("grey", 1, 0, -up, middle)]
    found += [disc("white", 0, -top, head), ring("grey", 1, 0, -top, head)]
    body = up if three else low * 0.3
    for way in (-1, 1):
        hand = (way * some(rng, 46, 58), -body - some(rng, 6, 30))
        found.append(line("wood", 2.6, [(way * middle * 0.8, -body), hand]))
        found.append(line("wood", 2, [(hand[0] * 0.85, hand[1] * 0.97), (hand[0], hand[1] - 11)]))
        found.append(disc("dark", way * head * 0.36, -top - head * 0.25, 2.4))
    found += [filled("orange", [(0, -top - 3), (0, -top + 4), (some(rng, 16, 24), -top + 3)])]
    found += [disc("dark", 0, -body + n * 9, 2.4) for n in range(count(rng, 2, 3))]
    scarf = one_of(rng, COLOURED)
    found += [line(scarf, 6, [(-head * 0.8, -top + head * 0.8), (head * 0.8, -top + head * 0.8)])]
    found += [line(scarf, 6, [(head * 0.5, -top + head), (head * 0.7, -top + head + 18)])]
    wide, tall = head * some(rng, 0.7, 0.95), some(rng, 14, 28)
    brim = -top - head * 0.75
    if maybe(rng, 0.7):
        found += [
            box(hat, -wide, brim - tall, wide * 2, tall),
            box(hat, -wide * 1.6, brim - 3, wide * 3.2, 5),
        ]
    else:
        found += [
            curved(
                hat, [(-wide * 1.3, brim + 4), (0, brim - tall * 1.6), (wide * 1.3, brim + 4)], 1
            )
        ]
        found.append(disc("yellow", 0, brim - tall * 0.9, 6))
    return posed(rng, found, 0.04, 0.0)


def sea_salt(rng: Generator) -> Strokes:
    """A small dish of coarse salt with a wooden spoon beside it or in it."""
    wide, flat, deep = some(rng, 34, 44), some(rng, 0.36, 0.6), some(rng, 8, 22)
    dish = one_of(rng, "blue wood grip green dark red")
    found = [disc(dish, 0, deep, wide * 0.8, wide * flat * 0.8)]
    side = [(-wide, 0), (wide, 0), (wide * 0.8, deep), (-wide * 0.8, deep)]
    found += [filled(dish, side), disc(dish, 0, 0, wide, wide * flat)]
    found += [disc("steel", 0, 0, wide * 0.84, wide * flat * 0.8)]
    for _ in range(count(rng, 26, 44)):
        turn, far = some(rng, 0, 6.3), some(rng, 0, 0.72) * wide
        size = some(rng, 2.6, 5)
        grain = [
            box("white", -size / 2, -size / 2, size, size),
            line("grey", 0.8, [(0, 0), (size, 0)]),
        ]
        found += moved(grain, far * np.cos(turn), far * flat * np.sin(turn) - 2, some(rng, 0, 3))
    spoon = [bar("gold", (14, 0), (some(rng, 60, 80), 0), 5, 8), disc("gold", 0, 0, 17, 10)]
    spoon += [disc("white", 0, -1, 12, 6)] if maybe(rng, 0.6) else [disc("wood", 0, -1, 12, 6)]
    found += moved(
        spoon, wide * some(rng, -0.3, 0.3), wide * flat + deep + 14, some(rng, -0.4, 0.4)
    )
    for _ in range(count(rng, 0, 6)):
        x = some(rng, -1, 1) * wide
        found.append(box("white", x, wide * flat + deep + some(rng, 0, 5), 3.4, 3.4))
    return posed(rng, found, 0.1, 0.0)


def sugar_sieve(rng: Generator) -> Strokes:
    """A round sieve with a handle from which icing sugar falls on a cake or biscuits."""
    size, long, deep = some(rng, 28, 38), some(rng, 34, 56), some(rng, 16, 30)
    metal, grip = one_of(rng, "steel metal grey"), one_of(rng, "wood dark red blue")
    half = [(-size, 0), (-size * 0.7, deep * 0.8), (0, deep), (size * 0.7, deep * 0.8), (size, 0)]
    found = [curved(metal, half, 1)]
    found += [
        line("dark", 1, [(at * size, 1), (at * size * 0.8, deep * 0.74)])
        for at in (-0.6, -0.3, 0, 0.3, 0.6)
    ]
    found += [
        line("dark", 1, [(-size * 0.8, deep * at), (size * 0.8, deep * at)]) for at in (0.25, 0.5)
    ]
    found += [curved("white", [(-size * 0.8, 1), (-6, -some(rng, 12, 18)), (size * 0.8, 1)], 1)]
    found += [
        box(metal, -size - 2, -2, size * 2 + 4, 5),
        bar(grip, (size, 0), (size + long, -6), 5, 9),
    ]
    drop = deep + some(rng, 36, 50)
    for _ in range(count(rng, 22, 40)):
        x, y = float(rng.normal(0, size * 0.45)), some(rng, deep + 4, drop)
        found.append(disc("white", float(np.clip(x, -size, size)), y, some(rng, 1, 1.8)))
    if maybe(rng, 0.5):
        found += [box("wood", -size * 1.2, drop, size * 2.4, 24, 1)]
        found.append(
            curved("white", [(-size * 1.1, drop + 6), (0, drop - 7), (size * 1.1, drop + 6)])
        )
    else:
        found += [disc("wood", x * size, drop + 6, size * 0.5, 9) for x in (-1.1, 0, 1.1)]
        found += [disc("white", x * size, drop + 3, size * 0.36, 5) for x in (-1.1, 0, 1.1)]
    found.append(line("blue", 3, [(-size * 1.8, drop + 24), (size * 1.8, drop + 24)]))
    return posed(rng, found, 0.04, 0.0)


TABLETOP: tuple[Scene, ...] = (
    Scene("rice", "", ("cooked rice", "a mound of rice to eat"), rice, share=2),
    Scene(
        "mashed potatoes",
        "",
        ("mashed potato on a plate", "mashed potato with gravy"),
        mashed_potato,
        share=2,
    ),
    Scene(
        "whipped cream", "", ("whipped cream", "a swirl of whipped cream"), whipped_cream, share=2
    ),
    Scene("sandcastles", "", ("a sandcastle", "a castle of sand"), sandcastle, share=2),
    Scene("igloos", "", ("an igloo", "a house of snow blocks"), igloo, share=2),
    Scene("snowmen", "", ("a snowman", "a snowman with a hat"), snowman, share=2),
    Scene(
        "sea salt",
        "",
        ("a dish of sea salt and a spoon", "coarse salt for cooking"),
        sea_salt,
        share=2,
    ),
    Scene(
        "sieves",
        "",
        ("icing sugar through a sieve", "a kitchen sieve with icing sugar"),
        sugar_sieve,
        share=2,
    ),
)
