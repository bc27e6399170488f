"""A streamed reply on its way through hold-back: the bytes that leave, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Protocol

from guardrail.adapter import Refusal, ReplyStream
from guardrail.answers import public
from guardrail.audit import ExchangeRecord
from guardrail.errors import OverloadError, WireError
from guardrail.pump import Pump
from guardrail.revise import Revisions
from guardrail.stream import Hold, HoldBack, Inspect
from guardrail.types import Action, Outcome
from guardrail.wire import Reply

End = Callable[[str], None]
"""Told how the exchange ended, once."""


class Refuse(Protocol):
    """What the client is told after the judgement that blocked."""

    def __call__(self, outcome: Outcome, usage: Mapping[str, Any] | None = None) -> Refusal:
        """The words; ``usage`` is the upstream's of all drafts, None for the stream's own."""
        ...


async def streamed(
    reply: Reply,
    events: Callable[[], ReplyStream],
    inspect: Inspect,
    hold: Hold,
    record: ExchangeRecord,
    refuse: Refuse,
    end: End,
    revisions: Revisions,
) -> AsyncGenerator[bytes]:
    """The bytes that leave; closing the generator closes the upstream reply at once.

    Args:
        reply: The upstream's.
        events: Makes a reader of a stream.
        inspect: The output stages.
        hold: How much is held.
        record: Of the exchange; counts what was released.
        refuse: Says what a blocked client is told.
        end: Called once, however it ended.
        revisions: Of the exchange; used where ``hold`` says that replies may be revised.
    """
    reader = events()
    drafts = _Drafts(HoldBack(reader, inspect, hold), events, inspect, hold, revisions)
    ended = "client_closed"
    try:
        async with Pump(drafts.released(reply)) as pump:
            while True:
                try:
                    out = await pump.next(hold.keep_alive_s)
                except TimeoutError:
                    out = reader.keep_alive if hold.revises or drafts.held.holds else b""
                if out is None:
                    break
                record.released += len(out)
                yield out
        ended = "replied"
        if drafts.blocked:
            ended = "blocked"
            yield drafts.refusal(refuse)
    except (WireError, OverloadError) as error:
        ended = "failed"
        record.error = str(error)
        yield reader.fail(*public(error))
    finally:
        end(ended)


class _Drafts:
    """The stream that is being read, and those that may come in its place."""

    def __init__(
        self,
        first: HoldBack,
        events: Callable[[], ReplyStream],
        inspect: Inspect,
        hold: Hold,
        revisions: Revisions,
    ) -> None:
        self.held = first
        self._events = events
        self._inspect = inspect
        self._hold = hold
        self._revisions = revisions

    @property
    def blocked(self) -> bool:
        """Whether the client is told no."""
        if self._hold.revises:
            return self._revisions.action(self.held) is Action.BLOCK
        return self.held.blocked

    async def released(self, reply: Reply) -> AsyncGenerator[bytes]:
        """The bytes that may leave."""
        async for out in _judged(reply, self.held):
            yield out
        if self._hold.revises:
            self.held = await self._revisions.settle(self.held, self._read)
            if not self.blocked:
                yield self.held.release(self._revisions.earlier)

    def refusal(self, refuse: Refuse) -> bytes:
        """What ends the stream after a block: all of it where nothing has left."""
        if not self._hold.revises:
            return self.held.finish(refuse(self.held.outcome))
        usage = self._revisions.usage(self.held)
        return self._events().finish(refuse(self.held.outcome, usage))

    async def _read(self, reply: Reply) -> HoldBack:
        held = HoldBack(self._events(), self._inspect, self._hold)
        async for _ in _judged(reply, held):
            pass  # a revised reply leaves when it is settled, and not before
        return held


async def _judged(reply: Reply, held: HoldBack) -> AsyncGenerator[bytes]:
    if isinstance(reply.body, bytes):
        yield await held.feed(reply.body)
    else:
        async with aclosing(reply.body) as chunks:
            async for chunk in chunks:
                if out := await held.feed(chunk):
                    yield out
                if held.blocked:
                    return
    if not held.blocked:
        yield await held.close()
