"""Findings × rules → action: the only place where a score becomes a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guardrail.errors import OverloadError
from guardrail.stage import Rule
from guardrail.types import Action, Finding, Outcome


def action_for(finding: Finding, rules: Sequence[Rule]) -> Action:
    """The severest action of the rules that match ``finding``; ``ALLOW`` if none does."""
    return max((rule.action for rule in rules if applies(rule, finding)), default=Action.ALLOW)


def applies(rule: Rule, finding: Finding) -> bool:
    """Whether ``rule`` is about ``finding``: its category or any, and scored high enough."""
    return finding.score >= rule.at_least and rule.category in ("*", finding.category)


def decide(findings: Iterable[Finding], rules: Sequence[Rule]) -> Action:
    """The severest action over all findings.

    Monotone: one more rule or finding never lowers it. Independent of the order of both.
    """
    return max((action_for(finding, rules) for finding in findings), default=Action.ALLOW)


def not_overloaded(outcome: Outcome) -> Outcome:
    """``outcome``, unless nothing but full queues blocks: that says nothing about the parts.

    Raises:
        OverloadError: Every verdict that blocks is that of a stage whose queue is full.
    """
    blocking = [one for one in outcome.verdicts if one.action is Action.BLOCK]
    if blocking and all(one.error == "overload" for one in blocking):
        raise OverloadError(f"stage {blocking[0].stage}: its queue is full")
    return outcome
