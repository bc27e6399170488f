"""Answers as log-probabilities of their tokens, and the sums that objectives read."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer a row, each to one picture and prompt.

    Attributes:
        policy: Log-probability of each token under the policy, shape (batch, tokens).
        reference: Under the reference, without gradient; same shape.
        mask: True on tokens of the answer; same shape.
        changed: True on tokens of segments that a corrector changed; same shape.
        divergence: KL(π_ref ‖ π_θ) of the next-token distributions at each token; same shape.
    """

    policy: Tensor
    reference: Tensor
    mask: Tensor
    changed: Tensor | None = None
    divergence: Tensor | None = None

    @property
    def log_ratio(self) -> Tensor:
        """``log π_θ(y|x) - log π_ref(y|x)``, shape (batch,)."""
        return total(self.policy - self.reference, self.mask)


def total(values: Tensor, mask: Tensor) -> Tensor:
    """Sum over the tokens of ``mask``: (batch, tokens) to (batch,)."""
    return torch.where(mask, values, 0.0).sum(1)


def mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens of ``mask``: (batch, tokens) to (batch,); 0 for an empty answer."""
    return total(values, mask) / mask.sum(1).clamp_min(1)


def segment_weighted(values: Tensor, mask: Tensor, changed: Tensor, gamma: float) -> Tensor:
    """Mean over an answer's tokens in which changed segments count ``gamma`` times.

    ``1/N · (Σ_{i ∉ changed} v_i + γ · Σ_{i ∈ changed} v_i)``, ``N = |unchanged| + γ · |changed|``.

    Args:
        values: Log-probabilities, shape (batch, tokens).
        mask: True on tokens of the answer.
        changed: True on tokens of corrected segments.
        gamma: Above 1 to learn the corrections more than what surrounds them; 5 in the paper.

    Source: DDPO of RLHF-V, Yu et al. 2024, arXiv:2312.00849.
    """
    weights = torch.where(changed, gamma, 1.0) * mask
    return (torch.where(mask, values, 0.0) * weights).sum(1) / weights.sum(1).clamp_min(1e-12)


def divergence(reference: Tensor, policy: Tensor) -> Tensor:
    """KL(π_ref ‖ π_θ) at each position, from log-probabilities over the vocabulary.

    ``Σ_v π_ref(v) · (log π_ref(v) - log π_θ(v))``: (batch, tokens, words) to (batch, tokens). Its
    sum over an answer is the sequential KL divergence of Zeng et al. 2024, arXiv:2404.11999.
    """
    return (reference.exp() * (reference - policy)).sum(-1)
