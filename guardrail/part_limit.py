"""The limit on the parts of a request, known while its body is read.

An adapter that counts stops at the first part that is too many: a body of a few megabytes may
have a hundred thousand, and they would all be made before anybody could count them.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from guardrail.adapter import Adapter
from guardrail.errors import WireError
from guardrail.types import Conversation

_INLINE_BYTES = 64 * 1024
"""Bodies up to this length are read on the event loop; longer ones in a thread."""

_most: ContextVar[int | None] = ContextVar("most_parts", default=None)


def check_parts(count: int) -> None:
    """Whether the body that is being read may have ``count`` parts; replies may have any number.

    Raises:
        WireError: It may not (status 413).
    """
    most = _most.get()
    if most is not None and count > most:
        message = f"the request has at least {count} parts; at most {most}"
        raise WireError(message, status=413)


async def parsed(adapter: Adapter, body: bytes, most: int) -> Conversation:
    """What ``adapter`` reads in ``body``, a request of at most ``most`` parts.

    Raises:
        WireError: It is not of the adapter's format (status 400), or has more parts (413).
    """
    if len(body) <= _INLINE_BYTES:
        return _parsed(adapter, body, most)
    return await asyncio.to_thread(_parsed, adapter, body, most)


def _parsed(adapter: Adapter, body: bytes, most: int) -> Conversation:
    before = _most.set(most)
    try:
        conversation = adapter.parse(body)
        check_parts(len(conversation.parts))  # of an adapter that does not count
    finally:
        _most.reset(before)
    return conversation
