"""Slight changes that leave a picture what it is, and undo what was computed into it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image as Pillow

from guardrail_detectors.ocr_injection.engine import Rgb

_QUALITY = 60
_NOISE = 5.0  # standard deviation in grey levels
_SEED = 20_261_128  # the same noise for every picture: the same picture has the same score


def recompressed(picture: Rgb) -> Rgb:
    """As JPEG of quality 60 and back."""
    out = io.BytesIO()
    Pillow.fromarray(picture).save(out, "JPEG", quality=_QUALITY)
    return np.asarray(Pillow.open(out))


def blurred(picture: Rgb) -> Rgb:
    """By a Gaussian of one pixel."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)


def shrunk(picture: Rgb) -> Rgb:
    """To two thirds of its size and back."""
    height, width = picture.shape[:2]
    sides = (max(1, width * 2 // 3), max(1, height * 2 // 3))
    small = cv2.resize(picture, sides, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def noisy(picture: Rgb) -> Rgb:
    """With five grey levels of noise, the same for all pictures of one shape."""
    noise = np.random.default_rng(_SEED).normal(0, _NOISE, picture.shape)
    return np.asarray(np.clip(np.rint(picture + noise), 0, 255), np.uint8)


def cleaned(picture: Rgb) -> Rgb:
    """By a median of three pixels by three."""
    return np.asarray(cv2.medianBlur(picture, 3), np.uint8)


DISTURBANCES: Mapping[str, Callable[[Rgb], Rgb]] = {
    "jpeg": recompressed,
    "blur": blurred,
    "resize": shrunk,
    "noise": noisy,
    "median": cleaned,
}
"""Each keeps the shape."""
