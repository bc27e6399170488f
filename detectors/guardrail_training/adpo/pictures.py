"""Pictures to be hardened on, and questions about them; labels only where a method reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal

import numpy as np
import torch
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.utils.data import Dataset

from guardrail_training.text_guard.records import DataError
from guardrail_training.world.batches import sample
from guardrail_training.world.tower import targets

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
_BLIND = "fact"
"""The world's kind of question that needs no picture."""


@dataclass(frozen=True, slots=True)
class Row:
    """A picture and a question about it.

    Attributes:
        pixels: uint8, shape (3, height, width).
        prompt: What is asked.
        targets: Classes of the picture, int64, shape (tasks,).
        answer: The true one, or empty where none is known.
    """

    pixels: Tensor
    prompt: str
    targets: Tensor
    answer: str = ""


class Rows(Dataset[Row]):
    """Rows as Transformers' Trainer draws from them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]


def collate(rows: Sequence[Row]) -> dict[str, Any]:
    """``images`` in [0, 1], (batch, 3, height, width), ``prompts``, ``answers``, ``targets``."""
    return {
        "images": torch.stack([row.pixels for row in rows]).float() / 255,
        "prompts": [row.prompt for row in rows],
        "answers": [row.answer for row in rows],
        "targets": torch.stack([row.targets for row in rows]),
    }


class WorldPictures(BaseModel):
    """Pictures that the small world draws.

    Attributes:
        kind: Says which this is.
        count: Of pictures.
        seed: Of pictures and questions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["world"] = "world"
    count: Annotated[int, Field(ge=1)] = 4000
    seed: int = 0

    def rows(self, side: int) -> Rows:
        """One question that needs the picture about each; ``side`` is the world's own."""
        del side
        scenes, drawn, talks = sample(self.count, Random(self.seed), turns=20)
        labels = targets(scenes)
        asked = [next(one for one in turns if one.kind != _BLIND) for turns in talks]
        return Rows(
            [
                Row(torch.from_numpy(picture).permute(2, 0, 1), one.text, label, one.answer)
                for picture, one, label in zip(drawn, asked, labels, strict=True)
            ]
        )


class FolderPictures(BaseModel):
    """Pictures in a folder; folders in it are classes.

    Attributes:
        kind: Says which this is.
        folder: Searched with all folders below it.
        prompts: Asked in turn.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["folder"]
    folder: Path
    prompts: Annotated[tuple[str, ...], Field(min_length=1)] = ("What is in the picture?",)

    def rows(self, side: int) -> Rows:
        """The pictures in order of their paths, scaled and cut to ``side`` pixels.

        Raises:
            DataError: There are none, or one cannot be read.
        """
        files = self._files()
        classes = sorted({one.parent for one in files})
        return Rows(
            [
                Row(
                    _read(file, side),
                    self.prompts[number % len(self.prompts)],
                    torch.tensor([classes.index(file.parent)]),
                )
                for number, file in enumerate(files)
            ]
        )

    def names(self) -> tuple[str, ...]:
        """The classes in the order of their numbers: names of folders, ``_`` read as a space."""
        folders = sorted({one.parent for one in self._files()})
        return tuple(one.name.replace("_", " ") for one in folders)

    def _files(self) -> list[Path]:
        files = sorted(one for one in self.folder.rglob("*") if one.suffix.lower() in SUFFIXES)
        if not files:
            raise DataError(f"{self.folder}: holds no pictures ({', '.join(sorted(SUFFIXES))})")
        return files


PictureSource = Annotated[WorldPictures | FolderPictures, Field(discriminator="kind")]


def _read(file: Path, side: int) -> Tensor:
    try:
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{file}: cannot be read as a picture: {error}") from None
    scale = side / min(picture.size)
    size = (max(side, round(picture.width * scale)), max(side, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    cut = np.array(picture.crop((left, top, left + side, top + side)))
    return torch.from_numpy(cut).permute(2, 0, 1)
