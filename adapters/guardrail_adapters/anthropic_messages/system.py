"""A policy's system prompt put into a request's ``system`` field."""

from __future__ import annotations

from typing import Any

from guardrail.adapter import Insert
from guardrail_adapters.splice import splice_array
from guardrail_adapters.strict_json import loads
from guardrail_adapters.system_messages import with_field, without_system


def with_system(body: bytes, text: str, insert: Insert) -> bytes:
    """``body`` whose ``system`` says ``text``; all else keeps its bytes.

    A string stays a string, blocks stay blocks with their cache hints. The format has one place
    for system text, before all messages: ``sandwich`` puts ``text`` before and behind what stands
    there.

    Args:
        body: A request.
        text: The system prompt.
        insert: ``prepend``, ``append``, ``sandwich`` or ``replace``, relative to the request's own;
            ``replace`` also takes messages of the role ``system`` away.

    Raises:
        WireError: The body is no object.
    """
    document = loads(body)
    own = document.get("system")
    if insert == "replace" and isinstance(document.get("messages"), list):
        body = without_system(body, "/messages")
    if not own or insert == "replace" or isinstance(own, str):
        return with_field(body, "/system", own, text, insert)
    first = insert in ("prepend", "sandwich")
    last = insert in ("append", "sandwich")
    block = {"type": "text", "text": text}

    def plan(blocks: Any) -> Any:
        places = [0] * first + [len(blocks)] * last
        return dict.fromkeys(places, block), ()

    return splice_array(body, "/system", plan)
