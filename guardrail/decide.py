"""Findings × rules → action: the only place where a score becomes a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guardrail.stage import Rule
from guardrail.types import Action, Finding


def action_for(finding: Finding, rules: Sequence[Rule]) -> Action:
    """The severest action of the rules that match ``finding``; ``ALLOW`` if none does."""
    action = Action.ALLOW
    for rule in rules:
        if (
            rule.action > action
            and finding.score >= rule.at_least
            and rule.category in ("*", finding.category)
        ):
            action = rule.action
    return action


def decide(findings: Iterable[Finding], rules: Sequence[Rule]) -> Action:
    """The severest action over all findings.

    Monotone: one more rule or finding never lowers it. Independent of the order of both.
    """
    return max((action_for(finding, rules) for finding in findings), default=Action.ALLOW)
