"""EasyOCR: CRAFT and CRNN on torch; the one place of the run-time path that imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from guardrail.errors import ModelError
from guardrail_detectors.ocr_injection.engine import Line, Quad, Rgb

_CODES = {"ch": "ch_sim", "chinese_cht": "ch_tra", "japan": "ja", "korean": "ko"}
# What RapidOCR does by itself: lines that are turned, small ones, and pictures up to max_side.
_AS_THE_OTHER = {"rotation_info": [90, 180, 270], "min_size": 5, "canvas_size": 4096}
_KEEP = 0.30  # EasyOCR's confidence is a product over characters and falls with length


class EasyEngine:
    """Detection and recognition by EasyOCR on the CPU.

    Args:
        languages: EasyOCR's own codes, or ``ch``, ``chinese_cht``, ``japan``, ``korean``.
        weights: Folder with its ``.pth`` files; None for ``~/.EasyOCR/model``.

    Raises:
        ModelError: The package, its weights or a language are missing; nothing is downloaded.
    """

    def __init__(self, languages: Sequence[str], weights: Path | None) -> None:
        self._languages = tuple(languages)
        self._reader = _reader([_CODES.get(one, one) for one in languages], weights)
        self._one_at_a_time = Lock()

    @property
    def languages(self) -> tuple[str, ...]:
        """As given."""
        return self._languages

    @property
    def certain(self) -> float:
        """0: the score is a product over characters, and lower for long lines read right."""
        return 0.0

    def read(self, pixels: Rgb) -> tuple[Line, ...]:
        """The lines of ``pixels``; one thread at a time, torch uses all cores for each."""
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        with self._one_at_a_time:
            found = self._reader.readtext(bgr, **_AS_THE_OTHER)
        lines = (
            Line(str(text).strip(), float(score), _quad(points)) for points, text, score in found
        )
        return tuple(line for line in lines if line.text and line.score >= _KEEP)


def _reader(codes: list[str], weights: Path | None) -> Any:
    folder = weights if weights is not None else Path.home() / ".EasyOCR" / "model"
    try:
        import easyocr  # noqa: PLC0415 - brings torch
    except ImportError as error:
        raise ModelError(
            "ocr_injection: engine: 'easyocr' needs the easyocr package; "
            "install it: pip install 'mllm-guardrail[easyocr]'"
        ) from error
    try:
        return easyocr.Reader(
            codes,
            gpu=False,
            model_storage_directory=str(folder),
            download_enabled=False,
            verbose=False,
        )
    except OSError as error:  # absent, altered, or a home that cannot be written
        fetch = f"easyocr.Reader({codes!r}, model_storage_directory={str(folder)!r})"
        raise ModelError(
            f"EasyOCR's weights for {codes!r} are not in {folder}: {error}; fetch them on a "
            f'machine with a network: python -c "import easyocr; {fetch}"'
            ", or name a folder that has them under with: weights:"
        ) from error
    except ValueError as error:
        raise ModelError(
            f"ocr_injection: with: languages: EasyOCR does not read {codes!r} together: {error}"
        ) from error


def _quad(points: Sequence[Sequence[float]]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in points)
    return (a, b, c, d)
