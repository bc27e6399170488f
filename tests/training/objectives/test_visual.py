"""Losses on pictures, computed by hand from their papers' formulas."""

from __future__ import annotations

import math

import pytest
import torch

from guardrail_training.objectives import visual
from tests.training.objectives.test_textual import learnt, nll, one


def test_image_dpo_prefers_the_picture_that_the_answer_is_about():
    assert float(visual.image_dpo(one(1.0), one(-1.0), 0.5)) == pytest.approx(nll(1.0))


def test_an_anchor_holds_the_chosen_answer_s_likelihood():
    assert float(visual.anchored(one(2.0), 0.5, 0.25)) == pytest.approx(nll(0.75))


def test_mdpo_is_the_sum_of_its_three_terms():
    """r_w = 2, r_l = -2, r_w beside the corrupted picture = 1, β = 0.5."""
    found = visual.mdpo(one(2.0), one(-2.0), one(1.0), 0.5)

    assert float(found) == pytest.approx(nll(2.0) + nll(0.5) + nll(1.0))


def test_ha_dpo_adds_the_language_model_s_loss():
    found = visual.ha_dpo(one(2.0), one(-2.0), one(-0.3), 0.5, 0.5)

    assert float(found) == pytest.approx(nll(2.0) + 0.15)


def test_token_preference_moves_the_rejected_answer_only():
    chosen, rejected = learnt(3.0), learnt(1.0)

    value = visual.token_preference(chosen, rejected, 0.1)
    value.sum().backward()

    assert float(value.detach()) == pytest.approx(0.2)
    assert chosen.grad is None
    assert float(rejected.grad) == pytest.approx(-0.1)


def test_chip_is_the_weighted_sum_of_its_four_levels():
    found = visual.chip(
        (one(2.0), one(-2.0)),
        (one(1.0), one(0.0)),
        (one(3.0), one(1.0)),
        one(1.0),
        beta=0.5,
        segment_weight=2.0,
        token_weight=0.1,
    )

    expected = nll(0.5) + nll(2.0) + 2 * nll(0.5) + 0.1 * 0.5 * 2
    assert float(found) == pytest.approx(expected)


@pytest.mark.parametrize(("share", "expected"), [(0.0, nll(2.0)), (1.0, nll(-1.0))])
def test_adversarial_dpo_mixes_clean_and_attacked_pairs(share, expected):
    found = visual.adversarial_dpo((one(2.0), one(-2.0)), (one(-1.0), one(1.0)), 0.5, share)

    assert float(found) == pytest.approx(expected)


def test_pio_compares_the_clean_answer_with_what_the_attacked_picture_said():
    assert float(visual.preferred_image(one(1.0), one(-3.0), 0.1)) == pytest.approx(nll(0.4))


def test_aio_weighs_each_token_by_its_own_probability():
    """Probabilities 0.5 and 0.25: 0.5·ln 2 + 0.25·ln 4 = ln 2; plain: 3 ln 2."""
    logps = torch.tensor([[0.5, 0.25, 0.1]]).log()
    mask = torch.tensor([[True, True, False]])

    assert float(visual.adversarial_image(logps, mask)) == pytest.approx(math.log(2))
    plain = visual.adversarial_image(logps, mask, confident=False)
    assert float(plain) == pytest.approx(3 * math.log(2))


def test_aio_s_weight_is_not_learnt():
    """The gradient of -sg(p)·log p by log p is -p; without the stop it would be -p·(1 + log p)."""
    logps = torch.tensor([[math.log(0.25)]], requires_grad=True)

    visual.adversarial_image(logps, torch.tensor([[True]])).sum().backward()

    assert float(logps.grad) == pytest.approx(-0.25)


def test_adpo_is_pio_plus_lambda_aio():
    assert float(visual.adpo(one(0.5), one(2.0), 1.5)) == pytest.approx(3.5)
