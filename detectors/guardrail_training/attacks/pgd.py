"""Projected gradient descent, upwards: the attack that training uses."""

from __future__ import annotations

import torch
from torch import Tensor

from guardrail_training.attacks.ball import (
    Loss,
    better,
    checked_images,
    inside,
    random_start,
    slope_of,
    value_of,
)


def pgd(
    loss: Loss,
    images: Tensor,
    eps: float,
    steps: int = 10,
    step_size: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Pictures within ``eps`` of ``images`` and in [0, 1] whose loss is high.

    ``x ← P(x + step_size · sign(∇ loss(x)))`` from a random start. For each picture the best
    point on the way is returned, the untouched picture included, so its loss is never below
    that of ``images``.

    Args:
        loss: What the attacker wants large; networks in it must be ``frozen``.
        images: In [0, 1], shape (batch, 3, height, width).
        eps: Radius in [0, 1], e.g. 2/255.
        steps: Gradients taken.
        step_size: In the units of eps; ``2.5 · eps / steps`` when None, with which any point of
            the ball is reached from any other.
        generator: For the start.

    Raises:
        ValueError: ``images`` or ``eps`` are out of range.
        FloatingPointError: A loss or gradient is NaN or infinite.

    Source: Madry et al. 2018, arXiv:1706.06083, section 2.1.
    """
    checked_images(images, eps)
    size = 2.5 * eps / max(1, steps) if step_size is None else step_size
    best, most = images, value_of(loss, images)
    moved = random_start(images, eps, generator)
    for _ in range(steps):
        value, gradient = slope_of(loss, moved)
        best, most = better(best, most, moved, value)
        moved = inside(moved + size * gradient.sign(), images, eps)
    best, _ = better(best, most, moved, value_of(loss, moved))
    return best.detach()
