"""An untrained MLLM of the world's shape, on disk and in hand, and rows to feed it."""

from __future__ import annotations

from pathlib import Path

import torch

from guardrail_training.adpo.pictures import Row
from guardrail_training.mllm import Mllm, load_mllm
from guardrail_training.world.model import build_model, save

SIDE = 32


def small_mllm(seed: int = 0) -> Mllm:
    """Random weights, the real architecture; the same seed gives the same model."""
    model, processor = build_model(seed)
    return Mllm(model.eval(), processor)


def small_folder(folder: Path, seed: int = 0) -> Path:
    """The same as a Hugging Face folder."""
    save(*build_model(seed), folder)
    return folder


def loaded(folder: Path) -> Mllm:
    return load_mllm(folder)


def noise_rows(count: int, seed: int = 0) -> list[Row]:
    """Pictures of noise, with prompts and answers of the world's words."""
    generator = torch.Generator().manual_seed(seed)
    asked = [("Is there a star?", "No, there is none."), ("Where is the star?", "It is red.")]
    return [
        Row(
            torch.randint(0, 256, (3, SIDE, SIDE), generator=generator, dtype=torch.uint8),
            *(asked[number % 2][0], torch.zeros(10, dtype=torch.int64), asked[number % 2][1]),
        )
        for number in range(count)
    ]
