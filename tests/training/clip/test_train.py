"""A run in seconds: icons, drawings and screenshots in, a folder that the run time accepts out."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from guardrail_detectors.clip import load_clip
from guardrail_training.clip.bank import CATEGORIES
from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.fit import fit
from guardrail_training.clip.material import Places, gathered, planned
from guardrail_training.clip.train import train
from tests.training.clip.tiny import data_folder, icon_folder, settings, text_model


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    base = str(text_model(folder / "base"))
    icons, data = icon_folder(folder / "icons"), data_folder(folder / "data")
    return Places(icons, data, folder / "out", folder / "work", base, folder / "log.csv")


@pytest.fixture(scope="module")
def trained(places):
    return train(settings(), places)


def test_the_folder_of_a_run_passes_its_own_golden_test(trained):
    model = load_clip(str(trained))

    assert model.labels == CATEGORIES
    assert model.texts(["a bomb"]).shape == (1, 32)


def test_the_manifest_says_what_was_learnt_from_and_how_it_did(trained):
    manifest = json.loads((trained / "manifest.json").read_text())

    assert manifest["training_data"]["steps"] == 3
    assert manifest["training_data"]["pictures"] == 48
    assert manifest["parameters"]["variant"] == "visual.int8.onnx"
    assert manifest["metrics"]["licences"]["noto"] == "Noto by Us, CC0-1.0"
    assert manifest["metrics"]["icons_left_out"]["weapons"]["concepts"] == 6
    assert manifest["metrics"]["photographs"]["photos"]["pictures"] == 3
    assert {one["label"] for one in manifest["thresholds"]} == set(CATEGORIES)


def test_the_card_names_the_packages_and_the_photographs(trained):
    card = (trained / "MODEL_CARD.md").read_text()

    assert "Tabler by Us, CC0" in card
    assert "photos: 3 pictures, 1 of them of fire" in card
    assert "made without sight of those that train" in card
    assert "Icons (emojione, fluent-emoji-flat" in card


def test_every_step_leaves_its_loss_in_the_log(trained, places):
    with places.log.open() as file:
        rows = list(csv.DictReader(file))

    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert all(float(row["loss"]) > 0 for row in rows)


def test_a_run_that_goes_on_trains_no_finished_cycle_again(trained, places):
    before = places.log.read_text()

    again = Places(places.icons, places.data, places.out, places.work, places.base, places.log)
    train(settings(), again)

    assert places.log.read_text() == before


def test_what_is_kept_aside_is_in_no_training_picture(places):
    material = gathered(settings(), places)

    assert len(material.icons) > len(material.learnt) > 0
    assert not any(icon.aside for icon in material.learnt)
    assert planned(settings(), material)["icons"] == len(material.learnt)


def test_without_icons_the_command_that_gets_them_is_told(places, tmp_path):
    empty = Places(tmp_path, places.data, tmp_path / "out")

    with pytest.raises(ClipTrainingError, match=r"npm install --prefix \S+ @iconify/json@"):
        gathered(settings(), empty)


def test_without_screenshots_the_folder_is_named(places, tmp_path):
    lacking = Places(places.icons, tmp_path, tmp_path / "out")

    with pytest.raises(ClipTrainingError, match="ui_docs: no PNG or JPEG pictures"):
        gathered(settings(), lacking)


def test_embeddings_have_length_one(trained):
    model = load_clip(str(trained))

    found = model.texts(["fire", "a pictogram of fire"])

    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)


def test_a_cycle_may_show_pictures_of_another_size_and_leave_later_drawings_out(
    places, monkeypatch, tmp_path
):
    learnt, sizes = [], []

    def seen(learner, mixture, run, *more):
        bank = mixture._bank
        sizes.append(mixture.batch(2, np.random.default_rng(0)).pictures.shape[1])
        learnt.append((len(bank.sprites), bank.things, run.material.split()[0]))
        assert run.material.endswith(f" {sizes[-1]}")
        assert learner.captions.shape[1] == len(bank.things)
        return fit(learner, mixture, run, *more)

    monkeypatch.setattr("guardrail_training.clip.train.fit", seen)
    cycle = {"steps": 2, "rate": 1e-3, "batch": 8}
    cycles = [cycle | {"size": 40, "drawings": "first"}, cycle]
    own = replace(places, out=tmp_path / "out", work=None, log=None)
    folder = train(settings(cycles=cycles), own)

    assert sizes == [40, 32]
    assert json.loads((folder / "preprocess.json").read_text())["size"] == 32
    (few, first, digest), (many, every, other) = learnt
    assert many - few == sum(one.share for one in drawings() if one.later)
    assert first == every[: len(first)]
    assert "a hookah" in every[len(first) :]
    assert digest != other
