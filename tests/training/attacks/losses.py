"""Pictures and bumpy losses for attacks to climb."""

from __future__ import annotations

import torch


def pictures(seed: int, count: int = 3) -> torch.Tensor:
    """In [0, 1], with pixels at both ends."""
    drawn = torch.rand((count, 3, 4, 4), generator=torch.Generator().manual_seed(seed))
    return (drawn * 1.4 - 0.2).clamp(0, 1)


def waves(seed: int):
    """A sum of waves through random directions: many local maxima."""
    generator = torch.Generator().manual_seed(seed + 1)
    directions = torch.randn((8, 48), generator=generator) * 3

    def loss(images):
        return torch.sin(images.flatten(1) @ directions.T).sum(1)

    return loss
