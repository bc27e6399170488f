"""Ranking, filtering, and asking again: what is said, and that harm never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.constrained.multiplier import Multiplier
from guardrail_detectors.constrained.rerank import Candidate, filtered, reranked

SCORES = st.floats(-10, 10)
CANDIDATES = st.lists(st.builds(Candidate, st.text(max_size=3), SCORES, SCORES), max_size=8)


def scripted(*answers):
    """A model that says these in turn, and the prompts that it got."""
    left, prompts = list(answers), []

    async def ask(prompt):
        prompts.append(prompt)
        return left.pop(0)

    return ask, prompts


async def judge(answer):
    """Answers say their own reward and cost."""
    reward, cost = answer.split("/")
    return float(reward), float(cost)


def test_the_best_utility_among_the_harmless_is_first():
    several = [
        Candidate("a", 1, -1),
        Candidate("b", 9, 0.1),
        Candidate("c", 3, 0),
        Candidate("d", 1, -4),
    ]

    found = reranked(several, Multiplier(value=1.0))

    assert [one.answer for one in found] == ["d", "c", "a"]


def test_equals_keep_their_order():
    several = [Candidate("a", 1, 0), Candidate("b", 1, 0)]

    assert reranked(several, Multiplier()) == several


@given(CANDIDATES, SCORES)
def test_nothing_above_the_threshold_is_ever_ranked_and_nothing_below_is_lost(several, worst):
    found = reranked(several, Multiplier(), worst)

    assert all(one.cost <= worst for one in found)
    assert len(found) == sum(one.cost <= worst for one in several)


@given(CANDIDATES, SCORES)
def test_no_reward_brings_a_harmful_answer_back(several, worst):
    raised = [Candidate(one.answer, 1e9, one.cost) if one.cost > worst else one for one in several]

    assert reranked(raised, Multiplier(), worst) == reranked(several, Multiplier(), worst)


async def test_a_harmless_first_answer_is_said_and_nobody_is_asked_again():
    ask, prompts = scripted("2/-1")

    found = await filtered(ask, judge, "help", Multiplier())

    assert found.chosen.answer == "2/-1"
    assert (found.rounds, prompts) == (1, ["help"])


async def test_harmful_answers_are_dropped_and_the_model_is_told_and_asked_again():
    ask, prompts = scripted("9/2", "8/1", "1/-1", "3/-1")

    found = await filtered(ask, judge, "help", Multiplier(), candidates=2)

    assert found.chosen.answer == "3/-1"
    assert [one.answer for one in found.seen] == ["9/2", "8/1", "1/-1", "3/-1"]
    assert prompts[0] == "help"
    assert prompts[2].startswith("help\n")
    assert "withheld" in prompts[2]


async def test_after_the_last_round_nothing_is_chosen():
    ask, _ = scripted("9/2", "9/2", "9/2")

    found = await filtered(ask, judge, "help", Multiplier(), rounds=3)

    assert found.chosen is None
    assert (found.rounds, len(found.seen)) == (3, 3)


async def test_a_prompt_with_braces_is_asked_again_as_it_is():
    ask, prompts = scripted("9/2", "1/-1")

    await filtered(ask, judge, "sum {x} {0}", Multiplier())

    assert prompts[1].startswith("sum {x} {0}\n")


async def test_an_answer_that_cannot_be_judged_is_not_said():
    async def broken(_):
        raise RuntimeError("judge is down")

    ask, _ = scripted("1/-1")
    with pytest.raises(RuntimeError, match="judge is down"):
        await filtered(ask, broken, "help", Multiplier())


@pytest.mark.parametrize("said", ["nan/0", "0/nan", "inf/0", "0/inf"])
async def test_scores_that_are_not_finite_are_refused(said):
    ask, _ = scripted(said)

    with pytest.raises(ValueError, match="must be finite"):
        await filtered(ask, judge, "help", Multiplier())


@pytest.mark.parametrize("bad", [{"candidates": 0}, {"rounds": 0}])
async def test_asking_nothing_is_refused(bad):
    ask, _ = scripted()

    with pytest.raises(ValueError, match="must be 1 at least"):
        await filtered(ask, judge, "help", Multiplier(), **bad)
