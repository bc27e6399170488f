"""How detectors go over the pictures among their parts, and look at one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from threading import Event
from typing import Any

from guardrail.detector import Context, Pixels
from guardrail.types import Finding, Image, Part
from guardrail_detectors.workers import LOOKING

Inspect = Callable[[Part, Image, Context], Coroutine[Any, Any, Sequence[Finding]]]
"""A part and its picture to the findings in it."""

Judge = Callable[[str, Sequence[Pixels], Event], Sequence[Finding]]
"""A part's ref and its picture's frames to findings; blocks for its CPU time. The event is set once
nobody waits for them any more."""


AT_ONCE = 8
"""Pictures of one request that are looked at together: others' requests have to find room too."""


def unseen_frames(part: Part, most: int) -> tuple[str, ...]:
    """What a verdict should say of an animation of which at most ``most`` frames are looked at."""
    frames = 1 if part.image is None else part.image.frames
    return (f"{most} of {frames} frames are looked at",) if frames > most else ()


async def one_by_one(
    parts: Sequence[Part], context: Context, inspect: Inspect
) -> Sequence[Finding]:
    """The findings in the pictures among ``parts``; each is looked at when the last one is done."""
    return [
        finding
        for part in parts
        if part.image is not None
        for finding in await inspect(part, part.image, context)
    ]


async def side_by_side(
    parts: Sequence[Part], context: Context, inspect: Inspect
) -> Sequence[Finding]:
    """The same, several of them at one time; none goes on once one fails or nobody waits."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(part: Part, image: Image) -> Sequence[Finding]:
        async with room:
            return await inspect(part, image, context)

    tasks = [asyncio.create_task(one(part, part.image)) for part in parts if part.image is not None]
    try:
        return [finding for found in await asyncio.gather(*tasks) for finding in found]
    finally:
        for task in tasks:
            task.cancel()


def looking(judge: Judge) -> Inspect:
    """Decodes a picture and has ``judge`` look at it, in a thread of ``LOOKING``.

    What it returns raises:
        ImageError: The picture does not decode.
        OverloadError: Too many pictures wait.
    """

    async def inspect(part: Part, image: Image, context: Context) -> Sequence[Finding]:
        frames = await context.pixels(image)
        return await LOOKING.run(partial(judge, part.ref, frames))

    return inspect
