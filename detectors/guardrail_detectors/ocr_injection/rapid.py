"""RapidOCR: the PP-OCR models that its wheel ships, run in sessions of our own.

Of the package only the weights are used. Its own ``RapidOCR`` object may download, logs in colour
to stderr, spins its threads between requests, and looks at the first thousand specks of a picture
alone, so that a thousand dots hide a line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.ocr_injection.engine import Line, Quad, Rgb
from guardrail_detectors.ocr_injection.outlines import (
    Corners,
    Heat,
    cut_out,
    height_of,
    outlines,
    straightened,
)
from guardrail_detectors.ocr_injection.regions import CELL, Region, busy_regions
from guardrail_detectors.onnx import open_session

T = TypeVar("T")
R = TypeVar("R")

_CODES = (
    "en ch chinese_cht japan fr de es it pt nl sv da no fi pl cs sk sl hr hu ro tr id ms vi et lv "
    "lt is ga cy eu ca gl la af sq sw tl uz az bs mt oc"
)
LANGUAGES = frozenset(_CODES.split())
"""Codes that the shipped recogniser reads: Latin scripts, Chinese and Japanese."""

_CPU = ("CPUExecutionProvider",)  # a GPU plans anew for each new shape, and no two lines are alike
_LINE_HEIGHT = 48  # what the recogniser was trained at
_MIN_WIDTH, _MAX_WIDTH = 96, 4096
_SURE = 0.90  # below it a line is tried upside down as well; some read 0.80 on their heads
_KEEP = 0.50  # below it what was read is noise more often than text
_SPACE = 0.25  # likely enough: squeezed print has narrow spaces

TILE = 768
"""Longest side in pixels of what the detector is shown.

The network averages over all it sees: one line of 14 pixels on an empty sheet is found on 800
pixels square and missed on 960, one of 30 pixels is missed on 1600.
"""

_DECIDED = 0.8  # some pixel of a line of text has at least that
_UNDECIDED = 0.5  # an empty tile is up to 0.47 warm all over
_COARSE = 4  # times smaller is the whole picture in which tall lines are looked for
_COARSE_LEAST = 256  # pixels of a side that is not made smaller any more
_TALL = 48  # pixels of a line that is 12 high in the coarse picture


class RapidEngine:
    """Detection and recognition by PP-OCR.

    Tiles and lines are worked on side by side, one thread each: a thread is busy for all of a
    network's run, where two that share one run wait for each other between its 460 operators.

    Args:
        languages: Each of ``LANGUAGES``; one model reads them all.
        weights: Folder with one ``*_det_*.onnx`` and one ``*_rec_*.onnx``; None for the package's.
        threads: Runs at one time.

    Raises:
        ModelError: The package or a model file is missing, or a language is not known.
    """

    def __init__(self, languages: Sequence[str], weights: Path | None, threads: int) -> None:
        check_languages("rapidocr", languages, LANGUAGES)
        folder = weights if weights is not None else _package_models()
        self._languages = tuple(languages)
        self._detector = open_session(_only(folder, "*_det_*.onnx"), 1, _CPU)
        self._recogniser = open_session(_only(folder, "*_rec_*.onnx"), 1, _CPU)
        self._characters = _characters(self._recogniser)
        self._pool = ThreadPoolExecutor(threads, "rapidocr") if threads > 1 else None

    @property
    def languages(self) -> tuple[str, ...]:
        """As given."""
        return self._languages

    @property
    def certain(self) -> float:
        """Print that was read right has more, however it was hidden; see ``certainty``."""
        return 0.92

    def read(self, pixels: Rgb) -> tuple[Line, ...]:
        """The lines of ``pixels``, each tried upside down, and straightened, when read badly."""
        quads, heat = self.detect(pixels)
        return tuple(line for line in self.lines(pixels, quads, heat) if line is not None)

    def _each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        return list(map(work, items) if self._pool is None else self._pool.map(work, items))

    def detect(self, pixels: Rgb) -> tuple[list[Corners], Heat]:
        """Outlines of lines, and the heat of the tiles: of tall lines the whole is asked."""
        height, width = pixels.shape[:2]
        regions = busy_regions(pixels, TILE)
        scale = max(1 / _COARSE, min(1.0, _COARSE_LEAST / max(height, width)))
        sides = (max(1, round(width * scale)), max(1, round(height * scale)))
        coarse = np.asarray(cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA), np.uint8)
        heats = self._each(self._heat, [*(region.of(pixels) for region in regions), coarse])
        heat = _joined(heats[:-1], regions, (height, width))
        quads = outlines(heat)
        ratio = np.array((width, height), np.float32) / sides
        grown = [np.asarray(quad * ratio, np.float32) for quad in outlines(heats[-1])]
        return quads + _tall(grown, quads, (height, width)), heat

    def _heat(self, pixels: Rgb) -> Heat:
        """How likely each pixel is text, in [0, 1], shape (height, width)."""
        height, width = pixels.shape[:2]
        whole = Region(0, 0, -(-width // CELL) * CELL, -(-height // CELL) * CELL).of(pixels)
        (heat,) = self._detector.run(None, {self._detector.get_inputs()[0].name: _tensor(whole)})
        return np.asarray(heat[0, 0, :height, :width], np.float32)

    def lines(self, pixels: Rgb, quads: Sequence[Corners], heat: Heat) -> list[Line | None]:
        """What each of ``quads`` holds, outlines of ``detect`` or parts of them; None for no text.

        Args:
            pixels: What ``detect`` was shown.
            quads: On ``pixels``.
            heat: That ``detect`` gave.
        """
        return self._each(lambda quad: self._line(pixels, quad, heat), quads)

    def _line(self, pixels: Rgb, quad: Corners, heat: Heat) -> Line | None:
        crop, quad = cut_out(pixels, quad)
        text, score = self._recognise(crop)
        if score < _SURE:
            turned_text, turned_score = self._recognise(crop[::-1, ::-1])
            if turned_score > score:
                text, score, quad = turned_text, turned_score, np.roll(quad, 2, axis=0)
        if score < _SURE and (straight := straightened(crop, cut_out(heat, quad)[0])) is not None:
            text, score = max((text, score), self._recognise(straight), key=lambda one: one[1])
        text = text.strip()
        return Line(text, score, _quad(quad)) if text and score >= _KEEP else None

    def _recognise(self, crop: Rgb) -> tuple[str, float]:
        """The text, and the mean of its characters' probabilities."""
        height, width = crop.shape[:2]
        scaled = min(_MAX_WIDTH, max(1, math.ceil(_LINE_HEIGHT * width / height)))
        tensor = _tensor(cv2.resize(crop, (scaled, _LINE_HEIGHT)))
        room = max(0, _MIN_WIDTH - scaled)
        tensor = np.pad(tensor, ((0, 0), (0, 0), (0, 0), (0, room)))  # (1, 3, 48, W)
        (steps,) = self._recogniser.run(None, {self._recogniser.get_inputs()[0].name: tensor})
        return self._decoded(steps[0])

    def _decoded(self, steps: NDArray[np.float32]) -> tuple[str, float]:
        """What the steps say, shape (steps, characters): a run of one character is one, 0 none.

        Source: Graves et al. 2006, connectionist temporal classification, section 3.1. Words that
        the best path runs together are parted where a space is likely enough.
        """
        best = steps.argmax(axis=1)
        kept = best != 0
        kept[1:] &= best[1:] != best[:-1]
        if not kept.any():
            return "", 0.0
        places = np.flatnonzero(kept)
        sure = steps[places, best[places]]
        text = "".join(map(self._characters.__getitem__, best[places].tolist()))
        gaps = np.maximum.reduceat(steps[:, -1], places)[:-1]  # likeliest space after each but last
        for number in np.flatnonzero(gaps >= _SPACE)[::-1]:
            text = _parted(text, int(number) + 1)
        return text, float(sure.mean())


def _parted(text: str, place: int) -> str:
    """``text`` with a space at ``place``, when words stand on both sides.

    A letter alone is no word, but for "a" and "I".
    """
    before, after = text[:place].rpartition(" ")[2], text[place:].partition(" ")[0]
    between = before[-1:].isalpha() and after[:1].isalpha()
    words = all(len(part) > 1 or part in "aAI" for part in (before, after))
    return f"{text[:place]} {text[place:]}" if between and words else text


def _joined(heats: Sequence[Heat], regions: Sequence[Region], shape: tuple[int, int]) -> Heat:
    """The tiles' heat as one map of ``shape``, 0 between them."""
    whole = np.zeros(shape, np.float32)
    for heat, region in zip(heats, regions, strict=True):
        part = whole[region.top : region.bottom, region.left : region.right]
        np.maximum(part, _decided(heat)[: part.shape[0], : part.shape[1]], out=part)
    return whole


def _decided(heat: Heat) -> Heat:
    """``heat`` without the undecided level that an empty tile has all over.

    It lies above the threshold of outlines and would join what neighbouring tiles found to one
    large faint box.
    """
    return heat if heat.max() >= _DECIDED else np.where(heat < _UNDECIDED, np.float32(0), heat)


def _tall(
    coarse: Sequence[Corners], fine: Sequence[Corners], shape: tuple[int, int]
) -> list[Corners]:
    """Those of ``coarse`` that are tall, unless outlines of ``fine`` hold half of them.

    Those too tall for a tile are kept anyway: what tiles hold of them ends at the tiles' edges.
    """
    tall = [quad for quad in coarse if height_of(quad) >= _TALL]
    if not tall:
        return []
    height, width = (-(-side // _COARSE) for side in shape)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [(quad / _COARSE).astype(np.int32) for quad in fine], 1)
    missed: list[Corners] = []
    for quad in tall:
        small = (quad / _COARSE).astype(np.float32)
        inside, _ = cut_out(mask, small)
        if inside.mean() < 0.5 or height_of(quad) >= TILE / 6:
            missed.append(quad.astype(np.float32))
    return missed


def check_languages(engine: str, languages: Sequence[str], known: frozenset[str]) -> None:
    """Nothing, when ``known`` holds all ``languages`` and there is one at least.

    Raises:
        ModelError: Names the first that is missing and lists those known.
    """
    missing = [one for one in languages if one not in known]
    if missing or not languages:
        wrong = f"no language {missing[0]!r}" if missing else "no language given"
        raise ModelError(
            f"ocr_injection: with: languages: {wrong} in the {engine} engine; "
            f"it knows: {', '.join(sorted(known))}"
        )


def _tensor(rgb: Any) -> NDArray[np.float32]:
    """``rgb`` as the networks take it: blue first, in [-1, 1], shape (1, 3, height, width)."""
    planes = np.empty((1, 3, *rgb.shape[:2]), np.float32)
    for channel, values in enumerate(cv2.split(rgb)):  # ten times as fast as a transposed array
        plane = planes[0, 2 - channel]
        np.multiply(values, np.float32(2 / 255), out=plane)
        plane -= 1
    return planes


def _quad(points: NDArray[np.float32]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in points)
    return (a, b, c, d)


def _package_models() -> Path:
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "the rapidocr package is missing; install it: pip install 'rapidocr>=3.10'"
        )
    return Path(spec.submodule_search_locations[0]) / "models"


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ModelError(
            f"{folder}: expected one file {pattern!r}, found {names}; the wheel of rapidocr 3.10 "
            "ships them: pip install --force-reinstall 'rapidocr>=3.10', or name a folder that "
            "has them under with: weights:"
        )
    return found[0]


def _characters(recogniser: Any) -> list[str]:
    """The recogniser's characters by index; nothing is at 0, the space is last."""
    names = recogniser.get_modelmeta().custom_metadata_map.get("character", "")
    if not names:
        raise ModelError("the recogniser names no characters in its metadata; use rapidocr's own")
    return ["", *names.splitlines(), " "]
