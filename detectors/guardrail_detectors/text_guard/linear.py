"""The linear model: one logistic regression a category on hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from guardrail.errors import ModelError
from guardrail_detectors.onnx import open_session
from guardrail_detectors.text_guard.features import BUCKETS, pad, vectorise
from guardrail_detectors.text_guard.network import Passage, Scores, Span
from guardrail_detectors.text_guard.windows import windows
from guardrail_detectors.weights import ModelFolder

FEATURES = "hashed_ngrams_1"

_BATCH = 64
"""Windows that are scored at once: bounds the memory of a very long text."""


class LinearNetwork:
    """Scores windows of 160 characters.

    Args:
        session: An ONNX Runtime session with the inputs ``ids`` and ``values``.
    """

    quick = True
    words: tuple[str, ...] = ()  # n-grams of characters find words that are glued

    def __init__(self, session: Any) -> None:
        self._session = session

    @staticmethod
    def load(folder: ModelFolder) -> LinearNetwork:
        """The network of a verified folder.

        Raises:
            ModelError: It was made for other features.
        """
        buckets = folder.manifest.parameters.get("buckets")
        if buckets != BUCKETS:
            raise ModelError(
                f"{folder.path}: made for {buckets!r} buckets, this version has {BUCKETS}; train "
                "it again: guardrail train text-guard"
            )
        return LinearNetwork(open_session(folder.file("model.onnx")))

    def judge(
        self,
        texts: Sequence[str],
        third_party: Sequence[bool],  # noqa: ARG002 - words mean the same to it from anybody
    ) -> list[list[Passage]]:
        """For each text all its windows, at least one, with spans in that text."""
        owners: list[tuple[int, Span]] = []
        pieces: list[str] = []
        for index, text in enumerate(texts):
            spans = windows(text)
            pieces += [text[start:end] for start, end in spans]
            owners += [(index, span) for span in spans]
        found: list[list[Passage]] = [[] for _ in texts]
        for (index, span), row in zip(owners, self.window_scores(pieces), strict=True):
            found[index].append(Passage(span, row))
        return found

    def window_scores(self, pieces: Sequence[str]) -> Scores:
        """Scores of texts as they stand, each as one window: shape (len(pieces), labels)."""
        rows: list[Scores] = []
        for start in range(0, len(pieces), _BATCH):
            ids, values = pad([vectorise(piece) for piece in pieces[start : start + _BATCH]])
            rows.append(self._session.run(None, {"ids": ids, "values": values})[0])
        return np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)
