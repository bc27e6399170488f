"""What detectors are given: pictures decoded once, a way to ask."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from guardrail.context import ExchangeContext
from guardrail.errors import ImageError
from guardrail.types import Conversation
from tests.kit import no_upstream, picture

FRAMES = (np.zeros((2, 2, 3), np.uint8),)
IMAGE = picture().image


def made(decode) -> ExchangeContext:
    return ExchangeContext("input", Conversation(()), decode, no_upstream)


async def test_a_picture_is_decoded_once_however_many_stages_ask():
    asked = []

    async def decode(image):
        asked.append(image.sha256)
        await asyncio.sleep(0)
        return FRAMES

    context = made(decode)
    frames = await asyncio.gather(*(context.pixels(IMAGE) for _ in range(3)))

    assert len(asked) == 1
    assert all(one is FRAMES for one in frames)


async def test_a_stage_that_gives_up_does_not_take_the_picture_from_the_others():
    gate = asyncio.Event()

    async def decode(image):
        await gate.wait()
        return FRAMES

    context = made(decode)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await context.pixels(IMAGE)
    gate.set()

    assert await context.pixels(IMAGE) is FRAMES


async def test_a_picture_that_does_not_decode_fails_for_all_who_ask():
    async def decode(image):
        raise ImageError("truncated")

    context = made(decode)
    for _ in range(2):
        with pytest.raises(ImageError, match="truncated"):
            await context.pixels(IMAGE)
    context.close()


async def test_closing_stops_decoding_that_nobody_waits_for():
    stopped = []

    async def decode(image):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    context = made(decode)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await context.pixels(IMAGE)
    context.close()
    await asyncio.sleep(0)

    assert stopped == [True]


async def test_asking_goes_to_the_upstream():
    async def answer(prompt, judge=None):
        return prompt.upper()

    context = ExchangeContext("output", Conversation(()), lambda image: None, answer)

    assert await context.ask("is this safe?") == "IS THIS SAFE?"
