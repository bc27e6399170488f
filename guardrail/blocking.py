"""Blocking calls of one request in a thread of their own, awaited from an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

_FINISH_S = 1.0
"""How long the end waits for a call under way; the thread goes on without being waited for."""


class BlockingCalls:
    """One daemon thread that makes calls in their order.

    Not a pool: calls may block for minutes, and a pool that is full would make other requests
    wait, one that is joined at exit would keep an interrupted program from ending.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        threading.Thread(target=self._work, name="guardrail-send", daemon=True).start()

    async def run(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises; not StopIteration, which no future can hold."""
        return await asyncio.wrap_future(self._put(call))

    async def finish(self, last: Callable[[], None]) -> None:
        """Makes a last call after those under way, and ends the thread."""
        future = asyncio.wrap_future(self._put(last))
        self.end()
        await asyncio.wait([future], timeout=_FINISH_S)
        if future.done() and not future.cancelled():
            future.exception()

    def end(self, last: Callable[[], None] | None = None) -> None:
        """Ends the thread after the calls that were put before, and ``last``; waits for nothing."""
        if last is not None:
            self._put(last)
        self._jobs.put(None)

    def _put(self, call: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._jobs.put((future, call))
        return future

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, call = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
                future.set_exception(error)
