"""A policy's system prompt put into a request's ``system`` field."""

from __future__ import annotations

from typing import Any

from guardrail.adapter import Insert
from guardrail_adapters.splice import set_member, splice_array
from guardrail_adapters.strict_json import loads


def with_system(body: bytes, text: str, insert: Insert) -> bytes:
    """``body`` whose ``system`` says ``text``; all else keeps its bytes.

    A string stays a string, blocks stay blocks with their cache hints. The format has one place
    for system text, before all messages: ``sandwich`` puts ``text`` before and behind what stands
    there.

    Args:
        body: A request.
        text: The system prompt.
        insert: ``prepend``, ``append``, ``sandwich`` or ``replace``, relative to the request's own.

    Raises:
        WireError: The body is no object.
    """
    own = loads(body).get("system")
    if not own or insert == "replace":
        return set_member(body, "/system", text)
    first = insert in ("prepend", "sandwich")
    last = insert in ("append", "sandwich")
    if isinstance(own, str):
        pieces = [text] * first + [own] + [text] * last
        return set_member(body, "/system", "\n\n".join(pieces))
    block = {"type": "text", "text": text}

    def plan(blocks: Any) -> Any:
        places = [0] * first + [len(blocks)] * last
        return dict.fromkeys(places, block), ()

    return splice_array(body, "/system", plan)
