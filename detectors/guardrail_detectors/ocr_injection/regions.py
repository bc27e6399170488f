"""Where a picture has anything to look at: flat parts cost a detection network nothing.

A network that averages over all it sees finds small text on a small crop and misses the same text
on a large empty sheet, so leaving flat parts out finds more, not less.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.ocr_injection.engine import Rgb

CELL = 32
"""Pixels a side of a cell, the step of the detection network."""

EDGE = 8
"""Grey levels between neighbours in a row that make a cell busy; faint text has 20 once raised."""

SHARED = 64
"""Pixels that neighbouring tiles have in common."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in pixels; right and bottom are exclusive, and may lie beyond the picture."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, picture: Rgb) -> Rgb:
        """The content of the region, the picture's edge repeated beyond it."""
        part = picture[self.top : self.bottom, self.left : self.right]
        below = self.bottom - self.top - part.shape[0]
        beside = self.right - self.left - part.shape[1]
        if not below and not beside:
            return part
        padded = cv2.copyMakeBorder(part, 0, below, 0, beside, cv2.BORDER_REPLICATE)
        return np.asarray(padded, np.uint8)


def busy_regions(picture: Rgb, most: int) -> list[Region]:
    """Tiles of at most ``most`` pixels a side that hold all that is not flat, whole cells each.

    Rows of cells with anything in them make a band with a margin of a cell around it; a band is as
    wide as what it holds. Nobody can write into what is left out: letters have strokes.

    Args:
        picture: With faint detail already raised.
        most: Longest side of a tile, in pixels.
    """
    busy = cv2.dilate(_busy_cells(picture), np.ones((3, 3), np.uint8))
    found: list[Region] = []
    for first, last in _runs(np.asarray(busy.any(axis=1))):
        across = np.flatnonzero(busy[first:last].any(axis=0))
        left, right = int(across[0]) * CELL, (int(across[-1]) + 1) * CELL
        found += [
            Region(left + x0, first * CELL + y0, left + x1, first * CELL + y1)
            for y0, y1 in cuts((last - first) * CELL, most)
            for x0, x1 in cuts(right - left, most)
        ]
    return found


def cuts(length: int, most: int) -> list[tuple[int, int]]:
    """Like stretches up to ``most`` that cover ``length`` and share ``SHARED``, in whole cells."""
    shared = SHARED // CELL
    cells = max(1, length // CELL - shared)
    count = -(-cells // (most // CELL - shared))
    steps = [n * cells // count for n in range(count + 1)]
    return [(first * CELL, min(length, (last + shared) * CELL)) for first, last in pairwise(steps)]


def _busy_cells(picture: Rgb) -> NDArray[np.uint8]:
    """1 for each cell that may hold a stroke, row by row; shape (rows, columns).

    A stroke gets brighter on one side and darker on the other, in one cell or in two that touch;
    the edge of a plain shape does one of both.
    """
    left, right = picture[:, :-1], picture[:, 1:]
    sides = (_steps(picture, right, left), _steps(picture, left, right))
    rising, falling = (cv2.dilate(side, np.ones((3, 3), np.uint8)) for side in sides)
    return np.asarray(cv2.bitwise_and(rising, falling), np.uint8)


def _steps(picture: Rgb, high: Rgb, low: Rgb) -> NDArray[np.uint8]:
    """1 for each cell in which a pixel of ``high`` is brighter than its neighbour of ``low``."""
    height, width = picture.shape[:2]
    rows, columns = -(-height // CELL), -(-width // CELL)
    step = np.zeros((rows * CELL, columns * CELL, 3), np.uint8)
    if width > 1:
        step[:height, 1:width] = cv2.subtract(high, low)
    cells = step.reshape(rows, CELL, columns, CELL * 3).max(axis=1).max(axis=2)
    return np.asarray(cells >= EDGE, np.uint8)


def _runs(rows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end (exclusive) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.astype(np.int8), [0]))))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
