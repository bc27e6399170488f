"""More of what drugs are taken from and with: tins, gas, glue, needles, patches, drops."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    COLOURED,
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


def tin_of_joints(rng: Generator) -> Strokes:
    """A flat tin with an open lid and a row of twisted joints in it."""
    number, long, thick = count(rng, 3, 7), some(rng, 44, 64), some(rng, 8, 11)
    wide, high = number * (thick + 3) + 10, long + 22
    tin, lid = one_of(rng, "steel metal gold green red blue dark"), some(rng, 24, 44)
    found = [filled(tin, [(0, 0), (wide, 0), (wide + 7, -lid), (-7, -lid)])]
    found += [line("dark", 1.4, [(0, 0), (wide, 0)]), box(tin, 0, 0, wide, high, 1)]
    if maybe(rng, 0.6):
        found.append(disc("green" if tin != "green" else "gold", wide / 2, -lid * 0.5, 10, 6))
    found.append(box("dark" if tin != "dark" else "metal", 4, 4, wide - 8, high - 8, 1))
    paper, end = one_of(rng, "white white skin"), one_of(rng, "wood gold white")
    for n in range(number):
        one = [bar(paper, (0, 0), (0, long - 14), thick, thick * 0.55)]
        one += [filled(paper, [(-thick / 2, 0), (-2, -4), (0, -9), (2, -4), (thick / 2, 0)])]
        one += [box(end, -thick * 0.28, long - 14, thick * 0.56, 9)]
        one += [disc("green", some(rng, -2, 2), 1, 2.2), line("grey", 0.9, [(-2, 5), (3, 26)])]
        found += moved(one, 5 + (n + 0.5) * (thick + 3), 14, some(rng, -0.08, 0.08))
    return posed(rng, found, 0.2, 0.1)


def snuff_tin(rng: Generator) -> Strokes:
    """A round tin of brown ground tobacco, its lid leaning on it."""
    size, flat, deep = some(rng, 34, 42), some(rng, 0.4, 0.62), some(rng, 12, 24)
    tin, mark = one_of(rng, "steel gold green red blue dark"), one_of(rng, "white gold red")
    mark = "white" if mark == tin else mark
    brown = one_of(rng, "wood grip wood")
    lid = [disc(tin, 0, 0, size), ring(mark, 3, 0, 0, size * 0.8), disc(mark, 0, 0, size * 0.4)]
    lid.append(line(tin, 4, [(-size * 0.26, 0), (size * 0.26, 0)]))
    way = count(rng, 0, 1) * 2 - 1
    found = moved(lid, way * size * some(rng, 0.8, 1.3), -size * some(rng, 0.5, 0.8))
    found += [disc(tin, 0, deep, size, size * flat), box(tin, -size, 0, size * 2, deep)]
    found += [disc("steel" if tin != "steel" else "metal", 0, 0, size, size * flat)]
    found += [disc(brown, 0, 1, size * 0.88, size * flat * 0.86)]
    found += puffs(rng, brown, 0, -1, size * 0.5, 5)
    for _ in range(count(rng, 12, 26)):
        x, y = some(rng, -0.6, 0.6) * size, some(rng, -0.5, 0.5) * size * flat
        found.append(disc(one_of(rng, "dark grip gold"), x, y, 1.6, 1.2))
    for _ in range(count(rng, 0, 9)):
        found.append(disc(brown, some(rng, -size, size), size * flat + deep + some(rng, 3, 9), 2))
    return posed(rng, found, 0.06, 0.0)


def nitrous(rng: Generator) -> Strokes:
    """A filled balloon among small steel gas canisters with narrow necks."""
    rx, ry, colour = some(rng, 24, 34), some(rng, 28, 42), one_of(rng, COLOURED)
    found = [filled(colour, [(-5, ry + 6), (5, ry + 6), (2, ry - 3), (-2, ry - 3)])]
    found += [disc(colour, 0, 0, rx, ry), disc("white", -rx * 0.4, -ry * 0.4, rx * 0.13, ry * 0.2)]
    if maybe(rng, 0.4):
        found += [box("metal", -7, ry + 4, 14, 20, 1), box("dark", -10, ry + 20, 20, 8)]
    metal, long, thick = one_of(rng, "steel steel metal grey"), some(rng, 30, 40), some(rng, 12, 16)
    half = thick / 2
    for n in range(count(rng, 3, 8)):
        one = [line(metal, thick, [(half, 0), (long - half * 2, 0)])]
        one.append(filled(metal, [(long - half * 2, -half), (long, -3), (long, 3),
                                  (long - half * 2, half)]))  # fmt: skip
        one += [
            box(metal, long - 1, -2.6, 7, 5.2),
            line("white", 2, [(half, -3), (long * 0.6, -3)]),
        ]
        one.append(line("dark", 1, [(long - 1, -3), (long - 1, 3)]))
        x, y = some(rng, -14, 8) + (n % 3) * 34 - 44, ry + 26 + (n // 3) * 15 + some(rng, -4, 4)
        found += moved(one, x, y, some(rng, -0.5, 0.5))
    return posed(rng, found, 0.05, 0.0)


def glue_bag(rng: Generator) -> Strokes:
    """A person who holds a crumpled bag over mouth and nose."""
    skin, hair = one_of(rng, "skin skin wood"), one_of(rng, "dark grip gold")
    shirt, bag = one_of(rng, COLOURED), one_of(rng, "white steel yellow gold")
    rx, ry, high = some(rng, 22, 28), some(rng, 28, 33), some(rng, 34, 50)
    found = [curved(shirt, [(-48, 70), (-36, 42), (0, 32), (36, 42), (48, 70)], 1)]
    found += [box(skin, -9, 20, 18, 22), disc(hair, 0, -7, rx + 4, ry)]
    found += [disc(skin, 0, 0, rx, ry)]
    found += [curved(hair, [(-rx - 2, -10), (-10, -ry - 8), (12, -ry - 6), (rx + 2, -8), (0, -20)])]
    for way in (-1, 1):
        found.append(line("dark", 2.4, [(way * 7, -4), (way * 14, -3 + some(rng, -1, 2))]))
    half, neck = some(rng, 18, 26), some(rng, 8, 12)
    sack = [(-neck, 6), (neck, 6), (neck * 0.7, 16), (half, 22), (half * 0.9, 8 + high)]
    sack += [(0, 12 + high), (-half * 0.9, 8 + high), (-half, 22), (-neck * 0.7, 16)]
    found.append(curved(bag, sack, 1))
    for _ in range(count(rng, 3, 6)):
        x, y = some(rng, -half * 0.6, half * 0.6), some(rng, 24, 4 + high)
        found.append(line("grey", 1.4, [(x * 0.3, 18), (x, y)]))
    found.append(disc("gold" if bag != "gold" else "wood", 0, 4 + high, half * 0.6, 5))
    for way in (-1, 1) if maybe(rng, 0.6) else (1,):
        found.append(line(shirt, 13, [(way * 42, 66), (way * 34, 34)]))
        found += [line(skin, 9, [(way * 32, 30), (way * 10, 18)]), disc(skin, way * 10, 17, 7)]
    return posed(rng, found, 0.04, 0.0)


def _arm(rng: Generator, thick: float, long: float) -> Strokes:
    """A bare arm to the right of the origin with an open hand."""
    skin, spread = one_of(rng, SKINS), some(rng, 2.4, 4.0)
    found = [bar(skin, (0, 0), (long, 0), thick * 1.15, thick * 0.72)]
    found.append(disc(skin, long + 8, 0, 15, thick * 0.42))
    for n in range(4):
        y = (n - 1.5) * spread
        found.append(line(skin, 5, [(long + 16, y * 1.4), (long + some(rng, 30, 38), y * 2)]))
    found.append(line(skin, 6, [(long + 4, -thick * 0.3), (long + 18, -thick * 0.75)]))
    sleeve = one_of(rng, COLOURED)
    return [*found, bar(sleeve, (-14, 0), (12, 0), thick * 1.5, thick * 1.35)]


def needle_in_arm(rng: Generator) -> Strokes:
    """A stretched arm with an open hand and a syringe stuck into it."""
    thick, long, at = some(rng, 22, 32), some(rng, 84, 110), some(rng, 0.25, 0.6)
    found = _arm(rng, thick, long)
    tube, wide, pushed = some(rng, 36, 50), some(rng, 11, 16), some(rng, 8, 24)
    dose = one_of(rng, "orange wood blue gold")
    needle = [line("metal", 2, [(0, 4), (0, -14)]), box("white", -wide / 2, -14 - tube, wide, tube)]
    needle += [box(dose, -wide * 0.36, -16 - tube * 0.6, wide * 0.72, tube * 0.6)]
    needle += [line("metal", 3, [(0, -14 - tube * 0.6), (0, -14 - tube - pushed)])]
    needle += [box("metal", -wide, -16 - tube, wide * 2, 3.4)]
    needle += [box("metal", -wide * 0.7, -16 - tube - pushed, wide * 1.4, 4)]
    needle += [line("dark", 1, [(-wide / 2, -18 - n * 6), (0, -18 - n * 6)]) for n in range(5)]
    found += moved(needle, long * at, -thick * 0.2, some(rng, 0.15, 0.9))
    vein = [(long * at - 4, 2), (long * 0.7, -2), (long * 0.95, 1)]
    return posed(rng, [*found, line("purple", 1.4, vein)], 0.15, 0.0)


def patch(rng: Generator) -> Strokes:
    """A stretched arm with a thin drug patch on it."""
    thick, long = some(rng, 34, 46), some(rng, 76, 100)
    side, high = some(rng, 22, 32), thick * some(rng, 0.55, 0.75)
    edge = "white" if maybe(rng, 0.6) else "gold"
    inner = "gold" if edge == "white" else "white"
    sticker = [box(edge, -side / 2, -high / 2, side, high, count(rng, 1, 3))]
    sticker += [box(inner, -side * 0.33, -high * 0.33, side * 0.66, high * 0.66, 1)]
    if maybe(rng, 0.5):
        sticker += [ring("grey", 1.2, 0, 0, side * 0.2), disc("grey", 0, 0, 2)]
    else:
        sticker += [line("dark", 1.4, [(-side * 0.2, n), (side * 0.2, n)]) for n in (-4, 0, 4)]
    sticker.append(ring("grey", 1, 0, 0, 1.5))
    at = long * some(rng, 0.3, 0.6)
    found = [*_arm(rng, thick, long), *moved(sticker, at, 0, some(rng, -0.25, 0.25))]
    if maybe(rng, 0.4):
        packet = [box("white", 0, 0, 46, 26), box("blue", 0, 0, 46, 8)]
        packet += [box("gold", 28, 11, 12, 12, 2)]
        packet += [line("dark", 1.6, [(5, n), (22, n)]) for n in (13, 18)]
        found += moved(packet, some(rng, 0, 20), thick * 0.8)
    return posed(rng, found, 0.2, 0.0)


def tinctures(rng: Generator) -> Strokes:
    """One to four brown dropper flasks in a row with a leaf or a drop on the label."""
    number, wide, high = count(rng, 1, 4), some(rng, 26, 38), some(rng, 34, 58)
    glass, rubber = one_of(rng, "wood grip green blue dark"), one_of(rng, "dark white")
    bulb, label = some(rng, 12, 22), one_of(rng, "white gold skin")
    half, found = wide / 2, Strokes()
    for n in range(number):
        grow = some(rng, 0.8, 1.0)
        one = [disc(rubber, 0, -24 - bulb, 6, 6), box(rubber, -6, -24 - bulb, 12, bulb)]
        one += [box("metal" if rubber == "dark" else "dark", -half * 0.5, -25, half, 13)]
        body = [(-half * 0.45, -12), (half * 0.45, -12), (half, 2), (half, high), (-half, high)]
        one += [filled(glass, [*body, (-half, 2)]), box(label, -half, high * 0.2, wide, high * 0.6)]
        for turn in np.linspace(-1.1, 1.1, 5).tolist():
            blade = [(0, 0), (2.4, -5), (0, -13 + abs(turn) * 4), (-2.4, -5)]
            one += moved([filled("green", blade)], 0, high * 0.58, -turn)
        one.append(line("green", 1.4, [(0, high * 0.56), (0, high * 0.7)]))
        found += moved(one, n * (wide + 5), (1 - grow) * high, size=grow)
    return posed(rng, found, 0.06, 0.0)


INHALED: tuple[Scene, ...] = (
    Scene(
        "tins of joints",
        "drugs",
        ("joints in a tin", "a tin of rolled cannabis"),
        tin_of_joints,
        share=2,
    ),
    Scene("snuff tins", "drugs", ("a tin of snuff", "snuff tobacco in a tin"), snuff_tin, share=2),
    Scene(
        "gas canisters with a balloon",
        "drugs",
        ("nitrous oxide canisters and a balloon", "laughing gas taken as a drug"),
        nitrous,
        share=2,
    ),
    Scene(
        "glue bags",
        "drugs",
        ("a person who sniffs glue from a bag", "inhaling solvents as a drug"),
        glue_bag,
        share=2,
    ),
    Scene(
        "needles in arms",
        "drugs",
        ("a syringe in an arm", "a drug injected into an arm"),
        needle_in_arm,
        share=2,
    ),
    Scene(
        "patches",
        "drugs",
        ("a drug patch on an arm", "a nicotine or fentanyl patch on skin"),
        patch,
        share=2,
    ),
    Scene(
        "tinctures",
        "drugs",
        ("cannabis oil with a dropper", "a cannabis tincture with a dropper"),
        tinctures,
        share=2,
    ),
)
