"""What families of drawings are put together from: bars, boxes, discs, and poses by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from guardrail_training.clip.draw.motifs import Points, Strokes, filled
from guardrail_training.clip.draw.pen import Generator, Stroke, ellipse, rounded

Corners = Points | Sequence[Sequence[float]]

SKINS = "skin skin wood grip"
PLASTICS = "yellow green blue red orange pink purple white dark"
METALS = "steel metal grey dark"
"""Colours to choose from by chance, a name once for each part of the chance that it has."""

COLOURED = "red blue yellow green orange pink purple"
"""Colours of what may have any, as ``one_of`` takes them."""

BRIGHT = f"{COLOURED} white"
"""The same and white."""


def some(rng: Generator, low: float, high: float) -> float:
    """A number between ``low`` and ``high``, with one decimal."""
    return round(float(rng.uniform(low, high)), 1)


def count(rng: Generator, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    return int(rng.integers(low, high + 1))


def one_of(rng: Generator, words: str) -> str:
    """One of the words of ``words``; a word that is there twice comes twice as often."""
    return str(rng.choice(words.split()))


def maybe(rng: Generator, part: float) -> bool:
    """True in ``part`` of all cases."""
    return bool(rng.random() < part)


def line(colour: str, width: float, points: Corners, *, closed: bool = False) -> Stroke:
    """A line with round ends."""
    return Stroke("line", colour, np.asarray(points, np.float64), width, closed)


def curved(colour: str, points: Corners, times: int = 2) -> Stroke:
    """An area with its corners rounded off."""
    return filled(colour, rounded(np.asarray(points, np.float64), times))


def disc(colour: str, x: float, y: float, rx: float, ry: float | None = None) -> Stroke:
    """A round area."""
    return filled(colour, ellipse(x, y, rx, rx if ry is None else ry))


def ring(
    colour: str, width: float, x: float, y: float, rx: float, ry: float | None = None
) -> Stroke:
    """The rim of a round area."""
    return line(colour, width, ellipse(x, y, rx, rx if ry is None else ry), closed=True)


def box(colour: str, x: float, y: float, width: float, height: float, soft: int = 0) -> Stroke:
    """A rectangle from its upper left corner; ``soft`` is how round its corners are, up to 3."""
    cut = min(width, height) * 0.16 * soft
    points = [
        (x + cut, y), (x + width - cut, y), (x + width, y + cut), (x + width, y + height - cut),
        (x + width - cut, y + height), (x + cut, y + height), (x, y + height - cut), (x, y + cut),
    ]  # fmt: skip
    if not soft:
        points = points[::2]
    return filled(colour, points)


def bar(
    colour: str, start: tuple[float, float], end: tuple[float, float], wide: float, narrow: float
) -> Stroke:
    """A straight piece that is ``wide`` where it starts and ``narrow`` where it ends."""
    here, there = np.array(start), np.array(end)
    along = (there - here) / (np.linalg.norm(there - here) + 1e-9)
    across = np.array([-along[1], along[0]]) / 2
    corners = [here + across * wide, there + across * narrow]
    outline = [*corners, there - across * narrow, here - across * wide]
    return filled(colour, np.stack(outline))


def wave(
    x: float, y: float, length: float, high: float, turns: float, steps: int = 18
) -> NDArray[np.float64]:
    """Points of a wavy line that runs to the right, shape (steps, 2)."""
    at = np.linspace(0, 1, steps)
    return np.stack([x + length * at, y + high * np.sin(2 * np.pi * turns * at)], 1)


def moved(
    drawn: Sequence[Stroke],
    x: float = 0.0,
    y: float = 0.0,
    turn: float = 0.0,
    size: float = 1.0,
    *,
    mirrored: bool = False,
) -> Strokes:
    """``drawn`` scaled, turned by radians around the origin and then shifted."""
    around = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * size
    if mirrored:
        around = np.array([[-1.0, 0.0], [0.0, 1.0]]) @ around
    return [
        replace(one, points=one.points @ around + (x, y), width=one.width * size) for one in drawn
    ]


def fitted(drawn: Sequence[Stroke], side: float = 90.0) -> Strokes:
    """``drawn`` in the middle of the square, its longer side being ``side``."""
    low = np.min([one.points.min(0) - one.width / 2 for one in drawn], axis=0)
    high = np.max([one.points.max(0) + one.width / 2 for one in drawn], axis=0)
    size = side / float(max(1e-6, (high - low).max()))
    x, y = 50 - (low + high) / 2 * size
    return moved(drawn, float(x), float(y), size=size)


def posed(
    rng: Generator, drawn: Sequence[Stroke], turn: float = 0.3, wild: float = 0.25
) -> Strokes:
    """``drawn`` turned, maybe mirrored, and fitted into the square.

    Args:
        rng: The chance.
        drawn: Strokes on a plane of any size.
        turn: Standard deviation of the angle in radians.
        wild: Part of the cases in which any angle will do.
    """
    angle = rng.uniform(-np.pi, np.pi) if maybe(rng, wild) else rng.normal(0, turn)
    turned = moved(drawn, turn=float(angle), mirrored=maybe(rng, 0.5))
    return fitted(turned, some(rng, 76, 91))
