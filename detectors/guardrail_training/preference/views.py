"""Answers beside pictures, scored by policy and reference: what objectives read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from guardrail_training.mllm import Mllm, Tokens
from guardrail_training.objectives.answers import Answer, divergence
from guardrail_training.objectives.registry import View


@dataclass(frozen=True, slots=True)
class Asked:
    """Pictures, prompts and answers, one each a row.

    Attributes:
        images: In [0, 1], shape (batch, 3, height, width).
        prompts: What is asked.
        answers: What is said.
        other: The answers that these are compared with, to mark changed segments.
    """

    images: Tensor
    prompts: Sequence[str]
    answers: Sequence[str]
    other: Sequence[str] | None = None


def scored(
    mllm: Mllm,
    policy: Any,
    reference: Any | None,
    asked: Mapping[View, Asked],
    *,
    divergences: bool = False,
) -> dict[View, Answer]:
    """Every view's answers as log-probabilities, in one pass of each model.

    Args:
        mllm: Tokenises and normalises.
        policy: With gradient.
        reference: Without; log-probabilities are zero where there is none.
        asked: Rows of each view, as many each.
        divergences: Whether KL(π_ref ‖ π_θ) is computed at each token too.
    """
    rows = list(asked.values())
    images = torch.cat([one.images for one in rows])
    prompts = [prompt for one in rows for prompt in one.prompts]
    answers = [answer for one in rows for answer in one.answers]
    tokens = mllm.conversations(prompts, answers).to(images.device)
    mine, words = mllm.log_probabilities(policy, images, tokens)
    theirs, kept = _reference(mllm, reference, images, tokens, mine)
    apart = divergence(kept, words) if divergences and kept is not None else None
    changed = _changed(mllm, rows, tokens)
    found: dict[View, Answer] = {}
    start = 0
    for view, one in asked.items():
        part = slice(start, start + len(one.answers))
        start = part.stop
        found[view] = Answer(
            mine[part],
            theirs[part],
            tokens.answer[part, 1:],
            None if changed is None else changed[part],
            None if apart is None else apart[part],
        )
    return found


@torch.no_grad()
def _reference(
    mllm: Mllm, reference: Any | None, images: Tensor, tokens: Tokens, like: Tensor
) -> tuple[Tensor, Tensor | None]:
    if reference is None:
        return torch.zeros_like(like), None
    return mllm.log_probabilities(reference, images, tokens)


def _changed(mllm: Mllm, rows: Sequence[Asked], tokens: Tokens) -> Tensor | None:
    if all(one.other is None for one in rows):
        return None
    marks = torch.zeros_like(tokens.answer)
    triples = [
        triple
        for one in rows
        for triple in zip(one.prompts, one.answers, one.other or one.answers, strict=True)
    ]
    for number, (prompt, answer, other) in enumerate(triples):
        inside = mllm.changed_tokens(prompt, answer, other)
        marks[number, tokens.answer[number]] = torch.tensor(inside, device=marks.device)
    return marks[:, 1:]
