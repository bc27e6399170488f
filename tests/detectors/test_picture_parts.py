"""Pictures among parts are gone over one by one or side by side, and looked at in a thread."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import numpy as np
import pytest

from guardrail.context import ExchangeContext
from guardrail.errors import ImageError
from guardrail.types import Conversation, Finding, Part
from guardrail_detectors.picture_parts import (
    AT_ONCE,
    looking,
    one_by_one,
    side_by_side,
    unseen_frames,
)
from tests.kit import no_upstream, picture

BOTH = [one_by_one, side_by_side]
FRAMES = [np.zeros((2, 3, 3), np.uint8)]
PARTS = [picture(ref="/a"), Part("/b", "text", "user", text="none"), picture(ref="/c")]


async def decoded(image):
    return FRAMES


def shown(decode=decoded):
    return ExchangeContext("input", Conversation(()), decode, no_upstream)


async def twice(part, image, context):
    return [Finding(part.ref, category, 1.0) for category in ("x", "y")]


def test_frames_that_are_not_looked_at_are_noted():
    long = replace(PARTS[0], image=replace(PARTS[0].image, frames=24))

    assert unseen_frames(long, 8) == ("8 of 24 frames are looked at",)
    assert unseen_frames(long, 24) == unseen_frames(PARTS[0], 8) == unseen_frames(PARTS[1], 8) == ()


class Together:
    """Lets nobody go on before as many are there as are wanted; counts who was given up."""

    def __init__(self, wanted):
        self.wanted, self.there, self.most, self.given_up = wanted, 0, 0, 0
        self.enough = asyncio.Event()

    async def __call__(self, part, image, context):
        self.there += 1
        self.most = max(self.most, self.there)
        if self.there >= self.wanted:
            self.enough.set()
        try:
            await self.enough.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        await asyncio.to_thread(lambda: None)
        self.there -= 1
        return []


@pytest.mark.parametrize("over", BOTH)
async def test_findings_are_in_the_order_of_their_pictures(over):
    found = await over(PARTS, shown(), twice)

    assert [(one.ref, one.category) for one in found] == [
        ("/a", "x"),
        ("/a", "y"),
        ("/c", "x"),
        ("/c", "y"),
    ]


@pytest.mark.parametrize("over", BOTH)
async def test_parts_without_a_picture_are_passed_over(over):
    assert await over(PARTS[1:2], shown(), twice) == []


async def test_one_by_one_looks_at_one_picture_at_a_time():
    together = Together(1)

    await one_by_one(PARTS, shown(), together)

    assert together.most == 1


async def test_side_by_side_looks_at_all_of_them_at_one_time():
    together = Together(2)

    await asyncio.wait_for(side_by_side(PARTS, shown(), together), 10)

    assert together.most == 2


async def test_of_many_pictures_a_few_are_looked_at_at_one_time():
    together = Together(AT_ONCE)

    await asyncio.wait_for(side_by_side([*PARTS] * 40, shown(), together), 20)

    assert together.most == AT_ONCE


async def test_once_a_picture_fails_the_others_beside_it_are_given_up():
    together = Together(9)

    async def inspect(part, image, context):
        if part.ref == "/c":
            raise ImageError("no picture")
        return await together(part, image, context)

    with pytest.raises(ImageError, match="no picture"):
        await side_by_side(PARTS, shown(), inspect)
    await asyncio.to_thread(lambda: None)

    assert (together.there, together.given_up) == (1, 1)


async def test_a_judge_is_shown_ref_and_frames_in_a_thread_and_not_told_to_stop():
    told = []

    def judge(ref, frames, stop):
        told.append((ref, frames, stop.is_set(), threading.current_thread().name))
        return [Finding(ref, "x", 0.5)]

    found = await one_by_one(PARTS[:1], shown(), looking(judge))

    ((ref, frames, stopped, thread),) = told
    assert (ref, frames, stopped) == ("/a", FRAMES, False)
    assert thread.startswith("pictures")
    assert found == [Finding("/a", "x", 0.5)]


async def test_a_judge_that_nobody_waits_for_is_told_to_stop():
    begun, told = threading.Event(), threading.Event()

    def judge(ref, frames, stop):
        begun.set()
        if stop.wait(10):
            told.set()
        return []

    task = asyncio.create_task(one_by_one(PARTS[:1], shown(), looking(judge)))
    assert await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await asyncio.to_thread(told.wait, 10)


@pytest.mark.parametrize("over", BOTH)
async def test_a_picture_that_does_not_decode_is_an_error_and_is_not_judged(over):
    async def broken(image):
        raise ImageError("not a picture")

    with pytest.raises(ImageError, match="not a picture"):
        await over(PARTS, shown(broken), looking(lambda *_: pytest.fail("judged")))
