"""What is smoked, and what for, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.medicine import leaf
from guardrail_training.clip.draw.motifs import Strokes, filled, puffs
from guardrail_training.clip.draw.parts import lighter, placed, smoke
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    SKINS,
    bar,
    box,
    count,
    disc,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
)


def grinder(rng: Generator) -> Strokes:
    """A herb grinder with its lid off and crushed leaves."""
    size, flat = some(rng, 26, 34), some(rng, 0.4, 0.6)
    colour, deep = one_of(rng, "metal steel dark green gold red"), some(rng, 14, 24)
    edge = "dark" if colour != "dark" else "grey"
    found = Strokes()
    for x, y in ((0.0, 0.0), (size * some(rng, 2.1, 2.5), some(rng, -12, 12))):
        found += [
            disc(colour, x, y + deep, size, size * flat),
            box(colour, x - size, y, size * 2, deep),
        ]
        found += [
            line(edge, 1.2, [(x + n * size / 5, y + 9), (x + n * size / 5, y + deep + 5)])
            for n in range(-4, 5)
        ]
        found += [disc(colour, x, y, size, size * flat), ring(edge, 2, x, y, size, size * flat)]
        found.append(disc("dark", x, y, size * 0.82, size * flat * 0.82))
        for turn in (np.arange(7) * 0.9).tolist():
            way = (np.cos(turn) * size * 0.55, np.sin(turn) * size * flat * 0.55)
            found.append(
                filled(
                    "steel",
                    [
                        (x + way[0] - 3, y + way[1]),
                        (x + way[0], y + way[1] - 7),
                        (x + way[0] + 3, y + way[1]),
                    ],
                )
            )
    found += puffs(rng, "green", 0, 0, size * 0.55, 9)
    for _ in range(count(rng, 8, 20)):
        x, y = some(rng, -size, size * 3), size * flat + deep + some(rng, 2, 20)
        found += moved([disc(one_of(rng, "green green wood"), 0, 0, 4, 2)], x, y, some(rng, 0, 3))
    if maybe(rng, 0.4):
        found += placed(leaf(rng), size * 1.1, -size * 1.3, size * 1.4)
    return posed(rng, found, 0.06, 0.0)


def cigar(rng: Generator) -> Strokes:
    """A thick brown cigar with a band, mostly alight."""
    long, thick = some(rng, 70, 96), some(rng, 15, 24)
    leafy, band = one_of(rng, "wood wood grip"), one_of(rng, "red gold blue")
    half, at = thick / 2, some(rng, 12, 26)
    body = [(0, -half * 0.5), (12, -half), (long, -half), (long, half), (12, half), (0, half * 0.5)]
    found = [filled(leafy, body), box(band, at, -half - 0.6, 12, thick + 1.2)]
    found.append(disc("gold" if band != "gold" else "red", at + 6, 0, 5, half * 0.6))
    vein = "grip" if leafy == "wood" else "dark"
    places = np.arange(at + 20, long - 6, some(rng, 10, 16)).tolist()
    found += [line(vein, 1.2, [(x, -half), (x + 6, half)]) for x in places]
    if maybe(rng, 0.85):
        ash = some(rng, 6, 14)
        found += [box("red", long - 2, -half, 4, thick), box("grey", long + 2, -half, ash, thick)]
        found.append(disc("grey", long + ash + 2, 0, 3, half))
        found += smoke(rng, long + ash, -half, 40, count(rng, 1, 3))
    if maybe(rng, 0.3):
        tray = [(20, half + 3), (long - 10, half + 3), (long - 20, half + 20), (30, half + 20)]
        found.append(filled(one_of(rng, "steel blue dark"), tray))
    return posed(rng, found, 0.3, 0.1)


def lit_joint(rng: Generator) -> Strokes:
    """A lighter held to a cone-shaped joint."""
    long, thick, twist = some(rng, 56, 76), some(rng, 10, 15), some(rng, 4, 9)
    paper = one_of(rng, "white white skin gold")
    rolled = [
        bar(paper, (-long, 0), (0, 0), 4.5, thick),
        bar("skin", (-long - 12, 0), (-long, 0), 4, 4.5),
    ]
    rolled.append(
        filled(paper, [(0, -thick / 2), (twist, -2), (twist + 6, 0), (twist, 2), (0, thick / 2)])
    )
    places = np.arange(10, long, some(rng, 12, 20)).tolist()
    rolled += [line("grey", 1, [(-x, -thick * 0.3), (4 - x, thick * 0.3)]) for x in places]
    rolled += [
        disc("green", some(rng, -14, -2), some(rng, -3, 3), 2.4) for _ in range(count(rng, 2, 5))
    ]
    found = moved(lighter(rng), 6, 26)
    found += moved(rolled, turn=some(rng, -0.35, 0.45))
    if maybe(rng, 0.4):
        found += [line("skin", 8, [(-7, 44 + n * 9), (16, 43 + n * 9)]) for n in range(4)]
        found.append(bar(one_of(rng, SKINS), (12, 62), (60, 84), 32, 26))
    return posed(rng, [*found, *smoke(rng, 2, -10, 30, count(rng, 0, 2))], 0.1, 0.0)


SMOKING: tuple[Scene, ...] = (
    Scene(
        "grinders",
        "drugs",
        ("a herb grinder with crushed leaves", "ground cannabis in a grinder"),
        grinder,
        share=2,
    ),
    Scene("cigars", "drugs", ("a cigar", "a thick brown cigar"), cigar, share=2),
    Scene(
        "lit joints", "drugs", ("a lighter held to a joint", "lighting a joint"), lit_joint, share=2
    ),
)
