"""Strokes written down as text, painted in many hands.

A drawing is strokes on a square of 100 by 100, joined by semicolons, first painted first. Points
are ``x,y`` with y downwards; a colour is a name of ``COLOURS``:

- ``p COLOUR x,y x,y x,y …``: a polygon,
- ``c COLOUR x,y x,y x,y …``: the same with its corners rounded off,
- ``e COLOUR x,y rx,ry``: an ellipse, ``o COLOUR WIDTH x,y rx,ry``: only its rim,
- ``r COLOUR x,y w,h RADIUS``: a rectangle with round corners,
- ``l COLOUR WIDTH x,y x,y …``: a line with round ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail_training.clip.errors import ClipTrainingError

Generator = np.random.Generator
Sprite = NDArray[np.uint8]
"""A picture with transparency: shape (SIDE, SIDE, 4), red first."""

SIDE = 96
"""Pixels of a side of a sprite."""

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "metal": (120, 124, 132),
    "steel": (196, 204, 212),
    "dark": (38, 38, 44),
    "grip": (66, 52, 44),
    "wood": (142, 92, 50),
    "gold": (206, 164, 62),
    "white": (244, 244, 242),
    "grey": (152, 156, 160),
    "red": (206, 38, 42),
    "blood": (150, 10, 18),
    "orange": (240, 130, 30),
    "yellow": (250, 206, 50),
    "green": (74, 140, 62),
    "blue": (52, 112, 206),
    "purple": (128, 70, 170),
    "pink": (242, 130, 170),
    "skin": (232, 184, 146),
}

_SCALE = 2  # painted larger, then shrunk
_CORNERS = 10  # more points than that are a curve
_LIGHT = 150  # mean of a colour that a silhouette leaves white
_SHIFT = 4  # fractional bits of cv2's coordinates
_ARGUMENTS = {"p": 3, "c": 3, "e": 2, "o": 3, "r": 3, "l": 3}  # at least, after the colour


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke: its letter, colour, outline points of shape (n, 2), and width where it has one.

    Attributes:
        kind: ``fill`` or ``line``.
        colour: A name of ``COLOURS``.
        points: Corners of the area, or of the line.
        width: Of a line.
        closed: Whether a line ends where it began.
    """

    kind: str
    colour: str
    points: NDArray[np.float64]
    width: float = 0.0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Hand:
    """How strokes are painted.

    Attributes:
        fill: Whether areas are filled.
        outline: Width of their outline, 0 for none.
        tremble: How far points stray.
        tint: Added to every colour, shape (3,).
        single: The one ink for everything dark, light parts becoming white; or None.
        shade: How much darker the lower end is, in [0, 1].
        squeeze: Factor of the height.
        weight: Factor of the width of lines.
    """

    fill: bool = True
    outline: float = 0.0
    tremble: float = 0.0
    tint: tuple[float, float, float] = (0.0, 0.0, 0.0)
    single: tuple[int, int, int] | None = None
    shade: float = 0.0
    squeeze: float = 1.0
    weight: float = 1.0


def any_hand(rng: Generator, *, coloured: bool = False) -> Hand:
    """A hand by chance: flat, outlined, shaded, a silhouette or a sketch.

    Args:
        rng: The chance.
        coloured: Whether only the first three will do: blood without its red is a blot.
    """
    kinds = ["flat", "outlined", "shaded", "silhouette", "sketch"]
    kind = rng.choice(kinds[:3]) if coloured else rng.choice(kinds, p=_HANDS)
    tint = rng.normal(0, 22, 3)
    dark = (int(rng.integers(0, 90)), int(rng.integers(0, 90)), int(rng.integers(0, 90)))
    single = dark if kind in {"silhouette", "sketch"} else None
    return Hand(
        fill=kind != "sketch",
        outline=float(rng.uniform(1.0, 3.0)) if kind in {"outlined", "sketch"} else 0.0,
        tremble=float(rng.uniform(0.2, 2.2)),
        tint=(float(tint[0]), float(tint[1]), float(tint[2])),
        single=single,
        shade=float(rng.uniform(0.2, 0.7)) if kind == "shaded" else 0.0,
        squeeze=float(rng.uniform(0.82, 1.18)),
        weight=float(rng.uniform(0.75, 1.3)),
    )


_HANDS = (0.25, 0.25, 0.28, 0.12, 0.10)


def strokes(text: str) -> tuple[Stroke, ...]:
    """The strokes that ``text`` describes.

    Raises:
        ClipTrainingError: A stroke is not of the form that the module describes; it is named.
    """
    return tuple(_stroke(one.strip()) for one in text.split(";") if one.strip())


def paint(drawing: Sequence[Stroke], hand: Hand, rng: Generator) -> Sprite:
    """``drawing`` in one hand, shape (SIDE, SIDE, 4)."""
    side = SIDE * _SCALE
    colour = np.zeros((side, side, 3), np.uint8)
    alpha = np.zeros((side, side), np.uint8)
    for one in drawing:
        # Curves have many points; were they to stray as far as corners, all would be jagged.
        tremble = hand.tremble if len(one.points) <= _CORNERS else hand.tremble * 0.3
        points = one.points + rng.normal(0, tremble, one.points.shape)
        points = (points - 50) * (0.92, 0.92 * hand.squeeze) + 50
        _put(colour, alpha, one, points, hand)
    if hand.shade:
        ramp = np.linspace(1 + hand.shade / 3, 1 - hand.shade, side)[:, None, None]
        colour = np.clip(colour * ramp, 0, 255).astype(np.uint8)
    layers = np.dstack([colour, alpha])
    shrunk = cv2.resize(layers, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    # Smooth edges are mixed with the black that was there: colours are taken out of it again.
    bare = shrunk[..., :3] * 255 / np.maximum(shrunk[..., 3:], 1)
    return np.dstack([np.clip(bare, 0, 255), shrunk[..., 3]]).astype(np.uint8)


def ellipse(x: float, y: float, rx: float, ry: float, count: int = 28) -> NDArray[np.float64]:
    """Points around an ellipse, shape (count, 2)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], 1)


def rounded(points: NDArray[np.float64], times: int = 3) -> NDArray[np.float64]:
    """A closed outline with its corners cut off ``times`` times.

    Source: Chaikin 1974, "An algorithm for high-speed curve generation".
    """
    for _ in range(times):
        following = np.roll(points, -1, 0)
        pairs = (points * 0.75 + following * 0.25, points * 0.25 + following * 0.75)
        points = np.stack(pairs, 1).reshape(-1, 2)
    return points


def _stroke(text: str) -> Stroke:
    letter, *rest = text.split()
    if letter not in _ARGUMENTS or len(rest) < _ARGUMENTS[letter] or rest[0] not in COLOURS:
        known = ", ".join(COLOURS)
        raise ClipTrainingError(
            f"stroke {text!r}: expected a letter of p c e o r l, a colour ({known}) and points"
        )
    try:
        return _parsed(letter, rest[0], rest[1:])
    except ValueError:
        raise ClipTrainingError(
            f"stroke {text!r}: expected points as x,y and widths as numbers"
        ) from None


def _parsed(letter: str, colour: str, rest: Sequence[str]) -> Stroke:
    width = float(rest[0]) if letter in {"l", "o"} else 0.0
    radius = float(rest[-1]) if letter == "r" else 0.0
    words = rest[1:] if letter in {"l", "o"} else rest[: 2 if letter == "r" else None]
    points = np.array([[float(number) for number in word.split(",")] for word in words])
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(words)
    match letter:
        case "p":
            return Stroke("fill", colour, points)
        case "c":
            return Stroke("fill", colour, rounded(points))
        case "e" | "o":
            rim = ellipse(*points[0], *points[1])
            return Stroke("line" if width else "fill", colour, rim, width, closed=True)
        case "r":
            return Stroke("fill", colour, _box(points[0], points[1], radius))
        case _:
            return Stroke("line", colour, points, width)


def _box(at: NDArray[np.float64], size: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    corners = at + size * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return rounded(corners, 2) if radius >= 4 else corners


def _put(
    colour: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    stroke: Stroke,
    points: NDArray[np.float64],
    hand: Hand,
) -> None:
    """Paints one stroke on both layers."""
    unit = SIDE * _SCALE / 100
    fixed: Any = [np.round(points * unit * (1 << _SHIFT)).astype(np.int32)]
    shown = _shown(stroke.colour, hand)
    width = max(1, round((stroke.width * hand.weight or hand.outline) * unit))
    for layer, value in ((colour, shown), (alpha, 255)):
        if stroke.kind == "fill" and hand.fill:
            cv2.fillPoly(layer, fixed, value, cv2.LINE_AA, _SHIFT)
        if stroke.kind == "line":
            thick = width if hand.fill else max(1, round(hand.outline * unit))
            cv2.polylines(layer, fixed, stroke.closed, value, thick, cv2.LINE_AA, _SHIFT)
        elif hand.outline:
            line = value if not hand.fill or layer is alpha else [v * 0.3 for v in shown]
            cv2.polylines(layer, fixed, bool(hand.outline), line, width, cv2.LINE_AA, _SHIFT)


def _shown(name: str, hand: Hand) -> list[float]:
    plain = np.array(COLOURS[name], np.float64)
    if hand.single:
        plain = np.array(COLOURS["white"] if plain.mean() > _LIGHT else hand.single, np.float64)
    return [
        float(one) for one in np.clip(plain + (np.zeros(3) if hand.single else hand.tint), 0, 255)
    ]
