"""Pairs on disk: one JSON object a line, checked strictly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor
from torch.utils.data import Dataset

from guardrail_training.text_guard.records import DataError

Text = Annotated[str, Field(min_length=1, max_length=100_000)]


class Pair(BaseModel):
    """Two answers to one question about one picture, the first of them better.

    Attributes:
        id: Of the pair.
        image: File, relative to the pictures' folder.
        prompt: What was asked.
        chosen: The better answer.
        rejected: The worse one; the same as ``chosen`` only where an objective compares pictures.
        score_chosen: A reward model's, or whatever ranked them.
        score_rejected: Of the other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: Text
    image: Text
    prompt: Text
    chosen: Text
    rejected: Text
    score_chosen: float | None = None
    score_rejected: float | None = None

    @property
    def margin(self) -> float:
        """How much better, or NaN where no scores are known."""
        if self.score_chosen is None or self.score_rejected is None:
            return float("nan")
        return self.score_chosen - self.score_rejected


def read_pairs(file: Path) -> list[Pair]:
    """The pairs of a JSONL file.

    Raises:
        DataError: It cannot be read, a line is no pair, or an id is there twice.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read: {error}") from None
    found: dict[str, Pair] = {}
    for number, line in enumerate(lines, 1):
        try:
            pair = Pair.model_validate_json(line)
        except ValidationError as error:
            raise DataError(f"{file}: line {number}: {error}") from None
        if pair.id in found:
            raise DataError(f"{file}: line {number}: the id {pair.id!r} is there twice")
        found[pair.id] = pair
    if not found:
        raise DataError(f"{file}: holds no pairs")
    return list(found.values())


def write_pairs(file: Path, pairs: Iterable[Pair]) -> None:
    """One JSON object a line, as ``read_pairs`` reads them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [pair.model_dump_json(exclude_none=True) + "\n" for pair in pairs]
    file.write_text("".join(lines), "utf-8")


class Pairs(Dataset[tuple[Pair, Tensor]]):
    """Pairs with their pictures, read when drawn.

    Args:
        pairs: What is drawn.
        folder: Where their pictures are; none may lie outside it.
        side: Pictures are scaled to this many pixels a side.

    Raises:
        DataError: A picture is not there, or its path leads out of the folder.
    """

    def __init__(self, pairs: Sequence[Pair], folder: Path, side: int) -> None:
        self._pairs = pairs
        self._side = side
        root = folder.resolve()
        self._files = [(root / pair.image).resolve() for pair in pairs]
        for pair, file in zip(pairs, self._files, strict=True):
            if not file.is_relative_to(root):
                raise DataError(f"pair {pair.id!r}: image: {pair.image!r} is outside {folder}")
            if not file.is_file():
                raise DataError(f"pair {pair.id!r}: image: {pair.image!r} is not in {folder}")

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> tuple[Pair, Tensor]:
        """A pair and its picture, uint8, shape (3, side, side).

        Raises:
            DataError: The picture cannot be decoded.
        """
        file = self._files[index]
        try:
            with Image.open(file) as opened:
                size = (self._side, self._side)
                picture = opened.convert("RGB").resize(size, Image.Resampling.BICUBIC)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise DataError(f"{file}: cannot be read as a picture: {error}") from None
        return self._pairs[index], torch.from_numpy(np.array(picture)).permute(2, 0, 1)


def collate(rows: Sequence[tuple[Pair, Tensor]]) -> dict[str, Any]:
    """``images`` in [0, 1], ``prompts``, ``chosen``, ``rejected`` and ``margin``."""
    pairs = [pair for pair, _ in rows]
    return {
        "images": torch.stack([picture for _, picture in rows]).float() / 255,
        "prompts": [pair.prompt for pair in pairs],
        "chosen": [pair.chosen for pair in pairs],
        "rejected": [pair.rejected for pair in pairs],
        "margin": torch.tensor([pair.margin for pair in pairs]),
    }
