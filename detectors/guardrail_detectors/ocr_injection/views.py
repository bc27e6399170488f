"""How a picture is shown to an engine: on which background, how large, with how much contrast.

Local contrast is raised in each view (``raise_contrast``), which leaves ordinary text as it is and
brings text one grey level from its background to forty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.detector import Pixels
from guardrail_detectors.ocr_injection.engine import Line, Quad, Rgb

OVERLAP = 160
"""Pixels that neighbouring tiles share: a line of text up to that height is whole in one."""

TILE_PIXELS = 6
"""All tiles of a picture together hold at most this many times ``max_side`` squared pixels."""

SMALL_SIDE = 320
"""A picture whose long side is shorter is shown at twice its size; six-pixel text is read at 1."""

_STEP = 8  # pixels square of a cell: windows move by that, between them what they say is blended
_ACROSS = np.array([0.125, 0.25, 0.25, 0.25, 0.125])  # of a window of 4 cells, about a letter
_SPREAD = 48.0  # grey levels that the standard deviation of a window is raised to
_ROOM = 80.0  # grey levels between a faint window's mean and black or white
_EMPTY, _FAINT = 0.25, 4.0  # deviations between which a window's mean moves
_FLOOR = 2.0  # added to the deviation: bounds the gain at 24, and JPEG noise with it


@dataclass(frozen=True, slots=True)
class View:
    """A picture for the engine, and how its pixels lie on the displayed picture.

    Attributes:
        name: What was done, e.g. ``frame 0: on white, tile 2048,0 at 1``.
        pixels: What the engine reads.
        frame: Index of the frame it shows.
        scale: Pixels of the view in one pixel of the displayed picture.
        left: Column of the displayed picture at which the view begins.
        top: Row of the displayed picture at which the view begins.
    """

    name: str
    pixels: Rgb = field(repr=False)
    frame: int = 0
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def place(self, line: Line) -> Line:
        """``line``, read in this view, with its outline on the displayed picture."""
        a, b, c, d = ((x / self.scale + self.left, y / self.scale + self.top) for x, y in line.quad)
        quad: Quad = (a, b, c, d)
        return Line(line.text, line.score, quad)


def choose_frames(count: int, limit: int) -> list[int]:
    """At most ``limit`` indices below ``count``, evenly spread, the first and the last included."""
    if count <= limit:
        return list(range(count))
    if limit == 1:
        return [0]
    return sorted({round(step * (count - 1) / (limit - 1)) for step in range(limit)})


def prepared(picture: Rgb, *, raised: bool = True) -> Rgb:
    """``picture`` as an engine takes it: large enough, and with faint detail made strong."""
    padded = _padded(picture)
    return raise_contrast(padded) if raised else padded


def flatten(frame: Pixels) -> list[tuple[str, Rgb]]:
    """``frame`` as each reader of its alpha channel may see it, equal pictures named once.

    One viewer lays it on white, another on black, a third drops the alpha channel and shows the
    colours of transparent pixels: text can be drawn for one of them alone.
    """
    if frame.shape[2] == 3:
        return [("opaque", frame)]
    colour, alpha = np.ascontiguousarray(frame[:, :, :3]), frame[:, :, 3:]
    if alpha.min(initial=255) == 255:
        return [("opaque", colour)]
    seen: list[tuple[str, Rgb]] = []
    for name, picture in (
        ("on white", _over(colour, alpha, 255)),
        ("on black", _over(colour, alpha, 0)),
        ("without alpha", colour),
    ):
        if not any(np.array_equal(picture, other) for _, other in seen):
            seen.append((name, picture))
    return seen


def raise_contrast(picture: Rgb) -> Rgb:
    """``picture`` with faint detail made strong and strong detail left as it is.

    Every pixel's distance from the mean of its window grows until the window's standard deviation
    is about ``_SPREAD``; it never shrinks, so what could be read before can be read after. A faint
    window's mean moves off black and white, where the gain would be cut off: of 44 lines a few
    levels from a black, white or pure background 20 were missed without it, none with it. Empty
    paper stays as it is, else text on it would stand in a frame and its box grow by that.
    """
    height, width = picture.shape[:2]
    cells = (-(-width // _STEP), -(-height // _STEP))
    sides = (cells[0] * _STEP, cells[1] * _STEP)
    # Whole cells: means are then exact, and one colour has no deviation.
    values = _extended(picture, sides).astype(np.float32)
    mean = _windows(values, cells)
    apart = values - 128  # squares of small numbers: their rounding must not look like detail
    square = _windows(apart * apart, cells)
    deviation = np.sqrt(np.maximum(square - (mean - 128) ** 2, 0))
    gain = np.maximum(1, _SPREAD / (deviation + _FLOOR))
    faint = np.clip(1 - deviation / _FAINT, 0, 1) * np.clip(deviation / _EMPTY, 0, 1)
    middle = mean + (np.clip(mean, _ROOM, 255 - _ROOM) - mean) * faint
    offset = middle - mean * gain  # middle + (value - mean) * gain
    grown = cv2.multiply(values, cv2.resize(gain, sides), dst=values)
    raised = cv2.add(grown, cv2.resize(offset, sides), dtype=cv2.CV_8U)
    return np.asarray(raised[:height, :width], np.uint8)


def _windows(values: NDArray[np.float32], cells: tuple[int, int]) -> NDArray[np.float32]:
    """The mean of each window, one a cell, shape (rows, columns, 3)."""
    small = cv2.resize(values, cells, interpolation=cv2.INTER_AREA)
    mean = cv2.sepFilter2D(small, -1, _ACROSS, _ACROSS, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(mean, np.float32)


def _over(colour: Rgb, alpha: Pixels, background: int) -> Rgb:
    weight = alpha.astype(np.float32) / 255
    mixed = colour.astype(np.float32) * weight + background * (1 - weight)
    return np.asarray(np.rint(mixed), np.uint8)


def _padded(picture: Rgb, least: int = 64) -> Rgb:
    """``picture`` with its edge repeated to the right and below to ``least`` pixels a side."""
    height, width = picture.shape[:2]
    return _extended(picture, (max(width, least), max(height, least)))


def _extended(picture: Rgb, sides: tuple[int, int]) -> Rgb:
    """``picture`` with its edge repeated to the right and below to ``sides``, width first."""
    height, width = picture.shape[:2]
    if (width, height) == sides:
        return picture
    more = (0, sides[1] - height, 0, sides[0] - width)
    return np.asarray(cv2.copyMakeBorder(picture, *more, cv2.BORDER_REPLICATE), np.uint8)


def native(picture: Rgb, max_side: int) -> Iterator[View]:
    """``picture`` at its own size; a small one at twice that, a large one whole and in tiles.

    Args:
        picture: As displayed, shape (height, width, 3).
        max_side: Longest side of a view, in pixels.
    """
    height, width = picture.shape[:2]
    longest = max(height, width)
    if longest < SMALL_SIDE:
        yield View("all at 2", scaled(picture, 2), scale=2)
    elif longest <= max_side:
        yield View("all at 1", picture)
    else:
        scale = max_side / longest
        yield View(f"all at {scale:.2f}", scaled(picture, scale), scale=scale)
        yield from _tiles(picture, max_side)


def _tiles(picture: Rgb, max_side: int) -> Iterator[View]:
    height, width = picture.shape[:2]
    scale = min(1.0, (TILE_PIXELS * max_side * max_side / (height * width)) ** 0.5)
    whole = picture if scale == 1 else scaled(picture, scale)
    for top in _starts(whole.shape[0], max_side):
        for left in _starts(whole.shape[1], max_side):
            tile = whole[top : top + max_side, left : left + max_side]
            name = f"tile {left},{top} at {scale:.2f}"
            yield View(name, tile, scale=scale, left=left / scale, top=top / scale)


def _starts(length: int, side: int) -> Sequence[int]:
    """Where tiles of ``side`` begin that cover ``length`` and share ``OVERLAP`` pixels."""
    if length <= side:
        return [0]
    step = side - OVERLAP
    return [*range(0, length - side, step), length - side]


def scaled(picture: Rgb, scale: float) -> Rgb:
    """``picture`` at ``scale`` times its size."""
    height, width = picture.shape[:2]
    sides = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, sides, interpolation=how), np.uint8)
