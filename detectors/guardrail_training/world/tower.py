"""The vision tower's own training: to say what stands in each quarter of a picture.

A language model that must learn to see and to speak at once first learns to guess well; a tower
that already tells shapes, colours and words apart spares it that (as LLaVA starts from CLIP).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from guardrail_training.world.model import WIDTH
from guardrail_training.world.scenes import Scene
from guardrail_training.world.words import COLOURS, NOUNS, SHAPES, SIGNS, VERBS

LOOKS = ("nothing", *SHAPES, *(sign.look for sign in SIGNS))
INKS = ("nothing", *COLOURS)
LINES = ("nothing", *(verb.upper() for verb in VERBS), *(noun.name.upper() for noun in NOUNS))


def targets(scenes: Sequence[Scene]) -> Tensor:
    """Classes of each scene, int64, shape (batch, 10): four looks, four colours, two words."""
    return torch.tensor([_targets(scene) for scene in scenes])


def _targets(scene: Scene) -> list[int]:
    looks = [LOOKS.index(one.look) if one else 0 for one in scene.cells]
    inks = [INKS.index(one.colour) if one else 0 for one in scene.cells]
    return [*looks, *inks, *(LINES.index(line) if line else 0 for line in scene.lines)]


class Attributes(nn.Module):
    """Linear heads on a tower: look and colour of a quarter, word of a half.

    Args:
        tower: A ``CLIPVisionModel`` with patches of 8 pixels.
    """

    def __init__(self, tower: Any) -> None:
        super().__init__()
        self.tower = tower
        self.look = nn.Linear(4 * WIDTH, len(LOOKS))
        self.ink = nn.Linear(4 * WIDTH, len(INKS))
        self.line = nn.Linear(8 * WIDTH, len(LINES))

    def forward(self, pixel_values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of looks (batch, 4, looks), colours (batch, 4, inks), words (batch, 2, lines)."""
        patches = self.tower(pixel_values).last_hidden_state[:, 1:]  # (B, 16, W)
        grid = patches.view(-1, 2, 2, 2, 2, WIDTH)  # half, row, half, column
        cells = grid.transpose(2, 3).reshape(-1, 4, 4 * WIDTH)
        halves = patches.reshape(-1, 2, 8 * WIDTH)
        return self.look(cells), self.ink(cells), self.line(halves)

    def loss(self, pixel_values: Tensor, wanted: Tensor) -> Tensor:
        """Mean cross-entropy of the three kinds of head, summed."""
        looks, inks, lines = self(pixel_values)
        parts = ((looks, wanted[:, :4]), (inks, wanted[:, 4:8]), (lines, wanted[:, 8:]))
        return torch.stack([cross_entropy(a.flatten(0, 1), b.flatten()) for a, b in parts]).sum()

    @torch.no_grad()
    def accuracy(self, pixel_values: Tensor, wanted: Tensor) -> float:
        """Share of pictures of which everything is told right."""
        found = torch.cat([logits.argmax(-1) for logits in self(pixel_values)], dim=1)
        return float((found == wanted).all(1).float().mean())
