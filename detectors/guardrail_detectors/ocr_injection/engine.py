"""The seam for OCR engines: pixels in, lines of text with their outlines out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from guardrail.types import Box
from guardrail_detectors.weights import digest_of

Rgb = NDArray[np.uint8]
"""A picture of shape (height, width, 3), red first."""

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Corners (x, y) of a line in pixels: top left, top right, bottom right, bottom left as read."""

EngineName = Literal["rapidocr", "easyocr"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as an engine read it.

    Attributes:
        text: Never empty, without surrounding space.
        score: The engine's own mean confidence in the characters, in [0, 1].
        quad: In the coordinates of the array that was read.
    """

    text: str
    score: float
    quad: Quad


def box_around(lines: Sequence[Line], frame: int = 0) -> Box:
    """The smallest rectangle of whole pixels around ``lines``, one at least."""
    xs = [x for line in lines for x, _ in line.quad]
    ys = [y for line in lines for _, y in line.quad]
    left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
    return Box(
        left, top, max(left + 1, math.ceil(max(xs))), max(top + 1, math.ceil(max(ys))), frame
    )


class OcrEngine(Protocol):
    """Reads the text of a picture; safe to call from several threads at once."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What it was made to read, e.g. ``("en", "ch")``."""
        ...

    @property
    def certain(self) -> float:
        """Least score of lines that are what they were read as; 0 when scores do not tell."""
        ...

    def read(self, pixels: Rgb) -> tuple[Line, ...]:
        """The lines of ``pixels``, in no particular order."""
        ...


_LOADING = Lock()


def load_engine(
    name: EngineName, languages: Sequence[str], weights: Path | None, threads: int
) -> OcrEngine:
    """The engine with these settings, loaded once a process however many detectors ask.

    Args:
        name: Which engine.
        languages: Codes as in ``en``, ``ch``; each engine lists those it knows.
        weights: Folder of the engine's model files, None for where its package keeps them.
        threads: CPU threads of one reading.

    Raises:
        ModelError: The package, its weights or a language are missing.
    """
    with _LOADING:
        return _load(name, tuple(languages), (weights, digest_of(weights)), threads)


@lru_cache(maxsize=8)
def _load(
    name: EngineName, languages: tuple[str, ...], key: tuple[Path | None, str], threads: int
) -> OcrEngine:
    weights, _ = key
    if name == "rapidocr":
        from guardrail_detectors.ocr_injection.rapid import RapidEngine  # noqa: PLC0415 - 0.6 s

        return RapidEngine(languages, weights, threads)
    from guardrail_detectors.ocr_injection.easy import EasyEngine  # noqa: PLC0415 - torch

    return EasyEngine(languages, weights)
