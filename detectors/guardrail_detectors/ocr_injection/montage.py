"""Pictures of one message put together: strips of a text say nothing until they touch.

Source: FigStep-Pro, Gong et al. 2023, arXiv:2311.05608, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from guardrail.detector import Pixels
from guardrail_detectors.ocr_injection.engine import Rgb
from guardrail_detectors.ocr_injection.views import flatten

MOST_PICTURES = 9
"""Of one montage; more strips are put together in several that share one."""

MOST_PIXELS = 4_000_000

_SEAM = 14.0
"""Median difference in grey levels across a seam: strips of one picture have less than that. Not
the mean: a cut along a letter's stem goes from ink to paper in up to a third of the pixels."""


def montages(pictures: Sequence[Pixels]) -> list[Rgb]:
    """The pictures side by side, and one below the other, where their edges go on in the next.

    Strips of one picture have one height, or one width, and what ends at the edge of one begins at
    the edge of the next. Pictures that do not fit so are read one by one and joined as text.

    Args:
        pictures: The first frame of each, in the message's order.
    """
    plain = [flatten(one)[0][1] for one in pictures]
    return [
        np.ascontiguousarray(np.concatenate(run, axis=axis))
        for axis in (1, 0)
        for run in _runs(plain, axis)
        if sum(one.shape[0] * one.shape[1] for one in run) <= MOST_PIXELS
    ]


def _runs(pictures: Sequence[Rgb], axis: int) -> Iterator[list[Rgb]]:
    """Two pictures or more in a row, each of which goes on in the next along ``axis``."""
    run = list(pictures[:1])
    for picture in pictures[1:]:
        fits = _goes_on(run[-1], picture, axis)
        if len(run) > 1 and not (fits and len(run) < MOST_PICTURES):
            yield run
        run = [*(run if len(run) < MOST_PICTURES else run[-1:]), picture] if fits else [picture]
    if len(run) > 1:
        yield run


def _goes_on(one: Rgb, other: Rgb, axis: int) -> bool:
    alike = one.shape[1 - axis] == other.shape[1 - axis]
    return alike and _difference(_edge(one, axis, -1), _edge(other, axis, 0)) < _SEAM


def _edge(picture: Rgb, axis: int, at: int) -> Rgb:
    return np.asarray(picture.take(at, axis=axis))


def _difference(one: Rgb, other: Rgb) -> float:
    return float(np.median(np.abs(one.astype(np.int16) - other.astype(np.int16))))
