from __future__ import annotations

import numpy as np
import pytest

from guardrail_training.clip.draw import shapes


def rng(seed=0):
    return np.random.default_rng(seed)


def corners(drawn):
    points = np.concatenate([one.points for one in drawn])
    return points.min(0), points.max(0)


def test_numbers_lie_between_their_bounds():
    found = [shapes.some(rng(seed), 2, 5) for seed in range(50)]

    assert 2 <= min(found) < 3
    assert 4 < max(found) <= 5
    assert {shapes.count(rng(seed), 1, 3) for seed in range(50)} == {1, 2, 3}


def test_a_word_that_is_there_twice_comes_twice_as_often():
    found = [shapes.one_of(rng(seed), "red red blue") for seed in range(300)]

    assert 0.55 < found.count("red") / 300 < 0.78
    assert set(found) == {"red", "blue"}


def test_maybe_is_true_in_its_part_of_cases():
    assert 50 < sum(shapes.maybe(rng(seed), 0.25) for seed in range(300)) < 100


def test_a_hard_box_has_four_corners_and_a_soft_one_eight_inside_them():
    hard, soft = (shapes.box("red", 10, 20, 30, 40, soft) for soft in (0, 2))

    assert hard.points.tolist() == [[10, 20], [40, 20], [40, 60], [10, 60]]
    assert len(soft.points) == 8
    assert corners([soft])[0].tolist() == [10, 20]
    assert corners([soft])[1].tolist() == [40, 60]


def test_a_bar_is_wide_where_it_starts_and_narrow_where_it_ends():
    found = shapes.bar("wood", (0, 0), (10, 0), 6, 2).points

    assert np.ptp(found[np.isclose(found[:, 0], 0)][:, 1]) == pytest.approx(6)
    assert np.ptp(found[np.isclose(found[:, 0], 10)][:, 1]) == pytest.approx(2)


def test_a_ring_is_a_closed_line_and_a_disc_an_area():
    assert shapes.ring("red", 2, 5, 5, 3).closed
    assert shapes.ring("red", 2, 5, 5, 3).kind == "line"
    assert shapes.disc("red", 5, 5, 3).kind == "fill"


def test_a_wave_swings_around_its_level():
    found = shapes.wave(10, 50, 40, 5, 2)

    assert found[0].tolist() == [10, 50]
    assert found[-1, 0] == 50
    assert 44.9 <= found[:, 1].min() < 46
    assert 54 < found[:, 1].max() <= 55.1


def test_moving_turns_around_the_origin_then_shifts_and_scales_widths():
    (found,) = shapes.moved([shapes.line("red", 2, [(1, 0), (2, 0)])], 10, 20, np.pi / 2, 3)

    assert np.allclose(found.points, [(10, 23), (10, 26)])
    assert found.width == 6


def test_mirroring_swaps_left_and_right():
    (found,) = shapes.moved([shapes.line("red", 2, [(1, 5), (2, 0)])], mirrored=True)

    assert found.points.tolist() == [[-1, 5], [-2, 0]]


def test_fitting_puts_a_drawing_in_the_middle_with_its_lines():
    low, high = corners(shapes.fitted([shapes.box("red", 300, 10, 8, 2)], 80))

    assert np.allclose((low + high) / 2, 50)
    assert np.allclose(high - low, (80, 20))
    (found,) = shapes.fitted([shapes.line("red", 10, [(0, 0), (30, 0)])], 80)
    assert found.points[:, 0].min() - found.width / 2 == pytest.approx(10)


def test_a_pose_is_another_one_every_time_and_within_the_square():
    drawn = [shapes.box("red", 0, 0, 30, 10)]

    found = [corners(shapes.posed(rng(seed), drawn)) for seed in range(40)]

    assert min(low.min() for low, _ in found) > 0
    assert max(high.max() for _, high in found) < 100
    assert len({tuple(low.round(2)) for low, _ in found}) == 40


def test_a_curved_area_stays_within_its_corners():
    found = shapes.curved("red", [(0, 0), (8, 0), (8, 8), (0, 8)])

    assert len(found.points) == 16
    assert found.points.min() >= 0
    assert found.points.max() <= 8
