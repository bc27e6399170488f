"""Auto-PGD: no step size to tune, so the attack that measurements use."""

from __future__ import annotations

import math
from dataclasses import dataclass

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

MOMENTUM = 0.75
"""Share of the new step; the rest repeats the last move. α in the paper."""

RISES = 0.75
"""A step size is kept when this share of the steps raised the loss. ρ in the paper."""


def checkpoints(steps: int) -> tuple[int, ...]:
    """The steps after which step sizes may be halved, e.g. (22, 41, 57, 70, …) of 100.

    ``w_j = ⌈p_j · steps⌉``, ``p_1 = 0.22``, ``p_{j+1} = p_j + max(p_j - p_{j-1} - 0.03, 0.06)``.
    """
    found: list[int] = []
    before, share = 0.0, 0.22
    while share <= 1:
        found.append(math.ceil(round(share * steps, 9)))  # 0.57 · 100 is 57.000…01 in floats
        before, share = share, share + max(share - before - 0.03, 0.06)
    return tuple(dict.fromkeys(found))


@dataclass(slots=True)
class _Climb:
    """Where each picture's search stands; tensors of shape (batch, …)."""

    images: Tensor
    eps: float
    moved: Tensor
    before: Tensor
    value: Tensor
    gradient: Tensor
    best: Tensor
    most: Tensor
    slope_at_best: Tensor
    size: Tensor
    rises: Tensor
    halved: Tensor
    most_before: Tensor

    def step(self, loss: Loss, *, first: bool) -> None:
        """One move with momentum, and what it found."""
        reach = self.moved + self.size[:, None, None, None] * self.gradient.sign()
        target = inside(reach, self.images, self.eps)
        share = 1.0 if first else MOMENTUM
        drift = share * (target - self.moved) + (1 - share) * (self.moved - self.before)
        self.before, self.moved = self.moved, inside(self.moved + drift, self.images, self.eps)
        value, self.gradient = slope_of(loss, self.moved)
        self.rises += (value > self.value).to(self.rises.dtype)
        self.value = value
        higher = (value > self.most)[:, None, None, None]
        self.slope_at_best = torch.where(higher, self.gradient, self.slope_at_best)
        self.best, self.most = better(self.best, self.most, self.moved, value)

    def check(self, length: int) -> None:
        """Halves the step size, and returns to the best point, where the search is stuck.

        Stuck is where fewer than ``RISES`` of the last ``length`` steps raised the loss, or where
        the size was kept at the last check and the best has not risen since.
        """
        few = self.rises < RISES * length
        idle = ~self.halved & (self.most <= self.most_before)
        self.halved = few | idle
        stuck = self.halved[:, None, None, None]
        self.size = torch.where(self.halved, self.size / 2, self.size)
        self.moved = torch.where(stuck, self.best, self.moved)
        self.gradient = torch.where(stuck, self.slope_at_best, self.gradient)
        self.value = torch.where(self.halved, self.most, self.value)
        self.rises = torch.zeros_like(self.rises)
        self.most_before = self.most


def apgd(
    loss: Loss,
    images: Tensor,
    eps: float,
    steps: int = 50,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Pictures within ``eps`` of ``images`` and in [0, 1] whose loss is high.

    The step begins at ``2 · eps`` and is halved for each picture on its own at ``checkpoints``.
    The best point on the way is returned, the untouched picture included.

    Args:
        loss: What the attacker wants large; networks in it must be ``frozen``.
        images: In [0, 1], shape (batch, 3, height, width).
        eps: Radius in [0, 1], e.g. 4/255.
        steps: Moves; each costs one gradient.
        generator: For the start.

    Raises:
        ValueError: ``images`` or ``eps`` are out of range.
        FloatingPointError: A loss or gradient is NaN or infinite.

    Source: Croce & Hein 2020, arXiv:2003.01690, section 3 and algorithm 1.
    """
    checked_images(images, eps)
    climb = _start(loss, images, eps, generator)
    last = 0
    due = frozenset(checkpoints(steps))
    for number in range(1, steps + 1):
        climb.step(loss, first=number == 1)
        if number in due:
            climb.check(number - last)
            last = number
    untouched = value_of(loss, images)
    best, _ = better(climb.best, climb.most, images, untouched)
    return best.detach()


def _start(loss: Loss, images: Tensor, eps: float, generator: torch.Generator | None) -> _Climb:
    moved = random_start(images, eps, generator)
    value, gradient = slope_of(loss, moved)
    return _Climb(
        images=images,
        eps=eps,
        moved=moved,
        before=moved,
        value=value,
        gradient=gradient,
        best=moved,
        most=value,
        slope_at_best=gradient,
        size=torch.full_like(value, 2 * eps),
        rises=torch.zeros_like(value),
        halved=torch.zeros_like(value, dtype=torch.bool),
        most_before=value,
    )
