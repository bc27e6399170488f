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


def test_cycles_may_show_pictures_of_other_sizes(places, monkeypatch, tmp_path):
    sizes = []

    def seen(learner, mixture, run, *more):
        sizes.append(mixture.batch(2, np.random.default_rng(0)).pictures.shape[1])
        assert run.material.endswith(f" {sizes[-1]}")
        return fit(learner, mixture, run, *more)

    monkeypatch.setattr("guardrail_training.clip.train.fit", seen)
    folder = train(settings(cycles=cycles(size=(40, None))), elsewhere(places, tmp_path))

    assert sizes == [40, 32]
    assert json.loads((folder / "preprocess.json").read_text())["size"] == 32


def test_a_cycle_of_the_first_drawings_neither_sees_nor_reads_of_later_ones(
    places, monkeypatch, tmp_path
):
    learnt = []

    def seen(learner, mixture, run, *more):
        bank = mixture._bank
        learnt.append((len(bank.sprites), bank.things, run.material.split()[0]))
        assert learner.captions.shape[1] == len(bank.things)
        return fit(learner, mixture, run, *more)

    monkeypatch.setattr("guardrail_training.clip.train.fit", seen)
    train(settings(cycles=cycles(drawings=("first", "all"))), elsewhere(places, tmp_path))

    (few, first, digest), (many, every, other) = learnt
    assert many - few == sum(one.share for one in drawings() if one.later)
    assert first == every[: len(first)]
    assert "a hookah" in every[len(first) :]
    assert digest != other


def cycles(**each):
    """Two short cycles, each with its own value of one setting."""
    ((name, values),) = each.items()
    return [{"steps": 2, "rate": 1e-3, "batch": 8, name: value} for value in values]


def elsewhere(places, folder):
    return replace(places, out=folder / "out", work=None, log=None)
