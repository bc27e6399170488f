"""Outlines of lines in a detection network's heat map, and what they hold, made level."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.ocr_injection.engine import Rgb

Corners = NDArray[np.float32]
"""Shape (4, 2): x and y of the corners, clockwise from the top left."""

Heat = NDArray[np.float32]
"""How likely each pixel is text, in [0, 1], shape (height, width)."""

_WARM = 0.3  # heat that belongs to a line
_BOX = 0.5  # mean heat that makes a box
_GROWTH = 1.6  # the network is trained to shrink lines by this: area over perimeter, times that
_LEAST = 3.0  # pixels of a line's height before it grows
_MOST = 2000  # lines of a picture, largest first


def outlines(heat: Heat) -> list[Corners]:
    """The lines in ``heat``, each the smallest rectangle in any direction, grown.

    Source: Liao et al. 2020, "Real-time scene text detection with differentiable binarization",
    arXiv:1911.08947, section 3.5.
    """
    warm = cv2.dilate(np.asarray(heat > _WARM, np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(warm, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    # Largest first: specks in any number must not keep a line from being looked at.
    rectangles = sorted((cv2.minAreaRect(one) for one in contours), key=_area, reverse=True)
    height, width = heat.shape
    found: list[Corners] = []
    for rectangle in rectangles[:_MOST]:
        if min(rectangle[1]) < _LEAST or _mean(heat, _corners(rectangle)) < _BOX:
            continue
        grown = _corners(_grown(rectangle))
        found.append(np.clip(np.rint(grown), 0, (width, height)).astype(np.float32))
    return found


def height_of(quad: Corners) -> float:
    """The shorter side of ``quad``."""
    return float(min(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[1])))


def ends(quad: Corners, most: float) -> list[Corners]:
    """Both ends of ``quad``, each ``most`` times as long as it is high; all of a shorter one."""
    across = float(np.linalg.norm(quad[1] - quad[0]))
    down = float(np.linalg.norm(quad[2] - quad[1]))
    part = most * min(across, down) / max(across, down, 1.0)
    if part >= 0.5:
        return [quad]
    a, b, c, d = quad if across > down else np.roll(quad, 1, axis=0)  # a to b is a long side
    first = np.array([a, a + (b - a) * part, d + (c - d) * part, d], np.float32)
    last = np.array([b + (a - b) * part, b, c, c + (d - c) * part], np.float32)
    return [first, last]


def cut_out(picture: Any, quad: Corners) -> tuple[Any, Corners]:
    """The content of ``quad`` made level, and ``quad`` with its corners in reading order.

    One taller than 1.5 of its width is laid on its side: its first corner is then the lower left.

    Args:
        picture: Shape (height, width) or (height, width, 3).
        quad: On the picture.
    """
    top, right = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[1])
    bottom, left = np.linalg.norm(quad[2] - quad[3]), np.linalg.norm(quad[3] - quad[0])
    width, height = max(1, int(max(top, bottom))), max(1, int(max(left, right)))
    if height >= 1.5 * width:
        quad, width, height = np.roll(quad, 1, axis=0), height, width
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(quad.astype(np.float32), level)
    crop = cv2.warpPerspective(
        picture, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return crop, quad


def straightened(crop: Rgb, heat: Heat) -> Rgb | None:
    """A line that runs in a curve made straight, None where it is straight.

    Args:
        crop: The line, level, shape (height, width, 3).
        heat: Of the same pixels.
    """
    height, width = heat.shape
    warm = np.asarray(heat > _WARM, np.float32)
    thick = warm.sum(axis=0)  # (width,)
    there = np.flatnonzero(thick > 1)
    if there.size < 2:
        return None
    rows = np.arange(height, dtype=np.float32)[:, None]
    middle = (warm * rows).sum(axis=0)[there] / thick[there]
    half = float(np.median(thick[there]))  # of a line that was shrunk to half its height
    smooth = max(3, int(half)) | 1
    line = np.interp(np.arange(width), there, middle).astype(np.float32)
    line = cv2.blur(line[None], (smooth, 1), borderType=cv2.BORDER_REPLICATE)[0]
    if np.ptp(line) < 0.5 * half:
        return None
    reach = np.arange(-half * 1.2, half * 1.2 + 1, dtype=np.float32)[:, None]
    across = np.broadcast_to(np.arange(width, dtype=np.float32), (reach.size, width))
    down = np.ascontiguousarray(line[None] + reach, np.float32)
    straight = cv2.remap(
        crop, np.ascontiguousarray(across), down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(straight, np.uint8)


def _area(rectangle: Any) -> float:
    return float(rectangle[1][0] * rectangle[1][1])


def _grown(rectangle: Any) -> Any:
    middle, (width, height), angle = rectangle
    more = 2 * _GROWTH * width * height / (2 * (width + height))
    return middle, (width + more, height + more), angle


def _corners(rectangle: Any) -> Corners:
    """The corners of an OpenCV rectangle: of the two left ones the upper first, then clockwise."""
    points = sorted(cv2.boxPoints(rectangle).tolist())
    (a, b), (c, d) = sorted(points[:2], key=lambda p: p[1]), sorted(points[2:], key=lambda p: p[1])
    return np.array([a, c, d, b], np.float32)


def _mean(heat: Heat, quad: Corners) -> float:
    """The mean heat in ``quad``."""
    height, width = heat.shape
    low = np.clip(np.floor(quad.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(quad.max(axis=0)), 0, (width - 1, height - 1)).astype(int) + 1
    inside = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(inside, [(quad - low).astype(np.int32)], 1)
    return float(cv2.mean(heat[low[1] : high[1], low[0] : high[0]], inside)[0])
