"""Heads on the tiny CLIP that knows colours: red pictures are dangerous here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip import load_clip
from guardrail_training.clip.config import HeadsConfig
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.train_heads import counted, train_heads
from tests.detectors.clip.tiny import clip_folder
from tests.training.clip.test_labelled import picture

SOURCES = ("shop", "web", "book", "film", "game")


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    for source in SOURCES:
        for number in range(4):
            red, blue = rng.integers(0, 60, (2, 3))
            red[0], blue[2] = rng.integers(170, 255, 2)
            picture(tmp_path / "pictures" / "alarm" / source / f"{number}.png", red)
            picture(tmp_path / "pictures" / "harmless" / source / f"{number}.png", blue)
    return tmp_path


def config(model, **changed):
    settings = {"kind": "heads", "model": str(model), "examples": "pictures"}
    return HeadsConfig.model_validate(settings | changed)


@pytest.mark.parametrize("hidden", [0, 4])
def test_the_new_folder_judges_by_the_new_heads_and_the_old_one_is_untouched(data, hidden):
    model = clip_folder(data / "model")
    before = (model / "manifest.json").read_bytes()

    out = train_heads(config(model, hidden=hidden), data, data / "out")

    found = load_clip(str(out))
    shown = [np.full((30, 30, 3), colour, np.uint8) for colour in ((230, 9, 9), (9, 9, 230))]
    scores = found.scores(found.pictures([found.folder.preprocess(one) for one in shown]))
    assert found.labels == ("alarm",)
    assert scores[0, 0] > 0.8
    assert scores[1, 0] < 0.2
    assert (model / "manifest.json").read_bytes() == before


def test_the_manifest_has_thresholds_counts_and_every_source_left_out(data):
    out = train_heads(config(clip_folder(data / "model")), data, data / "out")

    manifest = json.loads((out / "manifest.json").read_text())
    figures = manifest["metrics"]["heads"]["alarm"]
    assert set(figures["left_out"]) == set(SOURCES)
    assert all(row["auroc"] == 1.0 for row in figures["left_out"].values())
    assert figures["learnt"] + figures["kept_aside"] == 40
    assert [one["false_positive_rate"] for one in manifest["thresholds"]] == [0.01, 0.001]
    assert manifest["training_data"]["shop alarm"] == 4
    assert "sources kept aside" in manifest["thresholds"][0]["calibrated_on"]


def test_heads_of_another_model_are_replaced(data):
    model = clip_folder(data / "model", ("weapons", "fire"))

    out = train_heads(config(model), data, data / "out")

    assert load_clip(str(out)).labels == ("alarm",)


def test_nothing_is_written_over(data):
    (data / "out").mkdir()
    (data / "out" / "x").write_text("mine")

    with pytest.raises(ClipTrainingError, match="something is there"):
        train_heads(config("none"), data, data / "out")


def test_a_model_that_is_not_there_is_told(data):
    with pytest.raises(ModelError, match="no model 'nowhere'"):
        train_heads(config("nowhere"), data, data / "out")


def test_too_few_pictures_are_told_with_their_number(tmp_path):
    for number in range(3):
        picture(tmp_path / "pictures" / "alarm" / f"{number}.png")
        picture(tmp_path / "pictures" / "harmless" / f"{number}.png")

    with pytest.raises(ClipTrainingError, match="3 pictures of alarm; at least 4"):
        train_heads(config(clip_folder(tmp_path / "model")), tmp_path, tmp_path / "out")


def test_a_picture_that_is_none_is_named(data):
    (data / "pictures" / "alarm" / "shop" / "9.png").write_text("no picture")

    with pytest.raises(ClipTrainingError, match=r"9\.png: no picture that can be read"):
        train_heads(config(clip_folder(data / "model")), data, data / "out")


def test_pictures_are_counted_without_a_model(data):
    assert counted(config("none"), data)["shop: alarm"] == 4
