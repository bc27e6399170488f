from __future__ import annotations

import cv2
import numpy as np
import pytest

from guardrail_training.clip import compose as module
from guardrail_training.clip.compose import (
    Palette,
    background,
    bent,
    compose,
    crop,
    place,
    spoil,
)
from guardrail_training.clip.draw.pen import SIDE


def rng(seed=0):
    return np.random.default_rng(seed)


def square(colour=(255, 0, 0)):
    sprite = np.zeros((SIDE, SIDE, 4), np.uint8)
    sprite[20:-20, 20:-20] = (*colour, 255)
    return sprite


@pytest.mark.parametrize("seed", range(12))
def test_a_picture_has_the_size_asked_for_and_is_the_same_for_its_seed(seed):
    palette = Palette([np.full((70, 90, 3), 99, np.uint8)], [square((0, 0, 255))])

    one, other = (compose(square(), palette, 40, rng(seed)) for _ in range(2))

    assert one.shape == (40, 40, 3)
    assert one.dtype == np.uint8
    assert np.array_equal(one, other)


def test_the_subject_is_in_the_picture():
    ground = np.zeros((60, 60, 3), np.float32)

    reds = [
        place(ground, square(), rng(seed), (0.45, 1.05), middle=True)[..., 0].mean()
        for seed in range(30)
    ]

    assert min(reds) > 8


def test_clutter_may_be_anywhere_and_small():
    ground = np.zeros((60, 60, 3), np.float32)

    laid = place(ground, square(), rng(1), (0.15, 0.2), middle=False)

    assert 0 <= (laid[..., 0] > 100).mean() < 0.1


def test_half_clear_sprites_let_the_background_through():
    sprite = square()
    sprite[..., 3] //= 2
    ground = np.full((60, 60, 3), 200, np.float32)

    laid = place(ground, sprite, rng(2), (1.0, 1.0), middle=True)

    assert 80 < laid[30, 30, 1] < 120


def test_crops_come_from_the_scenery_at_any_scale():
    scenery = np.zeros((50, 80, 3), np.uint8)
    scenery[:, :, 0] = np.arange(80)[None]

    found = [crop(scenery, 16, rng(seed)) for seed in range(20)]

    assert all(one.shape == (16, 16, 3) for one in found)
    assert len({int(np.ptp(one[..., 0])) for one in found}) > 5


def test_a_crop_of_a_tiny_picture_is_still_a_picture():
    assert crop(np.zeros((2, 3, 3), np.uint8), 16, rng()).shape == (16, 16, 3)


def test_backgrounds_are_of_many_kinds():
    found = [background(Palette(), 24, rng(seed)) for seed in range(40)]

    plain = sum(int(np.ptp(one.reshape(-1, 3), axis=0).max() == 0) for one in found)
    assert 8 < plain < 36


def test_an_icon_in_one_colour_stands_out_from_its_background():
    black = square((0, 0, 0))

    darkest = [
        compose(black, Palette([np.zeros((64, 64, 3), np.uint8)]), 48, rng(seed)).max()
        for seed in range(20)
    ]

    assert min(darkest) > 60


def test_spoiling_keeps_what_is_shown():
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[8:24, 8:24] = 255

    for seed in range(20):
        spoilt = spoil(picture, rng(seed)).astype(float)
        assert spoilt[12:20, 12:20].mean() > spoilt[:4].mean() + 40


def test_a_plain_picture_shows_its_subject_large_and_unspoilt():
    palette = Palette([np.full((64, 64, 3), 200, np.uint8)], [square((0, 0, 255))])

    for seed in range(20):
        plain = compose(square((255, 0, 0)), palette, 48, rng(seed), plain=True)
        assert (plain == (255, 0, 0)).all(2).mean() > 0.1
        assert not (plain == (0, 0, 255)).all(2).any()


def test_plain_backgrounds_are_still_of_many_kinds():
    found = [compose(square(), Palette(), 32, rng(seed), plain=True)[0, 0] for seed in range(20)]

    assert len({tuple(one.tolist()) for one in found}) > 5


def test_bending_changes_a_sprite_and_keeps_its_size_and_most_of_its_area():
    for seed in range(20):
        found = bent(square(), rng(seed))

        assert found.shape == square().shape
        assert found.dtype == np.uint8
        assert not np.array_equal(found, square())
        assert 0.6 < found[..., 3].sum() / square()[..., 3].sum() < 1.5


def test_bending_is_smooth_so_a_square_stays_in_one_piece():
    for seed in range(20):
        solid = (bent(square(), rng(seed))[..., 3] > 127).astype(np.uint8)

        assert cv2.connectedComponents(solid)[0] == 2


def test_only_a_part_of_all_sprites_is_bent_when_placed(monkeypatch):
    seen = []
    monkeypatch.setattr(module, "bent", lambda sprite, _: seen.append(1) or sprite)

    for seed in range(100):
        place(np.zeros((40, 40, 3), np.float32), square(), rng(seed), (0.5, 1), middle=True)

    assert 20 < len(seen) < 50


def test_lines_of_some_icons_in_one_colour_are_made_thicker():
    black = square((0, 0, 0))
    ground = np.zeros((40, 40, 3), np.float32)

    areas = [(module._recoloured(black, ground, rng(n))[..., 3] > 0).sum() for n in range(60)]

    assert set(areas) == {56 * 56, 58 * 58}
    assert 3 < areas.count(58 * 58) < 30
