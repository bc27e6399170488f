"""Robust accuracy: how often the model still answers right when its picture is attacked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from guardrail_training.adpo.losses import embedding_distance
from guardrail_training.adpo.pictures import Row, collate
from guardrail_training.attacks.attack import Attack, attack
from guardrail_training.mllm import Mllm, Tokens
from guardrail_training.objectives.answers import total

Objective = Callable[[Mllm, Tensor, Tokens], Tensor]
"""What an attack raises: the model, pictures and answers to one value a picture."""

FIRST = 5
"""Steps of the PGD that goes before: most pictures of a weak model fall to it, and cost no more."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """Which pictures are answered right.

    Attributes:
        clean: Of each row, as it is.
        attacked: Of each row at a radius in 255ths; never where ``clean`` is not.
    """

    clean: list[bool]
    attacked: dict[float, list[bool]]


def measured(
    mllm: Mllm,
    rows: Sequence[Row],
    radii: Iterable[float],
    steps: int = 50,
    seed: int = 0,
    batch: int = 64,
) -> Robustness:
    """Answers of a model before and after attacks that know it whole.

    An answer is right when greedy decoding writes it word for word. Each picture is attacked until
    one attack changes the answer: a short PGD on its likelihood, APGD on the margin of its worst
    token, and APGD on how far the encoder's embedding moves, which trainers that attack through the
    whole model do not see. A radius is only tried on what a smaller one left right.

    Args:
        mllm: The model.
        rows: With true answers.
        radii: In 255ths.
        steps: Of each APGD.
        seed: Of random starts.
        batch: Pictures at a time.
    """
    clean: list[bool] = []
    attacked: dict[float, list[bool]] = {radius: [] for radius in sorted(radii)}
    generator = torch.Generator().manual_seed(seed)
    device = next(mllm.model.parameters()).device
    for start in range(0, len(rows), batch):
        part = collate(rows[start : start + batch])
        images = part["images"].to(device)
        tokens = mllm.conversations(part["prompts"], part["answers"]).to(device)
        right = held(mllm, images, tokens)
        clean += right.tolist()
        for radius in attacked:
            right = _survivors(mllm, images, tokens, right, (radius, steps), generator)
            attacked[radius] += right.tolist()
    return Robustness(clean, attacked)


@torch.no_grad()
def held(mllm: Mllm, images: Tensor, tokens: Tokens) -> Tensor:
    """Whether every token of each answer is the likeliest one, bool, shape (batch,)."""
    return margin(mllm, images, tokens) < 0


def margin(mllm: Mllm, images: Tensor, tokens: Tokens) -> Tensor:
    """Of the worst token of each answer: log-odds of the best other word over the right one.

    Negative when the whole answer is what greedy decoding writes. Shape (batch,).
    """
    right, words = mllm.log_probabilities(mllm.model, images, tokens)
    others = words.scatter(-1, tokens.input_ids[:, 1:, None], float("-inf")).amax(-1)
    apart = (others - right).masked_fill(~tokens.answer[:, 1:], float("-inf"))
    return apart.amax(1)


def unlikelihood(mllm: Mllm, images: Tensor, tokens: Tokens) -> Tensor:
    """``-log π(y|x)`` of each answer, shape (batch,)."""
    return -total(mllm.log_probabilities(mllm.model, images, tokens)[0], tokens.answer[:, 1:])


@torch.no_grad()
def away(mllm: Mllm, images: Tensor) -> Objective:
    """How far a picture's embedding is from that of ``images``; shape (batch,).

    It is flat at ``images`` themselves: an attack has to begin beside them.
    """
    original = mllm.features(mllm.tower, images)
    return lambda mllm, moved, _: embedding_distance(mllm.features(mllm.tower, moved), original)


def _survivors(
    mllm: Mllm,
    images: Tensor,
    tokens: Tokens,
    right: Tensor,
    strength: tuple[float, int],
    generator: torch.Generator,
) -> Tensor:
    """Which of the pictures that are answered right still are, after every attack."""
    radius, steps = strength
    strong = Attack(method="apgd", eps=radius, steps=steps)
    trials: tuple[tuple[Callable[[Tensor], Objective], Attack], ...] = (
        (lambda _: unlikelihood, Attack(method="pgd", eps=radius, steps=FIRST)),
        (lambda _: margin, strong),
        (lambda clean: away(mllm, clean), strong),
    )
    alive = right.clone()
    for of_clean, settings in trials:
        (left,) = alive.nonzero(as_tuple=True)
        if not len(left):
            break
        asked = Tokens(tokens.input_ids[left], tokens.attention_mask[left], tokens.answer[left])
        objective = of_clean(images[left])

        def rises(moved: Tensor, asked: Tokens = asked, objective: Objective = objective) -> Tensor:
            return objective(mllm, moved, asked)

        moved = attack(settings, rises, images[left], (mllm.model,), generator)
        alive[left] = held(mllm, moved, asked)
    return alive
