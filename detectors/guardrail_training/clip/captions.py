"""Sentences about what a picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

TEMPLATES = ("{}", "a picture of {}")
"""How a caption is put; the embedding of a thing is learnt from all of them."""

_BATCH = 256


def captions(things: Sequence[str]) -> list[list[str]]:
    """For each template the captions of all ``things``."""
    return [[template.format(thing) for thing in things] for template in TEMPLATES]


def embedded(model: Any, tokenizer: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Embeddings of ``texts`` of length 1, by the text tower of an open_clip model.

    Args:
        model: With ``encode_text``.
        tokenizer: open_clip's for it.
        texts: Any number.
    """
    found = []
    order = sorted(range(len(texts)), key=lambda one: len(texts[one]))
    for start in range(0, len(texts), _BATCH):
        chosen = [texts[one] for one in order[start : start + _BATCH]]
        with torch.no_grad():
            found.append(model.encode_text(_short(tokenizer(chosen)), normalize=True).numpy())
    rows = np.concatenate(found)
    sorted_back = np.empty_like(rows)
    sorted_back[order] = rows
    return np.asarray(sorted_back, np.float32)


def _short(ids: Any) -> Any:
    """``ids`` without columns that hold nothing but padding."""
    used = int((ids != 0).any(0).nonzero().max()) + 1
    return ids[:, :used]
