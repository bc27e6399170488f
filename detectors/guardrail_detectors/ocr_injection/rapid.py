"""RapidOCR: the PP-OCR models that its wheel ships, run in sessions of our own.

The package's own ``RapidOCR`` object is not used: it may download, logs in colour to stderr,
spins its threads between requests, and spends 16 ms a megapixel normalising in float64. What is
used are its weights and its two decoders (text boxes from the detection map, characters from the
recogniser's logits).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.ocr_injection.engine import Line, Quad, Rgb
from guardrail_detectors.onnx import open_session

_CODES = (
    "en ch chinese_cht japan fr de es it pt nl sv da no fi pl cs sk sl hr hu ro tr id ms vi et lv "
    "lt is ga cy eu ca gl la af sq sw tl uz az bs mt oc"
)
LANGUAGES = frozenset(_CODES.split())
"""Codes that the shipped recogniser reads: Latin scripts, Chinese and Japanese."""

_CPU = ("CPUExecutionProvider",)  # a GPU plans anew for each new shape, and no two lines are alike
_LINE_HEIGHT = 48  # what the recogniser was trained at
_MIN_WIDTH, _MAX_WIDTH = 96, 4096
_SURE = 0.80  # below it a line is tried upside down as well
_KEEP = 0.50  # below it what was read is noise more often than text


TILE = 768
"""Longest side in pixels of what the detector is shown.

The network averages over all it sees: one line of 14 pixels on an empty sheet is found on 800
pixels square and missed on 960, one of 30 pixels is missed on 1600.
"""

_BOX = 0.5
"""Mean heat that makes a box."""

_DECIDED = 0.8  # some pixel of a line of text has at least that
_SHARED = 64  # pixels that neighbouring tiles have in common
_COARSE = 512  # long side at which lines are looked for that are taller than a tile shows whole
_TALL = TILE / 6


class RapidEngine:
    """Detection and recognition by PP-OCR.

    Measured on two cores: detection costs 190 ms a megapixel whatever is on it, recognition 25 ms
    a line of 40 characters in batches of one (45 ms in batches of six, which pad to the longest).

    Args:
        languages: Each of ``LANGUAGES``; one model reads them all.
        weights: Folder with one ``*_det_*.onnx`` and one ``*_rec_*.onnx``; None for the package's.
        threads: CPU threads of each run.

    Raises:
        ModelError: The package or a model file is missing, or a language is not known.
    """

    def __init__(self, languages: Sequence[str], weights: Path | None, threads: int) -> None:
        check_languages("rapidocr", languages, LANGUAGES)
        folder = weights if weights is not None else _package_models()
        self._languages = tuple(languages)
        self._detector = open_session(_only(folder, "*_det_*.onnx"), threads, _CPU)
        self._recogniser = open_session(_only(folder, "*_rec_*.onnx"), threads, _CPU)
        self._boxes, self._characters = _decoders(self._recogniser)

    @property
    def languages(self) -> tuple[str, ...]:
        """As given."""
        return self._languages

    def read(self, pixels: Rgb) -> tuple[Line, ...]:
        """The lines of ``pixels``, each tried upside down too when it is read badly."""
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        lines = (self._line(bgr, quad) for quad in self._detect(bgr))
        return tuple(line for line in lines if line is not None)

    def _detect(self, bgr: Rgb) -> list[NDArray[np.float32]]:
        """Outlines of lines: of all but the tallest in tiles, of the tallest in the whole."""
        height, width = bgr.shape[:2]
        if max(height, width) <= TILE:
            return self._outlines(self._heat(bgr), bgr)
        heat = np.zeros((height, width), np.float32)
        for top, bottom in _cuts(height):
            for left, right in _cuts(width):
                part = heat[top:bottom, left:right]
                np.maximum(part, _decided(self._heat(bgr[top:bottom, left:right])), out=part)
        scale = _COARSE / max(height, width)
        coarse = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        tall = [quad for quad in self._outlines(self._heat(coarse), bgr) if _height(quad) > _TALL]
        return self._outlines(heat, bgr) + tall

    def _heat(self, bgr: Any) -> NDArray[np.float32]:
        """How likely each pixel is text, in [0, 1], shape (height, width)."""
        height, width = bgr.shape[:2]
        sides = (max(32, round(width / 32) * 32), max(32, round(height / 32) * 32))
        values = cv2.resize(bgr, sides) if sides != (width, height) else bgr
        (heat,) = self._detector.run(None, {self._detector.get_inputs()[0].name: _tensor(values)})
        return np.asarray(cv2.resize(heat[0, 0], (width, height)), np.float32)

    def _outlines(self, heat: NDArray[np.float32], bgr: Rgb) -> list[NDArray[np.float32]]:
        quads, _ = self._boxes(heat[None, None], bgr.shape[:2])
        return list(quads)

    def _line(self, bgr: Rgb, quad: NDArray[np.float32]) -> Line | None:
        crop = cut_out(bgr, quad)
        text, score = self._recognise(crop)
        if score < _SURE:
            turned_text, turned_score = self._recognise(np.ascontiguousarray(crop[::-1, ::-1]))
            if turned_score > score:
                text, score = turned_text, turned_score
        text = text.strip()
        return Line(text, score, _quad(quad)) if text and score >= _KEEP else None

    def _recognise(self, crop: Rgb) -> tuple[str, float]:
        height, width = crop.shape[:2]
        scaled = min(_MAX_WIDTH, max(1, math.ceil(_LINE_HEIGHT * width / height)))
        tensor = _tensor(cv2.resize(crop, (scaled, _LINE_HEIGHT)))
        room = max(0, _MIN_WIDTH - scaled)
        tensor = np.pad(tensor, ((0, 0), (0, 0), (0, 0), (0, room)))  # (1, 3, 48, W)
        (logits,) = self._recogniser.run(None, {self._recogniser.get_inputs()[0].name: tensor})
        (text, score), *_ = self._characters(logits)[0]
        return str(text), float(score)


def _cuts(length: int) -> list[tuple[int, int]]:
    """Equal stretches of at most ``TILE`` that cover ``length`` and share ``_SHARED``."""
    count = max(1, math.ceil((length - _SHARED) / (TILE - _SHARED)))
    step = (length - _SHARED) / count
    return [(round(n * step), min(length, round((n + 1) * step) + _SHARED)) for n in range(count)]


def _decided(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """``heat`` without the undecided level, up to 0.47, that an empty tile has all over.

    It lies above the threshold of outlines and would join what neighbouring tiles found to one
    large faint box.
    """
    return heat if heat.max() >= _DECIDED else np.where(heat < _BOX, np.float32(0), heat)


def _height(quad: NDArray[np.float32]) -> float:
    sides = (np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    return float(min(sides))


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


def cut_out(picture: Rgb, quad: NDArray[np.float32]) -> Rgb:
    """The content of ``quad`` made level; one taller than 1.5 of its width is laid on its side."""
    top, right = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[1])
    bottom, left = np.linalg.norm(quad[2] - quad[3]), np.linalg.norm(quad[3] - quad[0])
    width, height = max(1, int(max(top, bottom))), max(1, int(max(left, right)))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(quad.astype(np.float32), level)
    crop = cv2.warpPerspective(
        picture, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if height >= 1.5 * width:
        crop = cv2.rotate(crop, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return np.asarray(crop, np.uint8)


def _tensor(bgr: Any) -> NDArray[np.float32]:
    planes = np.ascontiguousarray(bgr.transpose(2, 0, 1)[None]).astype(np.float32)  # (1, 3, H, W)
    return planes * np.float32(2 / 255) - np.float32(1)


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


def detection_model(weights: Path | None) -> Path:
    """The file of the network that finds lines of text.

    Args:
        weights: Folder with one ``*_det_*.onnx``; None for the package's.

    Raises:
        ModelError: The package or the file is missing.
    """
    return _only(weights if weights is not None else _package_models(), "*_det_*.onnx")


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


def _decoders(recogniser: Any) -> tuple[Any, Any]:
    """RapidOCR's functions from a detection map to boxes and from logits to characters."""
    from rapidocr.ch_ppocr_det.utils import DBPostProcess  # noqa: PLC0415 - 0.6 s
    from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode  # noqa: PLC0415 - 0.6 s

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    characters = recogniser.get_modelmeta().custom_metadata_map.get("character", "")
    if not characters:
        raise ModelError("the recogniser names no characters in its metadata; use rapidocr's own")
    boxes = DBPostProcess(thresh=0.3, box_thresh=0.5, unclip_ratio=1.6, use_dilation=True)
    return boxes, CTCLabelDecode(character=characters.splitlines())
