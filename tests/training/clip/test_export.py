"""Towers of every kind as folders that the run time accepts, against open_clip itself."""

from __future__ import annotations

import json

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from guardrail_detectors.clip import load_clip
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.export import About, export, load
from guardrail_training.clip.golden import golden_pictures
from tests.training.clip.architectures import known

KINDS = ("tiny-vit", "tiny-mobile", "tiny-siglip")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    known(folder)
    found = {}
    for name in KINDS:
        torch.manual_seed(1)
        source = load(name)
        found[name] = source, export(source, folder / "out" / name, About(name))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_embed_as_open_clip_embeds_them(folders, kind):
    source, folder = folders[kind]
    model = load_clip(str(folder), "fp32")
    config = open_clip.get_model_preprocess_cfg(source.model)
    prepare = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**config), is_train=False
    )

    for picture in golden_pictures(config["size"] if isinstance(config["size"], int) else 32)[:3]:
        with torch.no_grad():
            shown = prepare(Image.fromarray(picture))[None]
            expected = source.model.encode_image(shown, normalize=True)[0].numpy()
        found = model.pictures([model.folder.preprocess(picture)])[0]
        assert float(found @ expected) >= 0.9995


@pytest.mark.parametrize("kind", KINDS)
def test_texts_embed_as_open_clip_embeds_them(folders, kind):
    source, folder = folders[kind]
    model = load_clip(str(folder), "fp32")
    texts = ["a bomb at night, please!", "Count 5 apples", "", "free the system " * 20]

    with torch.no_grad():
        expected = source.model.encode_text(source.tokenizer(texts), normalize=True).numpy()
    found = model.texts(texts)

    assert (found * expected).sum(1).min() >= 0.9995


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", ["fp16", "int8"])
def test_smaller_variants_pass_the_run_times_test_and_are_smaller(folders, kind, variant):
    _, folder = folders[kind]

    model = load_clip(str(folder), variant)

    assert model.parameters.embedding in {16, 32}
    small = (folder / f"visual.{variant}.onnx").stat().st_size
    assert small < (folder / "visual.onnx").stat().st_size * (1.01 if kind == KINDS[0] else 0.9)


def test_the_manifest_states_scale_bias_and_how_near_each_variant_is(folders):
    _, folder = folders["tiny-siglip"]
    manifest = json.loads((folder / "manifest.json").read_text())

    assert manifest["parameters"]["logit_bias"] == -10.0
    assert manifest["parameters"]["logit_scale"] > 1
    assert manifest["parameters"]["variant"] == "visual.onnx"
    assert manifest["labels"] == ["embedding"]
    near = manifest["metrics"]["least_cosine_to_torch"]
    assert near["fp32"] >= 0.9995
    assert near["text"] >= 0.9995
    assert near["int8"] >= 0.99


def test_one_variant_alone_becomes_the_default(folders, tmp_path):
    source, _ = folders["tiny-mobile"]

    folder = export(source, tmp_path / "one", About("one"), ("int8",))

    assert not (folder / "visual.onnx").exists()
    assert load_clip(str(folder)).folder.visual() == "visual.int8.onnx"


def test_a_checkpoint_file_gives_the_model_its_weights(folders, tmp_path):
    source, _ = folders["tiny-vit"]
    path = tmp_path / "weights.pt"
    torch.save(source.model.state_dict(), path)

    again = load("tiny-vit", str(path))

    before, after = (
        dict(one.model.named_parameters())["visual.conv1.weight"] for one in (source, again)
    )
    assert torch.equal(before, after)
    assert again.name == f"tiny-vit {path}"


def test_a_model_nobody_knows_is_an_error_that_says_where_names_are():
    with pytest.raises(ClipTrainingError, match=r"'no-such-model'.*list_pretrained"):
        load("no-such-model")


def test_a_tower_that_is_not_near_enough_is_refused(folders, tmp_path, monkeypatch):
    source, _ = folders["tiny-vit"]
    monkeypatch.setattr("guardrail_training.clip.export.LEAST_COSINE", {"fp32": 1.1, "int8": 1.1})

    with pytest.raises(ClipTrainingError, match=r"text\.onnx: embeddings have a cosine of"):
        export(source, tmp_path / "x", About("x"))


def test_preprocessing_that_the_run_time_lacks_is_refused(folders, tmp_path):
    source, _ = folders["tiny-mobile"]
    kept = source.model.visual.preprocess_cfg
    source.model.visual.preprocess_cfg = {**kept, "interpolation": "nearest"}

    with pytest.raises(ClipTrainingError, match="only squares, bicubic or bilinear"):
        export(source, tmp_path / "x", About("x"))
    source.model.visual.preprocess_cfg = kept


def test_golden_pictures_are_the_same_in_every_run_and_not_square():
    one, other = golden_pictures(64), golden_pictures(64)

    assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))
    assert one[0].shape[0] != one[0].shape[1]
