"""Runs the stages of one side, in order, over the parts of one body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from guardrail.cache import VerdictCache
from guardrail.decide import action_for
from guardrail.detector import Context
from guardrail.embedded import folded
from guardrail.errors import WireError, first_of
from guardrail.inspection import run_stage
from guardrail.opaque import OpaqueActions, opaque_verdict, readers, why_opaque
from guardrail.redact import boxes_of, text_edit
from guardrail.stage import Stage, Step
from guardrail.types import (
    TEXT_KINDS,
    Action,
    Box,
    Coverage,
    Drop,
    Edit,
    Finding,
    Image,
    Outcome,
    Part,
    ReplaceImage,
    ReplaceText,
    Verdict,
)

Paint = Callable[[Image, Sequence[Box]], Awaitable[tuple[ReplaceImage, Image]]]
"""Paints boxes over: the edit, and the new picture with its header checked."""


@dataclass(slots=True)
class _Run:
    """What has been said so far about one body; lives as long as ``run``."""

    parts: dict[str, Part]
    verdicts: list[Verdict] = field(default_factory=list)
    edits: dict[str, Edit] = field(default_factory=dict)
    scanned: dict[str, list[str]] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)
    action: Action = Action.ALLOW
    top_score: float = 0.0

    def add(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        self.action = max(self.action, verdict.action)
        for finding in verdict.findings:
            self.top_score = max(self.top_score, finding.score)
        if verdict.error is None:
            for ref in verdict.refs:
                self.scanned.setdefault(ref, []).append(verdict.stage)
        elif verdict.action is not Action.BLOCK:
            self.degraded.append(verdict.stage)


async def run(
    steps: Sequence[Step],
    parts: Sequence[Part],
    context: Context,
    cache: VerdictCache,
    paint: Paint,
    opaque: OpaqueActions,
    *,
    top_score: float = 0.0,
) -> Outcome:
    """What the stages say about ``parts``; nothing runs after a block.

    Args:
        steps: In the policy's order. The members of a group run at the same time and all of them
            finish, so that the same input gives the same verdicts.
        parts: Parts of one body.
        context: Handed to every detector.
        cache: Used for detectors that judge each part alone.
        paint: Makes redactions of pictures.
        opaque: What is done with parts that nothing can read.
        top_score: The highest score before, of the other side and of drafts, for stages with
            ``when``.

    Raises:
        WireError: A part cannot be read, e.g. a picture that does not decode.
    """
    state = _Run({part.ref: part for part in parts}, top_score=top_score)
    unread = opaque_verdict(parts, steps, opaque)
    if unread is not None:
        state.add(unread)
    for step in steps:
        if state.action is Action.BLOCK:
            break
        due = [stage for stage in step if stage.when is None or state.top_score >= stage.when]
        current = tuple(state.parts.values())
        for stage, verdict in zip(due, await _together(due, current, context, cache), strict=True):
            state.add(verdict)
            if verdict.action is Action.REDACT:
                await _redact(state, stage, verdict, context, paint)
    edits = folded(state.edits, parts)
    return Outcome(
        action=state.action,
        verdicts=tuple(state.verdicts),
        edits=edits,
        coverage={part.ref: _covered(part, steps, state, edits) for part in parts},
        degraded=tuple(state.degraded),
    )


async def _together(
    stages: Sequence[Stage], parts: Sequence[Part], context: Context, cache: VerdictCache
) -> list[Verdict]:
    runs: list[Coroutine[Any, Any, Verdict]] = [
        run_stage(stage, parts, context, cache) for stage in stages
    ]
    if len(runs) == 1:
        return [await runs[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in runs]
    except ExceptionGroup as errors:
        raise first_of(errors, WireError) from None
    return [task.result() for task in tasks]


def _hits(stage: Stage, findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Findings that a redact rule of ``stage`` matches, by ref."""
    hits: dict[str, list[Finding]] = {}
    for finding in findings:
        if action_for(finding, stage.rules) is Action.REDACT:
            hits.setdefault(finding.ref, []).append(finding)
    return hits


async def _redact(
    state: _Run, stage: Stage, verdict: Verdict, context: Context, paint: Paint
) -> None:
    for ref, findings in _hits(stage, verdict.findings).items():
        part = state.parts.get(ref)
        if part is None:  # dropped by an earlier member of the same group
            continue
        if part.kind in TEXT_KINDS:
            _apply_text(state, part, text_edit(part, findings))
            continue
        boxes = boxes_of(part, findings)
        if boxes is None or part.image is None:
            _apply_drop(state, part)
            continue
        edit, image = await paint(part.image, boxes)
        redacted = replace(part, image=image)
        again = await run_stage(stage, [redacted], context, VerdictCache(0))
        if again.error is not None or again.action >= Action.REDACT:
            # Paint that leaves the finding readable is worth nothing: the picture goes.
            _apply_drop(state, part)
            continue
        state.edits[ref] = edit
        state.parts[ref] = redacted


def _apply_text(state: _Run, part: Part, edit: Edit) -> None:
    if isinstance(edit, ReplaceText):
        state.edits[part.ref] = edit
        state.parts[part.ref] = replace(part, text=edit.text)
    else:
        _apply_drop(state, part)


def _apply_drop(state: _Run, part: Part) -> None:
    state.edits[part.ref] = Drop()
    del state.parts[part.ref]


def _covered(part: Part, steps: Sequence[Step], state: _Run, edits: Mapping[str, Edit]) -> Coverage:
    stages = tuple(state.scanned.get(part.ref, ()))
    if part.ref in edits or part.ref in state.edits:
        return Coverage("transformed", stages)
    if stages:
        return Coverage("scanned", stages)
    opaque = why_opaque(part, steps)
    if opaque is not None:
        return Coverage("opaque", reason=opaque)
    return Coverage("skipped", reason=_skip_reason(part, steps, state))


def _skip_reason(part: Part, steps: Sequence[Step], state: _Run) -> str:
    names = {stage.name for stage in readers(part, steps)}
    if not names:
        return f"no stage reads {part.kind} from {part.source}"
    errors = {verdict.stage: verdict.error for verdict in state.verdicts if verdict.error}
    for name in sorted(names):
        if name in errors:
            return f"stage {name} failed: {errors[name]}"
    if state.action is Action.BLOCK:
        return "blocked before"
    return "no stage was due"
