"""What judges texts for ``text_guard`` and ``ocr_injection``: texts in, calibrated scores out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from threading import Lock

import numpy as np

from guardrail.errors import ModelError
from guardrail_detectors.onnx import processors
from guardrail_detectors.text_guard.encoder import FEATURES as WORD_PIECES
from guardrail_detectors.text_guard.encoder import EncoderNetwork
from guardrail_detectors.text_guard.glued import Lexicon
from guardrail_detectors.text_guard.linear import FEATURES as HASHED_NGRAMS
from guardrail_detectors.text_guard.linear import LinearNetwork
from guardrail_detectors.text_guard.network import Network, Passage, Scores
from guardrail_detectors.text_guard.readings import readings
from guardrail_detectors.weights import ModelFolder, load_model_folder

DEFAULT_MODEL = "text_guard_encoder"
"""The model that ships and is used where a policy names none."""

GOLDEN_TOLERANCE = {HASHED_NGRAMS: 1e-3, WORD_PIECES: 5e-2}
"""What scores of golden inputs may differ by: other processors round otherwise, 8-bit ones more."""

_MOST_THREADS = 4
"""Of one run: more gain nothing on 256 tokens."""


class TextScorer:
    """Calibrated scores of texts; safe to call from several threads.

    Args:
        folder: Where the model is.
        network: The model.
    """

    def __init__(self, folder: ModelFolder, network: Network) -> None:
        self.folder = folder
        self.network = network
        self.labels: tuple[str, ...] = folder.manifest.labels
        self._lexicon = Lexicon(network.words) if network.words else None

    @staticmethod
    def load(name: str) -> TextScorer:
        """The model ``name``, checked against its checksums and golden inputs.

        Once a process for the same model.

        Raises:
            ModelError: The folder is incomplete or altered, or the model does not score as its
                golden inputs say.
        """
        folder = load_model_folder(name)
        with _LOADING:
            return _load(folder.key)

    def scores(self, texts: Sequence[str], third_party: Sequence[bool] | None = None) -> Scores:
        """Scores in [0, 1], shape (len(texts), labels): each the maximum over a text's passages.

        Args:
            texts: Any.
            third_party: For each whether it is of somebody who may give the model no orders, such
                as a tool's result or the words in a picture; None for none of them.
        """
        found = self.passages(texts, third_party)
        rows = [[one.scores for one in passages] for passages in found]
        shape = (len(texts), len(self.labels))
        return np.array([np.max(row, axis=0) for row in rows], np.float32).reshape(shape)

    def passages(
        self, texts: Sequence[str], third_party: Sequence[bool] | None = None
    ) -> list[list[Passage]]:
        """For each text, all windows of all its readings with their scores; never empty lists."""
        said = [
            (index, one)
            for index, text in enumerate(texts)
            for one in readings(text, self._lexicon)
        ]
        owners, pieces = [index for index, _ in said], [one for _, one in said]
        strange = [bool(third_party and third_party[index]) for index in owners]
        found: list[list[Passage]] = [[] for _ in texts]
        judgements = self.network.judge(pieces, strange)
        for index, piece, judged in zip(owners, pieces, judgements, strict=True):
            own = piece is texts[index]
            found[index] += judged if own else [replace(one, span=None) for one in judged]
        return found

    def self_test(self) -> None:
        """Scores the golden inputs and compares.

        Raises:
            ModelError: One differs from what it scored when the model was trained.
        """
        path = self.folder.file("golden.jsonl")
        golden = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        scored = self.scores(
            [one["text"] for one in golden], [one.get("third_party", False) for one in golden]
        )
        tolerance = GOLDEN_TOLERANCE[str(self.folder.manifest.parameters["features"])]
        for one, row in zip(golden, scored, strict=True):
            if not np.allclose(row, one["scores"], atol=tolerance):
                raise ModelError(
                    f"{path}: {one['text'][:60]!r} scores {row.tolist()}, expected "
                    f"{one['scores']}; the model file and onnxruntime do not fit together"
                )


_LOADING = Lock()


@lru_cache(maxsize=8)
def _load(key: tuple[str, str]) -> TextScorer:
    folder = load_model_folder(key[0])
    folder.verify()
    scorer = TextScorer(folder, load_network(folder))
    scorer.self_test()
    return scorer


def load_network(folder: ModelFolder) -> Network:
    """The network of a verified folder, by the features that its manifest names.

    Raises:
        ModelError: No such features, or the network does not load.
    """
    match folder.manifest.parameters.get("features"):
        case "hashed_ngrams_1":
            return LinearNetwork.load(folder)
        case "wordpieces_1":
            return EncoderNetwork.load(folder, min(_MOST_THREADS, processors()))
        case other:
            raise ModelError(
                f"{folder.path}: made for other features ({other!r}); train it again with this "
                "version: guardrail train text-guard"
            )
