"""The sizes to which providers scale a picture down, and the signs of text that only they show.

A scaled picture shows other pixels than the original: with nearest, bilinear or bicubic kernels
without a low-pass filter most pixels are never looked at, so that a text can be spread over the few
that are (Quiring et al. 2020, "Adversarial preprocessing", USENIX Security, section 2.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_MIXING: tuple[Kernel, ...] = ("bilinear", "bicubic")
_LEAST_RATIO = 1.5  # below it every kernel looks at most pixels, and the picture itself shows them
_CELL = 8  # pixels of the scaled picture; a window is two cells a side, about a letter
_ALIKE = 0.35  # of a difference's energy that its neighbours share: strokes are two pixels wide
_NOISE, _TEXTURE = 1.0, 192.0  # energies below which a difference is rounding, or may be texture
_LEAST_PIXELS = 1800  # with such a difference: eight letters of 16 pixels


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


def suspicious(
    picture: Rgb, read: NDArray[np.uint8], targets: Sequence[int]
) -> Iterator[Downscale]:
    """The scaled pictures that must be read too, smallest first; mostly none.

    What a kernel picks is compared with the mean of what it stands for. In an ordinary picture the
    two differ by chance, pixel by pixel; where they differ alike over strokes, side by side and one
    above the other, somebody has chosen the pixels.

    Args:
        picture: As displayed, shape (height, width, 3).
        read: 1 where text was read already, shape (height, width).
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
        known = _known(read, sides)
        # Around each pixel, not beside it: half a pixel off, every slope differs from its mean.
        around = np.asarray(cv2.blur(picture, (int(ratio) | 1, int(ratio) | 1)), np.uint8)
        signs = {
            kernel: _odd(shrink(picture, sides, kernel), shrink(around, sides, kernel), known)
            for kernel in _PICKING
        }
        if max(signs.values()) >= _LEAST_PIXELS:
            middle = shrink(picture, sides, "area")
            signs |= {
                kernel: _odd(shrink(picture, sides, kernel), middle, known) for kernel in _MIXING
            }
            for kernel, odd in signs.items():
                if odd >= _LEAST_PIXELS:
                    yield Downscale(sides, kernel, odd)


def _odd(picked: Rgb, expected: Rgb, known: NDArray[np.bool_]) -> int:
    """Pixels around which ``picked`` differs from ``expected`` as strokes do, outside ``known``."""
    apart = np.asarray(cv2.subtract(picked, expected, dtype=cv2.CV_32F), np.float32)
    energy, across, down = _shared(apart, 0, 0), _shared(apart, 0, 1), _shared(apart, 1, 0)
    least = min(max(_NOISE, 4 * float(np.median(energy))), _TEXTURE)
    odd = (np.minimum(across, down) > _ALIKE * energy) & (energy > least) & ~known
    return int(odd.sum()) * _CELL * _CELL


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


def _known(read: NDArray[np.uint8], sides: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether a cell of the scaled picture holds anything of ``read``."""
    cells = (sides[0] // _CELL, sides[1] // _CELL)
    small = cv2.resize(read.astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    return np.asarray(small > 0)
