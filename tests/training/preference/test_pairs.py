"""Builders of pairs: who wins, who is left out, and when there is no pair."""

from __future__ import annotations

import math

import pytest
import torch

from guardrail_training.preference.corrupt import Corruption
from guardrail_training.preference.pairs import (
    Question,
    claims,
    corrupted_answer,
    corrupted_picture,
    ranked,
    ranked_by_claims,
    ranked_by_critique,
    ranked_by_likeness,
)
from tests.training.small import small_mllm

QUESTION = Question("7", "a.png", torch.full((3, 32, 32), 0.25), "Is there a star?")


def answers(pair):
    return None if pair is None else (pair.chosen, pair.rejected)


def test_a_picture_s_pair_is_one_answer_for_the_trainer_to_take_its_picture_away():
    pair = corrupted_picture(QUESTION, "Yes.")

    assert answers(pair) == ("Yes.", "Yes.")
    assert (pair.id, pair.image, pair.prompt) == ("7", "a.png", "Is there a star?")


def test_what_is_said_of_a_corrupted_picture_is_rejected():
    seen = []

    def ask(picture, prompt):
        seen.append((float(picture.mean()), prompt))
        return "No."

    pair = corrupted_answer(QUESTION, "Yes.", ask, Corruption(kind="blank"))

    assert answers(pair) == ("Yes.", "No.")
    assert seen == [(0.5, "Is there a star?")]


@pytest.mark.parametrize("said", ["Yes.", ""])
def test_a_corruption_that_changes_nothing_or_silences_makes_no_pair(said):
    assert corrupted_answer(QUESTION, "Yes.", lambda *_: said, lambda images: images) is None


@pytest.mark.parametrize(
    ("scores", "gap", "expected"),
    [
        ({"a": 1.0, "b": 3.0, "c": 2.0}, 0.0, ("b", "a")),
        ({"a": 1.0, "b": 3.0}, 2.0, None),
        ({"a": 1.0, "b": 1.0}, 0.0, None),
        ({"a": 1.0}, 0.0, None),
        ({"a": math.nan, "b": 3.0, "c": 2.0}, 0.0, ("b", "c")),
        ({"a": math.nan, "b": 3.0}, 0.0, None),
    ],
)
def test_the_best_is_ranked_over_the_worst_when_they_are_apart(scores, gap, expected):
    assert answers(ranked(QUESTION, scores, gap)) == expected


def test_scores_go_with_the_pair():
    pair = ranked(QUESTION, {"a": 1.0, "b": 3.0})

    assert (pair.score_chosen, pair.score_rejected) == (3.0, 1.0)


def test_likeness_ranks_each_different_answer_once():
    seen = []

    def likeness(picture, texts):
        seen.append((tuple(picture.shape), list(texts)))
        return [0.1, 0.4]

    pair = ranked_by_likeness(QUESTION, ["dog", "cat", "dog"], likeness)

    assert answers(pair) == ("cat", "dog")
    assert seen == [((3, 32, 32), ["dog", "cat"])]


def test_a_critique_s_mark_ranks_and_one_without_a_mark_is_left_out():
    marks = {"good": "I'd say 10.", "fair": "8/10 perhaps", "odd": "Splendid!"}

    def ask(_, prompt):
        return next(said for answer, said in marks.items() if f"Answer: {answer}" in prompt)

    assert answers(ranked_by_critique(QUESTION, list(marks), ask)) == ("good", "fair")
    assert ranked_by_critique(QUESTION, ["good", "odd"], ask) is None


def test_claims_are_sentences():
    assert claims("A cat sits. Is it red? ... Yes!\n") == ["A cat sits.", "Is it red?", "Yes!"]
    assert claims("no full stop") == ["no full stop"]


def test_an_answer_is_worth_less_by_each_claim_that_is_denied():
    false = {"It flies.", "It is red."}

    def ask(_, prompt):
        return "No, not so." if any(one in prompt for one in false) else "Yes."

    several = ["It sits. It is red. It flies.", "It sits. It is red.", "It sits."]
    pair = ranked_by_claims(QUESTION, several, ask)

    assert answers(pair) == (several[2], several[0])
    assert (pair.score_chosen, pair.score_rejected) == (0.0, -2.0)


def test_an_answer_with_a_claim_that_is_neither_affirmed_nor_denied_is_left_out():
    def ask(_, prompt):
        return "Who knows?" if "odd" in prompt else "no" if "false" in prompt else "yes"

    assert ranked_by_claims(QUESTION, ["odd.", "true."], ask) is None
    assert answers(ranked_by_claims(QUESTION, ["odd.", "false.", "true."], ask)) == (
        "true.",
        "false.",
    )


def test_a_model_itself_builds_pairs():
    mllm = small_mllm()

    def ask(picture, prompt):
        return mllm.answers(mllm.model, picture[None], [prompt], 6)[0]

    pair = corrupted_answer(QUESTION, "It is red.", ask, Corruption(kind="blank"))

    assert answers(pair) == ("It is red.", ask(torch.full((3, 32, 32), 0.5), QUESTION.prompt))
