"""A race inside HTTP clients: a call that was under way is given up, and its answer closed."""

from __future__ import annotations

import asyncio
import json
import threading

import httpx
import pytest

from guardrail import AsyncGuardTransport, GuardTransport
from guardrail.policy import parse_policy
from tests.guardrail.policy_detectors import Words

URL = "http://api.example/v1/chat/completions"
BODY = {"model": "m", "messages": [{"role": "user", "content": "bad"}]}
POLICY = """
version: 1
name: p
input_mode: race
input:
  - detect: tests.guardrail.test_race_transports:Late
    rules: [{category: hate, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 5
"""


class Late(Words):
    """Judges once the transport was called."""

    called: threading.Event

    async def inspect(self, parts, context):
        await asyncio.to_thread(self.called.wait, 5)
        return await super().inspect(parts, context)


@pytest.fixture(autouse=True)
def called():
    Late.called = threading.Event()
    return Late.called


class Stream(httpx.SyncByteStream):
    def __init__(self):
        self.read = False
        self.closed = threading.Event()

    def __iter__(self):
        self.read = True
        yield json.dumps({"choices": []}).encode()

    def close(self):
        self.closed.set()


class Blocking(httpx.BaseTransport):
    """Answers when it is told to: a call that cannot be interrupted."""

    def __init__(self, called):
        self.called, self.go = called, threading.Event()
        self.stream = Stream()

    def handle_request(self, request):
        self.called.set()
        assert self.go.wait(5)
        return httpx.Response(200, stream=self.stream)


def test_a_blocking_call_that_was_given_up_is_closed_unread_when_it_ends(called):
    inner = Blocking(called)

    with httpx.Client(transport=GuardTransport(parse_policy(POLICY), inner)) as client:
        reply = client.post(URL, json=BODY)  # answered while the call still blocks
        inner.go.set()

        assert inner.stream.closed.wait(5)
    assert reply.headers["x-guardrail-action"] == "block"
    assert not inner.stream.read


class Failing(Blocking):
    def handle_request(self, request):
        super().handle_request(request)
        raise httpx.ConnectError("gone")


def test_a_blocking_call_that_fails_after_it_was_given_up_harms_nobody(called):
    inner = Failing(called)

    with httpx.Client(transport=GuardTransport(parse_policy(POLICY), inner)) as client:
        reply = client.post(URL, json=BODY)
        inner.go.set()

    assert reply.headers["x-guardrail-action"] == "block"


class Waiting(httpx.AsyncBaseTransport):
    def __init__(self, called):
        self.called, self.cancelled = called, False

    async def handle_async_request(self, request):
        self.called.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_an_asynchronous_call_is_cancelled_before_the_client_is_answered(called):
    inner = Waiting(called)

    async with httpx.AsyncClient(
        transport=AsyncGuardTransport(parse_policy(POLICY), inner)
    ) as client:
        reply = await client.post(URL, json=BODY)

    assert reply.headers["x-guardrail-action"] == "block"
    assert inner.cancelled
