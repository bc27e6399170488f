"""Synchronous callers."""

from __future__ import annotations

import asyncio

import pytest

from guardrail.background import run_sync


async def double(value: int) -> int:
    await asyncio.sleep(0)
    return value * 2


def test_a_coroutine_is_run_without_a_loop_of_ones_own():
    assert run_sync(double(21)) == 42


async def test_a_coroutine_is_run_from_inside_another_loop():
    assert run_sync(double(4)) == 8


def test_its_error_is_raised_here():
    async def failing() -> None:
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        run_sync(failing())


def test_a_call_from_the_background_loop_itself_is_refused_rather_than_never_returning():
    async def nested() -> int:
        return run_sync(double(1))

    with pytest.raises(RuntimeError, match="never return"):
        run_sync(nested())
