"""The Messages stream under the core's hold-back: redaction, release and the native end."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.adapter import Refusal
from guardrail.cache import VerdictCache
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action, Conversation
from tests.adapters.claude import (
    BEGIN,
    END,
    claude,
    documents,
    given_json,
    said,
    start,
    stop,
)
from tests.adapters.strategies import splits
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

SECRET = "bad"
NO = "I can't help with that."


async def held(chunks, action, window=6):
    """What leaves of a stream whose content is searched for a word."""
    steps = ((stage(WordDetector(SECRET), action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    reader = claude.events(Conversation((), "m", stream=True))
    back = HoldBack(reader, inspect, Hold(window=window, tail=len(SECRET)))
    out = b"".join([await back.feed(data) for data in chunks if not back.blocked])
    if not back.blocked:
        out += await back.close()
    return out, back


def stream_of(text):
    return BEGIN + start() + b"".join(map(said, text)) + stop() + END


def content(out):
    """The text of each block, as an SDK adds it up."""
    blocks: dict[int, str] = {}
    for told in documents(out):
        if told["type"] == "content_block_start":
            blocks[told["index"]] = told["content_block"].get("text", "")
        elif told["type"] == "content_block_delta":
            blocks[told["index"]] += told["delta"].get("text", "")
    return blocks


def check_grammar(out):
    """Every block is started once, stopped once and in between, and the message ends."""
    told = documents(out)
    assert told[0]["type"] == "message_start"
    assert [one["type"] for one in told].count("message_start") == 1
    assert [one["type"] for one in told[-2:]] == ["message_delta", "message_stop"]
    opened = None
    seen = []
    for one in told:
        match one["type"]:
            case "content_block_start":
                assert opened is None
                opened = one["index"]
                seen.append(opened)
            case "content_block_delta":
                assert one["index"] == opened
            case "content_block_stop":
                assert one["index"] == opened
                opened = None
    assert opened is None
    assert seen == list(range(len(seen)))
    return told


@given(st.data(), st.lists(st.sampled_from(["good ", "b", "a", "d", "bad"]), max_size=10))
async def test_a_word_is_redacted_however_it_is_cut(data, words):
    text = "".join(words)
    chunks = data.draw(splits(stream_of(text)))

    out, _ = await held(chunks, Action.REDACT)

    assert content(out) == {0: re.sub(f"({SECRET})+", MASK, text)}
    check_grammar(out)


async def test_an_allowed_stream_leaves_byte_for_byte():
    body = stream_of("all is well here")

    out, _ = await held([body], Action.REDACT)

    assert out == body


@given(st.data(), st.integers(0, 30), st.sampled_from(["native", "message"]), st.integers(1, 40))
async def test_a_block_at_any_place_ends_the_message_natively(data, before, style, window):
    pieces = [said("x" * 3)] * before + [said("bad")] + [said("y")] * 50
    cut = data.draw(st.integers(0, len(pieces)))
    blocks = [pieces[:cut], pieces[cut:]]
    body = BEGIN
    for index, block in enumerate(blocks):
        body += start(index) + b"".join(block).replace(b'"index": 0', b'"index": %d' % index)
        body += stop(index)
    chunks = data.draw(splits(body + END))

    out, back = await held(chunks, Action.BLOCK, window)
    out += back.finish(Refusal(NO, style, "v1"))

    told = check_grammar(out)
    assert back.blocked
    assert SECRET not in out.decode()
    texts = content(out)
    assert texts[max(texts)] == NO
    reason = {"native": "refusal", "message": "end_turn"}[style]
    assert told[-2]["delta"]["stop_reason"] == reason
    assert told[-2]["usage"] in (
        {"input_tokens": 9, "output_tokens": 1},
        {"input_tokens": 9, "output_tokens": 5},
    )


async def test_a_block_before_the_first_event_is_a_whole_message():
    reader = claude.events(Conversation((), "m", stream=True))

    told = check_grammar(reader.finish(Refusal(NO, verdict_id="v1")))

    assert (told[0]["message"]["id"], told[0]["message"]["model"]) == ("msg_v1", "m")


async def test_a_block_in_the_style_of_an_error_is_an_error_event():
    _, back = await held([stream_of("bad bad bad bad")], Action.BLOCK)

    (told,) = documents(back.finish(Refusal(NO, "error")))

    assert (told["type"], told["error"]["type"]) == ("error", "invalid_request_error")
    assert told["error"]["code"] == "content_filter"


@pytest.mark.parametrize("window", [1, 6, None])
async def test_a_redacted_tool_call_is_json_still(window):
    body = BEGIN + start(0, type="tool_use", id="t", name="send", input={})
    body += given_json('{"to": "x", "text": "a b') + given_json('ad one"}') + stop() + END

    out, _ = await held([body], Action.REDACT, window)

    deltas = [one["delta"] for one in documents(out) if one["type"] == "content_block_delta"]
    given_input = "".join(one["partial_json"] for one in deltas)
    assert json.loads(given_input) == {"removed": "[removed]"}
