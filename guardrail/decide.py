"""Findings × rules → action: the only place where a score becomes a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guardrail.stage import Rule
from guardrail.types import Action, Finding


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
