"""A body of too many parts is given up at the part that is too many, and read beside the loop."""

from __future__ import annotations

import json
import threading

import pytest

from guardrail import Guard
from guardrail.errors import WireError
from guardrail.part_limit import parsed
from guardrail.registry import adapter
from guardrail.types import Conversation, Part
from guardrail_adapters import collector
from tests.guardrail.test_guard import policy

CHAT = adapter("openai_chat")


def chat(*texts: str) -> bytes:
    messages = [{"role": "user", "content": one} for one in texts]
    return json.dumps({"model": "m", "messages": messages}).encode()


class Uncounting:
    """An adapter that makes its parts without counting them."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def parse(self, body: bytes) -> Conversation:
        self.threads.append(threading.current_thread())
        lines = body.split()
        return Conversation(
            tuple(Part(f"/{n}", "text", "user", text=str(one)) for n, one in enumerate(lines))
        )


async def test_no_part_is_made_behind_the_one_that_is_too_many(monkeypatch):
    made = []
    monkeypatch.setattr(collector, "Part", lambda *fields: made.append(fields) or Part(*fields))

    with pytest.raises(WireError, match="at least 9 parts; at most 8") as error:
        await parsed(CHAT, chat(*["x"] * 1000), 8)

    assert error.value.status == 413
    assert len(made) == 8


async def test_an_adapter_that_does_not_count_is_counted_after():
    with pytest.raises(WireError, match="at most 2"):
        await parsed(Uncounting(), b"a b c", 2)


async def test_a_long_body_is_read_in_a_thread_with_the_same_limit():
    lens = Uncounting()

    await parsed(lens, b"a", 8)
    await parsed(lens, b"a" * 70_000, 8)
    with pytest.raises(WireError, match="at least 9 parts; at most 8"):
        await parsed(CHAT, chat(*["x" * 70] * 1000), 8)

    assert lens.threads[0] is threading.main_thread()
    assert lens.threads[1] is not threading.main_thread()


async def test_the_limit_is_no_limit_on_replies():
    await parsed(CHAT, chat("x"), 1)
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}}
    reply = json.dumps({"choices": [choice] * 5}).encode()

    assert len(CHAT.parse_reply(reply).parts) == 5


async def test_what_is_checked_without_an_exchange_keeps_the_limit_too():
    guard = Guard(policy("max_parts: 2"))
    messages = [{"role": "user", "content": "x"}] * 3

    with pytest.raises(WireError, match="at most 2"):
        await guard.acheck(messages=messages)
    with pytest.raises(WireError, match="at most 2"):
        await guard.acheck_body(chat("x", "x", "x"))
    await guard.close()
