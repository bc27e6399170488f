from __future__ import annotations

import numpy as np
import pytest

from guardrail.taxonomy import categories
from guardrail_training.clip.bank import CATEGORIES
from guardrail_training.clip.draw.catalogue import drawings, drawn_apart, read_drawings
from guardrail_training.clip.draw.scenes import SCENES
from guardrail_training.clip.errors import ClipTrainingError


def test_there_are_drawings_of_every_category_and_more_of_harmless_things():
    counts = {name: sum(one.category == name for one in drawings()) for name in ("", *CATEGORIES)}

    assert len(drawings()) > 300
    assert min(counts.values()) >= 8
    assert counts[""] > max(counts[name] for name in CATEGORIES)


def test_every_category_keeps_drawings_aside_and_teaches_others():
    for name in ("", *CATEGORIES):
        aside = [one.aside for one in drawings() if one.category == name]
        assert True in aside, name
        assert False in aside, name


@pytest.mark.parametrize("found", [drawings, drawn_apart])
def test_names_are_given_once_and_every_drawing_has_captions(found):
    names = [one.name for one in found()]

    assert len(set(names)) == len(names)
    assert all(one.says and all(one.says) for one in found())


def test_the_categories_are_those_of_the_taxonomy():
    assert set(CATEGORIES) <= set(categories())
    assert {one.category for one in drawings()} == {"", *CATEGORIES}


def test_later_drawings_come_last_so_that_a_first_cycle_sees_what_it_always_saw():
    order = [one.later for one in drawings()]

    assert order == sorted(order)
    assert 10 < sum(order) < len(order) / 10


def test_drawings_made_apart_are_of_every_category_and_never_train():
    counts = {
        name: sum(one.category == name for one in drawn_apart()) for name in ("", *CATEGORIES)
    }
    known = {points(one) for one in drawings()}

    assert min(counts.values()) >= 10
    assert all(one.aside for one in drawn_apart())
    assert not known & {points(one) for one in drawn_apart()}


def points(drawing):
    """The first member's outline points."""
    return b"".join(one.points.tobytes() for one in drawing.make(np.random.default_rng(0)))


@pytest.mark.parametrize(
    "drawing", [*drawings(), *drawn_apart()], ids=lambda one: f"{one.category} {one.name}"
)
def test_every_drawing_shows_something_and_the_same_for_the_same_seed(drawing):
    one, other = (drawing.sprite(np.random.default_rng(3)) for _ in range(2))

    assert np.array_equal(one, other)
    assert 0.01 < (one[..., 3] > 0).mean() <= 1


def test_scenes_are_another_picture_every_time():
    for scene in SCENES:
        first, second = (scene.make(np.random.default_rng(seed)) for seed in (1, 2))
        points = [np.concatenate([stroke.points for stroke in drawn]) for drawn in (first, second)]
        assert points[0].shape != points[1].shape or not np.allclose(*points), scene.name


def test_a_file_without_drawings_says_what_was_expected(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("category: weapons\n")

    with pytest.raises(ClipTrainingError, match=r"x\.yaml: expected category and drawings"):
        read_drawings(path)


def test_a_wrong_stroke_is_told_with_its_drawing(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text('category: ""\ndrawings: [{name: hat, says: [a hat], strokes: "z red 1,1"}]\n')

    with pytest.raises(ClipTrainingError, match=r"x\.yaml: hat: stroke 'z red 1,1'"):
        read_drawings(path)
