"""A policy's system prompt put into a request's ``instructions``."""

from __future__ import annotations

from guardrail.adapter import Insert
from guardrail_adapters.strict_json import loads
from guardrail_adapters.system_messages import with_field, without_system


def with_system(body: bytes, text: str, insert: Insert) -> bytes:
    """``body`` whose ``instructions`` say ``text``; all else keeps its bytes.

    Args:
        body: A request.
        text: The system prompt.
        insert: ``prepend``, ``append``, ``sandwich`` or ``replace``, relative to the request's own
            instructions; the server keeps none from one turn to the next. ``replace`` also takes
            the system and developer messages of the input away.

    Raises:
        WireError: The body is no object.
    """
    document = loads(body)
    if insert == "replace" and isinstance(document.get("input"), list):
        body = without_system(body, "/input")
    return with_field(body, "/instructions", document.get("instructions"), text, insert)
