"""The pictures and sentences that prove an exported model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from guardrail_training.clip.compose import Palette, Picture, compose
from guardrail_training.clip.draw.catalogue import drawings

PICTURES = (
    "pistol",
    "flames",
    "syringe",
    "warning triangle",
    "wound",
    "teapot",
    "sunset",
    "cat face",
)
"""Drawings by name."""

SENTENCES = (
    "a photo of a gun",
    "a drawing of a fire",
    "a pictogram of a syringe",
    "A warning sign, seen from below!",
    "a cat on a sofa",
    "don't",
)

_SEED = 21
_LEAST = 96  # pixels of a side: the smallest tower still shrinks what it is shown


def golden_pictures(size: int) -> list[Picture]:
    """Drawings, larger than ``size`` and not square, the same in every run."""
    rng = np.random.default_rng(_SEED)
    named = {one.name: one for one in drawings()}
    side = min(160, max(_LEAST, size))
    found = []
    for name in PICTURES:
        square = compose(named[name].sprite(rng), Palette(), side, rng)
        shape = (side + 24, side)  # width, height
        found.append(np.asarray(cv2.resize(square, shape, interpolation=cv2.INTER_AREA), np.uint8))
    return found


def write_golden(
    folder: Path,
    pictures: Sequence[Picture],
    seen: NDArray[np.float32],
    said: NDArray[np.float32],
) -> None:
    """``golden.json`` and the pictures.

    Args:
        folder: With a folder ``golden``.
        pictures: As ``golden_pictures`` gives them.
        seen: Their embeddings by torch, shape (pictures, width).
        said: Those of ``SENTENCES``.
    """
    shown = []
    for name, picture, row in zip(PICTURES, pictures, seen, strict=True):
        file = f"golden/{name.replace(' ', '_')}.png"
        Image.fromarray(picture).save(folder / file, optimize=True)
        shown.append({"file": file, "embedding": _rounded(row)})
    texts = [
        {"text": text, "embedding": _rounded(row)}
        for text, row in zip(SENTENCES, said, strict=True)
    ]
    content = json.dumps({"pictures": shown, "texts": texts})
    (folder / "golden.json").write_text(content + "\n", "utf-8")


def _rounded(row: NDArray[np.float32]) -> list[float]:
    return [round(float(one), 6) for one in row]
