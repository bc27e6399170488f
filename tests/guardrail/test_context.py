"""What detectors are given: pictures decoded once, a way to ask."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from guardrail.context import ExchangeContext
from guardrail.detector import Page
from guardrail.errors import ImageError, PolicyError, WireError
from guardrail.judge import Judge
from guardrail.types import Conversation, File
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


async def test_asking_goes_to_the_upstream_or_to_a_judge():
    judge = Judge("http://judge.test", "openai_chat", "j")

    async def answer(prompt, to):
        return f"{prompt} {to and to.model}"

    context = ExchangeContext("output", Conversation(()), lambda image: None, answer)

    assert await context.ask("is this safe?") == "is this safe? None"
    assert await context.ask("is this safe?", judge) == "is this safe? j"


@pytest.mark.parametrize("error", [WireError("500", status=502), PolicyError("no key")])
async def test_a_question_without_an_answer_is_no_fault_of_the_parts(error):
    async def answer(prompt, to):
        raise error

    context = ExchangeContext("output", Conversation(()), lambda image: None, answer)

    with pytest.raises(RuntimeError, match="was not answered"):
        await context.ask("is this safe?")


async def test_a_file_is_read_once_however_many_stages_ask():
    asked = []

    async def read(file):
        asked.append(file)
        await asyncio.sleep(0)
        return (Page("hello"),)

    context = ExchangeContext("input", Conversation(()), None, no_upstream, read=read)
    file = File(b"hello", "text/plain", "00")
    pages = await asyncio.gather(*(context.pages(file) for _ in range(3)))

    assert asked == [file]
    assert pages == [(Page("hello"),)] * 3


async def test_where_nothing_reads_files_that_is_said():
    with pytest.raises(ImageError, match="no reader of text/plain files"):
        await made(None).pages(File(b"", "text/plain", "00"))


async def test_what_cannot_be_read_is_named():
    async def broken(image):
        raise ImageError("it does not decode")

    part = picture()
    context = ExchangeContext("input", Conversation((part,)), broken, no_upstream)

    with pytest.raises(ImageError, match="does not decode") as error:
        await context.pixels(part.image)
    assert error.value.ref == part.ref
