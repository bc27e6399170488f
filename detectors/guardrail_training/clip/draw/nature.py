"""Harmless leaves, flowers, people and red things, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, splatter
from guardrail_training.clip.draw.pen import Generator, rounded
from guardrail_training.clip.draw.plates import heart_shape
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
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
    wave,
)

_STRONG = f"{BRIGHT} dark"

_CLOTHES = "red red red blue green orange pink yellow"


def broad_leaf(rng: Generator, lobes: int) -> Strokes:
    """A leaf of broad lobes from one point: five as of maple, fewer as of vine or ivy."""
    colour = one_of(rng, "green green orange red yellow wood")
    found = [line("wood", 3, [(0, 0), (some(rng, -6, 6), some(rng, 20, 38))])]
    for n in range(lobes):
        turn = (n - (lobes - 1) / 2) * some(rng, 0.6, 0.75)
        long, wide = 46 - 7 * abs(n - (lobes - 1) / 2), some(rng, 13, 19)
        lobe = [
            (-6, 2),
            (-wide * 0.6, -long * 0.4),
            (-wide, -long * 0.6),
            (-5, -long * 0.75),
            (0, -long),
        ]
        lobe += [(5, -long * 0.75), (wide, -long * 0.6), (wide * 0.6, -long * 0.4), (6, 2)]
        found += moved([filled(colour, lobe)], turn=-turn)
    return posed(rng, found, 0.3, 0.25)


def plain_leaf(rng: Generator, pairs: int) -> Strokes:
    """A simple leaf, at the end of a twig with so many pairs of them."""
    colour, found = one_of(rng, "green green yellow orange red"), Strokes()
    wide, long = some(rng, 6, 16), 40.0
    half = [(wide, -long * 0.35), (wide * 0.7, -long * 0.75)]
    blade = [(0.0, 0.0), *half, (0.0, -long), *((-x, y) for x, y in reversed(half))]
    one = [curved(colour, blade), line("wood", 1.2, [(0, 4), (0, -long * 0.85)])]
    for n in range(pairs):
        for way in (-1, 1):
            found += moved(one, 0, n * 22, way * some(rng, 0.9, 1.2), 0.8)
    return posed(rng, [line("wood", 2.4, [(0, 0), (0, 22 * pairs + 14)]), *found, *one], 0.4, 0.3)


def palm_leaf(rng: Generator, *, potted: bool) -> Strokes:
    """Narrow smooth leaves from one point: a fan of palm on its stalk, or a plant in a pot."""
    colour, number = one_of(rng, "green green yellow"), count(rng, 8, 15)
    found = Strokes()
    for turn in np.linspace(-1.5, 1.5, number):
        long = some(rng, 36, 48)
        blade = [
            (-2, 0),
            (-3.5, -long * 0.6),
            (some(rng, -6, 6), -long),
            (3.5, -long * 0.6),
            (2, 0),
        ]
        found += moved([filled(colour, blade)], turn=float(turn))
    pot = (
        [filled("wood", [(-15, 0), (15, 0), (11, 26), (-11, 26)])]
        if potted
        else [line("wood", 4, [(0, 0), (0, 40)])]
    )
    return posed(rng, [*found, *pot], 0.15, 0.1)


def rose(rng: Generator, kind: int) -> Strokes:
    """A rose (0), a tulip (1) or a flower of four petals (2), mostly red."""
    colour, size = one_of(rng, "red red red pink orange"), some(rng, 16, 24)
    found = [
        line("green", 4, wave(0, 0, 64, 3, 0.7)[:, ::-1]),
        curved("green", [(0, 40), (18, 26), (26, 30), (14, 42)]),
    ]
    if kind == 0:
        found += [disc(colour, 0, -size * 0.6, size, size * 0.9)]
        found += [
            ring("dark", 1.3, some(rng, -2, 2), -size * 0.6, size * part, size * part * 0.8)
            for part in (0.3, 0.6)
        ]
    elif kind == 1:
        cup = [
            (-size, -size * 1.6),
            (-size * 0.4, -size),
            (0, -size * 1.8),
            (size * 0.4, -size),
            (size, -size * 1.6),
            (size * 0.8, 0),
            (-size * 0.8, 0),
        ]
        found += [filled(colour, cup)]
    else:
        found += [
            disc(colour, x * size * 0.5, -size * 0.5 + y * size * 0.5, size * 0.7)
            for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1))
        ]
        found += [disc("dark", 0, -size * 0.5, size * 0.25)]
    return posed(rng, found, 0.3, 0.15)


def sleeper(rng: Generator) -> Strokes:
    """A figure that lies: in bed, on a mat, in water, on a towel of any colour, red ones too."""
    cloth, skin, ground = (
        one_of(rng, _CLOTHES),
        one_of(rng, SKINS),
        one_of(rng, "blue green red pink yellow purple"),
    )
    kind = count(rng, 0, 2)
    legs = [
        line(
            "blue" if cloth != "blue" else "dark",
            8,
            [(36, way * 4), (60, way * some(rng, 4, 9)), (80, way * 6)],
        )
        for way in (-1, 1)
    ]
    body = [line(cloth, 15, [(4, 0), (34, 0)]), disc(skin, -15, 0, 9), *legs]
    body += [
        line(skin, 5, [(4, way * 6), (some(rng, -4, 22), way * some(rng, 16, 24))])
        for way in (-1, 1)
    ]
    if kind == 0:
        bed = [
            box("wood", -36, -30, 130, 60),
            box("white", -32, -26, 122, 52),
            box("steel", -28, -18, 26, 36, 2),
        ]
        return posed(rng, [*bed, *body, box(ground, 16, -26, 72, 52)], 0.3, 0.4)
    if kind == 1:
        return posed(rng, [box(ground, -34, -20, 126, 40), *body], 0.3, 0.4)
    waves = [line("white", 2, wave(-30, y, 110, 3, 3)) for y in (-26, 26)]
    return posed(rng, [box("blue", -40, -36, 132, 72), *body, *waves], 0.3, 0.4)


def shirt(rng: Generator) -> Strokes:
    """A shirt, often red, with sleeves of any length."""
    sleeve, half, hem = some(rng, 14, 34), some(rng, 18, 24), some(rng, 62, 84)
    right = [(14, 0), (22 + sleeve, 2 + sleeve), (14 + sleeve, 14 + sleeve), (half, 22)]
    right += [(half, hem)]
    outline = [*right, *((-x, y) for x, y in reversed(right))]
    found = [filled(one_of(rng, _CLOTHES), outline), disc("white", 0, 0, 9, 5)]
    bands = (36, 50)[: count(rng, 0, 2)]
    found += [box("white", -half, y, 2 * half, 4) for y in bands]
    return posed(rng, found, 0.15, 0.05)


def dressed(rng: Generator) -> Strokes:
    """A standing figure in red or other clothes."""
    cloth, skin = one_of(rng, _CLOTHES), one_of(rng, SKINS)
    body = [disc(skin, 0, 0, 10), curved("dark", [(-11, -2), (-8, -12), (8, -12), (11, -2)], 1)]
    wide = some(rng, 10, 26)
    body += [filled(cloth, [(-10, 12), (10, 12), (wide, 52), (-wide, 52)])]
    body += [line(skin, 5, [(-way * 9, 16), (-way * 22, some(rng, -4, 40))]) for way in (-1, 1)]
    body += [line("dark", 6, [(way * 5, 52), (way * some(rng, 5, 18), 84)]) for way in (-1, 1)]
    return posed(rng, body, 0.1, 0.03)


def spilt_paint(rng: Generator) -> Strokes:
    """Paint with its tin or brush, never red: that is how blood is drawn."""
    paint = one_of(rng, "orange blue green yellow pink purple")
    found = moved(splatter(rng, paint, some(rng, 0.5, 0.8)), 0, 14)
    if maybe(rng, 0.5):
        tin = [
            box("steel", 52, 8, 34, 36),
            box(paint, 51, 5, 36, 7),
            line("metal", 2, [(52, 8), (69, -10), (86, 8)]),
            box(paint, 52, 20, 34, 12),
        ]
        return posed(rng, [*found, *tin], 0.2, 0.1)
    brush = [
        bar("wood", (70, -4), (96, -34), 6, 8),
        bar("steel", (62, 6), (72, -6), 12, 10),
        bar(paint, (50, 22), (63, 5), 5, 14),
    ]
    return posed(rng, [*found, *brush], 0.2, 0.1)


def heart(rng: Generator, number: int) -> Strokes:
    """Hearts, ``number`` of them."""
    found = Strokes()
    for n in range(number):
        one = heart_shape(rng, one_of(rng, "red red pink purple blue"))
        found += moved(
            one, n * some(rng, 44, 70), some(rng, -20, 20), some(rng, -0.4, 0.4), some(rng, 0.5, 1)
        )
    return posed(rng, found, 0.3, 0.05)


def face(rng: Generator) -> Strokes:
    """A face without blood that smiles."""
    skin = one_of(rng, "skin skin wood grip yellow")
    found = [
        disc(one_of(rng, "dark wood yellow red"), 50, 38, 40, 38),
        disc(skin, 50, 54, some(rng, 32, 38), 40),
    ]
    for x in (37, 63):
        found += [disc("white", x, 46, 7, some(rng, 4, 7)), disc("dark", x, 46, 3.2)]
    found += [disc("pink", x, 64, 6, 4) for x in (30, 70)] if maybe(rng, 0.4) else []
    low = some(rng, 79, 87)
    smile = [(37, 72), (42, low - 2), (50, low), (58, low - 2), (63, 72)]
    found.append(line(one_of(rng, "red red dark pink"), some(rng, 3, 6), smile))
    return posed(rng, found, 0.15, 0.05)


def plaster(rng: Generator, kind: int) -> Strokes:
    """A plaster (0) or a bandage on a limb (1), without blood."""
    if kind == 0:
        half, wide, pad = some(rng, 22, 40), some(rng, 18, 28), some(rng, 9, 15)
        colour = one_of(rng, "skin skin skin blue pink green")
        strip = [line(colour, wide, [(-half, 0), (half, 0)])]
        strip.append(box("white", -pad, 3 - wide / 2, 2 * pad, wide - 6))
        holes = [disc("wood", x, y, 1.5) for x in (-6, 0, 6) for y in (-4, 4)]
        return posed(rng, [*strip, *holes], 0.8, 0.3)
    limb = bar(one_of(rng, SKINS), (0, 50), (100, 50), some(rng, 24, 36), some(rng, 20, 30))
    wraps = [bar("white", (x, 30), (x + some(rng, -5, 5), 70), 13, 13) for x in range(30, 74, 10)]
    return posed(
        rng,
        [limb, *wraps, *(line("grey", 1.2, [(x, 31), (x + 3, 69)]) for x in range(34, 72, 10))],
        0.6,
        0.3,
    )


def smooth_blob(rng: Generator) -> Strokes:
    """A patch of one colour without a name, as charts, maps and logos have."""
    angle = np.linspace(0, 2 * np.pi, count(rng, 5, 9), endpoint=False)
    reach = 40 * rng.uniform(0.55, 1.0, angle.shape)
    points = rounded(np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1), 3)
    found = [filled(one_of(rng, _STRONG), points)]
    return posed(
        rng, found + ([filled(one_of(rng, _STRONG), points * 0.5)] if maybe(rng, 0.4) else []), 1.0
    )


NATURE: tuple[Scene, ...] = (
    Scene("maple leaves", "", ("a maple leaf",), lambda r: broad_leaf(r, 5), share=2),
    Scene("lobed leaves", "", ("a lobed leaf",), lambda r: broad_leaf(r, count(r, 3, 4))),
    Scene("plain leaves", "", ("a leaf",), lambda r: plain_leaf(r, 0)),
    Scene("twigs", "", ("a twig with leaves",), lambda r: plain_leaf(r, count(r, 1, 4))),
    Scene("palm leaves", "", ("a palm leaf",), lambda r: palm_leaf(r, potted=False)),
    Scene(
        "pot plants", "", ("a pot plant", "a fan-shaped plant"), lambda r: palm_leaf(r, potted=True)
    ),
    Scene("roses", "", ("a rose",), lambda r: rose(r, 0)),
    Scene("tulips", "", ("a tulip",), lambda r: rose(r, 1)),
    Scene("poppies", "", ("a flower", "a flower with four petals"), lambda r: rose(r, 2)),
    Scene("lying people", "", ("a person who lies down", "a lying person"), sleeper, share=4),
    Scene("dressed people", "", ("a standing person", "a person in clothes"), dressed, share=2),
    Scene("shirts", "", ("a shirt", "clothes"), shirt),
    Scene("spilt paint", "", ("paint", "spilt paint"), spilt_paint, share=2),
    Scene("hearts", "", ("hearts",), lambda r: heart(r, count(r, 2, 4))),
    Scene("single hearts", "", ("a heart",), lambda r: heart(r, 1)),
    Scene("faces", "", ("a face", "a smiling face"), face, share=2),
    Scene("plasters", "", ("a plaster", "a sticking plaster"), lambda r: plaster(r, 0)),
    Scene("bandaged limbs", "", ("a clean bandage",), lambda r: plaster(r, 1)),
    Scene("blobs", "", ("a patch of colour", "a blob"), smooth_blob, share=2),
)
