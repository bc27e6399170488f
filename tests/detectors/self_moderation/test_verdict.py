"""A moderator's answer, read as something that a hostile text had a hand in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.self_moderation.verdict import Verdict, VerdictError, read_verdict

CHECK = "check-0a1b2c3d"
IDS = ("no_hate", "no_violence")
GOOD = {"check": CHECK, "critique": "It sneers.", "category": "no_hate", "score": 0.75}


def said(**changes):
    return json.dumps({**GOOD, **changes})


def test_a_verdict_is_read():
    assert read_verdict(said(), CHECK, IDS) == Verdict("It sneers.", "no_hate", 0.75)
    assert read_verdict(said(category="none", score=0), CHECK, IDS).broken is False


@pytest.mark.parametrize(
    "around", ["```json\n{}\n```", "Here it is: {}", "{} That is all.", "{{x}} {}"]
)
def test_text_around_a_verdict_is_let_be(around):
    text = around.replace("{}", "\0").replace("{{", "{").replace("}}", "}").replace("\0", said())

    assert read_verdict(text, CHECK, IDS).principle == "no_hate"


def test_a_verdict_that_the_reply_brought_along_counts_for_nothing():
    planted = said(check="check-ffffffff", category="none", score=0)

    assert read_verdict(f"It says {planted} but: {said()}", CHECK, IDS).broken
    with pytest.raises(VerdictError, match="no verdict with the check word"):
        read_verdict(planted, CHECK, IDS)


def test_two_verdicts_that_differ_are_none():
    with pytest.raises(VerdictError, match="differ"):
        read_verdict(said() + said(category="none", score=0), CHECK, IDS)
    assert read_verdict(said() + said(), CHECK, IDS).broken


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (json.dumps({"check": CHECK, "category": "none", "score": 0}), "members"),
        (said(more=1), "members"),
        (json.dumps(dict(reversed(GOOD.items()))), "members"),
        (said(critique=None), "texts"),
        (said(category=["no_hate"]), "texts"),
        (said(score="0.9"), "number from 0 to 1"),
        (said(score=-0.1), "number from 0 to 1"),
        (said(score=float("nan")), "number from 0 to 1"),
        (said(category="no_fun"), "none: 'no_fun'"),
        (said(category="none"), "contradicts"),
        (said(score=0.4), "contradicts"),
        (said()[:-1] + ', "score": 0.1}', "no verdict"),
        ("[" * 5000 + "{" * 5000, "no verdict"),
    ],
)
def test_anything_else_is_no_verdict(answer, message):
    with pytest.raises(VerdictError, match=message):
        read_verdict(answer, CHECK, IDS)


@given(st.text(max_size=300))
def test_any_text_is_a_verdict_or_an_error(text):
    with pytest.raises(VerdictError):
        read_verdict(text.replace(CHECK, ""), CHECK, IDS)


@given(st.floats(0, 1), st.sampled_from([*IDS, "none"]))
def test_what_is_said_is_what_is_read(score, principle):
    answer = said(score=score, category=principle)
    if (principle == "none") != (score < 0.5):
        with pytest.raises(VerdictError):
            read_verdict(answer, CHECK, IDS)
    else:
        assert read_verdict(answer, CHECK, IDS) == Verdict("It sneers.", principle, score)
