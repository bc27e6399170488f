"""What of a picture is shown to the network: the whole, and tiles for what is small in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil

import cv2
import numpy as np

from guardrail.detector import Pixels
from guardrail.types import Box
from guardrail_detectors.ocr_injection.views import choose_frames, flatten

_SIDES = (1.0, 0.6, 0.4)
"""Sides of square tiles, in short sides of the picture."""

_SHARED = 0.2
"""Part of a side that neighbouring tiles have in common at least."""

SQUARE = 1.1
"""A picture up to so much longer than wide is seen whole in its middle square."""

_LEAST = 64
"""Pixels of a side that a squashed part has at least."""


def tiles(width: int, height: int, seen: int, most: int) -> list[Box]:
    """Parts of a picture, coarse ones first; no more than ``most``.

    They are squares, in layers that cover the picture each. A layer is left out when it does not
    fit into ``most`` as a whole, and when its tiles would have fewer pixels than half of what the
    network sees: enlarged, they show nothing new. Of a picture so long that ``most`` squares do not
    reach from end to end, the first layer is as many oblong parts as there may be.

    Args:
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        seen: Pixels of a side of what the network sees.
        most: Tiles at most.
    """
    found: list[Box] = []
    short, long = sorted((width, height))
    for part in _SIDES:
        side = max(1, round(part * short))
        if (part == 1.0 and long <= SQUARE * short) or (part < 1.0 and 2 * side < seen):
            continue
        layer = [
            Box(left, top, left + side, top + side)
            for top in _starts(height, side)
            for left in _starts(width, side)
        ]
        if len(found) + len(layer) <= most:
            found += layer
        elif part == 1.0:
            found += _oblong(width, height, most)
    return found


def _oblong(width: int, height: int, count: int) -> list[Box]:
    """A long picture cut across into ``count`` equal parts."""
    cuts = [round(n * max(width, height) / count) for n in range(count + 1)] if count else []
    ends = [(start, end) for start, end in pairwise(cuts) if start < end]
    if width >= height:
        return [Box(start, 0, end, height) for start, end in ends]
    return [Box(0, start, width, end) for start, end in ends]


def pictures(frames: Sequence[Pixels], most: int) -> Iterator[tuple[int, Pixels]]:
    """The frames to look at, with their numbers, as every reader of transparency may see them.

    Args:
        frames: All frames, as displayed, RGB or RGBA.
        most: Frames at most, evenly chosen.
    """
    before: Pixels | None = None
    for index in choose_frames(len(frames), most):
        frame = frames[index]
        if before is None or not np.array_equal(frame, before):
            yield from ((index, picture) for _, picture in flatten(frame))
        before = frame


def squared(picture: Pixels) -> Pixels:
    """``picture``, squashed to a square where it is so long that its ends would be cut off."""
    height, width = picture.shape[:2]
    short = min(width, height)
    if max(width, height) <= SQUARE * short:
        return picture
    side = (short, short) if short >= _LEAST else (_LEAST, _LEAST)
    return np.asarray(cv2.resize(picture, side, interpolation=cv2.INTER_AREA), np.uint8)


def _starts(length: int, side: int) -> list[int]:
    """Where tiles of ``side`` begin that cover ``length``."""
    if length <= side:
        return [0]
    count = 1 + ceil((length - side) / (side * (1 - _SHARED)) - 1e-9)
    return [round(n * (length - side) / (count - 1)) for n in range(count)]
