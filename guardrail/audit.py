"""One JSON line per exchange, computed from verdicts and coverage; without content by default."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guardrail.errors import PolicyError
from guardrail.rounds import Asked, Exhausted, Round, usage_json
from guardrail.system_prompt import Told
from guardrail.types import Action, Coverage, Finding, Outcome, Side, Verdict

_logger = logging.getLogger("guardrail")

_LONGEST = 512
"""Characters of one string of a line: refs, paths and models are as long as a client likes."""

_LONGEST_MODEL = 256

_MOST = 100
"""Findings, notes and unscanned parts of a line that are listed; the rest are counted."""

Audit = Callable[["ExchangeRecord"], None]
"""Takes the record of a finished exchange; must not block for long."""


@dataclass(slots=True)
class ExchangeRecord:
    """What happened in one exchange, filled in while it runs.

    Attributes:
        verdict_id: In the reply's headers and here.
        policy: Name of the policy.
        generation: How often the policy was loaded in this process.
        digest: SHA-256 of the policy's source.
        path: Request path without the query.
        model: The model asked for.
        action: The severest action of both sides.
        ended: ``blocked``, ``replied``, ``failed`` or ``client_closed``; ``unguarded`` or
            ``refused`` of a path that no adapter reads, as the policy lists it or not.
        status: HTTP status sent to the client, 0 before any was.
        streamed: Whether the reply was streamed.
        sides: What each side said.
        released: Bytes of a streamed reply that left.
        seconds: From the request to the end of the reply.
        error: Why it failed, for operators.
        rounds: The drafts that a better one replaced, in order; the last one is under ``sides``.
        exhausted: Which bound ended the revisions, "" for none.
        refused: Whether the reply was recognised as the model's own refusal.
        asked: The questions that stages and revisions put to models.
        told: What the policy added to the request's system text, None for nothing.
        told_nowhere: Whether the format has no place for that, so that it was left out.
        raced: Whether the upstream was called while the input stages still ran.
    """

    verdict_id: str
    policy: str
    generation: int
    digest: str
    path: str
    model: str = ""
    action: Action = Action.ALLOW
    ended: str = "failed"
    status: int = 0
    streamed: bool = False
    sides: dict[Side, Outcome] = field(default_factory=dict)
    released: int = 0
    seconds: float = 0.0
    error: str = ""
    rounds: list[Round] = field(default_factory=list)
    exhausted: Exhausted = ""
    refused: bool = False
    asked: list[Asked] = field(default_factory=list)
    told: Told | None = None
    told_nowhere: bool = False
    raced: bool = False

    def give_up(self, bound: Exhausted, action: Action) -> None:
        """No better draft will come: ``action`` is what becomes of the last one."""
        self.exhausted = bound
        other = self.sides["input"].action if "input" in self.sides else Action.ALLOW
        self.action = max(other, action)

    def top_score(self) -> float:
        """The highest score so far, on either side, replaced drafts included."""
        said = [*self.sides.values(), *(one.outcome for one in self.rounds)]
        scores = (f.score for outcome in said for v in outcome.verdicts for f in v.findings)
        return max(scores, default=0.0)

    def add(self, side: Side, outcome: Outcome) -> None:
        """Keeps what ``side`` said; for a stream the last judgement, which covers all before."""
        self.sides[side] = outcome
        self.action = max(self.action, outcome.action)


def as_json(record: ExchangeRecord, *, content: bool = False) -> dict[str, Any]:
    """The record as JSON values; ``content`` adds the excerpts that findings are about.

    Long strings are cut. Of a list that is too long the first items stand there, and beside it,
    under its name and ``_more``, the number of the others.
    """
    whole = _record_json(record, content)
    return {**bounded(whole), "model": _cut(record.model, _LONGEST_MODEL)}


def bounded(value: Any) -> Any:
    """JSON values of which every string and every list has a bounded length."""
    if isinstance(value, str):
        return _cut(value, _LONGEST)
    if isinstance(value, list):
        return [bounded(one) for one in value[:_MOST]]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for key, one in list(value.items())[:_MOST]:
        kept[_cut(key, _LONGEST)] = held = bounded(one)
        if isinstance(one, list | dict) and len(held) < len(one):
            kept[f"{key}_more"] = len(one) - len(held)
    return kept


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _record_json(record: ExchangeRecord, content: bool) -> dict[str, Any]:
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "verdict_id": record.verdict_id,
        "policy": record.policy,
        "generation": record.generation,
        "digest": record.digest,
        "path": record.path,
        "model": record.model,
        "action": record.action.name,
        "ended": record.ended,
        "status": record.status,
        "streamed": record.streamed,
        "released_bytes": record.released,
        "ms": round(record.seconds * 1000, 3),
        **({"raced": True} if record.raced else {}),
        **({"error": record.error} if record.error else {}),
        **told_json(record),
        **rounds_json(record, content=content),
        "sides": {
            side: outcome_json(outcome, content=content) for side, outcome in record.sides.items()
        },
    }


def told_json(record: ExchangeRecord) -> dict[str, Any]:
    """What was added to the system text; neither its words nor the canary."""
    told = record.told
    if told is None:
        return {}
    if record.told_nowhere:
        return {"system_prompt": "left out: the format has no place for it"}
    said = {"insert": told.insert, "canary": bool(told.canary), "defences": list(told.defences)}
    return {"system_prompt": said}


def rounds_json(record: ExchangeRecord, *, content: bool = False) -> dict[str, Any]:
    """What came before the reply that left: replaced drafts and questions; none where none did."""
    rounds = [
        {
            "ms": round(one.seconds * 1000, 3),
            **usage_json(one.usage),
            **outcome_json(one.outcome, content=content),
        }
        for one in record.rounds
    ]
    asked = [
        {
            "to": one.to,
            "ms": round(one.seconds * 1000, 3),
            **usage_json(one.usage),
            **({"error": one.error} if one.error else {}),
        }
        for one in record.asked
    ]
    return {
        **({"rounds": rounds} if rounds else {}),
        **({"exhausted": record.exhausted} if record.exhausted else {}),
        **({"refused": True} if record.refused else {}),
        **({"asked": asked} if asked else {}),
    }


def outcome_json(outcome: Outcome, *, content: bool = False) -> dict[str, Any]:
    """An outcome as JSON values."""
    return {
        "action": outcome.action.name,
        **({"degraded": list(outcome.degraded)} if outcome.degraded else {}),
        "stages": [_verdict(verdict, content) for verdict in outcome.verdicts],
        "coverage": _coverage(outcome.coverage),
    }


def _verdict(verdict: Verdict, content: bool) -> dict[str, Any]:
    return {
        "stage": verdict.stage,
        "action": verdict.action.name,
        "ms": round(verdict.seconds * 1000, 3),
        "parts": len(verdict.refs),
        **({"version": verdict.version} if verdict.version else {}),
        **({"cached": verdict.cached} if verdict.cached else {}),
        **(
            {"notes": {ref: list(notes) for ref, notes in verdict.notes.items()}}
            if verdict.notes
            else {}
        ),
        **({"error": verdict.error} if verdict.error else {}),
        **({"findings": _findings(verdict.findings, content)} if verdict.findings else {}),
    }


def _findings(findings: Sequence[Finding], content: bool) -> list[dict[str, Any]]:
    return [finding_json(finding, content=content) for finding in findings]


def finding_json(finding: Finding, *, content: bool = False) -> dict[str, Any]:
    """A finding as JSON values: where, what, how sure."""
    box = finding.box
    return {
        "ref": finding.ref,
        "category": finding.category,
        "score": round(finding.score, 4),
        **({"span": list(finding.span)} if finding.span else {}),
        **({"box": [box.left, box.top, box.right, box.bottom], "frame": box.frame} if box else {}),
        **({"excerpt": finding.excerpt} if content and finding.excerpt else {}),
    }


def _coverage(coverage: Mapping[str, Coverage]) -> dict[str, Any]:
    """Counts by state, and each part that was not scanned with the reason."""
    counts: dict[str, int] = {}
    unscanned: dict[str, str] = {}
    for ref, covered in coverage.items():
        counts[covered.state] = counts.get(covered.state, 0) + 1
        if covered.state in ("skipped", "opaque"):
            unscanned[ref] = covered.reason
    return {**counts, **({"unscanned": unscanned} if unscanned else {})}


class AuditLog:
    """Appends a line per exchange to a file; several workers may share the file.

    Each line is one ``write`` to a descriptor opened with ``O_APPEND``, so lines of a regular file
    never mix; what a full disk cuts off is written after it, or the next line begins anew. In a
    pipe that several workers share, lines longer than ``PIPE_BUF`` may mix.

    Args:
        path: The file, or ``-`` for standard output.
        content: Whether findings carry the text they are about.

    Raises:
        PolicyError: The file cannot be opened for appending.
    """

    def __init__(self, path: str, *, content: bool = False) -> None:
        self._content = content
        self._broken = False  # a line was begun and could not be ended
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            self._descriptor = 1 if path == "-" else os.open(Path(path), flags, 0o600)
        except OSError as error:
            raise PolicyError(
                f"audit log {path!r} cannot be opened: {error.strerror}; "
                "name a file in a folder that exists and can be written, or - for standard output"
            ) from error

    def __call__(self, record: ExchangeRecord) -> None:
        """Writes ``record``."""
        line = json.dumps(as_json(record, content=self._content), separators=(",", ":"))
        try:
            self._write(b"\n" * self._broken + line.encode() + b"\n")
        except OSError:  # a full disk must not turn an answered exchange into a failure
            _logger.exception("audit line %s was not written", record.verdict_id)

    def _write(self, line: bytes) -> None:
        left = memoryview(line)
        while left:
            left = left[os.write(self._descriptor, left) :]
            self._broken = bool(left)
