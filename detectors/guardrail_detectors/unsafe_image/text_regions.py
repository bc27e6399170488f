"""Where text stands in a picture, and the picture with it painted over.

A CLIP reads: the word ``pizza`` on a sticker makes a gun a pizza, and the word ``gun`` an apple a
gun (Goh et al. 2021, "Multimodal neurons in artificial neural networks", section on typographic
attacks). Only where text stands matters here, so that RapidOCR's detection network alone is run.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.ocr_injection.engine import Rgb
from guardrail_detectors.ocr_injection.rapid import detection_model
from guardrail_detectors.onnx import open_session

Mask = NDArray[np.bool_]
"""Shape (height, width): True where text stands."""

SIDE = 512
"""Longest side of what the detection is shown: what a CLIP can read at 224 is legible at 512."""

_STEP = 32  # sides that the network takes are multiples of it
_WARM, _SURE = 0.3, 0.6  # heat that belongs to a line, and mean heat that makes one
_GROWTH = 1.8  # lines are shrunk in what it learns: area over perimeter, times that
_LEAST = 3.0  # pixels of a line's height, shrunk
_RING = 5  # pixels around a line whose colour it is painted in


class TextRegions:
    """Finds text; safe to call from several threads.

    Args:
        threads: CPU threads of one run.

    Raises:
        ModelError: The rapidocr package or its model is missing.
    """

    def __init__(self, threads: int) -> None:
        self._session = open_session(detection_model(None), threads, ("CPUExecutionProvider",))
        self._input = self._session.get_inputs()[0].name

    def __call__(self, picture: Rgb) -> Mask | None:
        """Where text stands in ``picture``, None where there is none."""
        height, width = picture.shape[:2]
        scale = min(1.0, SIDE / max(height, width))
        sides = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height)]
        shown = cv2.resize(picture[:, :, ::-1], sides, interpolation=cv2.INTER_AREA)
        planes = np.ascontiguousarray(shown.transpose(2, 0, 1)[None]).astype(np.float32)
        (heat,) = self._session.run(None, {self._input: planes * np.float32(2 / 255) - 1})
        mask = _lines(heat[0, 0])
        if not mask.any():
            return None
        return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST), bool)


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


def _lines(heat: NDArray[np.float32]) -> Any:
    """The rectangles of lines in a heat map, grown to what they were before they were shrunk.

    Source: Liao et al. 2020, arXiv:1911.08947, section 3.5.
    """
    found = np.zeros(heat.shape, np.uint8)
    contours, _ = cv2.findContours(
        (heat > _WARM).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
    )
    for contour in contours:
        middle, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < _LEAST:
            continue
        inside = np.zeros(heat.shape, np.uint8)
        cv2.drawContours(inside, [contour], -1, 1, -1)
        if heat[inside > 0].mean() < _SURE:
            continue
        more = _GROWTH * width * height / (width + height)
        grown = cv2.boxPoints((middle, (width + more, height + more), angle))
        cv2.fillPoly(found, [np.rint(grown).astype(np.int32)], 1)
    return found
