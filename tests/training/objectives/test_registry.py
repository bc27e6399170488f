"""Every objective by its name, on the same answers."""

from __future__ import annotations

import math

import pytest
import torch
from pydantic import ValidationError

from guardrail_training.objectives.answers import Answer
from guardrail_training.objectives.registry import OBJECTIVES, Evidence, Weights, objective
from tests.training.objectives.test_textual import nll

RATIOS = {
    "chosen": 2.0,
    "rejected": -2.0,
    "chosen_corrupted": 1.0,
    "chosen_adversarial": 0.5,
    "rejected_adversarial": -0.5,
    "chosen_mismatched": 0.4,
}


def answer(ratio):
    """Two tokens at -1 under the reference; the second one was changed."""
    reference = torch.tensor([[-1.0, -1.0, -7.0]])
    policy = (reference + torch.tensor([[ratio / 4, 3 * ratio / 4, 5.0]])).requires_grad_()
    mask = torch.tensor([[True, True, False]])
    changed = torch.tensor([[False, True, True]])
    return Answer(policy, reference, mask, changed, torch.full((1, 3), abs(ratio)))


def evidence(**changed):
    given = {"answers": {view: answer(ratio) for view, ratio in RATIOS.items()}}
    return Evidence(**(given | {"margin": torch.tensor([2.0]), "shift": 0.0} | changed))


WEIGHTS = Weights(beta=0.5, gamma=3.0, imitation=2.0, tokens=0.1, share=1.0, undesirable=2.0)
SEGMENTS = (2 / 4 + 3 * 6 / 4) / 4  # of the chosen; minus that of the rejected

BY_HAND = {
    "dpo": nll(2.0),
    "ipo": (4.0 - 1 / (2 * 0.5)) ** 2,
    "kto": (1 - 1 / (1 + math.exp(-0.8))) + 2 * (1 - 1 / (1 + math.exp(-1.2))),
    "simpo": nll(0.5 * 0.0 - 0.5 * (-2.0) - 3.0),
    "mpo": 0.8 * nll(2.0) + 0.2 * 2 * nll(1.0) - 2.0 * 0.0,
    "mm_rlhf": nll(0.5 * (1 + 0.5 * (1 - math.exp(-1))) * 4),
    "ddpo": nll(0.5 * 2 * SEGMENTS),
    "image_dpo": nll(0.5),
    "mdpo": nll(2.0) + nll(0.5) + nll(1.0),
    "ha_dpo": nll(2.0) - 2.0 * 0.0,
    "chip": nll(0.5) + nll(2.0) + nll(0.5 * 2 * SEGMENTS) + 0.1 * 0.0,
    "adversarial_dpo": nll(0.5),
    "adpo": nll(0.5 * (2.0 + 0.5))
    + 2.0 * -((-0.875) * math.exp(-0.875) + (-0.625) * math.exp(-0.625)),
}


def test_every_objective_has_a_value_by_hand():
    assert set(BY_HAND) == set(OBJECTIVES)
    assert len(BY_HAND) == 13


@pytest.mark.parametrize("name", BY_HAND)
def test_a_named_objective_equals_the_arithmetic(name):
    found = OBJECTIVES[name].compute(evidence(), WEIGHTS).detach()

    assert found.shape == (1,)
    assert float(found) == pytest.approx(BY_HAND[name], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_reads_no_view_that_it_does_not_declare(name):
    one = OBJECTIVES[name]
    only = {view: answer(RATIOS[view]) for view in one.reads}

    assert torch.isfinite(one.compute(evidence(answers=only), WEIGHTS)).all()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_view_that_an_objective_declares_moves_it(name):
    one = OBJECTIVES[name]
    given = evidence()
    before = float(one.compute(given, WEIGHTS).detach())

    for view in one.reads:
        other = dict(given.answers) | {view: answer(RATIOS[view] + 1.0)}
        changed = float(one.compute(evidence(answers=other), WEIGHTS).detach())
        if name == "adversarial_dpo" and view in {"chosen", "rejected"}:
            continue  # a share of 1 is the attacked pair alone
        assert changed != pytest.approx(before, abs=1e-6), view


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_chosen_answer_becomes_likelier_and_padding_learns_nothing(name):
    given = evidence()

    OBJECTIVES[name].compute(given, WEIGHTS).sum().backward()

    learnt = [one.policy.grad for one in given.answers.values() if one.policy.grad is not None]
    assert learnt
    assert all(float(grad[0, 2]) == 0 for grad in learnt)
    chosen = given.answers["chosen"].policy.grad
    if name not in {"ipo", "adversarial_dpo"}:  # IPO is beyond its goal here
        assert float(chosen[0, :2].sum()) < 0


def test_a_name_that_is_not_known_lists_those_that_are():
    with pytest.raises(ValueError, match=r"'rlhf' is not known; known: dpo, ipo, kto"):
        objective("rlhf")


@pytest.mark.parametrize(
    ("name", "says"), [("mm_rlhf", "score_chosen"), ("ddpo", "changed"), ("chip", "divergence")]
)
def test_what_an_objective_lacks_is_said(name, says):
    answers = {
        view: Answer(
            one.policy, one.reference, one.mask, None if says == "changed" else one.changed
        )
        for view, one in evidence().answers.items()
    }

    with pytest.raises(ValueError, match=says):
        OBJECTIVES[name].compute(Evidence(answers), WEIGHTS)


@pytest.mark.parametrize("bad", [{"beta": 0}, {"quality": 2}, {"lambda": 1}, {"share": -1}])
def test_weights_out_of_range_are_refused(bad):
    with pytest.raises(ValidationError):
        Weights.model_validate(bad)
