"""What is exported: a folder that anyone loads, and a tower that computes what torch computes."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from guardrail_detectors.onnx import open_session
from guardrail_detectors.weights import load_model_folder
from guardrail_training.mllm import load_pretrained
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard import export
from guardrail_training.vlguard.export import ImageTower, Origin, export_model, export_tower

RATE = {"refused": 0.25, "refused_by_keywords": 0.5, "right": 0.75}
ORIGIN = Origin(
    "tiny",
    "1",
    "somebody/base",
    "guardrail train vlguard --config x.yaml",
    {"unsafe": 8},
    {
        "before": {"subsets": {"unsafe": RATE, "helpful": RATE}},
        "after": {"subsets": {"safe_unsafe": RATE, "safe_safe": RATE}},
    },
)


@pytest.fixture(scope="module")
def loaded(base):
    return load_pretrained(str(base))


@pytest.fixture(scope="module")
def tower(loaded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "tower"
    difference = export_tower(*loaded, folder, ORIGIN)
    return folder, difference


def test_the_exported_tower_computes_what_torch_does(loaded, tower):
    folder, difference = tower
    pictures = torch.rand(3, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        tokens = loaded[0].model.vision_tower(pictures).last_hidden_state
    wanted = tokens.mean(1) / tokens.mean(1).norm(dim=-1, keepdim=True)

    (found,) = open_session(folder / "visual.onnx").run(None, {"pixel_values": pictures.numpy()})

    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert difference < 1e-4


def test_the_folder_is_checked_like_every_model_of_the_guard(tower):
    folder = load_model_folder(str(tower[0]))

    folder.verify()

    assert folder.manifest.task == "image embedding"
    assert folder.manifest.parameters["embedding"] == 128
    assert folder.manifest.inputs[0].shape == (-1, 3, 32, 32)
    assert folder.manifest.training_command == ORIGIN.command


def test_the_file_says_how_pictures_are_prepared(loaded, tower):
    said = json.loads((tower[0] / "preprocess.json").read_text())
    picture = Image.effect_noise((32, 32), 80).convert("RGB")
    wanted = loaded[1].image_processor(picture, return_tensors="np")["pixel_values"][0]

    pixels = np.asarray(picture, np.float32).transpose(2, 0, 1) / 255
    found = (pixels - np.array(said["mean"])[:, None, None]) / np.array(said["std"])[:, None, None]

    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert (said["size"], said["resize"]) == (32, "squash")


def test_the_graph_has_the_names_of_the_contract(tower):
    graph = onnx.load(str(tower[0] / "visual.onnx")).graph

    assert [one.name for one in graph.input] == ["pixel_values"]
    assert [one.name for one in graph.output] == ["embedding"]


def test_a_file_that_computes_something_else_is_not_exported(loaded, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "PARITY", -1.0)

    with pytest.raises(DataError, match="differs from the tower by"):
        export_tower(*loaded, tmp_path / "tower", ORIGIN)

    assert not (tmp_path / "tower" / "manifest.json").exists()


def test_a_tower_that_reads_no_square_pictures_is_refused(qwen, tmp_path):
    with pytest.raises(DataError, match=r"Qwen2VL.*`tower: false`"):
        export_tower(*load_pretrained(str(qwen)), tmp_path, ORIGIN)


@pytest.mark.parametrize("name", ["base", "qwen"])
def test_the_exported_model_is_loaded_as_it_was(request, name, tmp_path):
    model, reader = load_pretrained(str(request.getfixturevalue(name)))

    export_model(model, reader, tmp_path, ORIGIN)

    again, read = load_pretrained(str(tmp_path))
    state = again.state_dict()
    assert all(torch.equal(one, state[key]) for key, one in model.state_dict().items())
    assert read.chat_template == reader.chat_template


def test_the_card_tells_the_rates_before_and_after_and_the_limits(loaded, tmp_path):
    export_model(*loaded, tmp_path, ORIGIN)

    card = (tmp_path / "README.md").read_text()
    assert "| unsafe, before | 75.0% | 50.0% |  | 75.0% |" in card
    assert "| helpful, before |  |  | 25.0% | 75.0% |" in card
    assert "| safe_unsafe, after | 75.0% | 50.0% |  | 75.0% |" in card
    assert "Limits:" in card
    assert "somebody/base" in card


def test_an_image_tower_has_embeddings_of_length_one():
    class Constant(torch.nn.Module):
        def forward(self, pixel_values):
            tokens = torch.tensor([[[3.0, 0.0], [3.0, 8.0]]]).expand(len(pixel_values), -1, -1)
            return type("Output", (), {"last_hidden_state": tokens})()

    found = ImageTower(Constant())(torch.zeros(2, 3, 4, 4))

    torch.testing.assert_close(found, torch.tensor([[0.6, 0.8]] * 2))
