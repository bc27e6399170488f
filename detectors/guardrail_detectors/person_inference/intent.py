"""What is asked: trained heads on the embeddings of sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.clip import ClipModel, load_clip
from guardrail_detectors.clip.known import EMBEDDED
from guardrail_detectors.clip.towers import Tower, heads
from guardrail_detectors.kept import Kept
from guardrail_detectors.weights import ModelFolder, load_model_folder

NAME = "person_intent"
TASK = "text classification on a CLIP's text embeddings"

Scores = NDArray[np.float32]

_TOLERANCE = 0.05  # of golden scores: other processors round the embeddings otherwise
_MOST_SENTENCES = 64  # of one text: its first and its last ones
_END = re.compile(r"(?<=[.!?])\s+|\n+")


class Intent:
    """Scores texts; safe to call from several threads.

    A text is scored sentence by sentence, and as a whole where it is short: a question hidden in a
    long letter counts as much as one that stands alone.

    Args:
        folder: A verified folder of heads.
        model: The CLIP whose text tower they were trained on.
        network: The heads.
    """

    def __init__(self, folder: ModelFolder, model: ClipModel, network: Tower) -> None:
        self.labels = folder.manifest.labels
        self._folder = folder
        self._model = model
        self._network = network
        self._kept: Kept[str, Scores] = Kept(1024)

    @staticmethod
    def load(name: str = NAME, model: str = EMBEDDED) -> Intent:
        """The heads in a folder, checked against their golden scores; once a process.

        Raises:
            ModelError: A file is missing or altered, or the text tower is another one.
        """
        with _LOADING:
            return _load(name, model)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Scores in [0, 1], shape (texts, labels): of each text the highest of its sentences."""
        pieces = [sentences(text) for text in texts]
        wanted = list(dict.fromkeys(one for some in pieces for one in some))
        known = {one: row for one in wanted if (row := self._kept.get(one)) is not None}
        missing = [one for one in wanted if one not in known]
        if missing:
            for one, row in zip(missing, self._judged(missing), strict=True):
                self._kept.put(one, row)
                known[one] = row
        rows = [np.max([known[one] for one in some], axis=0) for some in pieces]
        return np.array(rows, np.float32).reshape(len(texts), len(self.labels))

    def self_test(self) -> None:
        """Scores the golden texts and compares.

        Raises:
            ModelError: One differs: the heads and the text tower do not belong together.
        """
        path = self._folder.file("golden.jsonl")
        golden = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for one, row in zip(golden, self.scores([one["text"] for one in golden]), strict=True):
            if not np.allclose(row, one["scores"], atol=_TOLERANCE):
                raise ModelError(
                    f"{path}: {one['text']!r} scores {row.tolist()}, expected {one['scores']}; "
                    "train the heads again: python -m guardrail_training.person_intent"
                )

    def _judged(self, texts: Sequence[str]) -> Scores:
        return np.clip(self._network({"embedding": self._model.texts(texts)}), 0, 1)


def sentences(text: str) -> tuple[str, ...]:
    """``text`` in sentences and lines, at most 64; one empty one of an empty text."""
    found = [one.strip() for one in _END.split(text) if one.strip()]
    if len(found) > _MOST_SENTENCES:
        half = _MOST_SENTENCES // 2
        found = found[:half] + found[-half:]
    return tuple(dict.fromkeys(found)) or ("",)


_LOADING = Lock()


@cache
def _load(name: str, model: str) -> Intent:
    folder = load_model_folder(name)
    if folder.manifest.task != TASK:
        raise ModelError(f"{folder.path}: task: {folder.manifest.task!r} where {TASK!r} is needed")
    folder.verify()
    clip = load_clip(model)
    length = clip.parameters.embedding
    network = heads(folder.file("heads.onnx"), length, len(folder.manifest.labels))
    intent = Intent(folder, clip, network)
    intent.self_test()
    return intent
