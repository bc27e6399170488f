"""Bodies that bleed, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.blades import upright_knife
from guardrail_training.clip.draw.guns import upright_pistol
from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator, Stroke, rounded
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    SKINS,
    bar,
    box,
    count,
    curved,
    disc,
    fitted,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
    wave,
)
from guardrail_training.clip.draw.wounds import blot, runs

_CLOTHES = "blue dark green grey white purple wood"

_GORE = "graphic_violence"


def _stain(rng: Generator) -> Stroke:
    return filled("blood", blot(rng, 50, 50, some(rng, 8, 14), some(rng, 7, 11)))


def bandaged_head(rng: Generator) -> Strokes:
    """A head in a bandage through which blood comes."""
    head = [disc(one_of(rng, SKINS), 50, 60, 34, 38), box("white", 15, 34, 70, 20, 1)]
    blood = moved([_stain(rng)], some(rng, -18, 18), -6)
    blood += runs(rng, "blood", 50, 48, 40, count(rng, 1, 3))
    face = [disc("dark", x, 66, 3.5) for x in (38, 62)]
    return posed(rng, [*head, *blood, *face, line("dark", 2.5, [(42, 84), (58, 84)])], 0.1, 0.0)


def bandaged_limb(rng: Generator) -> Strokes:
    """An arm or a leg in a bandage through which blood comes."""
    limb = bar(one_of(rng, SKINS), (0, 50), (100, 50), some(rng, 24, 36), some(rng, 20, 30))
    wraps = [bar("white", (x, 30), (x + some(rng, -5, 5), 70), 13, 13) for x in range(30, 74, 10)]
    folds = [line("grey", 1.2, [(x, 31), (x + 3, 69)]) for x in range(34, 72, 10)]
    found = [limb, *wraps, *folds, _stain(rng), *runs(rng, "blood", 50, 56, 14, count(rng, 0, 3))]
    return posed(rng, found, 0.6, 0.3)


def fallen(rng: Generator) -> Strokes:
    """A figure that lies in its blood, seen from above or from the side."""
    cloth, skin, legs = (
        one_of(rng, _CLOTHES),
        one_of(rng, SKINS),
        one_of(rng, "dark blue grip grey"),
    )
    pool = filled(
        "blood",
        blot(rng, some(rng, -6, 34), some(rng, 4, 16), some(rng, 34, 52), some(rng, 16, 30)),
    )
    body = [line(cloth, 15, [(4, 0), (34, 2)]), disc(skin, -14, some(rng, -4, 4), 9)]
    body += [line(legs, 8, [(38, -3), (58, some(rng, -22, -2)), (78, some(rng, -16, 0))])]
    body += [line(legs, 8, [(38, 5), (60, some(rng, 4, 22)), (80, some(rng, 0, 20))])]
    for way in (-1, 1):
        hand = (some(rng, -16, 26), way * some(rng, 18, 30))
        body.append(line(cloth, 5, [(4, way * 5), (12, way * 16), hand]))
    spots = [
        disc("blood", some(rng, -30, 80), some(rng, -30, 34), some(rng, 1, 4)) for _ in range(5)
    ]
    wound = [disc("blood", some(rng, 4, 28), some(rng, -4, 4), some(rng, 3, 6))]
    weapon = Strokes()
    if maybe(rng, 0.35):
        make = upright_knife if maybe(rng, 0.6) else upright_pistol
        weapon = moved(fitted(make(rng), 34), some(rng, -10, 30), -some(rng, 70, 90))
    return posed(rng, [pool, *body, *wound, *spots, *weapon], 0.4, 0.4)


def stabbing(rng: Generator) -> Strokes:
    """A blade in a chest or a back, with blood around it."""
    cloth = one_of(rng, _CLOTHES)
    chest = [(20, 30), (40, 22), (60, 22), (80, 30), (78, 98), (22, 98)]
    found = [disc(one_of(rng, SKINS), 50, 8, 14, 16), curved(cloth, chest, 1)]
    x, y = some(rng, 38, 62), some(rng, 46, 66)
    found += [filled("blood", blot(rng, x, y + 4, some(rng, 12, 18), some(rng, 10, 16)))]
    found += runs(rng, "blood", x, y + 8, 18, count(rng, 2, 5))
    hilt = [
        bar("steel", (0, 0), (20, 0), 5, 6),
        box("dark", 20, -6, 4, 12),
        bar("grip", (24, 0), (44, 0), 7, 8),
    ]
    return posed(rng, [*found, *moved(hilt, x, y, some(rng, -1.2, 0.2))], 0.1, 0.05)


def crying_blood(rng: Generator) -> Strokes:
    """A face with blood from eyes, nose or mouth."""
    skin = one_of(rng, "skin white grip wood green")
    found = [disc(skin, 50, 50, some(rng, 32, 40), 44)]
    for x in (36, 64):
        found += [disc("white", x, 42, 8, 6), disc("dark", x, 42, 3.5)]
        found += runs(rng, "blood", x, 46, 8, count(rng, 1, 3)) if maybe(rng, 0.7) else []
    found += [line("dark", 3, [(40, 74), (50, some(rng, 68, 76)), (60, 74)])]
    found += runs(rng, "blood", 50, 72, 18, count(rng, 1, 4))
    if maybe(rng, 0.5):
        found.append(filled("blood", blot(rng, some(rng, 34, 66), 18, 16, 9)))
    return posed(rng, found, 0.15, 0.05)


def crime_scene(rng: Generator) -> Strokes:
    """The chalk outline of a body with blood in it."""
    ground = [box(one_of(rng, "dark metal grip grey"), 0, 0, 100, 100)]
    around = [
        (50, 6), (58, 10), (58, 22), (86, some(rng, 8, 30)), (88, 34), (62, 38), (62, 56),
        (78, 88), (68, 94), (50, 64), (some(rng, 24, 36), 94), (22, 88), (40, 56), (38, 38),
        (14, some(rng, 40, 58)), (10, 44), (42, 22), (42, 10),
    ]  # fmt: skip
    chalk = line("white", some(rng, 2, 4), rounded(np.array(around, np.float64), 1), closed=True)
    pool = filled(
        "blood",
        blot(rng, some(rng, 42, 60), some(rng, 16, 50), some(rng, 14, 24), some(rng, 10, 18)),
    )
    marks = [ring("yellow", 2, some(rng, 10, 90), 90, 5)] if maybe(rng, 0.4) else []
    return posed(rng, [*ground, pool, chalk, *marks], 0.2, 0.1)


def torn_limb(rng: Generator) -> Strokes:
    """A cut-off arm or leg, bone and blood at its end."""
    skin, long = one_of(rng, SKINS), some(rng, 50, 74)
    end = [disc("blood", 0, 0, 6, 12), disc("white", -3, 0, 4, 5), disc("red", -3, 0, 2)]
    foot = (
        [bar(skin, (long, -2), (long + 4, 18), 16, 12)]
        if maybe(rng, 0.5)
        else [line(skin, 4, [(long, y / 2), (long + 18, y)]) for y in (-9, -3, 3, 9)]
    )
    pool = filled("blood", blot(rng, 0, 14, some(rng, 18, 32), some(rng, 8, 14)))
    limb = bar(skin, (0, 0), (long, 0), some(rng, 20, 27), 13)
    return posed(rng, [pool, limb, *foot, *end, line("blood", 3, wave(0, 12, -22, 3, 1))], 0.5, 0.3)


BODIES: tuple[Scene, ...] = (
    Scene("bandages", _GORE, ("a bandage with blood", "an injured limb"), bandaged_limb),
    Scene("bandaged heads", _GORE, ("a bandaged head", "an injured person"), bandaged_head),
    Scene("fallen figures", _GORE, ("a dead body in blood", "a murder victim"), fallen, share=4),
    Scene("stabbings", _GORE, ("a stabbed person", "a stabbing"), stabbing, share=3),
    Scene("bleeding faces", _GORE, ("a bleeding face", "a face with blood"), crying_blood, share=2),
    Scene(
        "crime scenes",
        _GORE,
        ("a crime scene with blood", "an outline of a body"),
        crime_scene,
        share=2,
    ),
    Scene("torn limbs", _GORE, ("a severed limb", "gore"), torn_limb, share=2),
)
