"""Prometheus metrics from finished exchanges."""

from __future__ import annotations

from guardrail.audit import ExchangeRecord
from guardrail.metrics import Metrics
from guardrail.types import Action, Coverage, Outcome, Verdict


def exchange(action=Action.ALLOW, ended="replied", **more) -> ExchangeRecord:
    made = ExchangeRecord("id", "default", 3, "digest", "/v1/chat/completions", seconds=0.2)
    made.add("input", Outcome(action, **more))
    made.ended = ended
    return made


def test_exchanges_are_counted_by_how_they_ended():
    metrics = Metrics()
    metrics(exchange())
    metrics(exchange(Action.BLOCK, "blocked"))

    text = metrics.expose().decode()
    assert 'guardrail_exchanges_total{action="BLOCK",ended="blocked",policy="default"} 1.0' in text
    assert 'ended="replied"' in text
    assert 'guardrail_exchange_seconds_count{policy="default"} 2.0' in text
    assert 'guardrail_policy_generation{policy="default"} 3.0' in text


def test_stages_are_timed_and_their_failures_and_actions_counted():
    metrics = Metrics()
    verdict = Verdict("words", Action.BLOCK, (), "timeout", 0.05)
    metrics(exchange(Action.BLOCK, verdicts=(verdict,)))

    text = metrics.expose().decode()
    assert 'guardrail_stage_seconds_count{side="input",stage="words"} 1.0' in text
    assert (
        'guardrail_stage_errors_total{action="BLOCK",error="timeout",side="input",stage="words"} 1.0'
        in text
    )
    assert 'guardrail_actions_total{action="BLOCK",side="input",stage="words"} 1.0' in text


def test_parts_that_nothing_scanned_are_counted():
    metrics = Metrics()
    coverage = {"/a": Coverage("skipped", reason="x"), "/b": Coverage("scanned", ("s",))}
    metrics(exchange(coverage=coverage))

    text = metrics.expose().decode()
    assert 'guardrail_unscanned_parts_total{side="input",state="skipped"} 1.0' in text
    assert 'state="scanned"' not in text


def test_two_guards_in_one_process_do_not_share_counters():
    first, second = Metrics(), Metrics()
    first(exchange())

    assert b'policy="default"' not in second.expose()
