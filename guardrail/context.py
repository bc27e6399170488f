"""What detectors are given besides their parts: one per side of one exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from guardrail.detector import Pixels
from guardrail.errors import GuardrailError
from guardrail.judge import Judge
from guardrail.types import Conversation, Image, Side, SystemText

Decode = Callable[[Image], Awaitable[Sequence[Pixels]]]


class Ask(Protocol):
    """Sends a question to the upstream's model, or to a judge."""

    def __call__(self, prompt: str, judge: Judge | None = None, /) -> Awaitable[str]:
        """The answer.

        Raises:
            WireError: There is none.
        """
        ...


@dataclass(slots=True)
class ExchangeContext:
    """The ``Context`` of one side of one exchange.

    Attributes:
        side: Input or output.
        conversation: The body being inspected.
        decode: Decodes a picture in a worker process.
        asker: Sends a question to the upstream's model, or to a judge.
        request: What the parts answer, on the output side.
        system: What the model is told as system text.
    """

    side: Side
    conversation: Conversation
    decode: Decode
    asker: Ask
    request: Conversation = field(default_factory=lambda: Conversation(()))
    system: SystemText = field(default_factory=SystemText)
    _decoded: dict[str, asyncio.Future[Sequence[Pixels]]] = field(default_factory=dict)

    async def ask(self, prompt: str, judge: Judge | None = None) -> str:
        """The answer to ``prompt`` of the upstream's model, or of ``judge``.

        Raises:
            RuntimeError: There is no answer. Not a ``WireError``: the parts are not at fault, and
                what ``on_error`` says is done.
        """
        try:
            return await self.asker(prompt, judge)
        except GuardrailError as error:
            raise RuntimeError(f"the question was not answered: {error}") from error

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
