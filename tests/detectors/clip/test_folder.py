"""What a CLIP folder must hold, and the message for each way in which it may not."""

from __future__ import annotations

import json

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip import TASK, ClipFolder
from guardrail_detectors.clip.folder import precision
from guardrail_detectors.weights import load_model_folder
from tests.detectors.clip.tiny import clip_folder, gold, seal


@pytest.fixture
def path(tmp_path):
    return clip_folder(tmp_path / "tiny")


def read(path):
    return ClipFolder.read(load_model_folder(str(path)))


def parameters(path, **changed):
    manifest = json.loads((path / "manifest.json").read_text())
    return {**manifest["parameters"], **changed}


def test_a_folder_says_what_it_holds(path):
    found = read(path)

    assert found.folder.manifest.task == TASK
    assert (found.parameters.embedding, found.preprocess.size) == (8, 32)
    assert found.labels == ()
    assert (found.visual(), found.text()) == ("visual.onnx", "text.onnx")


def test_a_folder_with_heads_has_their_categories(tmp_path):
    assert read(clip_folder(tmp_path / "tiny", ("weapons", "hate"))).labels == ("weapons", "hate")


def test_a_model_for_another_task_is_refused():
    with pytest.raises(ModelError, match=r"task: 'text classification.*guardrail models list"):
        ClipFolder.read(load_model_folder("text_guard_linear"))


def test_missing_weights_are_named(path):
    (path / "visual.onnx").unlink()

    with pytest.raises(ModelError, match=r"visual\.onnx: missing"):
        read(path)


def test_a_wrong_checksum_is_named(path):
    weights = (path / "text.onnx").read_bytes()
    (path / "text.onnx").write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))

    with pytest.raises(ModelError, match=r"text\.onnx: not the file .*checksum differs"):
        read(path)


@pytest.mark.parametrize("name", ["preprocess.json", "golden.json"])
def test_a_small_file_that_the_manifest_does_not_list_is_missed(path, name):
    (path / name).unlink()
    seal(path)

    with pytest.raises(ModelError, match=f"lists no file '{name}'"):
        read(path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"embedding": 0}, "parameters: embedding"),
        ({"embedding": "wide"}, "parameters: embedding"),
        ({"context_length": 1}, "parameters: context_length"),
        ({"logit_scale": -1.0}, "parameters: logit_scale"),
        ({"min_cosine": 0.0}, "parameters: min_cosine"),
        ({"embedding": 9}, "an embedding has 8 values where the manifest says 9"),
    ],
)
def test_a_wrong_parameter_is_named(path, changed, words):
    seal(path, parameters=parameters(path, **changed))

    with pytest.raises(ModelError, match=words):
        read(path)


def test_a_parameter_that_is_missing_is_named(path):
    without = parameters(path)
    del without["logit_scale"]
    seal(path, parameters=without)

    with pytest.raises(ModelError, match="parameters: logit_scale: Field required"):
        read(path)


def test_parameters_of_later_versions_are_left_alone(path):
    seal(path, parameters=parameters(path, invented="yes"))

    assert read(path).parameters.embedding == 8


def test_an_unknown_resize_mode_is_named(path):
    settings = json.loads((path / "preprocess.json").read_text())
    (path / "preprocess.json").write_text(json.dumps({**settings, "resize": "stretch"}))
    seal(path)

    with pytest.raises(ModelError, match=r"preprocess\.json: resize: .*'shortest', 'squash'"):
        read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no JSON"),
        ("[]", r"golden\.json: "),
        ('{"pictures": [], "texts": []}', "pictures: Tuple should have at least 1 item"),
    ],
)
def test_a_golden_file_that_is_none_is_refused(path, content, words):
    (path / "golden.json").write_text(content)
    seal(path)

    with pytest.raises(ModelError, match=words):
        read(path)


def test_a_variant_is_found_by_its_name_and_another_is_refused_with_those_there_are(path):
    (path / "visual.int8.onnx").write_bytes((path / "visual.onnx").read_bytes())
    (path / "text.int8.onnx").write_bytes((path / "text.onnx").read_bytes())
    seal(path)
    found = read(path)

    assert (found.visual("int8"), found.text("int8")) == ("visual.int8.onnx", "text.int8.onnx")
    assert (found.visual("fp32"), found.text("fp32")) == ("visual.onnx", "text.onnx")
    with pytest.raises(ModelError, match=r"fp16\.onnx'; it has: visual\.int8\.onnx, visual\.onnx"):
        found.visual("fp16")


def test_how_near_golden_embeddings_must_be_depends_on_the_variant(path):
    (path / "visual.int8.onnx").write_bytes((path / "visual.onnx").read_bytes())
    seal(path, parameters=parameters(path, variant="visual.int8.onnx", min_cosine=0.995))
    found = read(path)

    assert found.least_cosine() == found.least_cosine("int8") == 0.995
    assert found.least_cosine("fp32") == 0.9995


@pytest.mark.parametrize(
    ("name", "expected"),
    [("visual.onnx", "fp32"), ("visual.int8.onnx", "int8"), ("visual.fp16.onnx", "fp16")],
)
def test_a_file_says_by_its_name_what_its_weights_are(name, expected):
    assert precision(name) == expected


def test_a_golden_file_may_be_written_again(path):
    gold(path, ())
    seal(path)

    assert len(read(path).golden.pictures) == 4
