"""A call that is under way before its reply may be used, and the guard that races it."""

from __future__ import annotations

import asyncio
import json

import pytest

from guardrail import Guard, Reply, WireError
from guardrail.policy import parse_policy
from guardrail.race import Ahead
from tests.guardrail.policy_detectors import Words
from tests.guardrail.test_guard import JSON, REPLY, Upstream, handled, headers, request

BODY = json.dumps(REPLY).encode()


class Closing:
    """An async generator's closing side, for a body that is never begun."""

    def __init__(self) -> None:
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True


async def test_the_reply_is_there_for_who_takes_it():
    async def call():
        return Reply(200, JSON, BODY)

    async with Ahead(call()) as ahead:
        assert (await ahead.reply()).body == BODY


async def test_the_call_has_begun_before_anything_else_runs():
    begun = []

    async def call():
        begun.append(True)
        return Reply(200)

    async with Ahead(call()):
        assert begun == [True]


async def test_leaving_without_the_reply_cancels_the_call_at_once():
    ended = []

    async def call():
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("cancelled")

    async with Ahead(call()):
        pass

    assert ended == ["cancelled"]


async def test_a_reply_that_had_begun_is_closed_and_not_read():
    body = Closing()

    async def call():
        return Reply(200, (), body)

    async with Ahead(call()):
        await asyncio.sleep(0)

    assert body.closed


async def test_a_call_that_failed_long_ago_fails_where_its_reply_is_asked_for():
    async def call():
        raise WireError("no upstream", status=502)

    async with Ahead(call()) as ahead:
        await asyncio.sleep(0)
        with pytest.raises(WireError, match="no upstream"):
            await ahead.reply()


async def test_a_failed_call_that_nobody_asks_for_is_forgotten():
    async def call():
        raise WireError("no upstream", status=502)

    async with Ahead(call()):
        await asyncio.sleep(0)


async def test_an_error_of_the_checks_cancels_the_call():
    ended = []

    async def call():
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(True)

    with pytest.raises(RuntimeError, match="checks"):
        async with Ahead(call()):
            raise RuntimeError("checks")
    assert ended == [True]


class Slow(Words):
    """Judges once the upstream was called, and says in which order that was."""

    called: asyncio.Event

    async def inspect(self, parts, context):
        if context.side == "input":
            await asyncio.wait_for(self.called.wait(), 5)
        return await super().inspect(parts, context)


@pytest.fixture
def called():
    Slow.called = asyncio.Event()
    return Slow.called


class Signalling(Upstream):
    def __init__(self, called: asyncio.Event) -> None:
        super().__init__()
        self.called = called
        self.cancelled = False

    async def __call__(self, one):
        self.called.set()
        return await super().__call__(one)


class Endless(Signalling):
    async def __call__(self, one):
        await super().__call__(one)
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


def racing(more: str = ""):
    return parse_policy(f"""
version: 1
name: p
input_mode: race
input:
  - detect: tests.guardrail.test_race:Slow
    rules: [{{category: hate, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 5
{more}""")


async def test_the_upstream_is_called_while_the_input_stages_still_run(called):
    upstream = Signalling(called)

    reply, (record,) = await handled(racing(), request("hello"), upstream)

    assert (reply.status, reply.body) == (200, upstream.body)
    assert record.raced
    assert len(upstream.requests) == 1


async def test_a_block_wins_over_an_upstream_that_still_works(called):
    upstream = Endless(called)

    reply, (record,) = await handled(racing(), request("bad"), upstream)

    assert headers(reply)["x-guardrail-action"] == "block"
    assert b"fine" not in reply.body
    assert upstream.cancelled
    assert record.ended == "blocked"


async def test_a_block_wins_over_an_upstream_that_failed(called):
    class Failing(Signalling):
        async def __call__(self, one):
            await super().__call__(one)
            raise WireError("gone", status=502)

    reply, _ = await handled(racing(), request("bad"), Failing(called))

    assert headers(reply)["x-guardrail-action"] == "block"


async def test_a_request_that_cannot_be_forwarded_fails_after_an_allow(called):
    class Failing(Signalling):
        async def __call__(self, one):
            await super().__call__(one)
            raise WireError("gone", status=502)

    reply, (record,) = await handled(racing(), request("hello"), Failing(called))

    assert reply.status == 502
    assert record.ended == "failed"


async def test_the_system_prompt_goes_along_with_a_request_sent_ahead(called):
    upstream = Signalling(called)

    await handled(racing("system_prompt: {text: Be kind.}"), request("hello"), upstream)

    assert b"Be kind." in upstream.requests[0].body


async def test_a_client_that_leaves_takes_both_along(called):
    upstream = Endless(called)
    guard = Guard(racing())
    await guard.load()
    Slow.called = asyncio.Event()  # the checks never come to an end
    work = asyncio.create_task(guard.handle(request("hello"), upstream))
    await asyncio.wait_for(called.wait(), 5)

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert upstream.cancelled
    await guard.close()
