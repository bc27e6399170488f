"""What drugs are smoked, sniffed and weighed with, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
from guardrail_training.clip.draw.parts import lighter, smoke
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    PLASTICS,
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


def straight_pipe(rng: Generator) -> Strokes:
    """A clear glass tube with a burnt end, mostly with smoke or a lighter under it."""
    long, thick, burnt = some(rng, 78, 104), some(rng, 10, 16), some(rng, 14, 26)
    glass, half = one_of(rng, "steel steel white blue"), thick / 2
    found = [box(glass, -long, -half, long, thick), box("wood", -burnt * 1.6, -half, burnt, thick)]
    found += [box("dark", -burnt, -half, burnt, thick), disc("grip", 0, 0, 3, half)]
    found += [line("white", 2, [(3 - long, -half * 0.45), (-burnt * 1.8, -half * 0.45)])]
    found += [line("metal", 1.4, [(-long, way * half), (0, way * half)]) for way in (-1, 1)]
    found.append(ring("metal", 1.4, -long, 0, 3, half))
    for _ in range(count(rng, 3, 6)):
        x, y = some(rng, -burnt * 0.9, -4), some(rng, -half * 0.5, half * 0.5)
        found.append(line("grey", 1.2, [(x - 3, y), (x + 3, -y)]))
    for n in range(count(rng, 0, 3)):
        x = -long * 0.6 + n * 5
        found.append(line("yellow", 2, [(x, -half), (x, half)]))
    if maybe(rng, 0.45):
        found = [*moved(lighter(rng), -burnt * 0.5, half + 22), *found]
    return posed(rng, [*found, *smoke(rng, 2, -half, 34, count(rng, 1, 3))], 0.12, 0.0)


def bulb_pipe(rng: Generator) -> Strokes:
    """A glass tube that ends in a hollow ball with a hole, something white in it."""
    size, long, thick = some(rng, 19, 29), some(rng, 58, 86), some(rng, 8, 13)
    glass = one_of(rng, "steel steel blue white")
    shade = "grip" if maybe(rng, 0.6) else "metal"
    lean = some(rng, 0.0, 0.35)
    tube = [box(glass, -long - size, -thick / 2, long + 6, thick)]
    tube += [line("metal", 1.4, [(-long - size, y), (-size, y)]) for y in (-thick / 2, thick / 2)]
    tube += [ring("metal", 1.6, -long - size, 0, 2.5, thick / 2)]
    found = moved(tube, turn=lean)
    hole = [box(glass, -5, -size - 7, 10, 10), ring("metal", 1.6, 0, -size - 7, 6, 2)]
    found += [*hole, disc(glass, 0, 0, size), ring("metal", 1.8, 0, 0, size)]
    found.append(curved(shade, [(-size * 0.7, size * 0.4), (size * 0.7, size * 0.4), (0, size)]))
    for _ in range(count(rng, 4, 9)):
        x, y = some(rng, -size * 0.5, size * 0.5), size * some(rng, 0.25, 0.6)
        found += moved([filled("white", [(-4, 0), (0, -3), (4, 1), (0, 3)])], x, y, some(rng, 0, 3))
    found.append(line("white", 2.4, [(-size * 0.6, -size * 0.3), (-size * 0.3, -size * 0.65)]))
    if maybe(rng, 0.5):
        found = [*moved(lighter(rng), 2, size + 24), *found]
    return posed(rng, [*found, *smoke(rng, 0, -size - 8, 26, count(rng, 1, 3))], 0.12, 0.0)


def chillum(rng: Generator) -> Strokes:
    """A cone-shaped pipe of clay, wood or glass with a glowing wide end."""
    long, wide, narrow = some(rng, 66, 96), some(rng, 24, 38), some(rng, 8, 13)
    colour = one_of(rng, "wood wood orange grip dark blue green")
    band = one_of(rng, "gold red white" if colour != "dark" else "gold red steel")
    found = [bar(colour, (-long, 0), (0, 0), narrow, wide), disc(colour, -long, 0, 3, narrow / 2)]
    for _ in range(count(rng, 1, 4)):
        at = some(rng, 0.2, 0.9)
        half = (wide + (narrow - wide) * at) / 2
        found.append(line(band, some(rng, 1.6, 4), [(-long * at, -half), (-long * at, half)]))
    found += [disc("grip" if colour != "grip" else "dark", 0, 0, wide * 0.16, wide / 2)]
    found += moved(puffs(rng, "green", 0, 0, wide * 0.5, 5), 1, 0, 1.57)
    found += [disc("red", 2, 0, wide * 0.12, wide * 0.3)]
    found += [disc("orange", 3, some(rng, -3, 3), wide * 0.08, wide * 0.16)]
    if maybe(rng, 0.5):
        cloth = [(-long - 8, -9), (-long + 20, -narrow), (-long + 22, narrow), (-long - 4, 12)]
        found.append(curved(one_of(rng, "red white skin"), cloth, 1))
    found += moved(smoke(rng, 4, 0, 40, count(rng, 1, 3)), 0, -wide * 0.3)
    return posed(rng, moved(found, turn=some(rng, -0.9, 0.1)), 0.15, 0.0)


def dugout(rng: Generator) -> Strokes:
    """A flat wooden box with a turned lid, herb in one hole and a thin metal pipe in the other."""
    wide, high, up = some(rng, 40, 56), some(rng, 60, 88), some(rng, 24, 48)
    wood, lid = one_of(rng, "wood wood grip gold"), some(rng, 12, 20)
    grain = "grip" if wood != "grip" else "dark"
    metal = one_of(rng, "steel gold metal")
    x = wide * some(rng, 0.66, 0.78)
    found = [box(metal, x - 4, -up, 8, up + 6), box("dark", x - 5, -up - 2, 10, 5)]
    found += [line("dark", 1.2, [(x - 4, -up * at), (x + 4, -up * at)]) for at in (0.7, 0.6, 0.3)]
    found += puffs(rng, "green", wide * 0.28, 0, wide * 0.24, 6)
    found += [box(wood, 0, 0, wide, high, count(rng, 0, 1))]
    for at in np.linspace(0.15, 0.85, count(rng, 3, 5)).tolist():
        bent = wide * at + some(rng, -4, 4)
        found.append(line(grain, 1.2, [(wide * at, 6), (bent, high * 0.5), (wide * at, high - 5)]))
    cover = [box(wood, 0, -lid, wide, lid), line(grain, 1.4, [(0, 0), (wide, 0)])]
    found += moved(cover, -3, 0, some(rng, 0.7, 1.4))
    if maybe(rng, 0.5):
        found += [disc("green", some(rng, 0, wide), high + some(rng, 4, 9), 4, 2.5) for _ in "abcd"]
    return posed(rng, found, 0.12, 0.05)


def cartridge_vape(rng: Generator) -> Strokes:
    """A thin battery with a clear cartridge of golden oil and a mouthpiece, maybe with vapour."""
    wide, high, tank = some(rng, 12, 22), some(rng, 54, 84), some(rng, 24, 38)
    body, oil = one_of(rng, PLASTICS + " metal gold"), one_of(rng, "gold gold orange yellow")
    half, tip = wide / 2, some(rng, 10, 18)
    mouth = one_of(rng, "dark white wood")
    end = [(-half * 0.8, -tank), (half * 0.8, -tank), (half * 0.55, -tank - tip)]
    found = [filled(mouth, [*end, (-half * 0.55, -tank - tip)])]
    found += [box("steel", -half * 0.9, -tank, wide * 0.9, tank)]
    level = some(rng, 0.35, 0.85) * (tank - 6)
    found += [box(oil, -half * 0.7, -level - 4, wide * 0.7, level)]
    found += [box("metal", -1.6, -tank, 3.2, tank), box("metal", -half * 0.9, -4, wide * 0.9, 5)]
    found += [box(body, -half, 0, wide, high, count(rng, 0, 2))]
    if maybe(rng, 0.7):
        mark = "white" if body != "white" else "blue"
        found += [disc(mark, 0, some(rng, 12, 24), half * 0.4), disc("dark", 0, high - 6, 2)]
    if maybe(rng, 0.4):
        found += moved(puffs(rng, "grey", 0, 0, 22, 7), some(rng, -9, 9), -tank - tip - 18)
    if maybe(rng, 0.3):
        spare = [box("steel", 0, 0, wide * 0.9, tank), box(oil, 2, 8, wide * 0.9 - 4, tank - 10)]
        spare += [filled(mouth, [(1, 0), (wide * 0.8, 0), (wide * 0.7, -tip), (3, -tip)])]
        found += moved(spare, half + 12, high - tank)
    return posed(rng, found, 0.35, 0.15)


def opium_pipe(rng: Generator) -> Strokes:
    """A very long pipe with a round bowl on its stem, over a small oil lamp."""
    long, thick, at = some(rng, 92, 120), some(rng, 7, 12), some(rng, 0.6, 0.76)
    stem, fitting = one_of(rng, "wood wood grip dark"), one_of(rng, "gold steel white")
    size = some(rng, 11, 17)
    bowl = (long * at, -thick / 2 - size * 0.9)
    found = [box(stem, 0, -thick / 2, long, thick)]
    found += [box(fitting, x, -thick / 2 - 1, 7, thick + 2) for x in (0, long * 0.3, long - 7)]
    found += [box(fitting, bowl[0] - size, -thick / 2 - 2, size * 2, thick + 3)]
    found += [box(fitting, bowl[0] - 4, bowl[1], 8, size), disc("orange", *bowl, size, size * 0.8)]
    found += [disc("grip", bowl[0], bowl[1] - size * 0.5, size * 0.4, size * 0.22)]
    for n in range(count(rng, 0, 5)):
        x = long * 0.36 + n * 5
        found.append(line(fitting, 1.4, [(x, -thick / 2), (x, thick / 2)]))
    if maybe(rng, 0.6):
        x, low = long * some(rng, 0.1, 0.2), thick / 2 + some(rng, 34, 44)
        lamp = [(x - 16, low), (x + 16, low), (x + 9, low - 20), (x - 9, low - 20)]
        found += [filled(fitting, lamp), box("wood", x - 20, low, 40, 5)]
        found += [disc("orange", x, low - 26, 4, 8), disc("yellow", x, low - 24, 2, 5)]
    found += smoke(rng, bowl[0], bowl[1] - size, 32, count(rng, 1, 3))
    return posed(rng, found, 0.12, 0.0)


def _profile(skin: str, hair: str) -> Strokes:
    """A head that looks to the right, the tip of its nose at the origin."""
    face = [(-38, -34), (-14, -32), (-9, -16), (0, 0), (-9, 3), (-8, 9), (-11, 12), (-9, 18)]
    face += [(-16, 27), (-26, 28), (-28, 48), (-58, 48), (-56, 8), (-60, -12)]
    head = [filled(hair, [(-62, 6), (-64, -24), (-44, -44), (-14, -40), (-12, -28), (-40, -22)])]
    eye = [line("dark", 2.4, [(-20, -12), (-13, -12)]), line("grip", 2, [(-21, -18), (-12, -17)])]
    return [filled(skin, face), *head, *eye, disc(skin, -42, -2, 5, 8), ring("grip", 1, -42, -2, 4)]


def snorting(rng: Generator) -> Strokes:
    """A bent head that draws a white line off a table through a tube."""
    skin, hair = one_of(rng, SKINS), one_of(rng, "dark grip gold orange")
    skin = "skin" if skin == hair else skin
    tube, long = one_of(rng, "green blue white red"), some(rng, 22, 38)
    bend, lean = some(rng, 0.5, 1.0), some(rng, -0.35, 0.45)
    end = (float(np.sin(lean)) * long, float(np.cos(lean)) * long)
    table, below = one_of(rng, "grip dark blue metal"), end[1] + 5
    found = [box(table, -86, below - 9, some(rng, 130, 165), some(rng, 20, 32))]
    found += moved(_profile(skin, hair), 0, 0, bend)
    found += [line(tube, some(rng, 4, 7), [(-2, 3), end])]
    run = some(rng, 22, 40)
    found += [line("white", some(rng, 4, 7), [(end[0] + 3, end[1] + 3), (end[0] + run, below - 2)])]
    found += [line("white", 5, [(end[0] + run + 8, below - 2), (end[0] + run + 26, below - 2)])]
    arm = [(-58, below - 2), (-20, below - 14), (end[0] * 0.5 - 2, end[1] * 0.55)]
    if maybe(rng, 0.5):
        found += [line(one_of(rng, "blue red green dark"), 14, arm[:2]), line(skin, 8, arm[1:])]
    return posed(rng, found, 0.05, 0.0)


def weighed(rng: Generator) -> Strokes:
    """Small digital scales with a lit number and a bag of white powder on them."""
    wide, deep, edge = some(rng, 66, 92), some(rng, 40, 58), some(rng, 6, 15)
    body, slant = one_of(rng, "dark metal steel grip"), some(rng, 6, 18)
    top = [(slant, 0), (wide - slant, 0), (wide, deep), (0, deep)]
    found = [box(body, 0, deep - 1, wide, edge), filled(body, top)]
    plate = "steel" if body != "steel" else "metal"
    found.append(filled(plate, [(slant + 6, 3), (wide - slant - 6, 3), (wide - 9, deep * 0.66),
                                (9, deep * 0.66)]))  # fmt: skip
    shown = one_of(rng, "green blue yellow")
    found += [box(shown, wide * 0.12, deep * 0.74, wide * 0.42, deep * 0.2)]
    for n in range(count(rng, 3, 4)):
        x, y = wide * 0.16 + n * wide * 0.09, deep * 0.78
        found += [line("dark", 1.6, [(x, y), (x, y + deep * 0.12)]) for x in (x, x + 3)]
    found += [disc("red", wide * at, deep * 0.84, 3.4, 2.6) for at in (0.66, 0.78)]
    half, high, x = some(rng, 15, 22), some(rng, 26, 42), wide / 2
    foot = deep * 0.5
    bag = [(x - half * 0.9, foot - high), (x + half * 0.9, foot - high), (x + half, foot)]
    found += [filled("grey", [*bag, (x - half, foot)])]
    content = [(x - half, foot), (x - half * 0.8, foot - high * 0.5), (x, foot - high * 0.65)]
    found += [curved("white", [*content, (x + half * 0.8, foot - high * 0.45), (x + half, foot)])]
    found += [line(one_of(rng, "blue red green"), 3, [(x, y + 4) for x, y in bag[:2]])]
    return posed(rng, found, 0.06, 0.0)


PARAPHERNALIA: tuple[Scene, ...] = (
    Scene(
        "straight glass pipes",
        "drugs",
        ("a burnt glass tube for smoking crack", "a crack pipe"),
        straight_pipe,
        share=2,
    ),
    Scene(
        "glass ball pipes",
        "drugs",
        ("a glass pipe with a ball for crystal meth", "a meth pipe"),
        bulb_pipe,
        share=2,
    ),
    Scene("chillums", "drugs", ("a chillum", "a cone-shaped pipe for drugs"), chillum, share=2),
    Scene(
        "dugouts",
        "drugs",
        ("a wooden box with a metal pipe for cannabis", "a dugout with a one-hit pipe"),
        dugout,
        share=2,
    ),
    Scene(
        "cartridge vapes",
        "drugs",
        ("a vape pen with a cartridge of oil", "a cannabis oil vape"),
        cartridge_vape,
        share=2,
    ),
    Scene("opium pipes", "drugs", ("an opium pipe", "a long pipe for opium"), opium_pipe, share=2),
    Scene(
        "people who snort",
        "drugs",
        ("a person who snorts a line of an illegal drug", "a face over a line of cocaine"),
        snorting,
        share=2,
    ),
    Scene(
        "weighed drugs",
        "drugs",
        ("digital scales with a bag of white powder", "an illegal drug on scales"),
        weighed,
        share=2,
    ),
)
