"""Lines that several views of a picture show: which reading of them is the text."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.ocr_injection.engine import Line, box_around


def merge(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """``lines`` that are read, and those to put aside: another at the same place says much of it.

    Of two the one with more text, weighed by confidence, is read. One that says nothing but what
    the other does is left out, and different texts at one place are both read: they may be meant
    for different backgrounds.
    """
    kept: list[Line] = []
    aside: list[Line] = []
    boxes = np.zeros((len(lines), 4))
    # Squared: a character that is not there adds more to the length than it takes from the mean.
    for line in sorted(lines, key=lambda one: len(one.text) * one.score**2, reverse=True):
        box = box_around([line])
        place = np.array((box.left, box.top, box.right, box.bottom), np.float64)
        there = [kept[n].text for n in np.flatnonzero(_covered(place, boxes[: len(kept)]))]
        alike = [text for text in there if _says(text, line.text)]
        if not alike:
            boxes[len(kept)] = place
            kept.append(line)
        elif not any(_repeats(text, line.text) for text in alike):
            aside.append(line)
    return kept, aside


def _covered(place: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of which ``others`` and ``place`` 0.6 of the smaller lies in the other.

    Args:
        place: Left, top, right and bottom, shape (4,).
        others: Shape (n, 4).
    """
    shared = np.minimum(place[2:], others[:, 2:]) - np.maximum(place[:2], others[:, :2])
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    smaller = np.minimum(areas, np.prod(place[2:] - place[:2]))
    return np.asarray(np.prod(np.maximum(shared, 0), axis=1) >= 0.6 * smaller)


def _says(long: str, short: str) -> bool:
    """Whether 0.7 of the characters of ``short`` stand in ``long`` in that order."""
    matcher = SequenceMatcher(None, long.casefold(), short.casefold(), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) >= 0.7 * len(short)


def _repeats(long: str, short: str) -> bool:
    """Whether ``short`` but for a tenth of its letters stands in ``long`` in one piece.

    Letters that are gathered from all over a line make another text.
    """
    whole, part = ("".join(filter(str.isalnum, one.casefold())) for one in (long, short))
    matcher = SequenceMatcher(None, whole, part, autojunk=False)
    at = matcher.find_longest_match()
    spare = len(part) // 10
    start = max(0, at.a - at.b - spare)
    piece = whole[start : at.a - at.b + len(part) + spare]
    matcher.set_seq1(piece)
    return sum(block.size for block in matcher.get_matching_blocks()) >= len(part) - spare
