"""What FARE and TeCoA minimise, one value a picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def embedding_distance(features: Tensor, original: Tensor) -> Tensor:
    """``‖φ(x) - φ_org(x')‖²₂``: (batch, …) twice to (batch,).

    Both what FARE minimises and what the attacks on encoders maximise.

    Source: FARE, Schlarmann et al. 2024, arXiv:2402.12336, section 3.2.
    """
    return (features - original).square().flatten(1).sum(1)


def class_entropy(logits: Sequence[Tensor], targets: Tensor) -> Tensor:
    """Cross-entropy of every question of class about a picture, summed: (batch,).

    Args:
        logits: Of each kind of question, shape (batch, questions, classes).
        targets: Classes, int64, shape (batch, all questions), in the order of ``logits``.

    Source: TeCoA, Mao et al. 2023, arXiv:2212.07016, whose logits are similarities to the text
    embeddings of class names.
    """
    parts: list[Tensor] = []
    start = 0
    for one in logits:
        wanted = targets[:, start : start + one.shape[1]]
        parts.append(cross_entropy(one.transpose(1, 2), wanted, reduction="none").sum(1))
        start += one.shape[1]
    return torch.stack(parts).sum(0)


def with_clean(attacked: Tensor, clean: Tensor, clean_weight: float) -> Tensor:
    """``(1 - w) · L(x_adv) + w · L(x)``, w = 0 in the papers; more keeps clean accuracy."""
    return (1 - clean_weight) * attacked + clean_weight * clean
