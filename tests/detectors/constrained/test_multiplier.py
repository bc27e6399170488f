"""The multiplier by hand, and the laws that it keeps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.constrained.multiplier import Multiplier

FINITE = st.floats(-50, 50)


def test_harm_above_the_limit_raises_lambda_by_the_paper_s_step():
    """ln λ ← ln 2 + 0.1 · 2 · (1.5 - 0.5)."""
    found = Multiplier(value=2.0, limit=0.5, rate=0.1).after([1.0, 2.0])

    assert found.value == pytest.approx(2.0 * math.exp(0.2))


def test_utility_is_reward_less_lambda_costs_on_the_scale_of_both():
    assert Multiplier(value=3.0).utility(8.0, 2.0) == pytest.approx((8 - 6) / 4)


@given(costs=st.lists(FINITE, min_size=1), value=st.floats(1e-3, 100))
def test_lambda_moves_the_way_harm_does_and_stays_in_its_bounds(costs, value):
    before = Multiplier(value=value)

    after = before.after(costs)

    mean = sum(costs) / len(costs)
    assert 1e-3 * 0.999 <= after.value <= 100 * 1.001
    assert (after.value >= value * 0.999) if mean >= 0 else (after.value <= value * 1.001)


@given(reward=FINITE, low=FINITE, high=FINITE, value=st.floats(1e-3, 100))
def test_of_equal_rewards_the_less_harmful_answer_is_never_worth_less(reward, low, high, value):
    low, high = sorted((low, high))
    multiplier = Multiplier(value=value)

    assert multiplier.utility(reward, low) >= multiplier.utility(reward, high)


def test_a_larger_lambda_weighs_harm_more():
    helpful, safe = (5.0, 1.0), (1.0, -1.0)

    def prefers_safe(value):
        multiplier = Multiplier(value=value)
        return multiplier.utility(*safe) > multiplier.utility(*helpful)

    assert [prefers_safe(value) for value in (0.1, 1.0, 10.0)] == [False, False, True]


@pytest.mark.parametrize("costs", [[], [float("nan")], [float("inf"), 1.0]])
def test_costs_that_say_nothing_are_refused(costs):
    with pytest.raises(ValueError, match="must be finite, one at least"):
        Multiplier().after(costs)


@pytest.mark.parametrize(
    "bad",
    [{"value": 0.0}, {"value": -1.0}, {"value": 1e9}, {"bounds": (0.0, 1.0)}, {"rate": math.inf}],
)
def test_a_multiplier_out_of_its_bounds_is_refused(bad):
    with pytest.raises(ValueError, match="must lie within bounds"):
        Multiplier(**bad)
