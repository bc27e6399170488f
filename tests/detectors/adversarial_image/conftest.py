"""A home for models and kept texts of its own for every test."""

from __future__ import annotations

import json
import math

import pytest

from guardrail_detectors.adversarial_image import measure
from guardrail_detectors.adversarial_image.disturbances import DISTURBANCES
from guardrail_detectors.clip import load_clip
from guardrail_detectors.weights import HOME_VARIABLE
from tests.detectors.clip.tiny import clip_folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    return tmp_path / "cache" / "mllm-guardrail"


@pytest.fixture
def calibrated(fragile, tmp_path, monkeypatch):
    """The fragile model is calibrated: blur and resize that move it by 0.003 score one half."""
    weights = {**dict.fromkeys(DISTURBANCES, 0.0), "blur": 2.0, "resize": 2.0}
    known = {"weights": weights, "offset": -4 * math.log(0.003), "calibrated_on": "a test of this"}
    key = measure.key_of(load_clip(str(fragile)))
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps({"*": {**known, "offset": 0.0}, key: known}))
    monkeypatch.setattr(measure, "CALIBRATION", path)
    measure.calibrations.cache_clear()
    yield
    measure.calibrations.cache_clear()


@pytest.fixture
def fragile(tmp_path):
    return clip_folder(tmp_path / "fragile", fragile=True)
