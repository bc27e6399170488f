"""What a picture says, scored: of each frame and category the passage that scores highest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from guardrail.types import Finding
from guardrail_detectors.ocr_injection.certainty import weight
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


def judge(ref: str, reading: Reading, scorer: Scorer, certain: float = 0.0) -> list[Finding]:
    """The findings in what was read of the picture at ``ref``.

    The passages are the whole text, each paragraph and sliding groups of lines, so that neither
    padding around an instruction nor spreading it over lines hides it. A text that several frames
    make only together is reported without a box. What was read uncertainly counts for less.

    Args:
        ref: Of the picture.
        reading: What was read of it.
        scorer: Judges texts.
        certain: The engine's.
    """
    pages = [page.groups(certain) for page in reading.pages if page.lines]
    if not pages:
        return []
    across = reading.across()
    texts = list(dict.fromkeys(group.text for groups in pages for group in groups))
    texts += [across.text] if across else []
    rows = scorer.scores(texts, [True] * len(texts))  # (texts, labels)
    findings: list[Finding] = []
    for column, category in enumerate(scorer.labels):
        said = dict(zip(texts, rows[:, column].tolist(), strict=True))
        scored = partial(_scored, said, certain)
        best = [max(map(scored, groups), key=_rank) for groups in pages]
        if across and scored(across).score > max(one.score for one in best):
            best.append(scored(across))
        findings += _report(ref, category, best)
    return findings


def report_whole(ref: str, text: str, scorer: Scorer, scores: NDArray[np.float32]) -> list[Finding]:
    """The findings about a text that has no one place, with its scores, shape (labels,)."""
    whole = Group(text, None)
    pairs = zip(scorer.labels, scores.tolist(), strict=True)
    return [one for label, score in pairs for one in _report(ref, label, [_Scored(score, whole)])]


class _Scored(NamedTuple):
    """A group and what counts of its score."""

    score: float
    group: Group


def _scored(said: dict[str, float], certain: float, group: Group) -> _Scored:
    return _Scored(said[group.text] * weight(group.score, certain), group)


def _rank(one: _Scored) -> tuple[float, int]:
    """Orders groups by score, of equal ones the shorter last: its box is the tighter one."""
    return one.score, -len(one.group.text)


def _report(ref: str, category: str, groups: Iterable[_Scored]) -> list[Finding]:
    return [
        Finding(ref, category, score, None, group.box, group.text[:EXCERPT])
        for score, group in groups
        if score >= LEAST_SCORE
    ]
