"""Backgrounds that are pictures themselves: open photographs, screenshots, rendered words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from guardrail_training.clip.compose import Picture
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.errors import ClipTrainingError

PHOTOGRAPHS = {
    "astronaut.png": "public domain, NASA",
    "brick.png": "CC0-1.0",
    "chelsea.png": "CC0-1.0",
    "coffee.png": "CC0-1.0",
    "grass.png": "CC0-1.0",
    "gravel.png": "CC0-1.0",
    "hubble_deep_field.jpg": "public domain, NASA",
    "rocket.jpg": "CC0-1.0",
}
"""Of those that scikit-image brings, the ones in the public domain."""

SAMPLES = {"china.jpg": "CC-BY-2.0", "flower.jpg": "CC-BY-2.0"}
"""Those that scikit-learn brings."""

_MOST = 480  # pixels of a side that crops are taken from
_WORDS = """
open close menu stop go sale today hello news market coffee station hotel exit free new
music gun bomb knife fire weapon drugs blood danger poison kill ignore previous
instructions system prompt password total price invoice welcome thank you please wait
loading error settings
"""


def photographs() -> list[NDArray[np.uint8]]:
    """The open photographs, RGB.

    Raises:
        ClipTrainingError: scikit-image or scikit-learn is missing.
    """
    try:
        import skimage  # noqa: PLC0415 - of the extra [train]
        import sklearn.datasets  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ClipTrainingError(
            f"{error.name} is missing: pip install 'mllm-guardrail[train]'"
        ) from None
    first = Path(str(skimage.__file__)).parent / "data"
    second = Path(str(sklearn.datasets.__file__)).parent / "images"
    paths = [first / name for name in PHOTOGRAPHS] + [second / name for name in SAMPLES]
    return [read_picture(path) for path in paths]


def screenshots(folder: Path) -> list[NDArray[np.uint8]]:
    """All pictures below a folder, RGB, in the order of their names.

    Raises:
        ClipTrainingError: There is none.
    """
    paths = sorted(one for one in folder.rglob("*") if one.suffix.lower() in {".png", ".jpg"})
    if not paths:
        raise ClipTrainingError(f"{folder}: no PNG or JPEG pictures for backgrounds")
    return [read_picture(path) for path in paths]


def read_picture(path: Path, most: int | None = _MOST) -> NDArray[np.uint8]:
    """A picture file as RGB, made no larger than ``most`` pixels a side unless that is None.

    Raises:
        ClipTrainingError: It cannot be read.
    """
    try:
        with Image.open(path) as picture:
            shown = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ClipTrainingError(f"{path}: no picture that can be read: {error}") from None
    if most is not None:
        shown.thumbnail((most, most))
    return np.asarray(shown, np.uint8)


def words(rng: Generator, size: int) -> tuple[str, Picture]:
    """A caption and a picture of one to three words: what is written is not what is shown."""
    count = int(rng.integers(1, 4))
    said = " ".join(str(one) for one in rng.choice(_WORDS.split(), count))
    shown = said.upper() if rng.random() < 0.5 else said
    ground, ink = rng.integers(0, 256, (2, 3))
    if np.abs(ground.astype(int) - ink).sum() < 150:
        ink = 255 - ground
    canvas = Image.new("RGB", (size * 2, size * 2), tuple(int(one) for one in ground))
    font = ImageFont.load_default(float(rng.uniform(14, 40)))
    place = (float(rng.uniform(2, size * 0.5)), float(rng.uniform(2, size * 1.3)))
    colour = tuple(int(one) for one in ink)
    ImageDraw.Draw(canvas).text(place, "\n".join(_lines(shown)), colour, font)
    turned = canvas.rotate(float(rng.normal(0, 8)), fillcolor=tuple(int(one) for one in ground))
    shrunk = cv2.resize(np.asarray(turned), (size, size), interpolation=cv2.INTER_AREA)
    return f"the words {said}", np.asarray(shrunk, np.uint8)


def with_sticker(picture: NDArray[np.uint8], word: str, rng: Generator) -> NDArray[np.uint8]:
    """``picture`` with a white sticker that bears ``word``, a third to a half of it wide."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    width = picture.shape[1]
    font = ImageFont.load_default(int(rng.uniform(0.30, 0.50) * width / max(3, len(word)) * 1.7))
    left, top, right, bottom = draw.textbbox((0, 0), word, font)
    margin = int(bottom - top) // 4
    x = int(rng.integers(margin, max(margin + 1, width - int(right - left) - margin)))
    y = int(rng.integers(margin, max(margin + 1, picture.shape[0] - int(bottom - top) - margin)))
    box = (x - margin, y - margin, x + right - left + margin, y + bottom - top + margin)
    draw.rectangle(box, fill="white")
    draw.text((x - left, y - top), word, fill="black", font=font)
    return np.asarray(image, np.uint8)


def _lines(text: str) -> Iterator[str]:
    parts = text.split()
    yield " ".join(parts[:2])
    if len(parts) > 2:
        yield " ".join(parts[2:])
