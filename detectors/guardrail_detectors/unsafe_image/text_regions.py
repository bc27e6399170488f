"""Where text stands in a picture, and the picture with it painted over.

A CLIP reads: the word ``pizza`` on a sticker makes a gun a pizza, and the word ``gun`` an apple a
gun (Goh et al. 2021, "Multimodal neurons in artificial neural networks", section on typographic
attacks). RapidOCR finds where text stands. Textures look like text to it in half of all
photographs, and painting those over moves a score as much as a sticker does: so the largest finds
are read, and what says nothing is told apart from what does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.ocr_injection.engine import Line, Rgb, load_engine
from guardrail_detectors.ocr_injection.outlines import Corners, ends

Mask = NDArray[np.bool_]
"""Shape (height, width): True where text stands."""


class Text(NamedTuple):
    """Where text stands in a picture, and where something stands that only looks like it.

    Attributes:
        read: What says something.
        unread: What says nothing, for all that was tried: a texture, or letters bent too far.
    """

    read: Mask
    unread: Mask


SIDE = 512
"""Longest side of the picture that text is looked for in: what a CLIP can read at 224 pixels is
legible at 512."""

_READ = 4  # finds of a picture that are read, largest first; 10 to 15 ms each
_END = 3.0  # times its height: an end of a line, which says whether it is one
_LARGE = 0.25  # part of a picture beyond which a find is no line, and is not read
_SURE = 0.7  # least score of what is read
_COARSE = 192  # longest side at which regions are filled
_REACH = 4  # pixels there that a filled one is mixed from


class TextRegions:
    """Finds text; safe to call from several threads.

    The engine is the one that ``ocr_injection`` uses by default, loaded once for both.

    Args:
        threads: Tiles and lines that are worked on at one time.

    Raises:
        ModelError: The rapidocr package or its model is missing.
    """

    def __init__(self, threads: int = 2) -> None:
        from guardrail_detectors.ocr_injection.rapid import RapidEngine  # noqa: PLC0415 - 0.6 s

        engine = load_engine("rapidocr", ("en", "ch"), None, threads)
        if not isinstance(engine, RapidEngine):
            raise ModelError(f"text is found by RapidOCR alone, not by {type(engine).__name__}")
        self._engine = engine

    def __call__(self, picture: Rgb) -> Text | None:
        """Where text stands in ``picture``, None where nothing looks like it."""
        height, width = picture.shape[:2]
        scale = min(1.0, SIDE / max(height, width))
        sides = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = np.asarray(cv2.resize(picture, sides, interpolation=cv2.INTER_AREA), np.uint8)
        read, unread = self._sorted(small)
        if not read and not unread:
            return None
        return Text(*(_mask(quads, sides, (width, height)) for quads in (read, unread)))

    def _sorted(self, picture: Rgb) -> tuple[list[Corners], list[Corners]]:
        """Finds that say something, and those that do not; the smaller ones go with the larger."""
        found, heat = self._engine.detect(picture)
        most = _LARGE * picture.shape[0] * picture.shape[1]
        sized = sorted(((cv2.contourArea(quad), quad) for quad in found), key=lambda one: -one[0])
        unread = [quad for area, quad in sized if area > most]
        lines = [quad for area, quad in sized if area <= most]
        read: list[Corners] = []
        largest = lines[:_READ]
        parts = [(number, end) for number, quad in enumerate(largest) for end in ends(quad, _END)]
        said = self._engine.lines(picture, [end for _, end in parts], heat)
        # A thing with a word on its middle is no line: both of its ends have to say something.
        silent = {number for (number, _), line in zip(parts, said, strict=True) if not _says(line)}
        for number, quad in enumerate(largest):
            (unread if number in silent else read).append(quad)
        (read or unread).extend(lines[_READ:])
        return read, unread


def _mask(quads: Sequence[Corners], sides: tuple[int, int], whole: tuple[int, int]) -> Mask:
    mask = np.zeros(sides[::-1], np.uint8)
    for quad in quads:
        cv2.fillConvexPoly(mask, np.rint(quad).astype(np.int32), 1)
    return np.asarray(cv2.resize(mask, whole, interpolation=cv2.INTER_NEAREST), bool)


def _says(line: Line | None) -> bool:
    return line is not None and line.score >= _SURE and any(map(str.isalnum, line.text))


def without_text(picture: Rgb, mask: Mask) -> Rgb:
    """``picture`` with the regions of ``mask`` filled from what surrounds them.

    At a coarse scale: a network that sees the whole needs no texture there, and the cost stays
    within milliseconds.

    Source: Telea 2004, "An image inpainting technique based on the fast marching method".
    """
    if mask.all():
        return np.full_like(picture, 127)
    height, width = picture.shape[:2]
    scale = min(1.0, _COARSE / max(height, width))
    sides = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, sides, interpolation=cv2.INTER_AREA)
    holes = cv2.resize(mask.astype(np.float32), sides, interpolation=cv2.INTER_AREA) > 0
    filled = cv2.inpaint(small, holes.astype(np.uint8), _REACH, cv2.INPAINT_TELEA)
    whole = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(mask[:, :, None], whole, picture)
