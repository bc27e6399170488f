"""What detectors are given besides their parts: one per side of one exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from guardrail.detector import Page, Pixels
from guardrail.errors import ImageError
from guardrail.types import Conversation, File, Image, Side

Decode = Callable[[Image], Awaitable[Sequence[Pixels]]]
Ask = Callable[[str], Awaitable[str]]
Read = Callable[[File], Awaitable[Sequence[Page]]]

T = TypeVar("T")


async def no_pages(file: File) -> Sequence[Page]:
    """Nothing reads files here.

    Raises:
        ImageError: Always.
    """
    raise ImageError(f"no reader of {file.media_type} files")


@dataclass(slots=True)
class ExchangeContext:
    """The ``Context`` of one side of one exchange.

    Attributes:
        side: Input or output.
        conversation: The body being inspected.
        decode: Decodes a picture in a worker process.
        asker: Sends a question to the upstream model.
        read: Reads a file's pages in a worker process.
    """

    side: Side
    conversation: Conversation
    decode: Decode
    asker: Ask
    read: Read = no_pages
    _decoded: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    async def ask(self, prompt: str) -> str:
        """The upstream model's answer to ``prompt``."""
        return await self.asker(prompt)

    async def pixels(self, image: Image) -> Sequence[Pixels]:
        """The frames of ``image``, decoded once however many stages ask.

        Raises:
            ImageError: The bytes do not decode.
        """
        return await self._once(image.sha256, self.decode, image)

    async def pages(self, file: File) -> Sequence[Page]:
        """The pages of ``file``, read once however many stages ask.

        Raises:
            ImageError: It cannot be read, or is more than is read.
        """
        return await self._once(file.sha256, self.read, file)

    async def _once(self, key: str, make: Callable[[Any], Awaitable[T]], of: Any) -> T:
        task = self._decoded.get(key)
        if task is None:
            task = asyncio.ensure_future(make(of))
            self._decoded[key] = task
        # A stage that runs out of time must not take the decoding from the others.
        decoded: T = await asyncio.shield(task)
        return decoded

    def close(self) -> None:
        """Stops decoding that nobody waits for any more."""
        for task in self._decoded.values():
            if task.done():
                task.exception() if not task.cancelled() else None
            else:
                task.cancel()
