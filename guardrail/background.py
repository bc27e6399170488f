"""One event loop in a daemon thread, for callers that run none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """The process's background event loop, started on first use."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="guardrail", daemon=True).start()
    return loop


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, run on the background loop while this thread waits.

    Raises:
        RuntimeError: Called on the background loop itself, where it would wait for ever.
    """
    if threading.current_thread().name == "guardrail":
        work.close()
        raise RuntimeError("a synchronous call from inside the guard would never return")
    return asyncio.run_coroutine_threadsafe(work, background_loop()).result()
