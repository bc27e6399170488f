"""A home for models and kept texts of its own for every test."""

from __future__ import annotations

import pytest

from guardrail_detectors.weights import HOME_VARIABLE
from tests.detectors.clip.tiny import clip_folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    return tmp_path / "cache" / "mllm-guardrail"


@pytest.fixture
def tiny(tmp_path):
    return clip_folder(tmp_path / "tiny", ("weapons", "drugs"))
