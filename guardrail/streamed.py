"""A streamed reply on its way through hold-back: the bytes that leave, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from guardrail.adapter import Refusal, ReplyStream
from guardrail.answers import public
from guardrail.audit import ExchangeRecord
from guardrail.errors import OverloadError, WireError
from guardrail.pump import Pump
from guardrail.stream import Hold, HoldBack, Inspect
from guardrail.types import Outcome
from guardrail.wire import Reply

Refuse = Callable[[Outcome], Refusal]
"""What the client is told after the judgement that blocked."""

End = Callable[[str], None]
"""Told how the exchange ended, once."""


async def streamed(
    reply: Reply,
    reader: ReplyStream,
    inspect: Inspect,
    hold: Hold,
    record: ExchangeRecord,
    refuse: Refuse,
    end: End,
) -> AsyncGenerator[bytes]:
    """The bytes that leave; closing the generator closes the upstream reply at once.

    Args:
        reply: The upstream's.
        reader: Reads its stream.
        inspect: The output stages.
        hold: How much is held.
        record: Of the exchange; counts what was released.
        refuse: Says what a blocked client is told.
        end: Called once, however it ended.
    """
    held = HoldBack(reader, inspect, hold)
    ended = "client_closed"
    try:
        async with Pump(_judged(reply, held)) as pump:
            while True:
                try:
                    out = await pump.next(hold.keep_alive_s)
                except TimeoutError:
                    out = held.keep_alive if held.holds else b""
                if out is None:
                    break
                record.released += len(out)
                yield out
        ended = "replied"
        if held.blocked:
            ended = "blocked"
            yield held.finish(refuse(held.outcome))
    except (WireError, OverloadError) as error:
        ended = "failed"
        record.error = str(error)
        yield reader.fail(*public(error))
    finally:
        end(ended)


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
