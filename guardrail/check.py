"""What ``check`` shows of a policy: its stages in order, and what deserves a second look."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from guardrail.policy import Policy
from guardrail.policy_models import SIDES
from guardrail.snapshot import Snapshot, take_snapshot
from guardrail.stream import Hold
from guardrail.types import Side

LEAKS = "system_prompt_leak"
"""The detector that looks for canaries."""


def checked(policy: Policy) -> tuple[Table, list[str]]:
    """The stages of ``policy`` as a table, and remarks; loads no weights.

    Raises:
        PolicyError: A detector, category or route does not exist.
    """
    snapshot = take_snapshot(policy, {}, 1)
    remarks = [*_remarks(policy, snapshot.hold), *_asking(snapshot), *snapshot.remarks()]
    return _stages(policy), remarks


def _asking(snapshot: Snapshot) -> Iterator[str]:
    """Output stages that ask a model about every reply."""
    for stage in (stage for step in snapshot.output for stage in step):
        if getattr(stage.detector, "asks", False) and stage.when is None:
            yield (
                f"output {stage.name}: asks a model about every reply, which takes its time and "
                "tokens; `when: {any_score_at_least: 0.3}` asks about those that an earlier stage "
                "finds risky"
            )


def _stages(policy: Policy) -> Table:
    table = Table(title=Text(f"{policy.name}: {policy.description}"), title_justify="left")
    for column in ("side", "stage", "detector", "rules", "on error", "deadline"):
        table.add_column(column, no_wrap=column in {"rules", "deadline"})
    for side in SIDES:
        for _, stage in policy.stages(side):
            rules = "\n".join(
                f"{rule.category} ≥ {rule.at_least:g} → {rule.action}" for rule in stage.rules
            )
            deadline = f"{stage.timeout_s:g} s"
            row = (side, stage.label, stage.detect, rules, stage.on_error, deadline)
            table.add_row(*map(Text, row))
    return table


def _remarks(policy: Policy, hold: Hold) -> Iterator[str]:
    """True of the policy, allowed, and easily not meant."""
    for side in SIDES:
        stages = [stage for _, stage in policy.stages(side)]
        if not stages:
            yield f"no {side} stage: nothing of the {_BODY[side]} is inspected"
        elif all(rule.action == "flag" for stage in stages for rule in stage.rules):
            yield f"every rule of the {side} stages only flags: the {_BODY[side]} is never changed"
        for stage in stages:
            if stage.on_error == "allow":
                yield f"{side} {stage.label}: on_error: allow lets through what it fails on"
    if policy.images.remote.mode == "passthrough":
        yield "images.remote.mode: passthrough forwards URLs of pictures that nobody looked at"
    if policy.unguarded_paths:
        paths = ", ".join(policy.unguarded_paths)
        yield f"unguarded_paths are forwarded without inspection: {paths}"
    if policy.stream.mode == "hold" and hold.tail is None:
        yield (
            "streamed replies are held to their end: an output stage revises, asks a model, or "
            "redacts and has a detector without a lookback"
        )
    yield from _bargains(policy)


def _bargains(policy: Policy) -> Iterator[str]:
    """What was given up for speed, and a marker that nobody looks for."""
    if policy.stream.mode == "window":
        yield (
            f"stream.mode: window lets up to {policy.stream.window} characters of an answer leave "
            "before they are judged"
        )
    if policy.input_mode == "race":
        yield "input_mode: race sends requests to the upstream that are then refused"
    detectors = {stage.detect for _, stage in policy.stages("output")}
    if policy.system_prompt and policy.system_prompt.canary and LEAKS not in detectors:
        yield f"system_prompt.canary: no output stage looks for it; add one with detect: {LEAKS}"


_BODY: dict[Side, str] = {"input": "request", "output": "reply"}
