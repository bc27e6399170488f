"""The trained classifier behind ``text_guard`` and ``ocr_injection``: texts in, scores out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.onnx import open_session
from guardrail_detectors.text_guard.features import BUCKETS, pad, vectorise
from guardrail_detectors.text_guard.readings import readings
from guardrail_detectors.text_guard.windows import windows
from guardrail_detectors.weights import ModelFolder, load_model_folder

Scores = NDArray[np.float32]

GOLDEN_TOLERANCE = 1e-3
"""What scores of golden inputs may differ by: other processors round otherwise."""

_BATCH = 64
"""Windows that are scored at once: bounds the memory of a very long text."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What one window of a text scored.

    Attributes:
        span: Characters of the text, None when the window is of another reading of it.
        scores: Shape (labels,).
    """

    span: tuple[int, int] | None
    scores: Scores


class TextScorer:
    """Calibrated scores of texts; safe to call from several threads.

    Args:
        folder: Where the model is.
        session: An ONNX Runtime session of it.
    """

    def __init__(self, folder: ModelFolder, session: Any) -> None:
        self.session = session
        self.folder = folder
        self.labels: tuple[str, ...] = folder.manifest.labels

    @staticmethod
    def load(name: str) -> TextScorer:
        """The model ``name``, checked against its checksums and golden inputs; once a process.

        Raises:
            ModelError: The folder is incomplete or altered, or the model does not score as its
                golden inputs say.
        """
        with _LOADING:
            return _load(name)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Scores in [0, 1], shape (len(texts), labels): each the maximum over a text's passages."""
        rows = [[one.scores for one in passages] for passages in self.passages(texts)]
        shape = (len(texts), len(self.labels))
        return np.array([np.max(row, axis=0) for row in rows], np.float32).reshape(shape)

    def passages(self, texts: Sequence[str]) -> list[list[Passage]]:
        """For each text, all windows of all its readings with their scores; never empty lists."""
        owners: list[tuple[int, tuple[int, int] | None]] = []
        pieces: list[str] = []
        for index, text in enumerate(texts):
            for reading in readings(text):
                spans = windows(reading)
                pieces += [reading[start:end] for start, end in spans]
                owners += [(index, span if reading is text else None) for span in spans]
        found: list[list[Passage]] = [[] for _ in texts]
        for (index, span), row in zip(owners, self.window_scores(pieces), strict=True):
            found[index].append(Passage(span, row))
        return found

    def self_test(self) -> None:
        """Scores the golden inputs and compares.

        Raises:
            ModelError: One differs from what it scored when the model was trained.
        """
        path = self.folder.file("golden.jsonl")
        golden = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        scored = self.scores([one["text"] for one in golden])
        for one, row in zip(golden, scored, strict=True):
            if not np.allclose(row, one["scores"], atol=GOLDEN_TOLERANCE):
                raise ModelError(
                    f"{path}: {one['text'][:60]!r} scores {row.tolist()}, expected "
                    f"{one['scores']}; the model file and onnxruntime do not fit together"
                )

    def window_scores(self, pieces: Sequence[str]) -> Scores:
        """Scores of texts as they stand, each as one window: shape (len(pieces), labels)."""
        rows: list[Scores] = []
        for start in range(0, len(pieces), _BATCH):
            ids, values = pad([vectorise(piece) for piece in pieces[start : start + _BATCH]])
            rows.append(self.session.run(None, {"ids": ids, "values": values})[0])
        return np.concatenate(rows) if rows else np.zeros((0, len(self.labels)), np.float32)


_LOADING = Lock()


@cache
def _load(name: str) -> TextScorer:
    folder = load_model_folder(name)
    folder.verify()
    parameters = folder.manifest.parameters
    if parameters.get("features") != "hashed_ngrams_1" or parameters.get("buckets") != BUCKETS:
        raise ModelError(
            f"{folder.path}: made for other features ({dict(parameters)!r}); train it again with "
            "this version: guardrail train text-guard"
        )
    scorer = TextScorer(folder, open_session(folder.file("model.onnx")))
    scorer.self_test()
    return scorer
