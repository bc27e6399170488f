"""Measures of a binary classifier, with intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESAMPLES = 500


def threshold_at(benign: Floats, rate: float) -> float:
    """The lowest score above which at most ``rate`` of the ``benign`` scores lie."""
    ordered = np.sort(benign)[::-1]
    allowed = int(rate * len(ordered))
    return float(np.nextafter(ordered[allowed], 2.0)) if len(ordered) else 1.0


def share(scores: Floats, threshold: float) -> float:
    """The share of ``scores`` that reach ``threshold``, NaN of none."""
    return float((scores >= threshold).mean()) if len(scores) else float("nan")


def bootstrap(scores: Floats, threshold: float, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of ``share``, over 500 resamples."""
    rng = np.random.default_rng(seed)
    reached = scores >= threshold
    draws = rng.choice(reached, (_RESAMPLES, len(reached))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def auroc(positive: Floats, negative: Floats) -> float:
    """The chance that a positive scores above a negative, ties counted half; NaN if one is empty.

    Source: Mann and Whitney 1947; Hanley and McNeil 1982.
    """
    if not len(positive) or not len(negative):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    through = np.searchsorted(ordered, positive, "right")
    return float((below + through).mean() / 2 / len(negative))
