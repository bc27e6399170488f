"""How far a CLIP's mind moves when a picture is disturbed, and what that says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydantic import BaseModel, ConfigDict

from guardrail.detector import Pixels
from guardrail_detectors.adversarial_image.disturbances import DISTURBANCES
from guardrail_detectors.clip import ClipModel
from guardrail_detectors.ocr_injection.engine import Rgb

CALIBRATION = Path(__file__).with_name("calibration.json")
"""For each model that was calibrated under ``key_of``, and for all others under "*"."""

_FLOOR = 1e-4  # of a distance, below what eight bits tell apart

Distances = NDArray[np.float64]
"""Shape (pictures, disturbances)."""


class Calibration(BaseModel):
    """Logistic regression on the logarithms of the distances.

    Attributes:
        weights: For each disturbance. A negative one makes it the measure of how touchy the
            embedding of this picture is anyway, which the others are compared with.
        offset: Added.
        calibrated_on: Which pictures and attacks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    weights: dict[str, float]
    offset: float
    calibrated_on: str

    def scores(self, distances: Distances) -> NDArray[np.float64]:
        """Scores in [0, 1], shape (pictures,)."""
        weights = np.array([self.weights[name] for name in DISTURBANCES])
        logits = logarithms(distances) @ weights + self.offset
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))))


def logarithms(distances: Distances) -> Distances:
    """Of distances, those too small to be told apart alike."""
    return np.log(np.maximum(distances, _FLOOR))


@cache
def calibrations() -> dict[str, Calibration]:
    """What ``calibration.json`` holds."""
    content = json.loads(CALIBRATION.read_text("utf-8"))
    return {name: Calibration.model_validate(one) for name, one in content.items()}


def key_of(model: ClipModel, variant: str | None = None) -> str:
    """The name of a model's calibration: a tower that was trained anew needs another."""
    manifest = model.folder.folder.manifest
    return f"{manifest.name}@{manifest.files[model.folder.visual(variant)].sha256[:12]}"


def calibration_of(key: str) -> Calibration:
    """The calibration under ``key``; the general one where there is none."""
    known = calibrations()
    return known.get(key, known["*"])


def as_seen(model: ClipModel, picture: Pixels) -> Rgb:
    """The picture at the size that the network sees, squashed to a square."""
    size = model.folder.preprocess.size
    small = Pillow.fromarray(picture).resize((size, size), Pillow.Resampling.BICUBIC)
    return np.asarray(small)


def distances(model: ClipModel, pictures: Sequence[Pixels]) -> Distances:
    """For each picture and disturbance 1 minus the cosine between before and after.

    The disturbances work at the network's own size: those of a larger picture's pixels would be
    averaged away before the network saw them.
    """
    prepare = model.folder.preprocess
    found = []
    for picture in pictures:
        seen = as_seen(model, picture)
        shown = [seen, *(disturb(seen) for disturb in DISTURBANCES.values())]
        before, *after = model.pictures([prepare(one) for one in shown])
        found.append([1.0 - float(before @ one) for one in after])
    return np.array(found, np.float64).reshape(len(pictures), len(DISTURBANCES))
