from __future__ import annotations

import asyncio
import threading

import pytest

from guardrail.once import Once


class Work:
    def __init__(self, failures: int = 0) -> None:
        self.runs, self.failures = 0, failures
        self.go = asyncio.Event()

    async def __call__(self) -> None:
        self.runs += 1
        await self.go.wait()
        if self.runs <= self.failures:
            raise OSError(f"run {self.runs} failed")


async def test_many_who_ask_at_once_have_it_done_once():
    work = Work()
    once = Once(work)
    asking = [asyncio.create_task(once()) for _ in range(20)]
    await asyncio.sleep(0)

    work.go.set()
    await asyncio.gather(*asking)
    await once()

    assert work.runs == 1
    assert once.done


async def test_a_failure_is_told_to_all_and_the_next_tries_again():
    work = Work(failures=1)
    once = Once(work)
    asking = [asyncio.create_task(once()) for _ in range(3)]
    await asyncio.sleep(0)
    work.go.set()

    told = await asyncio.gather(*asking, return_exceptions=True)
    await once()

    assert [str(one) for one in told] == ["run 1 failed"] * 3
    assert work.runs == 2


async def test_when_the_first_stops_waiting_another_begins():
    work = Work()
    once = Once(work)
    first, second = asyncio.create_task(once()), asyncio.create_task(once())
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    work.go.set()
    await second

    assert work.runs == 2
    assert first.cancelled()


async def test_a_waiter_that_leaves_stops_nobody():
    work = Work()
    once = Once(work)
    first, second = asyncio.create_task(once()), asyncio.create_task(once())
    await asyncio.sleep(0)

    second.cancel()
    work.go.set()
    await first

    assert work.runs == 1


def test_event_loops_of_several_threads_share_it():
    runs = []

    async def work() -> None:
        runs.append(threading.current_thread().name)
        await asyncio.sleep(0.05)

    once = Once(work)
    threads = [threading.Thread(target=lambda: asyncio.run(once())) for _ in range(8)]

    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(runs) == 1


async def test_what_it_raises_is_the_works_own_error():
    work = Work(failures=9)
    work.go.set()

    with pytest.raises(OSError, match="run 1 failed"):
        await Once(work)()
