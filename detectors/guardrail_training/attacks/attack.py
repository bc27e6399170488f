"""An attack as a setting: read from a configuration, run on any loss."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from guardrail_training.attacks.apgd import apgd
from guardrail_training.attacks.ball import Loss
from guardrail_training.attacks.frozen import frozen
from guardrail_training.attacks.pgd import pgd

Method = Literal["pgd", "apgd"]


class Attack(BaseModel):
    """How hard pictures are attacked.

    Attributes:
        method: ``pgd`` with a fixed step, for training; ``apgd`` for measuring.
        eps: Radius in 255ths of the brightest pixel value: 4 is what papers write as 4/255.
        steps: Gradients taken.
        step_size: Of PGD, in 255ths; ``2.5 · eps / steps`` when None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method = "pgd"
    eps: Annotated[float, Field(ge=0, le=255)] = 2.0
    steps: Annotated[int, Field(ge=1, le=10_000)] = 10
    step_size: Annotated[float, Field(gt=0, le=255)] | None = None


def attack(
    settings: Attack,
    loss: Loss,
    images: Tensor,
    networks: tuple[nn.Module, ...],
    generator: torch.Generator | None = None,
) -> Tensor:
    """``images`` changed by at most ``settings.eps`` / 255 so that ``loss`` rises.

    Args:
        settings: Which attack and how long.
        loss: What the attacker wants large, of pictures in [0, 1]; normalise inside.
        images: In [0, 1], shape (batch, 3, height, width).
        networks: Those that ``loss`` uses: they are in evaluation mode meanwhile.
        generator: For the random start.

    Raises:
        ValueError: ``images`` are out of range, or ``step_size`` is given for APGD.
        FloatingPointError: A loss or gradient is NaN or infinite.
    """
    eps = settings.eps / 255
    with frozen(*networks):
        if settings.method == "pgd":
            size = None if settings.step_size is None else settings.step_size / 255
            return pgd(loss, images, eps, settings.steps, size, generator)
        if settings.step_size is not None:
            raise ValueError("step_size: APGD finds its own; leave it out, or take method: pgd")
        return apgd(loss, images, eps, settings.steps, generator)
