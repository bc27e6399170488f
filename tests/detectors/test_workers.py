from __future__ import annotations

import asyncio
import threading

import pytest

from guardrail.errors import OverloadError
from guardrail_detectors.workers import Workers


class Blocked:
    """Work that begins, and ends when it is let go or nobody waits for it any more."""

    def __init__(self):
        self.begun, self.go, self.stop = threading.Event(), threading.Event(), None

    def __call__(self, stop):
        self.stop = stop
        self.begun.set()
        assert self.go.wait(10)
        return "done"

    async def has_begun(self):
        assert await asyncio.to_thread(self.begun.wait, 10)


async def test_what_the_work_returns_is_returned():
    assert await Workers(1, 0).run(
        lambda stop: (stop.is_set(), threading.current_thread().name)
    ) == (
        False,
        "pictures_0",
    )


async def test_what_the_work_raises_is_raised():
    def fail(stop):
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        await Workers(1, 0).run(fail)


async def test_more_work_than_may_wait_is_refused_with_the_numbers():
    workers, first = Workers(1, 1), Blocked()
    running = asyncio.create_task(workers.run(first))
    waiting = asyncio.create_task(workers.run(lambda stop: "second"))
    await first.has_begun()

    with pytest.raises(OverloadError, match="2 pictures wait to be read, the limit is 2"):
        await workers.run(lambda stop: "third")

    first.go.set()
    assert await asyncio.gather(running, waiting) == ["done", "second"]


async def test_work_that_ended_leaves_its_place_to_others():
    workers = Workers(1, 0)

    assert [await workers.run(lambda stop, n=n: n) for n in range(5)] == [0, 1, 2, 3, 4]


async def test_work_that_failed_leaves_its_place_to_others():
    workers = Workers(1, 0)
    with pytest.raises(ZeroDivisionError):
        await workers.run(lambda stop: 1 / 0)

    assert await workers.run(lambda stop: "next") == "next"


async def test_work_that_nobody_waits_for_is_told_to_stop():
    workers, work = Workers(1, 0), Blocked()
    task = asyncio.create_task(workers.run(work))
    await work.has_begun()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert work.stop.is_set()
    work.go.set()


async def test_work_that_was_given_up_before_it_began_never_begins():
    workers, first, second = Workers(1, 1), Blocked(), Blocked()
    running = asyncio.create_task(workers.run(first))
    waiting = asyncio.create_task(workers.run(second))
    await first.has_begun()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    first.go.set()
    await running

    assert await workers.run(lambda stop: "after") == "after"
    assert not second.begun.is_set()
