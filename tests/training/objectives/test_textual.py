"""Losses on answers, computed by hand from their papers' formulas."""

from __future__ import annotations

import math

import pytest
import torch

from guardrail_training.objectives import textual


def nll(odds):
    """-log σ(odds)."""
    return math.log(1 + math.exp(-odds))


def one(value):
    return torch.tensor([value])


def learnt(value):
    return torch.tensor([value], requires_grad=True)


def test_dpo_is_the_negative_log_odds_of_the_gap():
    """Gap 3 - (-1) = 4, β = 0.5: -log σ(2) = 0.1269."""
    assert float(textual.dpo(one(3.0), one(-1.0), 0.5)) == pytest.approx(nll(2.0))
    assert nll(2.0) == pytest.approx(0.1269, abs=1e-4)


def test_dpo_starts_at_log_two_and_pulls_both_answers_apart():
    chosen, rejected = learnt(0.0), learnt(0.0)

    value = textual.dpo(chosen, rejected, 0.1)
    value.sum().backward()

    assert float(value.detach()) == pytest.approx(math.log(2))
    assert float(chosen.grad) == pytest.approx(-0.05)  # -β · σ(0)
    assert float(rejected.grad) == pytest.approx(0.05)


def test_dpo_stays_finite_where_the_pair_is_hopeless():
    assert float(textual.dpo(one(-1e4), one(1e4), 1.0)) == pytest.approx(2e4)


def test_ipo_is_zero_at_its_goal_and_grows_on_both_sides():
    """τ = 0.25: the goal is 2."""
    assert float(textual.ipo(one(3.0), one(1.0), 0.25)) == 0
    assert float(textual.ipo(one(4.5), one(1.0), 0.25)) == pytest.approx(2.25)
    assert float(textual.ipo(one(1.0), one(1.0), 0.25)) == pytest.approx(4.0)


def test_simpo_asks_for_a_margin_of_mean_log_probabilities():
    """β = 2, γ = 0.5: 2·(-0.5) - 2·(-1.5) - 0.5 = 1.5."""
    assert float(textual.simpo(one(-0.5), one(-1.5), 2.0, 0.5)) == pytest.approx(nll(1.5))


@pytest.mark.parametrize(
    ("ratio", "desirable", "odds"), [(2.0, True, 0.5), (2.0, False, -0.5), (-1.0, False, 1.0)]
)
def test_kto_measures_one_answer_against_the_baseline(ratio, desirable, odds):
    """β = 0.5, z₀ = 1, λ = 3: 3·(1 - σ(±0.5·(r - 1)))."""
    found = textual.kto(one(ratio), torch.tensor(1.0), 0.5, 3.0, desirable=desirable)

    assert float(found) == pytest.approx(3 * (1 - 1 / (1 + math.exp(-odds))))


@pytest.mark.parametrize(("ratios", "expected"), [([1.0, 3.0], 2.0), ([-1.0, -3.0], 0.0)])
def test_kto_s_baseline_is_a_divergence_so_never_negative_and_not_learnt(ratios, expected):
    found = textual.kto_baseline(torch.tensor(ratios, requires_grad=True))

    assert float(found) == expected
    assert not found.requires_grad


def test_quality_judges_each_answer_by_itself():
    """β = 0.5, δ = 0.2, r = 2: -log σ(0.8) if good, -log σ(-0.8) if not."""
    assert float(textual.quality(one(2.0), 0.2, 0.5, good=True)) == pytest.approx(nll(0.8))
    assert float(textual.quality(one(2.0), 0.2, 0.5, good=False)) == pytest.approx(nll(-0.8))


def test_mpo_is_the_weighted_sum_of_preference_quality_and_imitation():
    """r_w = 2, r_l = -2, β = 0.5, δ = 0: 0.8·nll(2) + 0.2·(nll(1) + nll(1)) + 1·0.7."""
    found = textual.mpo(one(2.0), one(-2.0), one(-0.7), 0.0, beta=0.5)

    assert float(found) == pytest.approx(0.8 * nll(2) + 0.2 * 2 * nll(1) + 0.7)


def test_a_sure_reward_raises_beta_up_to_its_bound():
    """β = 0.1, w = 0.5, k = 0.5: δ = 2 gives 0.1·(1 + 0.5·(1 - e⁻¹))."""
    found = textual.scaled_beta(torch.tensor([0.0, 2.0, 1e6, -3.0]), 0.1, 0.5, 0.5)

    expected = [0.1, 0.1 * (1 + 0.5 * (1 - math.exp(-1))), 0.15, 0.1]
    assert found.tolist() == pytest.approx(expected)


def test_beta_may_differ_by_row():
    found = textual.dpo(
        torch.tensor([1.0, 1.0]), torch.tensor([0.0, 0.0]), torch.tensor([1.0, 3.0])
    )

    assert found.tolist() == pytest.approx([nll(1.0), nll(3.0)])
