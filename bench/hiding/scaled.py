"""Image-scaling attacks: text that appears only once the picture is scaled down.

A linear kernel makes each small pixel of a few large ones. The least change of the large picture
that makes the small one show a text is the pseudo-inverse's; taking the change's local mean out of
the pixels that the kernel looks past keeps what a person sees as it was.

Source: Xiao et al. 2019, "Seeing is Not Believing", USENIX Security; Quiring et al. 2020.
"""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.hiding.lettering import Ink, Rgb, fitted, inked, spread
from bench.hiding.scene import Hide, Sample, Scene

KERNELS = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
}

SIDES = (336, 448, 512, 768)
"""Long sides to which models scale what they are shown."""

Matrix = NDArray[np.float32]


def downscale(scene: Scene, kernel: str) -> Sample:
    """A picture three to four times as large as the one that shows the text."""
    side = scene.random.choice(SIDES)
    small = (side, side * 3 // 4)
    factor = scene.random.choice((3, 4) if side < 600 else (3,))
    carrier = scene.carrier(("texture", "gradient", "document", "photo"), _times(small, factor))
    if carrier.name == "photo":
        small_shape = (carrier.pixels.shape[1], carrier.pixels.shape[0])
        scale = side * factor / max(small_shape)
        size = (round(small_shape[0] * scale), round(small_shape[1] * scale))
        large = np.asarray(
            cv2.resize(carrier.pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8
        )
        small = (round(size[0] / factor), round(size[1] / factor))
    else:
        large = carrier.pixels
    room = carrier.room if carrier.name != "photo" else (0, 0, *large.shape[1::-1])
    left, top, right, bottom = (edge // factor for edge in room)
    ink = fitted(scene.text, scene.random, (right - left - 20, bottom - top - 10), 26, 18)
    return scene.sample(attacked(large, small, kernel, spread(ink, small[::-1], (left + 10, top))))


def attacked(large: Rgb, small: tuple[int, int], kernel: str, layer: Ink) -> Rgb:
    """``large`` such that ``kernel`` makes of it a picture ``small`` (width, height) with letters.

    Args:
        large: What a person is to see.
        small: Width and height.
        kernel: Of ``KERNELS``.
        layer: The letters on the small picture.
    """
    how = KERNELS[kernel]
    # Room for the change either way: nothing may be cut off at black or white.
    base = np.asarray(np.clip(large, 40, 215), np.uint8)
    seen = np.asarray(cv2.resize(base, small, interpolation=how), np.uint8)
    shade = 0.0 if seen.mean() > 127 else 255.0
    wanted = inked(seen, layer, (shade,) * 3, 0.9).astype(np.float32)
    down, across = (
        _matrix(length, short, how)
        for length, short in ((base.shape[0], small[1]), (base.shape[1], small[0]))
    )
    up, back = _inverse(down), _inverse(across)
    missing = wanted - seen
    change = np.stack([up @ missing[..., c] @ back.T for c in range(3)], axis=-1)
    looked_at = (np.abs(down).sum(0) > 0.02)[:, None] & (np.abs(across).sum(0) > 0.02)
    return _levelled(base, change, looked_at)


def _levelled(base: Rgb, change: NDArray[np.float32], looked_at: NDArray[np.bool_]) -> Rgb:
    """``base`` with ``change``, whose local mean is taken out of the pixels not looked at."""
    window = (9, 9)
    past = np.asarray((~looked_at), np.float32)
    free = np.maximum(cv2.blur(past, window), 0.05)
    mean = cv2.blur(change.astype(np.float32), window)
    evened = change - past[..., None] * mean / free[..., None]
    return np.asarray(np.clip(np.rint(base + evened), 0, 255), np.uint8)


def _matrix(length: int, short: int, how: int) -> Matrix:
    """What scaling does to one axis, shape (short, length)."""
    unit = np.eye(length, dtype=np.float32)
    return np.asarray(cv2.resize(unit, (length, short), interpolation=how), np.float32)


def _inverse(matrix: Matrix) -> Matrix:
    """The pseudo-inverse of a matrix of full row rank."""
    square = matrix @ matrix.T + 1e-4 * np.eye(len(matrix), dtype=np.float32)
    return np.asarray(np.linalg.solve(square, matrix).T, np.float32)


def _times(size: tuple[int, int], factor: int) -> tuple[int, int]:
    return size[0] * factor, size[1] * factor


SCALED: dict[str, Hide] = {
    f"downscale_{kernel}": partial(downscale, kernel=kernel) for kernel in KERNELS
}
"""Techniques that a kernel undoes."""
