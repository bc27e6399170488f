"""Work that is done once, however many tasks and event loops ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from threading import Lock


class Once:
    """Runs ``work`` for the first who asks; the others wait for the end of that.

    Work that fails fails for all who wait, and is tried again by the next who asks. One who stops
    waiting stops nobody else; if that was the first, another one begins.

    Args:
        work: Called with nothing, on the event loop of whoever is first.
    """

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self.done = False
        self._work = work
        self._under_way: Future[None] | None = None
        self._lock = Lock()

    async def __call__(self) -> None:
        """Returns once the work is done; at once if it was."""
        while not self.done:
            with self._lock:
                first, under_way = self._under_way is None, self._under_way or Future[None]()
                self._under_way = under_way
            if first:
                await self._run(under_way)
            else:
                await asyncio.wrap_future(under_way)

    async def _run(self, under_way: Future[None]) -> None:
        under_way.set_running_or_notify_cancel()  # so that no waiter's cancellation reaches it
        failure: Exception | None = None
        try:
            await self._work()
            self.done = True
        except Exception as error:
            failure = error
            raise
        finally:
            with self._lock:
                self._under_way = None
            if failure is None:
                under_way.set_result(None)
            else:
                under_way.set_exception(failure)
