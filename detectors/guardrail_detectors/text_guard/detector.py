"""The detector ``text_guard``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from guardrail.detector import Context
from guardrail.errors import ModelError
from guardrail.types import TEXT_KINDS, Finding, Kind, Part
from guardrail_detectors.text_guard.scorer import Passage, TextScorer
from guardrail_detectors.weights import load_model_folder

LEAST_SCORE = 0.05
"""Findings below it are not reported."""

EXCERPT = 200
"""Characters of text that a finding shows at most."""

_INLINE = 400
"""Texts up to so many characters in all are scored on the event loop: a thread costs more."""


class TextGuardConfig(BaseModel):
    """The ``with:`` block of ``text_guard``.

    Attributes:
        model: Name of a shipped model, or a model folder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = "text_guard_linear"


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
        """The model's name, version and the start of its file's SHA-256."""
        manifest = self._folder.manifest
        return f"1+{manifest.name}-{manifest.version}-{manifest.files['model.onnx'].sha256[:12]}"

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
        scorer = self._scorer
        if scorer is None:
            raise ModelError("text_guard scores nothing before load(); await it first")
        texts = [part.text or "" for part in parts]
        if sum(map(len, texts)) <= _INLINE:
            found = scorer.passages(texts)
        else:
            found = await asyncio.to_thread(scorer.passages, texts)
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
            start, end = best.span or (0, len(text))
            excerpt = text[start:end][:EXCERPT]
            findings.append(Finding(part.ref, category, score, best.span, None, excerpt))
    return findings
