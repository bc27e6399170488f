"""A bounded pool of threads for CPU work, shared by all detectors of the process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import TypeVar

from guardrail.errors import OverloadError

T = TypeVar("T")


class Workers:
    """Threads, and a queue before them that refuses rather than grows.

    Args:
        threads: Work that runs at one time.
        waiting: Work that may wait besides.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
        self._limit = threads + waiting
        self._pending = 0
        self._lock = Lock()

    async def run(self, work: Callable[[Event], T]) -> T:
        """What ``work`` returns; its argument is set once nobody waits for that any more.

        Raises:
            OverloadError: As much work waits as may.
        """
        self._enter()
        stop = Event()
        future = self._pool.submit(work, stop)
        future.add_done_callback(self._leave)
        try:
            return await asyncio.wrap_future(future)
        finally:
            stop.set()

    def _enter(self) -> None:
        with self._lock:
            if self._pending >= self._limit:
                raise OverloadError(
                    f"{self._pending} pictures wait to be read, the limit is {self._limit}; "
                    "try again later or run more workers"
                )
            self._pending += 1

    def _leave(self, _: Future[T]) -> None:
        with self._lock:
            self._pending -= 1


READING = Workers(threads=max(1, (os.cpu_count() or 2) // 2), waiting=64)
"""Where pictures are read; each reading uses two threads of onnxruntime by default."""

LOOKING = Workers(threads=8, waiting=64)
"""Where pictures are prepared; the threads wait for the model together, which batches them."""
