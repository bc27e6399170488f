"""A policy's system prompt put into a request that is a list of messages with roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from guardrail.adapter import Insert
from guardrail_adapters.splice import splice_array

_ROLES = ("system", "developer")


def with_system(body: bytes, text: str, insert: Insert) -> bytes:
    """``body`` with a system message that says ``text``; every other message keeps its bytes.

    The message's role is that of the body's first system or developer message, else ``system``.

    Args:
        body: A request.
        text: The system prompt.
        insert: ``prepend`` puts it first; ``append`` behind the system messages that the request
            starts with; ``sandwich`` first and, again, last of all messages; ``replace`` first,
            and takes all other system and developer messages away.

    Raises:
        WireError: The body has no array of messages.
    """

    def plan(messages: Sequence[Any]) -> tuple[Mapping[int, Any], Collection[int]]:
        ours = [_role(message) in _ROLES for message in messages]
        role = next((_role(m) for m in messages if _role(m) in _ROLES), "system")
        message = {"role": role, "content": text}
        match insert:
            case "prepend":
                return {0: message}, ()
            case "append":
                leading = ours.index(False) if False in ours else len(ours)
                return {leading: message}, ()
            case "sandwich":
                return {0: message, len(messages): message}, ()
            case "replace":
                return {0: message}, {index for index, is_ours in enumerate(ours) if is_ours}

    return splice_array(body, "/messages", plan)


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None
