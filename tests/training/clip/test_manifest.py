from __future__ import annotations

import json

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip import ClipFolder, ClipModel
from guardrail_detectors.weights import load_model_folder
from guardrail_training.clip.heads import Head, Layer, write_heads
from guardrail_training.clip.manifest import About, amend
from tests.detectors.clip.tiny import LENGTH, clip_folder


def headed(folder, labels=("weapons", "fire")):
    import numpy as np

    rng = np.random.default_rng(0)
    heads = [Head(name, (Layer(rng.normal(size=(LENGTH, 1)), np.zeros(1)),)) for name in labels]
    write_heads(heads, folder / "heads.onnx")
    return About("amended", "2", "Apache-2.0", "made by a test", labels, data={"pictures": 3})


def test_an_amended_folder_passes_its_golden_test_with_the_new_heads(tmp_path):
    folder = clip_folder(tmp_path / "x")

    amend(folder, headed(folder))

    model = ClipModel(ClipFolder.read(load_model_folder(str(folder))))
    model.self_test()
    assert model.labels == ("weapons", "fire")


def test_the_golden_scores_are_the_heads_own(tmp_path):
    folder = clip_folder(tmp_path / "x")
    amend(folder, headed(folder))

    scores = [one["scores"] for one in json.loads((folder / "golden.json").read_text())["pictures"]]

    assert all(set(one) == {"weapons", "fire"} for one in scores)
    assert len({one["fire"] for one in scores}) > 1


def test_figures_are_added_and_the_rest_replaced(tmp_path):
    folder = clip_folder(tmp_path / "x")
    about = headed(folder)
    amend(folder, about)

    found = amend(
        folder,
        About(**{name: getattr(about, name) for name in about.__slots__} | {"metrics": {"one": 1}}),
    )

    assert (found.name, found.version, found.training_command) == ("amended", "2", "made by a test")
    assert found.metrics["one"] == 1
    assert found.training_data == {"pictures": 3}


def test_heads_can_be_taken_away(tmp_path):
    folder = clip_folder(tmp_path / "x", ("weapons",))
    (folder / "heads.onnx").unlink()

    found = amend(folder, About("bare"))

    assert found.labels == ("embedding",)
    assert ClipFolder.read(load_model_folder(str(folder))).labels == ()


def test_cards_and_sources_are_no_files_of_the_model(tmp_path):
    folder = clip_folder(tmp_path / "x")
    for name in ("MODEL_CARD.md", "SOURCE.json"):
        (folder / name).write_text("said elsewhere")

    found = amend(folder, About("x"))

    assert not {"MODEL_CARD.md", "SOURCE.json", "manifest.json"} & set(found.files)
    assert "golden/0.png" in found.files


def test_a_folder_without_a_manifest_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"manifest\.json"):
        amend(tmp_path, About("x"))
