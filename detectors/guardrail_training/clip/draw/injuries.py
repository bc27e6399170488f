"""Poison with a skull, and people who bleed, of another shape every time."""

from __future__ import annotations

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.parts import hand_print
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
    one_of,
    posed,
    some,
)


def _skull(rng: Generator, x: float, y: float, size: float, ground: str) -> Strokes:
    """A skull and its bones around (x, y), on a label or straight on ``ground``."""
    found, bone, hole = Strokes(), "white", "dark"
    if maybe(rng, 0.6):
        label = "white" if ground != "white" else "yellow"
        found.append(box(label, x - size * 1.7, y - size * 1.5, size * 3.4, size * 3.3))
        bone, hole = hole, bone
    for way in (-1, 1):
        ends = [(x - way * size * 1.3, y + size * 0.3), (x + way * size * 1.3, y + size * 1.4)]
        found.append(line(bone, 3, ends))
    found.append(disc(bone, x, y - size * 0.2, size, size * 0.9))
    found.append(box(bone, x - size * 0.5, y + size * 0.4, size, size * 0.6))
    eyes = [disc(hole, x + way * size * 0.42, y - size * 0.2, size * 0.26) for way in (-1, 1)]
    return [*found, *eyes]


def poison_flask(rng: Generator) -> Strokes:
    """A bottle with a skull on its label, a cork and bubbles."""
    wide, high, neck = some(rng, 44, 66), some(rng, 48, 66), some(rng, 14, 24)
    glass = one_of(rng, "green green purple dark blue wood")
    kind, x = one_of(rng, "round square cone"), wide / 2
    found = [box(glass, x - neck / 2, -22, neck, 30)]
    if kind == "round":
        found.append(disc(glass, x, high / 2, x, high / 2 + 4))
    elif kind == "square":
        found.append(box(glass, 0, 0, wide, high, 1))
    else:
        found.append(filled(glass, [(x - neck / 2, 0), (x + neck / 2, 0), (wide, high), (0, high)]))
    found += [box("wood", x - neck * 0.4, -31, neck * 0.8, 11)]
    found += _skull(rng, x, high * 0.52, min(wide, high) * 0.2, glass)
    if maybe(rng, 0.4):
        found += [disc("green", x + some(rng, -12, 12), -36 - n * 8, 3) for n in range(3)]
    return posed(rng, found, 0.12, 0.05)


def injured(rng: Generator) -> Strokes:
    """A standing or sitting person with bleeding wounds and drops falling."""
    skin, shirt = one_of(rng, SKINS), one_of(rng, "blue green white grey yellow purple")
    found = [bar(one_of(rng, "dark blue grip"), (x, 46), (x * 1.3, 92), 13, 10) for x in (-9, 9)]
    found += [
        line(shirt, 9, [(-14, 8), (-30, 30)]),
        line(shirt, 9, [(14, 8), (some(rng, 8, 34), 34)]),
    ]
    found += [disc(skin, -31, 33, 6), box(shirt, -17, 2, 34, 46, 1), disc(skin, 0, -16, 15, 17)]
    hair = [(-16, -18), (-12, -34), (0, -37), (12, -34), (16, -18), (6, -27), (-6, -27)]
    found.append(filled(one_of(rng, "dark grip wood gold"), hair))
    found += [disc("dark", x, -16, 2) for x in (-6, 6)]
    found.append(line("dark", 2, [(-6, -5), (0, -8), (6, -5)]))
    for _ in range(count(rng, 2, 4)):
        x, y = some(rng, -11, 11), one_of(rng, "-26 10 20 32")
        at, size = float(y), some(rng, 4, 8)
        found += [
            disc("blood", x, at, size, size * 0.8),
            line("red", 3, [(x, at), (x + 1, at + some(rng, 10, 22))]),
        ]
    if maybe(rng, 0.6):
        found += [disc("blood", some(rng, -12, 12), 94, some(rng, 16, 30), 5)]
    return posed(rng, found, 0.06, 0.05)


def blood_print(rng: Generator) -> Strokes:
    """The print of a palm and five fingers in blood that runs down."""
    found = hand_print(rng, one_of(rng, "blood red blood"))
    red = found[0].colour
    for _ in range(count(rng, 2, 5)):
        x = some(rng, -16, 16)
        foot = (x, 40 + some(rng, 8, 34))
        found += [line(red, some(rng, 2, 4), [(x, 34), foot]), disc(red, *foot, 3, 4)]
    found += [
        disc("blood", some(rng, -44, 44), some(rng, -40, 60), some(rng, 1.5, 4))
        for _ in range(count(rng, 0, 6))
    ]
    return posed(rng, found, 0.25, 0.1)


INJURIES: tuple[Scene, ...] = (
    Scene(
        "flasks of poison",
        "hazard_sign",
        ("a poison flask", "a bottle with a skull, poison"),
        poison_flask,
        share=4,
    ),
    Scene(
        "injured people",
        "graphic_violence",
        ("an injured person with blood", "a person with bleeding wounds"),
        injured,
        share=4,
    ),
    Scene(
        "prints in blood",
        "graphic_violence",
        ("a palm print in blood", "a bloody print of a hand"),
        blood_print,
        share=4,
    ),
)
"""Poison first."""
