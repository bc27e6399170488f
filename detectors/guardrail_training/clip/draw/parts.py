"""Small parts that several families share: a lit flame, smoke, a hand, things put in place."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail_training.clip.draw.motifs import Strokes, filled, one_flame, tongue
from guardrail_training.clip.draw.pen import Generator, Stroke
from guardrail_training.clip.draw.shapes import (
    box,
    count,
    curved,
    disc,
    fitted,
    line,
    maybe,
    moved,
    one_of,
    some,
    wave,
)


def lit(rng: Generator, x: float, y: float, high: float) -> Strokes:
    """One flame of height ``high`` that stands on (x, y)."""
    size = high / 88
    found = moved(one_flame(rng), x - 50 * size, y - 94 * size, size=size)
    return [*found, filled("yellow", tongue(rng, x, y, high * 0.25, high * 0.45))]


def placed(drawn: Sequence[Stroke], x: float, y: float, side: float) -> Strokes:
    """``drawn`` with its middle at (x, y), its longer side being ``side``."""
    return moved(fitted(drawn, side), x - 50, y - 50)


def smoke(rng: Generator, x: float, y: float, high: float, threads: int) -> Strokes:
    """Thin threads of smoke that rise from (x, y)."""
    found = Strokes()
    for n in range(threads):
        thread = wave(0, 0, high * some(rng, 0.7, 1), some(rng, 3, 6), some(rng, 0.7, 1.6))
        found += moved([line("grey", some(rng, 1.8, 3), thread)], x + n * 6, y, -1.57)
    return found


def lighter(rng: Generator) -> Strokes:
    """An upright lighter that burns, the foot of its flame at the origin."""
    wide, high = some(rng, 15, 24), some(rng, 36, 58)
    colour = one_of(rng, "red blue green yellow purple orange pink metal gold")
    left = -wide / 2
    found = [box(colour, left, 12, wide, high, count(rng, 0, 1))]
    found += [box("steel", left, 1, wide * 0.75, 11), disc("dark", left + wide * 0.85, 8, 5)]
    if maybe(rng, 0.5):
        found.append(box("white", left + 3, 16, 3, high * 0.7))
    return [*found, *lit(rng, left + wide * 0.3, 3, some(rng, 20, 36))]


def hand_print(rng: Generator, colour: str) -> Strokes:
    """The print of a palm, four fingers and a thumb, the palm's upper edge at the origin."""
    palm = [(-20, 0), (18, -2), (22, 20), (14, 40), (-12, 40), (-23, 22)]
    found = [curved(colour, palm)]
    for n, long in enumerate((26, 32, 34, 28)):
        x, wide = -16 + n * 11.5, some(rng, 7, 10)
        tip = (x + (n - 1.5) * 5, -long * some(rng, 0.9, 1.2))
        found.append(line(colour, wide, [(x, -2), tip]))
    return [*found, line(colour, 9, [(19, 22), (38, some(rng, 0, 12))])]
