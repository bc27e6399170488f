"""Scores by sentences: a share of a softmax that is monotone, kept once, and kept honestly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from guardrail_detectors.clip import load_clip
from guardrail_detectors.unsafe_image import Category, zero_shot
from guardrail_detectors.unsafe_image.zero_shot import ZeroShot, embedded
from tests.detectors.clip.tiny import plain

RED = {"redness": Category(prompts=("a photo of red",), negatives=("a photo of green",))}


@pytest.fixture
def model(tiny):
    return load_clip(str(tiny))


@pytest.fixture
def counted(model, monkeypatch):
    """The texts that the model was asked to embed."""
    asked = []
    texts = model.texts
    monkeypatch.setattr(model, "texts", lambda some: asked.extend(some) or texts(some))
    return asked


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(zero_shot, "_KEPT", zero_shot.Kept(8))


def seen(model, *colours):
    return model.pictures([model.folder.preprocess(plain(one)) for one in colours])


def test_a_picture_scores_for_the_sentence_that_it_shows(model):
    red, green, blue = ZeroShot(model, RED, ["blue"]).scores(seen(model, "red", "green", "blue"))

    assert red[0] > 0.95
    assert max(green[0], blue[0]) < 0.05


def test_a_score_is_the_share_of_a_softmax_by_hand(model):
    """Cosines 1, 0.5 and -0.2 at a scale of 20: e^20 / (e^20 + e^10 + e^-4)."""
    by = ZeroShot(model, {"x": Category(prompts=("red",), negatives=("green",))}, ["blue"])
    by._embeddings = np.array([[-0.2] + [0] * 7, [0.5] + [0] * 7, [1] + [0] * 7], np.float32)

    (score,) = by.scores(np.array([[1.0] + [0] * 7], np.float32))[0]

    assert score == pytest.approx(
        math.exp(20) / (math.exp(20) + math.exp(10) + math.exp(-4)), rel=1e-5
    )


def test_a_score_rises_with_likeness_and_falls_with_likeness_to_a_negative(model):
    by = ZeroShot(model, RED, ["blue"])
    red, green = seen(model, "red", "green")
    steps = np.array([red * (1 - t) + green * t for t in np.linspace(0, 1, 12)], np.float32)

    scores = by.scores(steps)[:, 0]

    assert (np.diff(scores) <= 0).all()
    assert scores[0] > 0.9 > scores[6] > scores[-1]
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_second_sentence_never_lowers_a_score(model):
    pictures = seen(model, "red", "green", "blue", "grey")
    one = ZeroShot(model, {"x": Category(prompts=("red",))}, ["grey"])
    two = ZeroShot(model, {"x": Category(prompts=("red", "blue"))}, ["grey"])

    assert (two.scores(pictures) >= one.scores(pictures) - 1e-6).all()


def test_a_sentence_said_twice_counts_once(model):
    pictures = seen(model, "red", "green", "blue", "grey")
    once = ZeroShot(model, {"x": Category(prompts=("red",), negatives=("blue",))}, ["grey"])
    twice = ZeroShot(
        model, {"x": Category(prompts=("red",) * 9, negatives=("blue",) * 5)}, ["grey", "grey"]
    )

    assert np.allclose(once.scores(pictures), twice.scores(pictures), atol=1e-6)


def test_no_categories_and_no_pictures_score_nothing(model):
    assert ZeroShot(model, {}, ["grey"]).scores(seen(model, "red")).shape == (1, 0)
    assert ZeroShot(model, RED, ["grey"]).scores(model.pictures([])).shape == (0, 1)


def test_texts_are_embedded_once_in_a_process(model, counted):
    embedded(model, ["a photo of red"])
    first = len(counted)
    embedded(model, ["a photo of red"])

    assert len(counted) == first > 0


def test_texts_are_embedded_once_on_a_machine(model, counted, home):
    before = embedded(model, ["a photo of red", "blue"])
    first = len(counted)
    zero_shot._KEPT = zero_shot.Kept(8)

    after = embedded(model, ["a photo of red", "blue"])

    assert len(counted) == first
    assert np.array_equal(before, after)
    assert len(list((home / "texts").iterdir())) == 1


def test_other_texts_are_embedded_anew(model, counted):
    embedded(model, ["red"])
    embedded(model, ["blue"])

    assert counted == ["red", "blue"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\x93NUMPY" + b"x" * 50),
        lambda path: np.save(path, np.zeros((1, 8), np.float32)),
        lambda path: np.save(path, np.full((1, 8), np.nan, np.float32)),
        lambda path: np.save(path, np.ones((3, 8), np.float32)),
        lambda path: np.save(path, np.ones((1, 8), np.float64)),
        lambda path: np.save(path, np.array([{"a": 1}], object), allow_pickle=True),
    ],
    ids=["empty", "cut", "no length", "nan", "shape", "type", "pickle"],
)
def test_a_kept_file_that_is_not_what_was_written_is_computed_anew(model, home, spoil):
    before = embedded(model, ["red"])
    (path,) = (home / "texts").iterdir()
    spoil(path)
    zero_shot._KEPT = zero_shot.Kept(8)

    assert np.array_equal(embedded(model, ["red"]), before)


def test_a_folder_that_cannot_be_written_only_costs_time(model, tmp_path):
    (tmp_path / "file").write_text("in the way")

    assert embedded(model, ["red"], tmp_path / "file" / "texts").shape == (1, 8)
