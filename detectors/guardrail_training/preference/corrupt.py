"""Pictures that say less than they did, for answers to lose their support."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn.functional import interpolate

Kind = Literal["noise", "crop", "blur", "shuffle", "blank"]


class Corruption(BaseModel):
    """How a picture is corrupted.

    Attributes:
        kind: ``noise`` as a diffusion's forward process adds it, ``crop`` to a random part scaled
            up (mDPO's), ``blur``, ``shuffle`` of tiles, or ``blank`` grey.
        strength: In (0, 1]: the noise's share of variance, the share of each side that is cropped
            away, blurred away or cut into tiles.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = "crop"
    strength: Annotated[float, Field(gt=0, le=1)] = 0.8

    def __call__(self, images: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """``images`` in [0, 1], shape (batch, 3, height, width), corrupted; same shape."""
        match self.kind:
            case "noise":
                return _noise(images, self.strength, generator)
            case "crop":
                return torch.stack([_crop(one, self.strength, generator) for one in images])
            case "blur":
                return _blur(images, self.strength)
            case "shuffle":
                return torch.stack([_shuffle(one, self.strength, generator) for one in images])
            case "blank":
                return torch.full_like(images, 0.5)


def _noise(images: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    """``√(1 - s) · x + √s · n`` around mid-grey, with x of unit range: variance s is noise."""
    drawn = torch.randn(images.shape, generator=generator, dtype=images.dtype).to(images.device)
    mixed = math.sqrt(1 - share) * (2 * images - 1) + math.sqrt(share) * drawn
    return (mixed / 2 + 0.5).clamp(0, 1)


def _crop(image: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    _, height, width = image.shape
    kept = max(1, round(height * (1 - share))), max(1, round(width * (1 - share)))
    top, left = (
        int(torch.randint(whole - part + 1, (), generator=generator))
        for whole, part in zip((height, width), kept, strict=True)
    )
    part = image[None, :, top : top + kept[0], left : left + kept[1]]
    return interpolate(part, (height, width), mode="bilinear")[0]


def _blur(images: Tensor, share: float) -> Tensor:
    size = images.shape[-2:]
    small = [max(1, round(side * (1 - share))) for side in size]
    return interpolate(interpolate(images, small, mode="area"), size, mode="bilinear")


def _shuffle(image: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    """Tiles in random order; a strength of 1 makes them 1/16 of a side, little strength halves."""
    _, height, width = image.shape
    tiles = max(2, round(16 * share))
    rows, columns = (torch.arange(side) * tiles // side for side in (height, width))
    tops = torch.randperm(tiles, generator=generator)[rows]
    lefts = torch.randperm(tiles, generator=generator)[columns]
    offsets = [
        torch.arange(side) - of * side // tiles for side, of in ((height, rows), (width, columns))
    ]
    down = (tops * height // tiles + offsets[0]).clamp_max(height - 1)
    across = (lefts * width // tiles + offsets[1]).clamp_max(width - 1)
    return image[:, down][:, :, across]
