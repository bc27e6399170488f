"""A policy's system prompt put into a request: among its messages, or into a field of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from guardrail.adapter import Insert
from guardrail_adapters.splice import set_member, splice_array

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


def with_field(body: bytes, pointer: str, own: str | None, text: str, insert: Insert) -> bytes:
    """``body`` whose field at ``pointer``, a text, says ``text`` in its place beside its own.

    Args:
        body: A request.
        pointer: Of the format's field for system text; a top-level member.
        own: What it says, None or "" for nothing.
        text: The system prompt.
        insert: Before ``own``, behind it, both, or instead of it.

    Raises:
        WireError: The body is no object.
    """
    if not own or insert == "replace":
        return set_member(body, pointer, text)
    before = [text] * (insert in ("prepend", "sandwich"))
    behind = [text] * (insert in ("append", "sandwich"))
    return set_member(body, pointer, "\n\n".join([*before, own, *behind]))


def without_system(body: bytes, pointer: str) -> bytes:
    """``body`` whose array at ``pointer`` has lost its system and developer messages.

    Raises:
        WireError: There is no array at ``pointer``.
    """

    def plan(messages: Sequence[Any]) -> tuple[Mapping[int, Any], Collection[int]]:
        return {}, {at for at, message in enumerate(messages) if _role(message) in _ROLES}

    return splice_array(body, pointer, plan)


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None
