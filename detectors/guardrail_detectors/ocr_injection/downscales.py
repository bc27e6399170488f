"""The sizes to which providers scale a picture down, and the signs of text that only they show.

A scaled picture shows other pixels than the original: with nearest, bilinear or bicubic kernels
without a low-pass filter most pixels are never looked at, so that a text can be spread over the few
that are (Quiring et al. 2020, "Adversarial preprocessing", USENIX Security, section 2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.ocr_injection.engine import Rgb

Upstream = Literal["openai", "anthropic", "gemini", "llava", "qwen"]
Kernel = Literal["nearest", "nearest_centred", "bilinear", "bicubic", "area"]

SIDES: dict[Upstream, tuple[int, ...]] = {
    "openai": (512, 768, 1024, 2048),
    "anthropic": (1568,),
    "gemini": (768, 1568),
    "llava": (336, 448),
    "qwen": (448, 768, 1024),
}
"""Long sides in pixels to which each upstream, or a server of its models, scales a picture down."""

ALL_SIDES = (336, 448, 512, 768, 1024, 1568, 2048)

_HOW: dict[Kernel, int] = {
    "nearest": cv2.INTER_NEAREST,  # the upper left pixel: OpenCV, torch
    "nearest_centred": cv2.INTER_NEAREST_EXACT,  # the middle one: Pillow
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
}
_PICKING: tuple[Kernel, ...] = ("nearest", "nearest_centred")
# The pixels that these mix lie around the middle one: what is hidden for them has signs there too.
_MIDDLE: Kernel = "nearest_centred"
_MIXING: tuple[Kernel, ...] = ("bilinear", "bicubic")
_LEAST_RATIO = 1.5  # below it every kernel looks at most pixels, and the picture itself shows them
_CELL = 8  # pixels of the scaled picture; a window is two cells a side, about a letter
_ALIKE = 0.35  # of a difference's energy that its neighbours share: strokes are two pixels wide
_LONELY = 0.3  # of a difference's energy that is there against each of four neighbours
_NOISE, _TEXTURE = 1.0, 192.0  # energies below which a difference is rounding, or may be texture
_LEAST_PIXELS = 1200  # with such a difference: five letters of 16 pixels


@dataclass(frozen=True, slots=True)
class Downscale:
    """A size and a kernel that show something which the picture itself does not.

    Attributes:
        sides: Width and height in pixels.
        kernel: How pixels are chosen.
        odd: Pixels of the scaled picture around which it differs as strokes do.
    """

    sides: tuple[int, int]
    kernel: Kernel
    odd: int


def shrink(picture: Rgb, sides: tuple[int, int], kernel: Kernel) -> Rgb:
    """``picture`` scaled to ``sides`` (width, height) as an upstream's kernel does it."""
    return np.asarray(cv2.resize(picture, sides, interpolation=_HOW[kernel]), np.uint8)


def suspicious(picture: Rgb, targets: Sequence[int]) -> Iterator[Downscale]:
    """The scaled pictures that must be read too, smallest first; mostly none.

    What a kernel picks is compared with the mean of what it stands for. In an ordinary picture the
    two differ by chance, pixel by pixel; where they differ alike over strokes, side by side and one
    above the other, and the picked pixels stand alone among their neighbours, as those of an
    ordinary stroke do not, somebody has chosen them.

    Args:
        picture: As displayed, shape (height, width, 3).
        targets: Long sides in pixels.
    """
    height, width = picture.shape[:2]
    for target in sorted(set(targets)):
        ratio = max(height, width) / target
        if ratio < _LEAST_RATIO:
            continue
        sides = (round(width / ratio), round(height / ratio))
        if min(sides) < _CELL:
            continue
        # Around each pixel, not beside it: half a pixel off, every slope differs from its mean.
        around = np.asarray(cv2.blur(picture, (int(ratio) | 1, int(ratio) | 1)), np.uint8)
        signs: dict[Kernel, int] = {
            kernel: _odd(
                shrink(picture, sides, kernel),
                shrink(around, sides, kernel),
                partial(_alone, picture, sides, kernel, ratio),
            )
            for kernel in _PICKING
        }
        if max(signs.values()) >= _LEAST_PIXELS:
            middle = shrink(picture, sides, "area")
            alone = partial(_alone, picture, sides, _MIDDLE, ratio)
            signs |= {
                kernel: _odd(shrink(picture, sides, kernel), middle, alone) for kernel in _MIXING
            }
            for kernel, odd in signs.items():
                if odd >= _LEAST_PIXELS:
                    yield Downscale(sides, kernel, odd)


def _alone(picture: Rgb, sides: tuple[int, int], kernel: Kernel, ratio: float) -> Rgb:
    """How far each picked pixel lies above all of its four neighbours, or below them all.

    Neighbours two pixels off where the ratio has room for that: bilinear scaling picks pairs.
    """
    step = 2 if ratio >= 3 else 1
    wider = cv2.copyMakeBorder(picture, step, step, step, step, cv2.BORDER_REPLICATE)
    framed = np.asarray(wider, np.uint8)
    height, width = picture.shape[:2]
    picked = shrink(picture, sides, kernel)
    near = [
        shrink(framed[down : down + height, across : across + width], sides, kernel)
        for down, across in ((0, step), (2 * step, step), (step, 0), (step, 2 * step))
    ]
    above = cv2.subtract(picked, np.maximum.reduce(near))
    below = cv2.subtract(np.minimum.reduce(near), picked)
    return np.asarray(cv2.max(above, below), np.uint8)


def _odd(picked: Rgb, expected: Rgb, alone: Callable[[], Rgb]) -> int:
    """Pixels around which ``picked`` differs from ``expected`` as strokes do, and stands alone.

    ``alone`` is asked only where enough of them differ.
    """
    apart = np.asarray(cv2.subtract(picked, expected, dtype=cv2.CV_32F), np.float32)
    energy, across, down = _shared(apart, 0, 0), _shared(apart, 0, 1), _shared(apart, 1, 0)
    least = min(max(_NOISE, 4 * float(np.median(energy))), _TEXTURE)
    odd = (np.minimum(across, down) > _ALIKE * energy) & (energy > least)
    if odd.sum() * _CELL * _CELL < _LEAST_PIXELS:
        return 0
    lonely = _shared(alone().astype(np.float32), 0, 0)
    return int((odd & (lonely > _LONELY * energy)).sum()) * _CELL * _CELL


def _shared(apart: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """How far ``apart`` goes with itself so many rows and columns on: a window's mean, one a cell.

    Windows are two cells a side. A window that is not whole is left out.
    """
    height, width = apart.shape[:2]
    high, wide = height // _CELL, width // _CELL
    product = np.zeros((height, width, 3), np.float32)
    np.multiply(
        apart[rows:, columns:], apart[: height - rows, : width - columns],
        out=product[rows:, columns:],
    )  # fmt: skip
    whole = product[: high * _CELL, : wide * _CELL].reshape(high * _CELL, -1)
    # Channels lie side by side in a row, so that one scaling adds them too; by whole numbers it is
    # seven times as fast.
    cells = cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.blur(cells, (2, 2)), np.float32) * 3
