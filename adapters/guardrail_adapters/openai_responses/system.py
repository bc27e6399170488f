"""A policy's system prompt put into a request's ``instructions``."""

from __future__ import annotations

from guardrail.adapter import Insert
from guardrail_adapters.splice import set_member
from guardrail_adapters.strict_json import loads


def with_system(body: bytes, text: str, insert: Insert) -> bytes:
    """``body`` whose ``instructions`` say ``text``; all else keeps its bytes.

    Args:
        body: A request.
        text: The system prompt.
        insert: ``prepend``, ``append``, ``sandwich`` or ``replace``, relative to the request's own
            instructions; the server keeps none from one turn to the next.

    Raises:
        WireError: The body is no object.
    """
    own = loads(body).get("instructions")
    if not own or insert == "replace":
        return set_member(body, "/instructions", text)
    before = [text] * (insert in ("prepend", "sandwich"))
    behind = [text] * (insert in ("append", "sandwich"))
    return set_member(body, "/instructions", "\n\n".join([*before, own, *behind]))
