from __future__ import annotations

import json
import shutil

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.weights import (
    MAX_MANIFEST_BYTES,
    MODELS,
    digest_of,
    file_entry,
    load_model_folder,
    model_names,
)

NAME = "text_guard_linear"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(MODELS / NAME, tmp_path / "models" / NAME)


def change(folder, **fields):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_the_models_that_ship_are_whole():
    assert model_names() == ["clip_embedded", "person_intent", "text_guard_encoder", NAME]

    for name in model_names():
        shipped = load_model_folder(name)
        shipped.verify()
        assert (shipped.path / "MODEL_CARD.md").is_file()
        assert all(entry.bytes < 45_000_000 for entry in shipped.manifest.files.values())


def test_a_folder_anywhere_is_found_by_its_path(folder):
    found = load_model_folder(str(folder))

    assert found.manifest.name == NAME
    assert found.file("model.onnx") == (folder / "model.onnx").resolve()


def test_a_shipped_name_wins_over_a_folder_of_that_name(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)

    assert load_model_folder(NAME).path == MODELS / NAME


@pytest.mark.parametrize("name", ["", ".", "nothing", "/etc", "../../etc/passwd", "a\0b"])
def test_an_unknown_model_is_refused_with_those_there_are(name):
    with pytest.raises((ModelError, ValueError), match=r"no model|null") as refused:
        load_model_folder(name)

    if isinstance(refused.value, ModelError):
        assert NAME in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Expecting"),
        ("[]", "valid dictionary|instance of Manifest"),
        ("{}", "Field required"),
        ('{"format": 2}', "less than or equal to 1"),
    ],
)
def test_a_manifest_that_is_none_is_refused(folder, text, words):
    (folder / "manifest.json").write_text(text)

    with pytest.raises(ModelError, match=words) as refused:
        load_model_folder(str(folder))

    assert "manifest.json" in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"surprise": 1}, "surprise"),
        ({"labels": []}, "labels"),
        ({"name": "../x"}, "name"),
        ({"files": {"model.onnx": {"sha256": "abc", "bytes": 1}}}, "sha256"),
        ({"files": {"model.onnx": {"sha256": "0" * 64, "bytes": -1}}}, "bytes"),
    ],
)
def test_a_wrong_entry_of_a_manifest_is_named(folder, fields, words):
    change(folder, **fields)

    with pytest.raises(ModelError, match=words):
        load_model_folder(str(folder))


def test_a_manifest_of_megabytes_is_not_read(folder):
    (folder / "manifest.json").write_text(" " * (MAX_MANIFEST_BYTES + 1))

    with pytest.raises(ModelError, match="longer than"):
        load_model_folder(str(folder))


@pytest.mark.parametrize("name", ["../outside.bin", "/etc/hostname", "unlisted.bin"])
def test_no_file_outside_the_folder_is_named(folder, name):
    (folder.parent / "outside.bin").write_bytes(b"x")
    entry = {"sha256": "0" * 64, "bytes": 1}
    if name != "unlisted.bin":
        change(folder, files={name: entry})

    with pytest.raises(ModelError, match="lists no file"):
        load_model_folder(str(folder)).file(name)


def test_a_link_out_of_the_folder_is_not_followed(folder):
    outside = folder.parent / "outside.onnx"
    shutil.copy(folder / "model.onnx", outside)
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").symlink_to(outside)

    with pytest.raises(ModelError, match="lists no file"):
        load_model_folder(str(folder)).verify()


@pytest.mark.parametrize(
    "change_file", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b"x" * len(data)]
)
def test_a_file_that_was_altered_is_refused_with_the_remedy(folder, change_file):
    path = folder / "golden.jsonl"
    path.write_bytes(change_file(path.read_bytes()))

    with pytest.raises(
        ModelError, match=r"golden\.jsonl: not the file .*install mllm-guardrail again"
    ):
        load_model_folder(str(folder)).verify()


def test_an_entry_says_what_the_file_is(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")

    entry = file_entry(path)

    assert entry.bytes == 3
    assert entry.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    "fields", [{"labels": ["b", "a"]}, {"parameters": {"logit_scale": 5}}, {"task": "another"}]
)
def test_whatever_scores_follow_from_makes_another_digest(folder, fields):
    before = load_model_folder(str(folder))
    change(folder, **fields)

    after = load_model_folder(str(folder))

    assert before.digest != after.digest
    assert before.key[0] == after.key[0]


def test_what_scores_do_not_follow_from_makes_the_same_digest(folder):
    before = load_model_folder(str(folder)).digest
    change(folder, metrics={"a": 1}, training_command="none")

    assert load_model_folder(str(folder)).digest == before


def external(folder, *listed):
    onnx = pytest.importorskip("onnx", reason="the extra train is not installed")
    model = onnx.load(folder / "model.onnx")
    where = {"location": "weights.bin", "size_threshold": 16, "save_as_external_data": True}
    onnx.save(model, folder / "model.onnx", convert_attribute=False, **where)
    names = {*load_model_folder(str(folder)).manifest.files, *listed}
    files = {name: file_entry(folder / name).model_dump() for name in names}
    change(folder, files=files)


def test_weights_in_a_file_that_the_manifest_does_not_list_are_refused(folder):
    external(folder)

    with pytest.raises(ModelError, match=r"model\.onnx: has weights in 'weights\.bin', which"):
        load_model_folder(str(folder)).verify()


def test_weights_in_a_file_that_the_manifest_lists_are_checked(folder):
    external(folder, "weights.bin")
    load_model_folder(str(folder)).verify()
    with (folder / "weights.bin").open("r+b") as file:
        file.write(b"?")

    with pytest.raises(ModelError, match=r"weights\.bin: not the file"):
        load_model_folder(str(folder)).verify()


def test_a_network_that_is_none_is_refused(folder):
    (folder / "model.onnx").write_bytes(b"\xff" * 40)
    change(folder, files={"model.onnx": file_entry(folder / "model.onnx").model_dump()})

    with pytest.raises(ModelError, match=r"model\.onnx: not a model that loads"):
        load_model_folder(str(folder)).verify()


def test_a_folder_in_which_something_is_being_installed_is_no_model(folder):
    shutil.copytree(folder, folder.parent / ".installing-abc")

    assert model_names(folder.parent) == [NAME]


def test_weights_are_told_apart_by_what_they_are(tmp_path):
    one, many = tmp_path / "one.bin", tmp_path / "many"
    one.write_bytes(b"a")
    many.mkdir()
    (many / "x.bin").write_bytes(b"a")
    before = digest_of(one), digest_of(many)
    one.write_bytes(b"b")
    (many / "x.bin").write_bytes(b"b")

    after = digest_of(one), digest_of(many)

    assert len({*before, *after}) == 4
    assert digest_of(None) == digest_of(tmp_path / "missing") == ""
