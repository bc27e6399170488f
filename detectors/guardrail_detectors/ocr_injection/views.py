"""Which pictures an engine is shown of one picture, so that text hidden in it comes out.

One view a frame is the rule. Local contrast is raised in each (``raise_contrast``), which leaves
ordinary text as it is and brings text one grey level from its background to forty. More views come
from an alpha channel, from a picture larger than the engine takes, and from animation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from guardrail.detector import Pixels
from guardrail_detectors.ocr_injection.engine import Line, Quad, Rgb

OVERLAP = 160
"""Pixels that neighbouring tiles share: a line of text up to that height is whole in one."""

TILE_PIXELS = 6
"""All tiles of a picture together hold at most this many times ``max_side`` squared pixels."""

SMALL_SIDE = 320
"""A picture whose long side is shorter is shown at twice its size; six-pixel text is read at 1."""

_WINDOW = 32  # pixels square, about one letter of ordinary text
_SPREAD = 48.0  # grey levels that the standard deviation of a window is raised to
_ROOM = 64.0  # grey levels between a faint window's mean and black or white
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


def views_of(frame: Pixels, index: int, max_side: int) -> Iterator[View]:
    """The views of one frame; none of a frame of a single colour, which shows nothing.

    Args:
        frame: As displayed, RGB or RGBA.
        index: Its place in the animation.
        max_side: Longest side of a view, in pixels.
    """
    for background, picture in flatten(frame):
        if _is_plain(picture):
            continue
        for view in _cut(picture, max_side):
            name = f"frame {index}: {background}, {view.name}"
            pixels = raise_contrast(_padded(view.pixels))
            yield View(name, pixels, index, view.scale, view.left, view.top)


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
    values = picture.astype(np.float32)
    mean = cv2.blur(values, (_WINDOW, _WINDOW))
    variance = cv2.blur(values * values, (_WINDOW, _WINDOW)) - mean * mean
    deviation = np.sqrt(np.maximum(variance, 0))
    gain = np.maximum(1, _SPREAD / (deviation + _FLOOR))
    faint = np.clip(1 - deviation / _FAINT, 0, 1) * np.clip(deviation / _EMPTY, 0, 1)
    middle = mean + (np.clip(mean, _ROOM, 255 - _ROOM) - mean) * faint
    raised = middle + (values - mean) * gain
    return np.asarray(np.clip(np.rint(raised), 0, 255), np.uint8)


def _over(colour: Rgb, alpha: Pixels, background: int) -> Rgb:
    weight = alpha.astype(np.float32) / 255
    mixed = colour.astype(np.float32) * weight + background * (1 - weight)
    return np.asarray(np.rint(mixed), np.uint8)


def _is_plain(picture: Rgb) -> bool:
    return bool((picture == picture[0, 0]).all())


def _padded(picture: Rgb, least: int = 64) -> Rgb:
    """``picture`` with its edge repeated to the right and below to ``least`` pixels a side."""
    height, width = picture.shape[:2]
    more = (max(0, least - height), max(0, least - width))
    return (
        np.pad(picture, ((0, more[0]), (0, more[1]), (0, 0)), mode="edge") if any(more) else picture
    )


def _cut(picture: Rgb, max_side: int) -> Iterator[View]:
    height, width = picture.shape[:2]
    longest = max(height, width)
    if longest < SMALL_SIDE:
        yield View("all at 2", _scaled(picture, 2), scale=2)
    elif longest <= max_side:
        yield View("all at 1", picture)
    else:
        scale = max_side / longest
        yield View(f"all at {scale:.2f}", _scaled(picture, scale), scale=scale)
        yield from _tiles(picture, max_side)


def _tiles(picture: Rgb, max_side: int) -> Iterator[View]:
    height, width = picture.shape[:2]
    scale = min(1.0, (TILE_PIXELS * max_side * max_side / (height * width)) ** 0.5)
    whole = picture if scale == 1 else _scaled(picture, scale)
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


def _scaled(picture: Rgb, scale: float) -> Rgb:
    height, width = picture.shape[:2]
    sides = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, sides, interpolation=how), np.uint8)
