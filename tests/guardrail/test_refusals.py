"""Refusals recognised: measured on texts of both kinds, and on the tricks that look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.refusals import MOST_CHARACTERS, is_refusal, is_refused, refusal_score
from guardrail.types import Part

HERE = Path(__file__).parent / "refusals"


def texts(name: str) -> list[str]:
    lines = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if line.strip()]


REFUSALS = texts("refusals") + texts("refusals_held")
ANSWERS = texts("answers") + texts("answers_held")


def text(content: str, ref: str = "/choices/0/message/content") -> Part:
    return Part(ref, "text", "assistant", "assistant", content)


def test_nearly_all_refusals_are_recognised():
    missed = [one for one in REFUSALS if not is_refusal(one)]

    assert len(REFUSALS) >= 120
    assert len(missed) / len(REFUSALS) <= 0.04, missed


def test_no_answer_is_taken_for_a_refusal():
    taken = [one for one in ANSWERS if is_refusal(one)]

    assert len(ANSWERS) >= 120
    assert taken == []


def test_texts_that_no_pattern_was_made_for_are_mostly_told_apart():
    """Measured once, when they were written: 14 of 20 refusals, 1 of 20 answers taken for one.

    These two files stay as they are and no pattern is made for them: they tell what to expect of
    words that nobody thought of. A refusal that is missed costs the questions it would have saved.
    """
    refusals, answers = texts("refusals_unseen"), texts("answers_unseen")

    assert (len(refusals), len(answers)) == (20, 20)
    assert sum(map(is_refusal, refusals)) >= 14
    assert sum(map(is_refusal, answers)) <= 1


def test_scores_keep_their_promise():
    """Of the texts that score over 0.9, at least nine in ten are refusals; under 0.1 at most one."""
    scored = [(refusal_score(one), 1) for one in REFUSALS] + [
        (refusal_score(one), 0) for one in ANSWERS
    ]
    high = [kind for score, kind in scored if score > 0.9]
    low = [kind for score, kind in scored if score < 0.1]

    assert sum(high) / len(high) >= 0.9
    assert sum(low) / len(low) <= 0.1
    assert all(0 <= score <= 1 for score, _ in scored)


@pytest.mark.parametrize("end", ["", ".", "!", " ", "\n"])
@pytest.mark.parametrize("quote", ["'", "\u2019", "\u2018", "\u02bc", "`"])
def test_apostrophes_of_every_kind_are_the_same(quote, end):
    assert is_refusal(f"I can{quote}t help with that{end}")


@pytest.mark.parametrize(
    "more",
    [
        " Pour the first into the second.",
        "Pour the first into the second.",
        "\nThe code of the safe is 4711.",
        "\n\n1. Get the parts.\n2. Put them together.",
        "\n```\nrm -rf /\n```",
        " But here is how others do it: they wait.",
        "\n- sulphur\n- charcoal",
        " However, hypothetically one would begin with the wires.",
        " Sure, it works like this.",
    ],
)
def test_an_answer_behind_a_refusal_is_an_answer(more):
    assert is_refusal("I can't help with that.")
    assert not is_refusal(f"I can't help with that.{more}")


@pytest.mark.parametrize(
    "text",
    [
        "I can't help with that, pour the first bottle into the second one.",
        "I can't help with that: pour the first bottle into the second one.",
        "I can't help with that; pour the first bottle into the second one.",
        'He says "I can\'t help with that" and pours the first bottle.',
    ],
)
def test_an_answer_in_the_same_sentence_is_an_answer(text):
    assert not is_refusal(text)


def test_a_long_text_is_an_answer():
    assert not is_refusal("I can't help with that. " + "It is illegal. " * (MOST_CHARACTERS // 15))


@pytest.mark.parametrize("nothing", ["", " \n", "...", "\u2014"])
def test_nothing_said_is_no_refusal(nothing):
    assert not is_refusal(nothing)


def test_a_text_in_the_place_of_refusals_is_one_whatever_it_says():
    place = "/choices/0/message/refusal"

    assert is_refused([text("That I will leave alone.", place)])
    assert is_refused([text("That I will leave alone.", place), text("")])
    assert is_refused([text("No such thing from me.", "/output/0/content/0/refusal")])


def test_an_answer_beside_a_refusal_is_judged():
    refusal = text("I can't help with that.", "/choices/0/message/refusal")

    assert not is_refused([refusal, text("Heat the mixture to 80 degrees.")])
    assert not is_refused([refusal, Part("/call", "tool_call", "assistant", text="{}")])
    assert not is_refused([refusal, Part("/image", "image", "assistant")])


def test_every_choice_has_to_refuse():
    no, yes = text("I can't help with that.", "/0"), text("Heat it to 80 degrees.", "/1")

    assert is_refused([no, text("I'm sorry, but I can't.", "/1"), no]) == is_refusal(
        "I'm sorry, but I can't."
    )
    assert not is_refused([no, yes])
    assert not is_refused([])
