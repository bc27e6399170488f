"""Intent heads on the tiny CLIP: red asks who somebody is, green what they are."""

from __future__ import annotations

import shutil

import pytest

from guardrail_detectors.clip import load_clip
from guardrail_detectors.weights import HOME_VARIABLE
from guardrail_training.person_intent.train import fit, write
from tests.detectors.clip.tiny import clip_folder
from tests.training.person_intent.test_train import rows


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The CLIP and the heads, made once."""
    path = tmp_path_factory.mktemp("person_inference")
    model = load_clip(str(clip_folder(path / "tiny")))
    embeddings = model.texts([one.text for one in rows()])
    heads = [fit(rows(), embeddings, name) for name in ("identity", "ungrounded_inference")]
    write(heads, model, rows(), path / "heads")
    return path


@pytest.fixture
def settings(made, tmp_path):
    """The names that a policy would give; the heads are the test's own."""
    heads = shutil.copytree(made / "heads", tmp_path / "heads")
    return {"intent": str(heads), "text_model": str(made / "tiny")}
