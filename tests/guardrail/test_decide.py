"""Findings × rules → action."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.decide import action_for, decide
from guardrail.stage import Rule
from guardrail.types import Action, Finding

CATEGORIES = ("hate", "privacy", "prompt_injection")
scores = st.floats(0, 1)
findings = st.builds(Finding, st.just("/x"), st.sampled_from(CATEGORIES), scores)
rules = st.builds(Rule, st.sampled_from((*CATEGORIES, "*")), scores, st.sampled_from(list(Action)))


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.79, Action.FLAG), (0.80, Action.BLOCK), (0.49, Action.ALLOW), (0.5, Action.FLAG)],
)
def test_the_threshold_itself_is_enough(score, expected):
    rules = (Rule("hate", 0.8, Action.BLOCK), Rule("hate", 0.5, Action.FLAG))

    assert action_for(Finding("/x", "hate", score), rules) is expected


def test_a_rule_for_another_category_does_not_apply():
    finding = Finding("/x", "hate", 1.0)

    assert action_for(finding, (Rule("privacy", 0.0, Action.BLOCK),)) is Action.ALLOW


def test_a_star_rule_applies_to_every_category():
    finding = Finding("/x", "hate", 0.6)

    assert action_for(finding, (Rule("*", 0.5, Action.FLAG),)) is Action.FLAG


def test_nothing_found_is_allowed():
    assert decide((), (Rule("*", 0.0, Action.BLOCK),)) is Action.ALLOW


@given(st.lists(findings), findings, st.lists(rules))
def test_one_more_finding_never_lowers_the_action(found, more, by):
    assert decide([*found, more], by) >= decide(found, by)


@given(st.lists(findings), st.lists(rules), rules)
def test_one_more_rule_never_lowers_the_action(found, by, more):
    assert decide(found, [*by, more]) >= decide(found, by)


@given(st.lists(findings), st.lists(rules), st.randoms())
def test_the_order_of_findings_and_rules_is_irrelevant(found, by, random):
    shuffled, shuffled_rules = list(found), list(by)
    random.shuffle(shuffled)
    random.shuffle(shuffled_rules)

    assert decide(shuffled, shuffled_rules) is decide(found, by)
