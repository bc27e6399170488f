"""A policy's stream mode through the whole guard: what the client is told, and what it gets."""

from __future__ import annotations

import json

import pytest

from guardrail import Guard, Reply
from guardrail.policy import parse_policy
from guardrail.snapshot import take_snapshot
from tests.e2e.voices import Chat
from tests.guardrail.test_guard import headers, request

CHAT = Chat()
EVENTS = ((b"content-type", b"text/event-stream"),)


def policy(stream: str, *, action: str = "block", detect: str = "policy_detectors:Words", more=""):
    return parse_policy(f"""
version: 1
name: p
stream: {stream}
{more}
output:
  - detect: tests.guardrail.{detect}
    rules: [{{category: hate, at_least: 0.5, action: {action}}}]
    on_error: block
    timeout_s: 5
""")


async def answered(made, events):
    """Headers, and each chunk that the client gets."""

    async def body():
        for event in events:
            yield event

    async def upstream(_):
        return Reply(200, EVENTS, body())

    guard = Guard(made)
    reply = await guard.handle(request("hello", stream=True), upstream)
    return headers(reply), [chunk async for chunk in reply.body]


def said(chunks: list[bytes]) -> str:
    return CHAT.read_stream(b"".join(chunks)).partition("I can't help")[0]


WORDS = [f"{number:04d} " for number in range(60)]


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ("{mode: hold}", "hold"),
        ("{mode: buffer}", "buffer"),
        ("{mode: window, window: 50}", "window; characters=50"),
    ],
)
async def test_the_client_is_told_the_mode_and_how_much_may_be_exposed(stream, told):
    marks, chunks = await answered(policy(stream), CHAT.events(WORDS))

    assert marks["x-guardrail-stream"] == told
    assert b"".join(chunks) == b"".join(CHAT.events(WORDS))


async def test_a_policy_that_races_says_so():
    marks, _ = await answered(
        policy("{mode: window, window: 50}", more="input_mode: race"), CHAT.events(WORDS)
    )

    assert marks["x-guardrail-stream"] == "window; characters=50; race"


@pytest.mark.parametrize("at", [0, 7, 30, 59])
async def test_in_window_mode_no_more_than_the_window_leaves_before_a_block(at):
    words = [*WORDS[:at], "bad ", *WORDS[at:]]

    marks, chunks = await answered(policy("{mode: window, window: 50}"), CHAT.events(words))

    exposed = said(chunks)
    start = len("".join(WORDS[:at]))
    assert "".join(words).startswith(exposed)
    assert len(exposed) - start <= 50
    assert "I can't help" in CHAT.read_stream(b"".join(chunks))
    assert marks["x-guardrail-action"] == "allow"  # the headers left before the block


@pytest.mark.parametrize("at", [0, 7, 30, 59])
async def test_in_hold_mode_nothing_of_a_blocked_window_leaves(at):
    words = [*WORDS[:at], "bad ", *WORDS[at:]]

    _, chunks = await answered(policy("{mode: hold, window: 50}"), CHAT.events(words))

    assert "bad" not in said(chunks)


def redacting(stream: str):
    return parse_policy(f"""
version: 1
name: p
stream: {stream}
output:
  - detect: unicode_smuggling
    rules: [{{category: hidden_text, at_least: 0.5, action: redact}}]
    on_error: block
    timeout_s: 5
""")


async def test_in_window_mode_what_is_redacted_never_leaves():
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "secret")
    words = [*WORDS[:20], f"a{hidden}b ", *WORDS[20:]]

    _, chunks = await answered(redacting("{mode: window, window: 50}"), CHAT.events(words))

    assert said(chunks) == "".join([*WORDS[:20], "ab ", *WORDS[20:]])


def test_a_stage_that_redacts_keeps_its_lookback_and_the_window_back():
    hold = take_snapshot(redacting("{mode: window, window: 50}"), {}, 1).hold

    assert (hold.exposed, hold.window, hold.tail) == (50, 50, 256 + 50)


@pytest.mark.parametrize("mode", ["hold", "buffer"])
def test_other_modes_expose_nothing(mode):
    assert take_snapshot(redacting(f"{{mode: {mode}}}"), {}, 1).hold.exposed == 0


async def test_a_tool_call_reaches_the_client_whole_or_not_at_all():
    events = CHAT.call_events()
    _, chunks = await answered(policy("{mode: window, window: 50}"), events)
    seen = [b"arguments" in chunk for chunk in chunks]

    assert seen.count(True) == 1
    assert b"".join(chunks) == b"".join(events)


async def test_a_call_with_forbidden_arguments_never_leaves():
    events = [event.replace(b"Oslo", b"bad") for event in CHAT.call_events()]

    _, chunks = await answered(policy("{mode: window, window: 50}"), events)

    assert b"arguments" not in b"".join(chunks)
    assert json.loads(b"".join(chunks).split(b"data: ")[-2])["choices"][0]["finish_reason"]
