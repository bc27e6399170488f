"""What detectors are given besides their parts: one per side of one exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from guardrail.detector import Pixels
from guardrail.types import Conversation, Image, Side, SystemText

Decode = Callable[[Image], Awaitable[Sequence[Pixels]]]
Ask = Callable[[str], Awaitable[str]]


@dataclass(slots=True)
class ExchangeContext:
    """The ``Context`` of one side of one exchange.

    Attributes:
        side: Input or output.
        conversation: The body being inspected.
        decode: Decodes a picture in a worker process.
        asker: Sends a question to the upstream model.
        system: What the model is told as system text.
    """

    side: Side
    conversation: Conversation
    decode: Decode
    asker: Ask
    system: SystemText = field(default_factory=SystemText)
    _decoded: dict[str, asyncio.Future[Sequence[Pixels]]] = field(default_factory=dict)

    async def ask(self, prompt: str) -> str:
        """The upstream model's answer to ``prompt``."""
        return await self.asker(prompt)

    async def pixels(self, image: Image) -> Sequence[Pixels]:
        """The frames of ``image``, decoded once however many stages ask.

        Raises:
            ImageError: The bytes do not decode.
        """
        task = self._decoded.get(image.sha256)
        if task is None:
            task = asyncio.ensure_future(self.decode(image))
            self._decoded[image.sha256] = task
        # A stage that runs out of time must not take the decoding from the others.
        return await asyncio.shield(task)

    def close(self) -> None:
        """Stops decoding that nobody waits for any more."""
        for task in self._decoded.values():
            if task.done():
                task.exception() if not task.cancelled() else None
            else:
                task.cancel()
