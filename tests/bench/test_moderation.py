"""The bench of moderation: its counts are exact, and every strategy ends as its name says."""

from __future__ import annotations

from bench.moderation import BEHAVIOURS, STRATEGIES, measured, report


async def test_every_strategy_meets_every_behaviour_and_no_bad_draft_passes_a_moderator():
    results = await measured(1, 0.0, 0.0, 0)

    assert set(results) == {(name, one) for name in STRATEGIES for one in BEHAVIOURS}
    marking, *moderating = STRATEGIES
    assert results[marking, "never good"].leaked == 1
    for name in moderating:
        good, refusal, better, never = (results[name, one] for one in BEHAVIOURS)
        assert (good.ending, good.answers) == ("replied, allow", 1)
        assert (refusal.ending, refusal.questions) == ("replied, allow", 0)
        assert (better.ending, better.answers, better.leaked) == ("replied, revise", 2, 0)
        assert (never.ending, never.answers, never.leaked) == ("blocked, block", 3, 0)
    assert results["ask until two agree", "good draft"].questions == 2
    assert results["ask until two agree, when risky", "good draft"].questions == 0
    assert report(results, 1, "title").row_count == len(results)
