"""What a picture says, scored: of each frame and category the passage that scores highest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guardrail.types import Finding
from guardrail_detectors.ocr_injection.layout import Group
from guardrail_detectors.ocr_injection.reading import Reading

LEAST_SCORE = 0.05
"""Findings below it are not reported."""

EXCERPT = 300
"""Characters of text that a finding shows at most."""


class Scorer(Protocol):
    """What judges the text: ``text_guard``'s scorer, or one like it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Categories, one for each column of ``scores``."""
        ...

    def scores(self, texts: Sequence[str], third_party: Sequence[bool], /) -> NDArray[np.float32]:
        """Calibrated scores in [0, 1], shape (len(texts), len(labels))."""
        ...


def judge(ref: str, reading: Reading, scorer: Scorer) -> list[Finding]:
    """The findings in what was read of the picture at ``ref``.

    The passages are the whole text, each paragraph and sliding groups of lines, so that neither
    padding around an instruction nor spreading it over lines hides it. A text that several frames
    make only together is reported without a box.
    """
    pages = [page.groups() for page in reading.pages if page.lines]
    if not pages:
        return []
    across = reading.across()
    texts = list(dict.fromkeys(group.text for groups in pages for group in groups))
    texts += [across.text] if across else []
    rows = scorer.scores(texts, [True] * len(texts))  # (texts, labels)
    findings: list[Finding] = []
    for column, category in enumerate(scorer.labels):
        scores = dict(zip(texts, rows[:, column].tolist(), strict=True))
        best = [max(groups, key=partial(_rank, scores)) for groups in pages]
        if across and scores[across.text] > max(scores[group.text] for group in best):
            best.append(across)
        findings += _report(ref, category, best, scores)
    return findings


def report_whole(ref: str, text: str, scorer: Scorer, scores: NDArray[np.float32]) -> list[Finding]:
    """The findings about a text that has no one place, with its scores, shape (labels,)."""
    return [
        Finding(ref, category, float(score), None, None, text[:EXCERPT])
        for category, score in zip(scorer.labels, scores, strict=True)
        if score >= LEAST_SCORE
    ]


def _rank(scores: dict[str, float], group: Group) -> tuple[float, int]:
    """Orders groups by score, of equal ones the shorter last: its box is the tighter one."""
    return scores[group.text], -len(group.text)


def _report(
    ref: str, category: str, groups: Iterable[Group], scores: dict[str, float]
) -> list[Finding]:
    return [
        Finding(ref, category, scores[one.text], None, one.box, one.text[:EXCERPT])
        for one in groups
        if scores[one.text] >= LEAST_SCORE
    ]
