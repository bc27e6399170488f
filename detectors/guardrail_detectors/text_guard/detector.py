"""The detector ``text_guard``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel, ConfigDict

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Finding, Kind, Part
from guardrail_detectors.loading import loaded
from guardrail_detectors.text_guard.network import Passage
from guardrail_detectors.text_guard.scorer import DEFAULT_MODEL, TextScorer
from guardrail_detectors.weights import load_model_folder

LEAST_SCORE = 0.05
"""Findings below it are not reported."""

EXCERPT = 200
"""Characters of text that a finding shows at most."""

THIRD_PARTY = frozenset({"tool", "derived"})
"""Sources whose texts may give the model no orders."""

_INLINE = 400
"""Texts up to so many characters in all are scored on the event loop by a model that is quick."""

_THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="text_guard")
"""They wait for their turn at the model together, so that it is shown what all of them ask."""


class TextGuardConfig(BaseModel):
    """The ``with:`` block of ``text_guard``.

    Attributes:
        model: Name of a shipped model, or a model folder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = DEFAULT_MODEL


class TextGuard:
    """Reports, for each text and category, the passage that scores highest.

    Args:
        config: The settings.
    """

    Config = TextGuardConfig
    kinds: frozenset[Kind] = TEXT_KINDS
    per_part = True

    def __init__(self, config: TextGuardConfig) -> None:
        self._folder = load_model_folder(config.model)
        self._scorer: TextScorer | None = None

    @property
    def version(self) -> str:
        """The model's name, version and the start of the digest of its folder."""
        manifest = self._folder.manifest
        return f"2+{manifest.name}-{manifest.version}-{self._folder.digest[:12]}"

    @property
    def categories(self) -> frozenset[str]:
        """The model's labels."""
        return frozenset(self._folder.manifest.labels)

    async def load(self) -> None:
        """Loads the model, shared with every detector that uses it.

        Raises:
            ModelError: The model folder is incomplete or altered.
        """
        if self._scorer is None:
            self._scorer = await asyncio.to_thread(TextScorer.load, str(self._folder.path))

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:  # noqa: ARG002
        """The findings in ``parts``.

        Raises:
            ModelError: ``load`` was not awaited before.
        """
        scorer = loaded(self._scorer, "text_guard scores")
        texts = [part.text or "" for part in parts]
        strange = [part.source in THIRD_PARTY for part in parts]
        if scorer.network.quick and sum(map(len, texts)) <= _INLINE:
            found = scorer.passages(texts, strange)
        else:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(_THREADS, scorer.passages, texts, strange)
        return [
            finding
            for part, passages in zip(parts, found, strict=True)
            for finding in _report(part, scorer.labels, passages)
        ]


def _report(part: Part, labels: Sequence[str], passages: Sequence[Passage]) -> list[Finding]:
    text = part.text or ""
    findings: list[Finding] = []
    for column, category in enumerate(labels):
        best = max(passages, key=lambda one: float(one.scores[column]))
        score = float(best.scores[column])
        if score >= LEAST_SCORE:
            span = best.evidence(column)
            start, end = span or (0, len(text))
            excerpt = text[start:end][:EXCERPT]
            findings.append(Finding(part.ref, category, score, span, None, excerpt))
    return findings
