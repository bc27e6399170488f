"""Reading ahead, and stopping."""

from __future__ import annotations

import asyncio

import pytest

from guardrail.pump import Pump


async def chunks(*items, closed=None):
    try:
        for item in items:
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, asyncio.Event):
                await item.wait()
            else:
                yield item
    finally:
        if closed is not None:
            closed.append(True)


async def test_all_chunks_come_in_order_and_then_the_end():
    async with Pump(chunks(b"a", b"b", b"c")) as pump:
        got = b""
        while (chunk := await pump.next(1)) is not None:
            got += chunk

    assert got == b"abc"


async def test_a_wait_that_times_out_loses_nothing():
    gate = asyncio.Event()
    async with Pump(chunks(gate, b"late")) as pump:
        with pytest.raises(TimeoutError):
            await pump.next(0.001)
        gate.set()

        assert await pump.next(1) == b"late"


async def test_an_error_of_the_stream_is_raised_after_what_came_before_it():
    async with Pump(chunks(b"a", ConnectionError("gone"))) as pump:
        assert await pump.next(1) == b"a"
        with pytest.raises(ConnectionError, match="gone"):
            await pump.next(1)


async def test_leaving_stops_the_reading_and_closes_the_stream_at_once():
    closed: list[bool] = []
    async with Pump(chunks(asyncio.Event(), closed=closed)) as pump:
        with pytest.raises(TimeoutError):
            await pump.next(0.001)

    assert closed == [True]


async def test_reading_ahead_is_bounded():
    taken = []

    async def endless():
        while True:
            taken.append(1)
            yield b"x" * 10

    async with Pump(endless(), max_bytes=50) as pump:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(taken) == 6
        assert await pump.next(1) == b"x" * 60


async def test_an_error_that_nobody_asked_for_is_not_reported_later():
    async with Pump(chunks(ConnectionError("unseen"))):
        await asyncio.sleep(0)
