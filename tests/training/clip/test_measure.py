from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from guardrail_detectors.clip import ClipFolder, ClipModel
from guardrail_detectors.weights import load_model_folder
from guardrail_training.clip.bank import CATEGORIES
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.measure import (
    SHIPPED_SCORE,
    Seen,
    by_category,
    embed,
    photographs,
    retrieval,
)
from tests.detectors.clip.tiny import clip_folder, plain


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Its head ``fire`` is sure of red, ``smoke`` of green."""
    folder = clip_folder(tmp_path_factory.mktemp("model") / "x", ("fire", "smoke"))
    return ClipModel(ClipFolder.read(load_model_folder(str(folder))))


def seen(scores, labels, concepts):
    wide = np.zeros((len(scores), len(CATEGORIES)))
    wide[:, 0] = scores
    marks = np.zeros((len(scores), len(CATEGORIES)), np.float32)
    marks[:, 0] = labels
    return Seen(wide, marks, tuple(concepts), np.zeros((len(scores), 2), np.float32))


def test_a_category_is_measured_against_harmless_pictures_by_hand():
    rows = seen([0.98, 0.4, 0.8, 0.1, 0.2], [1, 1, 0, 0, 0], ["a", "b", "c", "d", "e"])

    found = by_category(rows)

    # 0.98 is above all three, 0.4 above two of them: 5 of 6 pairs.
    assert found["weapons"]["auroc"] == pytest.approx(0.8333, abs=1e-4)
    assert found["weapons"][f"found_at_{SHIPPED_SCORE}"] == 0.5
    assert found["weapons"]["concepts"] == 2
    assert found["weapons"]["harmless"] == 3
    assert set(found) == {"weapons"}


def test_pictures_of_another_category_count_among_all_others_alone():
    rows = seen([0.9, 0.95, 0.1], [1, 0, 0], ["a", "b", "c"])
    rows.labels[1, 1] = 1

    found = by_category(rows)["weapons"]

    assert found["auroc"] == 1.0
    assert found["auroc_against_all_others"] == 0.5


def test_embedding_goes_in_chunks_and_keeps_the_order(model):
    pictures = [plain("red"), plain("blue")] * 50

    found = embed(model, pictures)

    assert found.shape == (100, 8)
    assert np.allclose(found[0::2], found[0], atol=1e-4)
    assert not np.allclose(found[0], found[1], atol=0.1)


def test_concepts_are_found_by_their_names(model):
    things = ["red", "green", "blue", "red"]

    found = retrieval(model, [plain(one) for one in things], things, ["grey"])

    assert (found["concepts"], found["pictures"], found["competing"]) == (3, 4, 1)
    assert found["top_1"] == 1.0
    assert found["top_5"] == 1.0
    assert found["chance_top_5"] == 1.0


def photos(folder):
    rows = []
    for number, (colour, label) in enumerate(
        (("red", "unsafe"), ("red", "unsafe"), ("blue", "benign"), ("green", "benign"))
    ):
        Image.fromarray(plain(colour)).save(folder / f"{number}.png")
        kind = "fire" if label == "unsafe" else "object"
        rows.append(json.dumps({"image": f"{number}.png", "label": label, "category": kind}))
    (folder / "some.jsonl").write_text("\n".join(rows) + "\n")
    return folder


def test_photographs_are_scored_as_the_detector_scores_them(model, tmp_path):
    found = photographs(
        model, photos(tmp_path) / "some.jsonl", {"here": {"fire": 0.5, "smoke": 0.5}}
    )

    assert (found["pictures"], found["of_fire"]) == (4, 2)
    assert found["fire"]["auroc"] == 1.0
    assert found["flagged here"] == {"fire": 0.0, "smoke": 0.5, "any": 0.5}


def test_a_set_that_is_not_there_is_named(model, tmp_path):
    with pytest.raises(ClipTrainingError, match=r"none\.jsonl: no JSON lines"):
        photographs(model, tmp_path / "none.jsonl", {})
