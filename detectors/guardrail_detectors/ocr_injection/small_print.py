"""Where a picture has small print that was not read: strokes in rows, with quiet above and below.

A detection network that averages over all it sees misses letters of seven pixels on a large busy
picture. Print shows itself without a network: many strokes side by side in a few rows of pixels,
far fewer just above and below them, over some length. Textures have strokes in every row, drawings
few in a row.

Not found: print that stands on its side, print less than 16 grey levels from its paper, and print
in the middle of a texture that is as busy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.types import Box
from guardrail_detectors.ocr_injection.engine import Line, Rgb

SURE = 0.9
"""Least score of a line that counts as read: guessed letters have less."""

TALL = 44
"""Pixels of a line's height from which it says nothing about small print inside it."""

_RISE = 16  # grey levels between neighbours in a row at the side of a stroke
_ACROSS = 32  # pixels of a row that are counted together: eight letters of small print
_MANY = 4  # strokes of such a stretch inside print
_QUIETER = 0.5  # as many strokes, in parts of those inside, are above and below at most
_HIGH = (3, 11)  # pixels of small letters, without and with their extenders
_APART = 24  # pixels between rows that belong together
_BESIDE = 2  # stretches to the left and right that a line may go on in, between words
_LEAST = 5  # stretches that make print: some thirty letters


@dataclass(frozen=True, slots=True)
class Print:
    """A part of a picture.

    Attributes:
        box: The rectangle around its stretches.
        stretches: How many have strokes as small print has.
    """

    box: Box
    stretches: int


def small_print(picture: Rgb, lines: Sequence[Line] = (), side: int = 640) -> list[Print]:
    """Parts of ``picture`` with small print that no sure line covers, the fullest first.

    Args:
        picture: As displayed, shape (height, width, 3).
        lines: What was read, with outlines on the picture.
        side: Longest side of a part in pixels; larger ones are cut.
    """
    if picture.shape[1] < 2 * _ACROSS:
        return []
    marked = _neighboured(_rows(_strokes(picture)))
    if not marked.any():
        return []
    for line in lines:
        if line.score >= SURE and height_of(line) < TALL:
            outline = np.array(line.quad) / (_ACROSS, 1) - (0.5, 0)  # a stretch by its middle
            cv2.fillPoly(marked, [np.rint(outline).astype(np.int32)], 0)
    return sorted(_parts(marked, side), key=lambda part: -part.stretches)


def height_of(line: Line) -> float:
    """The shorter side of a line's outline, in pixels."""
    (ax, ay), (bx, by), (cx, cy), _ = line.quad
    return min(float(np.hypot(bx - ax, by - ay)), float(np.hypot(cx - bx, cy - by)))


def _strokes(picture: Rgb) -> NDArray[np.uint8]:
    """How many strokes begin in each stretch of each row, shape (height, width // _ACROSS)."""
    height, width = picture.shape[:2]
    many = width // _ACROSS
    rises = np.zeros((height, width), np.bool_)
    steps = cv2.split(cv2.subtract(picture[:, 1:], picture[:, :-1]))
    rises[:, 1:] = np.maximum.reduce(steps) >= _RISE
    rises[:, 1:] &= ~rises[:, :-1]  # what goes on rising is one side
    whole = rises[:, : many * _ACROSS].reshape(height, many, _ACROSS)
    return np.asarray(whole.sum(axis=2, dtype=np.uint8))


def _rows(strokes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 where rows have many strokes over the height of print, and far fewer beside that."""
    many = (strokes >= _MANY).astype(np.uint8)
    # A row or two without strokes is inside a letter.
    joined = cv2.morphologyEx(many, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    edges = np.diff(np.pad(joined.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    columns, firsts = np.nonzero(edges == 1)  # of each run of rows; the last one is exclusive
    lasts = np.nonzero(edges == -1)[1]
    before = np.pad(strokes.astype(np.int32).cumsum(axis=0), ((1, 0), (0, 0)))
    high = lasts - firsts
    inside = (before[lasts, columns] - before[firsts, columns]) / np.maximum(high, 1)
    around = np.pad(strokes, ((3, 3), (0, 0)))
    above = np.minimum(around[firsts, columns], around[firsts + 1, columns])
    below = np.minimum(around[lasts + 4, columns], around[lasts + 5, columns])
    kept = (high >= _HIGH[0]) & (high <= _HIGH[1])
    kept &= np.maximum(above, below) <= _QUIETER * inside
    steps = np.zeros((strokes.shape[1], strokes.shape[0] + 1), np.int8)
    steps[columns[kept], firsts[kept]] = 1
    steps[columns[kept], lasts[kept]] = -1
    return np.ascontiguousarray(steps.cumsum(axis=1)[:, :-1].T, np.uint8)


def _neighboured(found: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``found`` without stretches that none to the left or right goes on from."""
    beside = cv2.dilate(found, np.array([[1, 0, 1]], np.uint8))
    return np.asarray(cv2.bitwise_and(found, beside), np.uint8)


def _parts(marked: NDArray[np.uint8], side: int) -> list[Print]:
    """What hangs together, in squares of at most ``side`` pixels."""
    near = cv2.dilate(marked, np.ones((2 * _APART + 1, 3), np.uint8))
    count, found = cv2.connectedComponents(near, connectivity=4)
    names = np.asarray(found, np.intp)
    above = np.vstack([np.zeros_like(marked[:1]), marked[:-1]])
    starts = (marked == 1) & (above == 0)
    enough = np.bincount(names[starts], minlength=count) >= _LEAST
    rows, columns = np.nonzero(starts & enough[names])
    across = max(1, side // _ACROSS)
    squares: dict[tuple[int, int, int], list[int]] = {}
    keys = zip(names[rows, columns], rows // side, columns // across, strict=True)
    for number, (name, row, column) in enumerate(keys):
        squares.setdefault((int(name), int(row), int(column)), []).append(number)
    return [_print(rows[chosen], columns[chosen], marked.shape) for chosen in squares.values()]


def _print(rows: NDArray[np.intp], columns: NDArray[np.intp], shape: tuple[int, ...]) -> Print:
    left = max(0, int(columns.min()) - _BESIDE) * _ACROSS
    right = min(shape[1], int(columns.max()) + 1 + _BESIDE) * _ACROSS
    bottom = min(shape[0], int(rows.max()) + _HIGH[1])
    return Print(Box(left, int(rows.min()), right, bottom), len(rows))
