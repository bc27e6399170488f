"""Disturbances are slight, the same every time, and undo what lives in single pixels."""

from __future__ import annotations

import numpy as np
import pytest

from guardrail_detectors.adversarial_image.disturbances import DISTURBANCES
from tests.detectors.clip.tiny import signs

EACH = pytest.mark.parametrize("name", DISTURBANCES)


def scene(height=64, width=80):
    """A bright disc on a slope."""
    rows, columns = np.mgrid[:height, :width]
    disc = ((rows - 30) ** 2 + (columns - 40) ** 2 < 300)[..., None] * (120, 60, 20)
    return (np.stack([rows + 60, columns + 40, rows + columns], 2) + disc).clip(0, 255).astype("u1")


def attack(picture, strength):
    """The pattern that the fragile model follows, at this strength in grey levels."""
    moved = picture + strength * signs(*picture.shape[:2])[..., None]
    return moved.clip(0, 255).astype("u1")


@EACH
@pytest.mark.parametrize("shape", [(64, 80), (1, 1), (3, 200)])
def test_the_shape_stays(name, shape):
    picture = np.full((*shape, 3), 77, np.uint8)

    disturbed = DISTURBANCES[name](picture)

    assert disturbed.shape == picture.shape
    assert disturbed.dtype == np.uint8


@EACH
def test_a_picture_stays_what_it_is(name):
    picture = scene()

    change = np.abs(DISTURBANCES[name](picture).astype(int) - picture)

    assert 0 < change.mean() < 6


@EACH
def test_the_same_picture_is_disturbed_the_same_way(name):
    assert np.array_equal(DISTURBANCES[name](scene()), DISTURBANCES[name](scene()))


@EACH
def test_the_picture_itself_is_left_alone(name):
    picture = scene()

    DISTURBANCES[name](picture)

    assert np.array_equal(picture, scene())


@pytest.mark.parametrize("name", ["blur", "resize"])
def test_what_lives_in_single_pixels_is_undone(name):
    picture = np.full((64, 64, 3), 128, np.uint8)
    attacked = attack(picture, 8)

    left = DISTURBANCES[name](attacked)[8:-8, 8:-8].astype(int)

    assert np.abs(left - left.mean()).mean() < 6
