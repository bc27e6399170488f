"""Where a picture has small print that was not read: strokes in rows, with quiet above and below.

A detection network that averages over all it sees misses letters of seven pixels on a large busy
picture. Print shows itself without a network: many strokes side by side in a few rows of pixels and
nothing just above or below them, over some length. Textures have strokes in every row, drawings few
in a row.
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

_RISE = 24  # grey levels between neighbours in a row at the side of a stroke
_ACROSS = 32  # pixels of a row that are counted together: eight letters of small print
_MANY, _FEW = 4, 1  # strokes of such a stretch inside print, and beside it
_HIGH = (3, 11)  # pixels of small letters, without and with their extenders
_APART = 24  # pixels between rows that are looked at together
_LEAST = 4  # stretches that make print: some thirty letters


@dataclass(frozen=True, slots=True)
class Print:
    """A part of a picture.

    Attributes:
        box: The rectangle around its stretches.
        stretches: How many have strokes as small print has.
    """

    box: Box
    stretches: int


def small_print(picture: Rgb, lines: Sequence[Line] = (), most: int = 2) -> list[Print]:
    """Parts of ``picture`` with small print that no sure line covers, the fullest first.

    Upright text only: what stands on its side has no rows.

    Args:
        picture: As displayed, shape (height, width, 3).
        lines: What was read, with outlines on the picture.
        most: Parts at most.
    """
    if picture.shape[1] < 2 * _ACROSS:
        return []
    strokes = _strokes(picture)
    marked = _neighboured(_rows(strokes >= _MANY, strokes <= _FEW))
    for line in (line for line in lines if line.score >= SURE):
        (left, top), (right, bottom) = np.min(line.quad, 0), np.max(line.quad, 0)
        first, last = int(left) // _ACROSS, -(-int(right) // _ACROSS)
        marked[max(0, int(top)) : int(bottom) + 1, max(0, first) : last] = 0
    return _parts(marked, most)


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


def _rows(many: NDArray[np.bool_], few: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 where ``many`` holds for as many rows as print is high, between rows that have ``few``."""
    # A row or two without strokes is inside a letter.
    joined = cv2.morphologyEx(many.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    edges = np.diff(np.pad(joined.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    columns, firsts = np.nonzero(edges == 1)  # of each run of rows; the last one is exclusive
    lasts = np.nonzero(edges == -1)[1]
    quiet = np.pad(few, ((3, 3), (0, 0)), constant_values=True)
    above = quiet[firsts, columns] | quiet[firsts + 1, columns]
    below = quiet[lasts + 4, columns] | quiet[lasts + 5, columns]
    high = lasts - firsts
    kept = (high >= _HIGH[0]) & (high <= _HIGH[1]) & above & below
    steps = np.zeros((many.shape[1], many.shape[0] + 1), np.int8)
    steps[columns[kept], firsts[kept]] = 1
    steps[columns[kept], lasts[kept]] = -1
    return np.ascontiguousarray(steps.cumsum(axis=1)[:, :-1].T, np.uint8)


def _neighboured(found: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``found`` without stretches that none to the left or right goes on from."""
    beside = cv2.dilate(found, np.array([[1, 0, 1]], np.uint8))
    return np.asarray(cv2.bitwise_and(found, beside), np.uint8)


def _parts(marked: NDArray[np.uint8], most: int) -> list[Print]:
    near = cv2.dilate(marked, np.ones((2 * _APART + 1, 3), np.uint8))
    count, names = cv2.connectedComponents(near, connectivity=4)
    above = np.vstack([np.zeros_like(marked[:1]), marked[:-1]])
    stretches = np.bincount(names[(marked == 1) & (above == 0)], minlength=count)
    parts = []
    for name in np.argsort(-stretches, kind="stable")[:most]:
        if stretches[name] >= _LEAST:
            rows, columns = np.nonzero((names == name) & (marked == 1))
            left, right = int(columns.min()) * _ACROSS, (int(columns.max()) + 1) * _ACROSS
            box = Box(left, int(rows.min()), right, int(rows.max()) + 1)
            parts.append(Print(box, int(stretches[name])))
    return parts
