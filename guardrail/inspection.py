"""One stage over the parts it reads: deadline, cache, and the one boundary for failures."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, Sequence
from time import perf_counter

from guardrail.cache import Key, VerdictCache, content_key
from guardrail.decide import decide
from guardrail.detector import Context
from guardrail.errors import OverloadError, WireError
from guardrail.opaque import reads
from guardrail.stage import Stage
from guardrail.types import Action, Finding, Part, StageError, Verdict

_logger = logging.getLogger("guardrail")

INLINE_CHARACTERS = 65_536
"""An inline detector reads up to this much on the event loop; more goes to a worker thread."""


def selected(stage: Stage, parts: Sequence[Part]) -> list[Part]:
    """The parts that ``stage`` reads: of its detector's kinds, from its sources, with content."""
    return [
        part
        for part in parts
        if reads(stage, part) and (part.kind != "image" or part.image is not None)
    ]


async def run_stage(
    stage: Stage, parts: Sequence[Part], context: Context, cache: VerdictCache
) -> Verdict:
    """What ``stage`` says about ``parts``. Never raises for a detector's failure or lateness.

    Raises:
        WireError: A part itself is unreadable: the client's fault, not the detector's. Under
            ``on_error: allow`` it passes unread, as anything else that a stage fails on.
    """
    mine = selected(stage, parts)
    if not mine:
        return Verdict(stage.name, Action.ALLOW)
    started = perf_counter()
    refs = tuple(part.ref for part in mine)
    error: StageError
    try:
        async with asyncio.timeout(stage.timeout_s):  # one deadline for all that a stage asks
            findings, cached = await _findings(stage, mine, context, cache)
        notes = _notes(stage, mine)
    except WireError:
        if stage.on_error == "block":
            raise
        error = "error"
    except TimeoutError:
        _logger.warning("stage %s missed its deadline of %g s", stage.name, stage.timeout_s)
        error = "timeout"
    except OverloadError:
        error = "overload"
    except Exception:  # the one boundary: on_error decides, the traceback is logged
        _logger.exception("stage %s failed", stage.name)
        error = "error"
    else:
        action = decide(findings, stage.rules)
        seconds = perf_counter() - started
        version = getattr(stage.detector, "version", "")
        return Verdict(stage.name, action, findings, None, seconds, refs, cached, version, notes)
    action = Action.BLOCK if stage.on_error == "block" else Action.ALLOW
    return Verdict(stage.name, action, (), error, perf_counter() - started, refs)


def _notes(stage: Stage, parts: list[Part]) -> dict[str, tuple[str, ...]]:
    notes = getattr(stage.detector, "notes", None)
    if notes is None:
        return {}
    said = {part.ref: tuple(notes(part)) for part in parts}
    return {ref: lines for ref, lines in said.items() if lines}


async def _findings(
    stage: Stage, parts: list[Part], context: Context, cache: VerdictCache
) -> tuple[tuple[Finding, ...], int]:
    detector = stage.detector
    if getattr(detector, "inline", False):
        return await _inline(stage, parts, context), 0
    if not getattr(detector, "per_part", False):
        return await _inspected(stage, parts, context), 0
    known: list[Finding] = []
    missing: list[tuple[Key, Part]] = []
    for part in parts:
        key = content_key(stage.key, part)
        found = cache.get(key, part.ref)
        if found is None:
            missing.append((key, part))
        else:
            known += found
    if missing:
        new = await _inspected(stage, [part for _, part in missing], context)
        for key, part in missing:
            cache.put(key, [finding for finding in new if finding.ref == part.ref])
        known += new
    known += await _joint(stage, parts, context)
    return tuple(known), len(parts) - len(missing)


async def _joint(stage: Stage, parts: list[Part], context: Context) -> Sequence[Finding]:
    inspect_jointly = getattr(stage.detector, "inspect_jointly", None)
    if inspect_jointly is None:
        return ()
    return checked(stage, parts, await inspect_jointly(parts, context))


async def _inspected(stage: Stage, parts: list[Part], context: Context) -> tuple[Finding, ...]:
    return checked(stage, parts, await stage.detector.inspect(parts, context))


async def _inline(stage: Stage, parts: list[Part], context: Context) -> tuple[Finding, ...]:
    if sum(len(part.text) for part in parts) <= INLINE_CHARACTERS:
        return await _inspected(stage, parts, context)
    findings = await asyncio.to_thread(_finish, stage.detector.inspect(parts, context))
    return checked(stage, parts, findings)


def _finish(inspection: Coroutine[object, None, Sequence[Finding]]) -> Sequence[Finding]:
    """The result of a coroutine that awaits nothing, as an inline detector's must."""
    try:
        inspection.send(None)
    except StopIteration as done:
        findings: Sequence[Finding] = done.value
        return findings
    inspection.close()
    raise RuntimeError("a detector that says inline = True awaited something")


def checked(
    stage: Stage, parts: Sequence[Part], findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """``findings`` if they keep the detector's contract.

    Raises:
        ValueError: A score outside [0, 1] or NaN, a category it never announced, a ref it was
            not given, a span outside the text. A broken detector must not look like a clean part.
    """
    if not findings:
        return ()
    texts = {part.ref: len(part.text) for part in parts}
    for finding in findings:
        if not 0.0 <= finding.score <= 1.0 or math.isnan(finding.score):
            raise ValueError(f"{stage.name}: score {finding.score!r} is outside [0, 1]")
        if finding.category not in stage.detector.categories:
            raise ValueError(f"{stage.name}: category {finding.category!r} was never announced")
        if finding.ref not in texts:
            raise ValueError(f"{stage.name}: ref {finding.ref!r} was not among the parts")
        if finding.span and not 0 <= finding.span[0] <= finding.span[1] <= texts[finding.ref]:
            raise ValueError(f"{stage.name}: span {finding.span!r} is outside the text")
    return tuple(findings)
