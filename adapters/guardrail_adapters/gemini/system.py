"""A policy's system prompt put into a request's ``systemInstruction``."""

from __future__ import annotations

from typing import Any

from guardrail.adapter import Insert
from guardrail_adapters.gemini.content import camel, member
from guardrail_adapters.splice import set_member, splice_array
from guardrail_adapters.strict_json import loads
from guardrail_adapters.system_messages import without_system


def with_system(body: bytes, text: str, insert: Insert) -> bytes:
    """``body`` whose system instruction says ``text``; all else keeps its bytes.

    Args:
        body: A request.
        text: The system prompt.
        insert: ``prepend``, ``append``, ``sandwich`` or ``replace``, relative to the parts of the
            request's own; the format has no place behind the contents. ``replace`` also takes
            contents of the role ``system`` away.

    Raises:
        WireError: The body is no object, or its instruction has no array of parts.
    """
    document = loads(body)
    key = next((key for key in document if camel(key) == "systemInstruction"), "systemInstruction")
    own = document.get(key)
    part = {"text": text}
    if insert == "replace" and isinstance(document.get("contents"), list):
        body = without_system(body, "/contents")
    if isinstance(own, str) and own:
        own = {"parts": [{"text": own}]}
        body = set_member(body, f"/{key}", own)
    if not own or insert == "replace" or not member(own, "parts"):
        return set_member(body, f"/{key}", {"parts": [part]})

    def plan(parts: Any) -> Any:
        first, last = insert in ("prepend", "sandwich"), insert in ("append", "sandwich")
        return dict.fromkeys([0] * first + [len(parts)] * last, part), ()

    return splice_array(body, f"/{key}/parts", plan)
