"""Pictures whose text appears only once they are scaled down, made for the tests."""

from __future__ import annotations

import cv2
import numpy as np

from guardrail_detectors.ocr_injection.downscales import _HOW, shrink
from tests.detectors.ocr_injection.drawing import canvas, pixels, write


def hidden(cover: np.ndarray, sides: tuple[int, int], kernel: str, text: str, at, px=16):
    """``cover`` changed as little as makes ``kernel`` show ``text`` at ``sides`` (width, height).

    The least change in the least-squares sense, by the pseudo-inverse of each axis' scaling matrix.
    Returns the picture, and the text's box in it.
    """
    height, width = cover.shape[:2]
    wanted = shrink(cover, sides, "area").astype(np.float32)
    sheet = canvas(sides, "white")
    box = write(sheet, text, at, px=px)
    ink = pixels(sheet)[..., :1] < 128
    wanted = np.where(ink, 255.0 if wanted.mean() < 128 else 0.0, wanted)
    rows = cv2.resize(
        np.eye(height, dtype=np.float32), (height, sides[1]), interpolation=_HOW[kernel]
    )
    columns = cv2.resize(
        np.eye(width, dtype=np.float32), (width, sides[0]), interpolation=_HOW[kernel]
    )
    back_rows, back_columns = np.linalg.pinv(rows), np.linalg.pinv(columns)
    changed = cover.astype(np.float32)
    for channel in range(3):
        apart = wanted[..., channel] - rows @ changed[..., channel] @ columns.T
        changed[..., channel] += back_rows @ apart @ back_columns.T
    scale = width / sides[0]
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8), tuple(side * scale for side in box)


def texture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Something like a photograph: soft shapes with grain."""
    rng = np.random.default_rng(seed)
    soft = cv2.resize(
        rng.uniform(30, 120, (12, 16, 3)), (width, height), interpolation=cv2.INTER_CUBIC
    )
    fine = cv2.GaussianBlur(rng.normal(0, 22, (height, width, 3)), (0, 0), 1.2)
    return np.clip(soft + fine, 0, 255).astype(np.uint8)
