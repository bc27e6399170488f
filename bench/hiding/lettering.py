"""Text as a layer of ink: how much of each pixel a letter covers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Rgb = NDArray[np.uint8]
Ink = NDArray[np.float32]
"""Coverage in [0, 1], shape (height, width)."""

Font = ImageFont.FreeTypeFont

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

PRINTED = (
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LiberationSans-Regular.ttf",
    "LiberationSerif-Regular.ttf", "LiberationMono-Regular.ttf", "OpenSans-Regular.ttf",
)  # fmt: skip
HANDWRITTEN = (
    "ComicNeue-Regular.otf", "Humor-Sans.ttf", "Rufscript010.ttf", "dkg.ttf", "Breip.ttf",
    "femkeklaver.ttf", "DancingScript-Regular.otf",
)  # fmt: skip


@cache
def _installed() -> dict[str, Path]:
    found = (path for folder in FOLDERS if folder.is_dir() for path in folder.rglob("*.[to]tf"))
    return {path.name: path for path in sorted(found)}


def printed(size: float, random: Random) -> Font:
    """A printed font of ``size`` pixels; Pillow's own where none is installed."""
    names = [name for name in PRINTED if name in _installed()]
    if not names:
        font = ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise RuntimeError("Pillow was built without FreeType; install its wheel")
        return font
    return ImageFont.truetype(_installed()[random.choice(names)], size)


def handwritten(size: float, random: Random) -> Font:
    """A font like handwriting.

    Raises:
        RuntimeError: None is installed; names the script that installs them.
    """
    names = [name for name in HANDWRITTEN if name in _installed()]
    if not names:
        raise RuntimeError("no handwriting font is installed; run bench/hiding/fonts.sh")
    return ImageFont.truetype(_installed()[random.choice(names)], size)


def wrapped(text: str, font: Font, width: float) -> list[str]:
    """``text`` in lines of at most ``width`` pixels; a longer word has a line of its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def lettering(text: str, font: Font, width: int, stroke: int = 0) -> Ink:
    """``text`` set in ``font`` at most ``width`` pixels wide, cropped to its lines."""
    lines = wrapped(text, font, width - 2 * stroke - 4)
    step = round(font.size * 1.35)
    longest = max(font.getlength(line) for line in lines)
    size = (round(longest) + 2 * stroke + 6, step * len(lines) + 2 * stroke + 4)
    layer = Image.new("L", size)
    draw = ImageDraw.Draw(layer)
    for row, line in enumerate(lines):
        draw.text((stroke + 2, stroke + row * step), line, 255, font, stroke_width=stroke)
    return np.asarray(layer, np.float32) / np.float32(255)


def fitted(text: str, random: Random, room: tuple[int, int], most: int, least: int) -> Ink:
    """``text`` in a printed font, as large as fits ``room`` (width, height) within the bounds."""
    face = random.random()
    for size in range(most, least - 1, -2):
        ink = lettering(text, printed(size, Random(face)), room[0])
        if ink.shape[0] <= room[1] and ink.shape[1] <= room[0]:
            return ink
    return ink[: room[1], : room[0]]


def grown(ink: Ink, by: int) -> Ink:
    """``ink`` with every stroke wider by ``by`` pixels on each side, for outlines."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    padded = np.pad(ink, by)
    return np.asarray(cv2.dilate(padded, kernel), np.float32)


def spread(ink: Ink, shape: tuple[int, int], at: tuple[int, int]) -> Ink:
    """``ink`` on an empty layer of ``shape`` (height, width), its corner ``at`` (left, top)."""
    layer = np.zeros(shape, np.float32)
    left, top = max(0, at[0]), max(0, at[1])
    part = ink[: shape[0] - top, : shape[1] - left]
    layer[top : top + part.shape[0], left : left + part.shape[1]] = part
    return layer


def inked(pixels: Rgb, layer: Ink, colour: tuple[float, float, float], share: float = 1.0) -> Rgb:
    """``pixels`` where ``layer`` is covered with ``colour``, ``share`` of it opaque."""
    weight = (layer * share)[..., None]
    mixed = pixels.astype(np.float32) * (1 - weight) + np.array(colour, np.float32) * weight
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)
