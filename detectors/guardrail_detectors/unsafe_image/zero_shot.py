"""Categories written as sentences: their embeddings, kept, and the scores of pictures by them."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.clip import ClipModel
from guardrail_detectors.clip.towers import Embeddings
from guardrail_detectors.kept import Kept
from guardrail_detectors.unsafe_image.config import Category
from guardrail_detectors.unsafe_image.prompts import ensemble
from guardrail_detectors.weights import cache_home

_logger = logging.getLogger("guardrail")

_KEPT: Kept[str, Embeddings] = Kept(64)


class ZeroShot:
    """Scores pictures against sentences.

    A category's score is the share that its sentences have of the softmax over its sentences, its
    own negatives and the general ones, with the temperature that the model was trained with: it
    lies in [0, 1], rises with the likeness to any of its sentences, falls with the likeness to any
    negative, and is no probability that a threshold could be taken from without measuring.

    Args:
        model: Whose embeddings are compared.
        categories: By name.
        negatives: What ordinary pictures show.
        folder: Where embeddings of texts are kept; None for ``texts`` in the package's cache.

    Source: Radford et al. 2021, arXiv:2103.00020, section 3.1.2.
    """

    def __init__(
        self,
        model: ClipModel,
        categories: Mapping[str, Category],
        negatives: Sequence[str],
        folder: Path | None = None,
    ) -> None:
        self.categories = tuple(categories)
        self._scale = model.parameters.logit_scale
        said = {
            name: (dict.fromkeys(one.prompts), dict.fromkeys((*one.negatives, *negatives)))
            for name, one in categories.items()
        }
        sentences = sorted({s for pair in said.values() for side in pair for s in side})
        row = {sentence: number for number, sentence in enumerate(sentences)}
        self._embeddings = embedded(model, sentences, folder)
        self._rows = [
            ([row[one] for one in prompts], [row[one] for one in against])
            for prompts, against in said.values()
        ]

    def scores(self, embeddings: Embeddings) -> NDArray[np.float32]:
        """Scores in [0, 1] of pictures, shape (pictures, categories)."""
        if not self.categories:
            return np.zeros((len(embeddings), 0), np.float32)
        logits = self._scale * (embeddings @ self._embeddings.T)  # (pictures, sentences)
        odds = [_log_sum(logits[:, own]) - _log_sum(logits[:, other]) for own, other in self._rows]
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -60, 60))), np.float32).T


def embedded(model: ClipModel, sentences: Sequence[str], folder: Path | None = None) -> Embeddings:
    """For each sentence the mean direction of the ways of saying it, shape (sentences, D).

    Computed once for a model and a list of sentences; kept in memory and in a file.
    """
    folder = cache_home() / "texts" if folder is None else folder
    ways = [ensemble(sentence) for sentence in sentences]
    identity = [model.digest, ways]
    key = sha256(json.dumps(identity).encode("utf-8", "surrogatepass")).hexdigest()
    known = _KEPT.get(key)
    if known is not None:
        return known
    path = folder / f"{key}.npy"
    shape = (len(sentences), model.parameters.embedding)
    found = _stored(path, shape)
    if found is None:
        found = _computed(model, ways)
        _store(path, found)
    _KEPT.put(key, found)
    return found


def _computed(model: ClipModel, ways: Sequence[Sequence[str]]) -> Embeddings:
    rows = iter(model.texts([way for one in ways for way in one]))
    means = [np.mean([next(rows) for _ in one], axis=0) for one in ways]
    found = np.array(means, np.float32).reshape(len(ways), model.parameters.embedding)
    length = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    return np.asarray(found / length, np.float32)


def _stored(path: Path, shape: tuple[int, int]) -> Embeddings | None:
    """What the file holds, None where it is missing or is not what was written."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype != np.float32:
        return None
    return found if np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3) else None


def _store(path: Path, found: Embeddings) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            np.save(file, found, allow_pickle=False)
        os.replace(file.name, path)  # noqa: PTH105 - one name, whole or not at all
    except OSError as error:  # a folder that cannot be written costs time at the next start alone
        _logger.info("the texts' embeddings are not kept: %s", error)


def _log_sum(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    peak = logits.max(axis=1, keepdims=True)
    return np.asarray(peak[:, 0] + np.log(np.exp(logits - peak).sum(axis=1)), np.float32)
