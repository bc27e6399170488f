"""One step of each method: what is attacked, what learns, what the loss is."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.adpo import steps
from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.losses import embedding_distance
from guardrail_training.adpo.pictures import Rows, collate
from guardrail_training.adpo.train import prepared
from guardrail_training.objectives import visual
from tests.training.small import noise_rows, small_mllm


def config(method, **changed):
    given = {
        "method": method,
        "model": "here",
        "pictures": {"kind": "world", "count": 4},
        "attack": {"eps": 8, "steps": 2},
        "head_steps": 2,
        "most_tokens": 4,
    }
    return HardenConfig.model_validate(given | changed)


def batch(count=3):
    return collate(noise_rows(count))


def step(method, **changed):
    mllm = small_mllm()
    torch.manual_seed(0)
    learner, loss = prepared(mllm, config(method, **changed), Rows(noise_rows(4)))
    return mllm, learner, *loss(learner, batch())


@pytest.mark.parametrize("method", ["fare", "tecoa", "adpo"])
@pytest.mark.parametrize("changed", [{}, {"clean_weight": 0.5}, {"attack_on": "output"}])
def test_gradients_reach_the_vision_encoder_and_nothing_else(method, changed):
    mllm, learner, value, _ = step(method, **changed)

    value.backward()

    inside = {id(one) for one in mllm.tower.parameters()}
    moved = {id(one) for one in mllm.tower.parameters() if one.grad is not None}
    outside = [*mllm.model.parameters(), *learner.parameters()]
    assert len(moved) > len(inside) / 2
    assert not [one for one in outside if id(one) not in inside and one.grad is not None]


def test_fare_is_zero_while_nothing_is_attacked_and_nothing_was_learnt():
    _, _, value, _ = step("fare", attack={"eps": 0, "steps": 1})

    assert float(value.detach()) == pytest.approx(0, abs=1e-6)


def test_fare_measures_from_the_original_encoder_not_from_the_one_that_learns():
    mllm = small_mllm()
    learner, loss = prepared(mllm, config("fare", attack={"eps": 0, "steps": 1}), Rows([]))
    original = mllm.features(mllm.tower, batch()["images"]).detach()
    with torch.no_grad():
        for one in mllm.tower.parameters():
            one.add_(0.01 * torch.randn(one.shape, generator=torch.Generator().manual_seed(1)))

    value, _ = loss(learner, batch())

    away = embedding_distance(mllm.features(mllm.tower, batch()["images"]).detach(), original)
    assert float(value.detach()) == pytest.approx(float(away.mean()), rel=1e-4)
    assert float(value.detach()) > 0.1


@pytest.mark.parametrize("method", ["fare", "tecoa"])
def test_an_attack_raises_the_loss_that_is_trained_on(method):
    _, _, weak, _ = step(method, attack={"eps": 0, "steps": 1})
    _, _, strong, _ = step(method, attack={"eps": 8, "steps": 3})

    assert float(strong.detach()) > float(weak.detach()) * 1.01


@pytest.mark.parametrize("method", ["fare", "tecoa"])
def test_a_clean_weight_mixes_both_losses_as_noted(method):
    _, _, value, notes = step(method, clean_weight=0.25)

    mixed = 0.75 * notes["attacked"] + 0.25 * notes["clean"]
    assert float(value.detach()) == pytest.approx(mixed, rel=1e-5)


def test_adpo_is_pio_plus_lambda_aio_as_noted():
    _, _, value, notes = step("adpo", weight=2.0)

    assert float(value.detach()) == pytest.approx(
        notes["preferred"] + 2 * notes["adversarial"], rel=1e-5
    )


def test_adpo_prefers_what_clean_pictures_say_over_what_attacked_ones_say(monkeypatch):
    mllm = small_mllm()
    said = [["It is red.", "It is blue.", "One."], ["It is red.", "It is green.", "None."]]
    monkeypatch.setattr(mllm, "answers", lambda *_: said.pop(0))
    seen = {}
    true = visual.preferred_image

    def spied(chosen, rejected, beta):
        seen["ratios"], seen["beta"] = (chosen, rejected), beta
        return true(chosen, rejected, beta)

    monkeypatch.setattr(steps, "preferred_image", spied)
    learner, loss = prepared(mllm, config("adpo", beta=0.3), Rows([]))

    _, notes = loss(learner, batch())

    assert notes["misled"] == pytest.approx(2 / 3)  # the first picture says the same twice
    assert seen["beta"] == 0.3
    # The policy still is its reference: both log ratios are zero, and PIO is log 2 where it counts.
    assert seen["ratios"][0].detach().tolist() == pytest.approx([0.0] * 3, abs=1e-4)
    assert notes["preferred"] == pytest.approx(0.6931 * 2 / 3, rel=1e-3)


def test_equal_answers_state_no_preference(monkeypatch):
    mllm = small_mllm()
    monkeypatch.setattr(mllm, "answers", lambda *_: ["It is red."] * 3)
    learner, loss = prepared(mllm, config("adpo", weight=0), Rows([]))

    value, notes = loss(learner, batch())
    value.backward()

    assert notes["misled"] == 0
    assert float(value.detach()) == 0
    assert not any(
        float(one.grad.abs().sum()) for one in learner.parameters() if one.grad is not None
    )


@pytest.mark.parametrize(("chosen_by", "speakers"), [("policy", 1), ("original", 2)])
def test_the_original_model_may_say_what_clean_pictures_show(monkeypatch, chosen_by, speakers):
    mllm = small_mllm()
    spoke = []
    monkeypatch.setattr(
        mllm, "answers", lambda model, *_: spoke.append(model) or ["It is red."] * 3
    )
    learner, loss = prepared(mllm, config("adpo", chosen_by=chosen_by), Rows([]))

    loss(learner, batch())

    assert len({id(one) for one in spoke}) == speakers
    assert spoke[1] is mllm.model  # what attacked pictures show is always the policy's


def test_adpo_s_reference_does_not_learn():
    mllm = small_mllm()
    learner, loss = prepared(mllm, config("adpo"), Rows([]))
    with torch.no_grad():
        for one in mllm.tower.parameters():
            one.add_(0.05 * torch.randn(one.shape, generator=torch.Generator().manual_seed(1)))

    _, notes = loss(learner, batch())

    assert abs(notes["gap"]) > 1e-4  # were the reference the policy itself, ratios would be zero


def test_one_batch_is_learnt_by_heart():
    mllm = small_mllm()
    rows = Rows(noise_rows(4))
    learner, loss = prepared(mllm, config("tecoa", attack={"eps": 2, "steps": 2}), rows)
    optimiser = torch.optim.Adam([one for one in learner.parameters() if one.requires_grad], 1e-3)
    torch.manual_seed(0)
    values = []

    for _ in range(40):
        value, _ = loss(learner, batch())
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        values.append(float(value.detach()))

    assert values[-1] < values[0] / 2
