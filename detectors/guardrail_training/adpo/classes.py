"""A tower with linear heads, for TeCoA where there is no text tower to give class embeddings."""

from __future__ import annotations

from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from guardrail_training.adpo.losses import class_entropy
from guardrail_training.adpo.pictures import Rows, WorldPictures, collate
from guardrail_training.mllm import Mllm
from guardrail_training.world.tower import Attributes

_HEAD_RATE = 3e-3
_HEAD_BATCH = 128


class Probed(nn.Module):
    """One linear head on all that a tower's projector reads.

    Args:
        mllm: Says which layer that is.
        classes: How many.
    """

    def __init__(self, mllm: Mllm, classes: int) -> None:
        super().__init__()
        self.tower = mllm.tower
        self._read = mllm
        blank = torch.zeros(1, 3, mllm.side, mllm.side)
        with torch.no_grad():
            width = mllm.features(self.tower, blank).flatten(1).shape[1]
        self.head = nn.Linear(width, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of pictures in [0, 1]: one question, (batch, 1, classes)."""
        return (self.head(self._read.features(self.tower, images).flatten(1))[:, None],)


class WorldProbed(nn.Module):
    """The world's heads: what stands in each quarter, its colour, the words."""

    def __init__(self, mllm: Mllm) -> None:
        super().__init__()
        self.attributes = Attributes(mllm.tower)
        self._read = mllm

    @property
    def tower(self) -> Any:
        """The tower under the heads."""
        return self.attributes.tower

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of pictures in [0, 1]: looks, colours and words."""
        found: tuple[Tensor, ...] = self.attributes(self._read.pixel_values(images))
        return found


def fitted_heads(
    mllm: Mllm, source: object, rows: Rows, steps: int, seed: int
) -> Probed | WorldProbed:
    """Heads learnt on the frozen tower and clean pictures, then frozen; the tower learns.

    Args:
        mllm: Its tower is what the heads read.
        source: The setting that ``rows`` are from.
        rows: Labelled pictures.
        steps: Of Adam, with 128 pictures each.
        seed: Of heads and order.
    """
    torch.manual_seed(seed)
    if isinstance(source, WorldPictures):
        probed: Probed | WorldProbed = WorldProbed(mllm)
    else:
        probed = Probed(mllm, 1 + max(int(row.targets[0]) for row in rows))
    mllm.tower.requires_grad_(requires_grad=False)
    learnt = [one for one in probed.parameters() if one.requires_grad]
    optimiser = torch.optim.Adam(learnt, _HEAD_RATE)
    for batch in islice(_forever(rows), steps):
        loss = class_entropy(probed(batch["images"]), batch["targets"]).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        optimiser.step()
    optimiser.zero_grad()
    for one in learnt:
        one.requires_grad = False
    mllm.tower.requires_grad_(requires_grad=True)
    return probed


def _forever(rows: Rows) -> Any:
    """Shuffled batches without end."""
    while True:
        yield from DataLoader(rows, _HEAD_BATCH, shuffle=True, collate_fn=collate)


@torch.no_grad()
def class_accuracy(probed: nn.Module, batch: dict[str, Any]) -> float:
    """Share of questions of class that are answered right; for code that checks fitted heads."""
    found = torch.cat([one.argmax(-1) for one in probed(batch["images"])], dim=1)
    return float((found == batch["targets"]).float().mean())
