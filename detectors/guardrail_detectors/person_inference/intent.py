"""What is asked: trained heads on the embeddings of sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Event, Lock

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError, WireError
from guardrail_detectors.clip import ClipModel, load_clip
from guardrail_detectors.clip.known import EMBEDDED
from guardrail_detectors.clip.towers import Tower, heads
from guardrail_detectors.kept import Kept
from guardrail_detectors.weights import ModelFolder, load_model_folder

NAME = "person_intent"
TASK = "text classification on a CLIP's text embeddings"

Scores = NDArray[np.float32]

_TOLERANCE = 0.05  # of golden scores: other processors round the embeddings otherwise
MOST_SENTENCES = 512
"""Of the texts that are scored together: each takes some 20 ms."""

_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_AT_ONCE = 32  # sentences
_WORDS, _LETTERS = 24, 160  # of a window; both are well below the 64 tokens of the text tower


class Intent:
    """Scores texts; safe to call from several threads.

    A text is scored sentence by sentence, a long sentence in windows: a question hidden in a long
    letter counts as much as one that stands alone.

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
        self._kept: Kept[str, Scores] = Kept(8 * MOST_SENTENCES)

    @staticmethod
    def load(name: str = NAME, model: str = EMBEDDED) -> Intent:
        """The heads in a folder, checked against their golden scores; once a process for the same.

        Raises:
            ModelError: A file is missing or altered, or the text tower is another one.
        """
        heads_in, clip = load_model_folder(name), load_model_folder(model)
        with _LOADING:
            return _load(heads_in.key, clip.key)

    def scores(self, texts: Sequence[str], stop: Event | None = None) -> Scores:
        """Scores in [0, 1], shape (texts, labels): of each text the highest of its sentences.

        Args:
            texts: Any.
            stop: Looked at now and then; once it is set what is not scored yet counts as 0.

        Raises:
            WireError: They have more than ``MOST_SENTENCES`` together, each counted once.
        """
        pieces = [sentences(text) for text in texts]
        wanted = list(dict.fromkeys(one for some in pieces for one in some))
        if len(wanted) > MOST_SENTENCES:
            raise WireError(
                f"the words beside the pictures are {len(wanted)} sentences; at most "
                f"{MOST_SENTENCES} can be judged: send the pictures with fewer of them",
                status=413,
            )
        known = {one: row for one in wanted if (row := self._kept.get(one)) is not None}
        missing = [one for one in wanted if one not in known]
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            if stop is not None and stop.is_set():
                known |= dict.fromkeys(missing[start:], np.zeros(len(self.labels), np.float32))
                break
            for one, row in zip(some, self._judged(some), strict=True):
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
    """``text`` in sentences and lines, long ones in windows; one empty one of an empty text."""
    found = (one.strip() for one in _END.split(text))
    return tuple(dict.fromkeys(piece for one in found if one for piece in _windows(one))) or ("",)


def _windows(sentence: str) -> Iterator[str]:
    """``sentence``, or what it says in windows that share half with the next."""
    words = sentence.split()
    for some in _slid(words, _WORDS):
        yield from map(
            "".join, _slid(" ".join(some) if len(words) > _WORDS else sentence, _LETTERS)
        )


def _slid(whole: Sequence[str], most: int) -> list[Sequence[str]]:
    """``whole`` in stretches of at most ``most``, each of which shares half with the next."""
    starts = range(0, max(1, len(whole) - most // 2), most // 2)
    return [whole[start : start + most] for start in starts]


_LOADING = Lock()


@lru_cache(maxsize=8)
def _load(key: tuple[str, str], model: tuple[str, str]) -> Intent:
    folder = load_model_folder(key[0])
    if folder.manifest.task != TASK:
        raise ModelError(f"{folder.path}: task: {folder.manifest.task!r} where {TASK!r} is needed")
    folder.verify()
    clip = load_clip(model[0])
    length = clip.parameters.embedding
    network = heads(folder.file("heads.onnx"), length, len(folder.manifest.labels))
    intent = Intent(folder, clip, network)
    intent.self_test()
    return intent
