from __future__ import annotations

import numpy as np
import pytest

from guardrail_training.clip.draw.parts import lighter, lit, placed, smoke
from guardrail_training.clip.draw.shapes import box

SEEDS = pytest.mark.parametrize("seed", range(6))


def flat(drawn):
    return np.concatenate([one.points for one in drawn])


@SEEDS
def test_a_flame_stands_on_its_place_and_is_as_high_as_asked(seed):
    drawn = lit(np.random.default_rng(seed), 20, 70, 30)

    points = flat(drawn)
    assert points[:, 1].max() == pytest.approx(70, abs=0.5)
    assert 22 < np.ptp(points[:, 1]) < 31
    assert abs(np.median(points[:, 0]) - 20) < 12
    assert {one.colour for one in drawn} >= {"red", "yellow"}


def test_what_is_placed_has_its_middle_and_its_longer_side_where_asked():
    drawn = placed([box("red", 300, 400, 10, 40)], 10, 20, 8)

    points = flat(drawn)
    assert points.min(0) == pytest.approx((9, 16))
    assert points.max(0) == pytest.approx((11, 24))


@SEEDS
def test_smoke_rises_in_as_many_threads_as_asked(seed):
    drawn = smoke(np.random.default_rng(seed), 5, 50, 30, 3)

    assert len(drawn) == 3
    for one in drawn:
        assert one.points[0, 1] == pytest.approx(50, abs=1)
        assert 20 < 50 - one.points[-1, 1] < 31


@SEEDS
def test_a_lighter_burns_above_its_case(seed):
    drawn = lighter(np.random.default_rng(seed))

    case, fire = drawn[0].points, drawn[-1].points
    assert fire[:, 1].max() < case[:, 1].min()
