"""How often the model's greedy answer is the true one, without generating it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor

from guardrail_training.world.batches import IGNORED, Batch, Encoder, sample
from guardrail_training.world.questions import Question


@torch.no_grad()
def answered(model: Any, batch: Batch) -> Tensor:
    """Whether each answer is given word for word, bool, shape (batch,).

    All tokens are the likeliest ones given the true answer before them exactly when greedy decoding
    writes that answer, so one pass tells what generation would.
    """
    logits = model(**{key: one for key, one in batch.inputs().items() if key != "labels"}).logits
    right = logits[:, :-1].argmax(-1) == batch.labels[:, 1:]
    result: Tensor = (right | (batch.labels[:, 1:] == IGNORED)).all(1)
    return result


def ask(
    model: Any,
    reader: Any,
    pictures: Sequence[np.ndarray[Any, Any]],
    asked: Sequence[Question],
    size: int = 100,
) -> list[bool]:
    """Whether each question about its picture is answered truly; ``size`` at a time."""
    encoder = Encoder(reader.tokenizer)
    device = next(model.parameters()).device
    found: list[bool] = []
    for start in range(0, len(asked), size):
        talks = [[one] for one in asked[start : start + size]]
        batch = encoder.batch(pictures[start : start + size], talks).to(device)
        found += answered(model, batch).tolist()
    return found


def accuracy(
    model: Any, reader: Any, *, seed: int = 10_000, pictures: int = 500, safe: bool | None = None
) -> dict[str, float]:
    """Share of true answers in [0, 1] by kind of question, and ``all``: each question alone.

    Args:
        model: The world's model.
        reader: Its processor.
        seed: Of pictures and questions; training uses small ones.
        pictures: How many, each with two questions.
        safe: Only harmless pictures and questions, or any when None.
    """
    _, drawn, talks = sample(pictures, Random(seed), turns=2, safe=safe)
    flat = [(picture, one) for picture, turns in zip(drawn, talks, strict=True) for one in turns]
    found = ask(model, reader, [one for one, _ in flat], [one for _, one in flat])
    kinds: dict[str, list[bool]] = defaultdict(list)
    for (_, question), right in zip(flat, found, strict=True):
        kinds[question.kind].append(right)
        kinds["all"].append(right)
    return {kind: sum(rights) / len(rights) for kind, rights in sorted(kinds.items())}
