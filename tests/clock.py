"""How long a call computes, told so that nothing else on the machine changes the answer."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def seconds_of_work(call: Callable[[], object], times: int = 3) -> float:
    """The least processor time of ``times`` calls, of this thread alone and without collections.

    Threads that other tests left behind, and the garbage of ten thousand tests, cost nothing here.
    """
    taken: list[float] = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            started = time.thread_time()
            call()
            taken.append(time.thread_time() - started)
    finally:
        gc.enable()
    return min(taken)


def growth(made: Callable[[int], Callable[[], object]], short: int, long: int) -> float:
    """How many times as long the call for ``long`` computes as the one for ``short``.

    A ratio of two times on one machine: a slow machine is as slow for both.
    """
    return seconds_of_work(made(long)) / seconds_of_work(made(short))
