"""Where text stands in a picture, and the picture with it painted over.

A CLIP reads: the word ``pizza`` on a sticker makes a gun a pizza, and the word ``gun`` an apple a
gun (Goh et al. 2021, "Multimodal neurons in artificial neural networks", section on typographic
attacks). Only where text stands matters here: RapidOCR finds its lines and does not read them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.ocr_injection.engine import Rgb, load_engine

Mask = NDArray[np.bool_]
"""Shape (height, width): True where text stands."""

SIDE = 512
"""Longest side of the picture that text is looked for in: what a CLIP can read at 224 pixels is
legible at 512."""

_RING = 5  # pixels around a line whose colour it is painted in


class TextRegions:
    """Finds text; safe to call from several threads.

    The engine is the one that ``ocr_injection`` uses by default, loaded once for both.

    Args:
        threads: Lines and tiles that are worked on at one time.

    Raises:
        ModelError: The rapidocr package or its model is missing.
    """

    def __init__(self, threads: int = 2) -> None:
        from guardrail_detectors.ocr_injection.rapid import RapidEngine  # noqa: PLC0415 - 0.6 s

        engine = load_engine("rapidocr", ("en", "ch"), None, threads)
        if not isinstance(engine, RapidEngine):
            raise ModelError(f"text is found by RapidOCR alone, not by {type(engine).__name__}")
        self._engine = engine

    def __call__(self, picture: Rgb) -> Mask | None:
        """Where text stands in ``picture``, None where there is none."""
        height, width = picture.shape[:2]
        scale = min(1.0, SIDE / max(height, width))
        sides = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(picture, sides, interpolation=cv2.INTER_AREA)
        quads = self._engine.detect(np.asarray(small, np.uint8))[0]
        if not quads:
            return None
        mask = np.zeros((sides[1], sides[0]), np.uint8)
        for quad in quads:
            cv2.fillConvexPoly(mask, np.rint(quad).astype(np.int32), 1)
        whole = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)
        return np.asarray(whole, bool)


def without_text(picture: Rgb, mask: Mask) -> Rgb:
    """``picture`` with each region of ``mask`` in the median colour of what surrounds it."""
    painted = picture.copy()
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    for number in range(1, count):
        left, top, width, height, _ = boxes[number].tolist()
        rows = slice(max(0, top - _RING), top + height + _RING)
        columns = slice(max(0, left - _RING), left + width + _RING)
        region = labels[rows, columns] == number
        around = picture[rows, columns][~mask[rows, columns]]
        colour = np.median(around, axis=0) if len(around) else np.full(3, 127.0)
        painted[rows, columns][region] = np.rint(colour)
    return painted
