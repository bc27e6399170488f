"""Robust accuracy: what counts as right, and that attacks only take away."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.adpo.measure import away, held, margin, measured, unlikelihood
from guardrail_training.adpo.pictures import Row, collate
from tests.training.small import noise_rows, small_mllm


@pytest.fixture(scope="module")
def mllm():
    return small_mllm()


@pytest.fixture(scope="module")
def own(mllm):
    """Rows whose true answers are what the model says anyway."""
    rows = noise_rows(4)
    batch = collate(rows)
    said = mllm.answers(mllm.model, batch["images"], batch["prompts"], 32)
    return [
        Row(row.pixels, row.prompt, row.targets, answer)
        for row, answer in zip(rows, said, strict=True)
    ]


def test_a_margin_is_that_of_the_worst_token(mllm):
    batch = collate(noise_rows(2))
    tokens = mllm.conversations(batch["prompts"], batch["answers"])

    with torch.no_grad():
        found = margin(mllm, batch["images"], tokens)
        _, words = mllm.log_probabilities(mllm.model, batch["images"], tokens)

    places = tokens.answer[0, 1:].nonzero().flatten().tolist()
    worst = max(
        float(
            max(v for k, v in enumerate(words[0, p]) if k != int(tokens.input_ids[0, p + 1]))
            - words[0, p, tokens.input_ids[0, p + 1]]
        )
        for p in places
    )
    assert float(found[0]) == pytest.approx(worst, abs=1e-5)


def test_an_answer_holds_exactly_when_greedy_decoding_writes_it(mllm):
    batch = collate(noise_rows(2))
    tokens = mllm.conversations(batch["prompts"], batch["answers"])

    assert held(mllm, batch["images"], tokens).tolist() == [False, False]  # untrained
    with torch.no_grad():
        assert bool((margin(mllm, batch["images"], tokens) > 0).all())


def test_unlikelihood_sums_the_answer_s_tokens_only(mllm):
    batch = collate(noise_rows(1))
    tokens = mllm.conversations(batch["prompts"], batch["answers"])

    with torch.no_grad():
        chosen, _ = mllm.log_probabilities(mllm.model, batch["images"], tokens)
        found = unlikelihood(mllm, batch["images"], tokens)

    assert float(found) == pytest.approx(-float(chosen[0][tokens.answer[0, 1:]].sum()), rel=1e-5)


def test_attacks_only_take_right_answers_away_and_larger_radii_take_more(monkeypatch, mllm):
    """The margin of a row is (its threshold - mean of its picture): a straight attack breaks it."""
    rows = [
        Row(
            torch.full((3, 32, 32), 128, dtype=torch.uint8),
            "Is there a star?",
            torch.zeros(10),
            "x",
        )
        for _ in range(4)
    ]
    reach = torch.tensor([1.5, 3.0, 6.0, -1.0]) / 255  # the fourth is wrong as it is

    def straight(_, images, tokens):
        limits = (
            tokens.attention_mask[:, 0] * 0 + tokens.input_ids[:, 0]
        )  # carries the row's number
        return (128 / 255 - reach[limits]) - images.mean((1, 2, 3))

    def numbered(prompts, answers):
        from guardrail_training.mllm import Tokens

        ids = torch.arange(len(prompts))[:, None]
        return Tokens(ids, torch.ones_like(ids), ids > -1)

    monkeypatch.setattr("guardrail_training.adpo.measure.margin", straight)
    monkeypatch.setattr("guardrail_training.adpo.measure.unlikelihood", straight)
    monkeypatch.setattr(mllm, "conversations", numbered)

    found = measured(mllm, rows, (8, 2, 4), steps=10, batch=4)

    assert found.clean == [True, True, True, False]
    assert found.attacked == {
        2: [False, True, True, False],
        4: [False, False, True, False],
        8: [False, False, False, False],
    }


@pytest.mark.parametrize("darker", [True, False])
def test_what_hides_its_gradient_is_attacked_through_the_encoder(monkeypatch, mllm, darker):
    rows = [Row(torch.full((3, 32, 32), 128, dtype=torch.uint8), "x", torch.zeros(10), "x")]

    def without_gradient(_, images, tokens):
        found = 126.5 / 255 - images.mean((1, 2, 3))
        return found.detach() + images.sum((1, 2, 3)) * 0

    def through_the_encoder(_, __):
        return lambda _, images, tokens: (-1 if darker else 1) * images.mean((1, 2, 3))

    monkeypatch.setattr("guardrail_training.adpo.measure.margin", without_gradient)
    monkeypatch.setattr("guardrail_training.adpo.measure.unlikelihood", without_gradient)
    monkeypatch.setattr("guardrail_training.adpo.measure.away", through_the_encoder)

    found = measured(mllm, rows, (4,), steps=10)

    assert found.clean == [True]
    assert found.attacked[4] == [not darker]


def test_an_encoder_is_attacked_away_what_it_saw(mllm):
    images = torch.rand(2, 3, mllm.side, mllm.side)
    tokens = mllm.conversations(["Is there a star?"] * 2, ["Yes."] * 2)
    objective = away(mllm, images)

    assert objective(mllm, images, tokens).tolist() == [0.0, 0.0]
    assert bool((objective(mllm, images.flip(0), tokens) > 0).all())


def test_a_radius_of_nothing_changes_nothing(mllm, own):
    found = measured(mllm, own, (0,), steps=3)

    assert found.attacked[0] == found.clean
