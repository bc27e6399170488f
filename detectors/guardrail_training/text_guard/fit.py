"""Logistic regression on hashed n-grams, one head at a time, and its calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from guardrail_detectors.text_guard.features import BUCKETS, vectorise
from guardrail_training.text_guard.examples import Example

Floats = NDArray[np.float64]

_ROUNDS = 2
"""Fits of an attack head: the second forgets windows of long attacks in which nothing happens."""

_MOST_ITERATIONS = 200


@dataclass(frozen=True, slots=True)
class Head:
    """One category's linear classifier.

    Attributes:
        label: The category.
        weights: Shape (``BUCKETS``,).
        bias: Added to the weighted sum.
        slope: Platt's A: the sum is multiplied by it.
        offset: Platt's B: then added.
    """

    label: str
    weights: Floats
    bias: float
    slope: float = 1.0
    offset: float = 0.0

    def raw(self, matrix: Any) -> Floats:
        """Uncalibrated log odds of the rows of ``matrix``, shape (rows,)."""
        return np.asarray(matrix @ self.weights + self.bias)

    def probability(self, matrix: Any) -> Floats:
        """Calibrated probabilities of the rows of ``matrix``, shape (rows,)."""
        return 1 / (1 + np.exp(-(self.slope * self.raw(matrix) + self.offset)))


def matrix_of(texts: Sequence[str], progress: Callable[[int], None] = lambda _: None) -> Any:
    """The texts' vectors as a SciPy CSR matrix of shape (len(texts), ``BUCKETS``)."""
    ids: list[Any] = []
    values: list[Any] = []
    for text in texts:
        one, weights = vectorise(text)
        ids.append(one.astype(np.int32))
        values.append(weights)
        progress(1)
    ends = np.cumsum([0, *map(len, ids)])
    return sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(ids), ends), (len(texts), BUCKETS)
    )


def fit_head(
    label: str, rows: Sequence[Example], matrix: Any, inverse_regularisation: float
) -> Head:
    """The head for ``label``, trained on the rows that are not held out, calibrated on the others.

    A window of a positive text that the first fit finds harmless is left out of the second, unless
    it is the text's worst: which windows of a long attack hold it is not known (multiple-instance
    learning, Andrews et al. 2002, "mi-SVM").
    """
    target = np.array([_target(label, one) for one in rows])
    trained = np.array([not one.held_out for one in rows])
    kept = target >= 0
    head = _regress(label, matrix, target, kept & trained, inverse_regularisation)
    for _ in range(_ROUNDS - 1):
        kept &= (target != 1) | _telling(head.raw(matrix), rows)
        head = _regress(label, matrix, target, kept & trained, inverse_regularisation)
    return _calibrated(head, matrix, target, kept & ~trained)


def _target(label: str, one: Example) -> int:
    if label in one.positive:
        return 1
    return 0 if label in one.negative else -1


def _regress(label: str, matrix: Any, target: Any, chosen: Any, strength: float) -> Head:
    model = LogisticRegression(C=strength, max_iter=_MOST_ITERATIONS)
    model.fit(matrix[chosen], target[chosen])
    weights, bias = np.asarray(model.coef_)[0], np.asarray(model.intercept_)[0]
    return Head(label, weights.astype(np.float64), float(bias))


def _telling(raw: Floats, rows: Sequence[Example]) -> NDArray[np.bool_]:
    """Whether each row scores above even odds or highest among the windows of its text."""
    best: dict[str, float] = {}
    for score, one in zip(raw, rows, strict=True):
        best[one.owner] = max(score, best.get(one.owner, score))
    return np.array([s > 0 or s == best[o.owner] for s, o in zip(raw, rows, strict=True)])


def _calibrated(head: Head, matrix: Any, target: Any, chosen: Any) -> Head:
    """``head`` with slope and offset of Platt 1999, as a regression on the held-out log odds."""
    raw = head.raw(matrix[chosen])[:, None]
    platt = LogisticRegression(C=1e6).fit(raw, target[chosen])
    slope, offset = np.asarray(platt.coef_)[0, 0], np.asarray(platt.intercept_)[0]
    return Head(head.label, head.weights, head.bias, float(slope), float(offset))
