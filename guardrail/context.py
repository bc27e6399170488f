"""What detectors are given besides their parts: one per side of one exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from guardrail.detector import Page, Pixels
from guardrail.errors import GuardrailError, ImageError
from guardrail.judge import Judge
from guardrail.types import Conversation, File, Image, Part, Side, SystemText

Decode = Callable[[Image], Awaitable[Sequence[Pixels]]]
Read = Callable[[File], Awaitable[Sequence[Page]]]

T = TypeVar("T")
C = TypeVar("C", Image, File)


async def no_pages(file: File) -> Sequence[Page]:
    """Nothing reads files here.

    Raises:
        ImageError: Always.
    """
    raise ImageError(f"no reader of {file.media_type} files")


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
        read: Reads a file's pages in a worker process.
    """

    side: Side
    conversation: Conversation
    decode: Decode
    asker: Ask
    request: Conversation = field(default_factory=lambda: Conversation(()))
    system: SystemText = field(default_factory=SystemText)
    read: Read = no_pages
    _decoded: dict[tuple[str, str], asyncio.Future[Any]] = field(default_factory=dict)

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
        try:
            return await self._once(self.decode, image)
        except ImageError as error:
            raise self._named(error, image) from None

    async def pages(self, file: File) -> Sequence[Page]:
        """The pages of ``file``, read once however many stages ask.

        Raises:
            ImageError: It cannot be read, or is more than is read.
        """
        try:
            return await self._once(self.read, file)
        except ImageError as error:
            raise self._named(error, file) from None

    def _named(self, error: ImageError, of: Image | File) -> ImageError:
        """``error`` with the ref of the first part that holds what could not be read."""
        holders = (one.ref for one in self.conversation.parts if _key(of) in _keys(one))
        ref = error.ref or next(holders, "")
        return ImageError(str(error), ref=ref, status=error.status)

    async def _once(self, make: Callable[[C], Awaitable[T]], of: C) -> T:
        key = _key(of)
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


def _key(content: Image | File) -> tuple[str, str]:
    """Digest and type: the same bytes are other pages as plain text than as SVG or JSON."""
    return content.sha256, content.media_type


def _keys(part: Part) -> list[tuple[str, str]]:
    return [_key(one) for one in (part.image, part.file) if one is not None]
