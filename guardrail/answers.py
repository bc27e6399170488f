"""What the guard itself tells the client: refusals, failures, and the headers on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

from guardrail.adapter import Adapter, Refusal
from guardrail.audit import ExchangeRecord
from guardrail.errors import OverloadError, WireError
from guardrail.forward import unmarked
from guardrail.snapshot import Snapshot
from guardrail.types import Action, Outcome
from guardrail.wire import Headers, Reply


def refusal(
    snapshot: Snapshot,
    record: ExchangeRecord,
    outcome: Outcome,
    usage: Mapping[str, object] | None = None,
) -> Refusal:
    """What a client is told whose request or reply ``outcome`` blocked.

    Args:
        snapshot: The policy in force, which has the words.
        record: Of the exchange.
        outcome: Of the side that blocked.
        usage: What the upstream says it used, None when it was never called.
    """
    block = snapshot.policy.block
    blocked = (v for v in reversed(outcome.verdicts) if v.action is Action.BLOCK)
    found = next((v.findings for v in blocked), ())
    param = max(found, key=lambda f: f.score).ref if found else ""
    if "input" in record.sides and "output" in record.sides:
        param = ""  # the part at fault is in the reply, which the client never saw
    return Refusal(block.message, block.style, record.verdict_id, param, usage)


def failure(adapter: Adapter, error: WireError | OverloadError) -> Reply:
    """The answer to a bad request or reply, or to a full queue, in the provider's envelope."""
    message, code = public(error)
    if isinstance(error, OverloadError):
        reply = adapter.error(503, message, code)
        return replace(reply, headers=(*reply.headers, (b"retry-after", b"1")))
    return adapter.error(error.status, message, code, error.ref)


def public(error: WireError | OverloadError) -> tuple[str, str]:
    """Message and code for the client: nothing about which stage or rule it was."""
    if isinstance(error, OverloadError):
        return "The guardrail is busy; try again.", "guardrail_unavailable"
    return str(error), "invalid_request" if error.status < 500 else "upstream_error"


def marked(reply: Reply, snapshot: Snapshot, record: ExchangeRecord, started: float) -> Reply:
    """``reply`` with the guard's headers; those that an upstream made up are gone.

    Args:
        reply: Of the upstream or the guard.
        snapshot: The policy in force.
        record: Of the exchange so far.
        started: When the exchange began, on the clock of ``perf_counter``.
    """
    milliseconds = (perf_counter() - started) * 1000
    marks: Headers = (
        (b"x-guardrail-schema", b"1"),
        (b"x-guardrail-verdict-id", record.verdict_id.encode()),
        (b"x-guardrail-action", record.action.name.lower().encode()),
        (b"x-guardrail-policy", snapshot.label),
        (b"x-guardrail-duration-ms", b"%.2f" % milliseconds),
    )
    if record.streamed:
        marks += ((b"x-guardrail-stream", _stream_mark(snapshot, record).encode()),)
    kept = tuple(pair for pair in unmarked(reply.headers) if pair[0] != b"content-length")
    return replace(reply, headers=kept + marks)


def identified(reply: Reply, snapshot: Snapshot, record: ExchangeRecord) -> Reply:
    """``reply`` with the headers that lead to the record, of an exchange that nothing judged."""
    marks: Headers = (
        (b"x-guardrail-schema", b"1"),
        (b"x-guardrail-verdict-id", record.verdict_id.encode()),
        (b"x-guardrail-policy", snapshot.label),
    )
    return replace(reply, headers=unmarked(reply.headers) + marks)


def _stream_mark(snapshot: Snapshot, record: ExchangeRecord) -> str:
    mode = "buffer" if snapshot.hold.window is None else snapshot.policy.stream.mode
    exposed = f"; characters={snapshot.hold.exposed}" if snapshot.hold.exposed else ""
    return f"{mode}{exposed}{'; race' if record.raced else ''}"
