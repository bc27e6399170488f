"""An upstream call that is under way before it may be used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

from guardrail.wire import Reply


class Ahead:
    """A reply that is waited for while something else decides whether it is wanted.

    Use as an async context manager: leaving it without having taken the reply cancels the call at
    once, and closes a reply that had begun; no byte of its body was read.

    Args:
        call: Gives the reply.
    """

    def __init__(self, call: Awaitable[Reply]) -> None:
        self._call = call
        self._task: asyncio.Future[Reply]
        self._taken = False

    async def reply(self) -> Reply:
        """The reply; from now on it is the caller's to close.

        Raises:
            WireError: What the call raised, even if that was long before.
        """
        reply = await self._task
        self._taken = True
        return reply

    async def __aenter__(self) -> Self:
        self._task = asyncio.ensure_future(self._call)
        # One turn of the loop: the request is on its way before the first check takes the CPU.
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._taken:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._task.cancelled() or self._task.exception() is not None:
            return
        body = self._task.result().body
        if not isinstance(body, bytes):
            await body.aclose()
