"""What goes upstream: the request with its edits and the policy's system text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from guardrail.adapter import Adapter
from guardrail.audit import ExchangeRecord
from guardrail.errors import WireError
from guardrail.snapshot import Snapshot
from guardrail.types import Edit
from guardrail.wire import Headers, Reply, Request, header


def forwarded(
    request: Request,
    adapter: Adapter,
    snapshot: Snapshot,
    edits: Mapping[str, Edit],
    record: ExchangeRecord,
) -> Request:
    """``request`` as the upstream gets it: edited, with the system text, its headers cleaned.

    Args:
        request: The caller's.
        adapter: Of the request.
        snapshot: The policy in force.
        edits: Of its parts.
        record: Of the exchange; says what is to be told and learns whether there is a place for it.
    """
    body = adapter.render(request.body, edits)
    if record.told is not None:
        told = adapter.with_system(body, record.told.text, record.told.insert)
        record.told_nowhere, body = told is body, told
    headers = sent_headers(request.headers, scanned=bool(snapshot.output))
    return replace(request, headers=headers, body=body)


def sent_headers(headers: Headers, *, scanned: bool) -> Headers:
    """``headers`` without the guard's own; a reply that is ``scanned`` is asked for unencoded."""
    kept = tuple(
        pair for pair in unmarked(headers) if not (scanned and pair[0] == b"accept-encoding")
    )
    return (*kept, (b"accept-encoding", b"identity")) if scanned else kept


def unmarked(headers: Headers) -> Headers:
    """``headers`` without those that only the guard may set."""
    return tuple(pair for pair in headers if not pair[0].startswith(b"x-guardrail-"))


def refuse_encoded(reply: Reply) -> None:
    """Nothing, where ``reply`` can be read.

    Raises:
        WireError: It came in an encoding although identity was asked for (status 502).
    """
    encoding = header(reply.headers, b"content-encoding")
    if encoding is not None and encoding.strip().lower() != b"identity":
        raise WireError(
            f"the upstream sent content-encoding {encoding.decode('latin-1')!r} although identity "
            "was asked for; a reply that cannot be read is not passed on",
            status=502,
        )
