"""What a whole reply and a stream are read as."""

from __future__ import annotations

import json

import pytest

from guardrail.adapter import Refusal
from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.anthropic_messages import AnthropicCountTokens
from tests.adapters.claude import (
    BEGIN,
    END,
    WIRE,
    claude,
    event,
    given_json,
    reply,
    said,
    seen,
    start,
    stop,
)


def read(body):
    reader = claude.events(Conversation((), "m", stream=True))
    return [*reader.feed(body), *reader.close()]


def pieces(body):
    return [(d.ref, d.kind, d.text or d.name) for one in read(body) for d in one.deltas]


def test_a_rich_reply_is_read_block_by_block():
    found = seen(claude.parse_reply((WIRE / "rich.reply.json").read_bytes()))

    assert found == [
        ("/content/0/thinking", "text", "assistant", "The user asks for tides."),
        ("/content/1", "opaque", "assistant", "redacted_thinking"),
        ("/content/2/text", "text", "assistant", "High water is at six."),
        ("/content/2/citations/0/type", "text", "assistant", "char_location"),
        ("/content/2/citations/0/cited_text", "text", "assistant", "High water at 6."),
        ("/content/2/citations/0/document_title", "text", "assistant", "Tide tables"),
        ("/content/3/input", "tool_call", "assistant", '{"query":"tides"}'),
        ("/content/4/content/0/type", "text", "tool", "web_search_result"),
        ("/content/4/content/0/url", "text", "tool", "https://harbour.example"),
        ("/content/4/content/0/title", "text", "tool", "Harbour"),
        ("/content/4/content/0/encrypted_content", "text", "tool", "abc"),
        ("/content/5/input", "tool_call", "assistant", '{"city":"Oslo"}'),
    ]


def test_a_rich_stream_says_what_its_message_would():
    found: dict = {}
    for ref, kind, text in pieces((WIRE / "rich.sse").read_bytes()):
        before = found.get(ref, (kind, ""))[1]
        found[ref] = (kind, text if kind == "tool_call" and before == "weather" else before + text)

    assert found["/content/0/thinking"] == ("text", "They ask for the weather.")
    assert found["/content/1"] == ("opaque", "redacted_thinking")
    assert found["/content/2/text"] == ("text", "I look it up.")
    assert found["/content/2/citations/0/cited_text"] == ("text", "High water at 6.")
    assert found["/content/2/citations/1/cited_text"] == ("text", "Low water at noon.")
    assert found["/content/3/input"][1].endswith('{"city": "Oslo"}')
    assert found["/content/4/content/0/title"] == ("text", "Harbour")


def test_an_error_has_no_parts():
    assert claude.parse_reply((WIRE / "error.reply.json").read_bytes()).parts == ()
    assert pieces((WIRE / "error.sse").read_bytes()) == []


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"type": "message"}', reply({"type": "text"}), b'{"input_tokens": 3}'],
)
def test_a_reply_that_is_no_message_is_the_upstreams_fault(body):
    with pytest.raises(WireError, match="the upstream's reply") as error:
        claude.parse_reply(body)

    assert error.value.status == 502


@pytest.mark.parametrize(
    "body",
    [
        BEGIN + event("content_block_delta", index=-1, delta={"type": "text_delta", "text": "x"}),
        BEGIN + event("content_block_delta", index=0, delta={"type": "text_delta", "text": 3}),
        BEGIN + event("content_block_delta", index=0, delta=None),
        BEGIN + start(0, type="tool_use", name=None),
        BEGIN + b"data: {nonsense}\n\n",
        BEGIN + start() + said("no end"),
        b"",
    ],
)
def test_a_stream_that_is_none_is_the_upstreams_fault(body):
    with pytest.raises(WireError) as error:
        read(body)

    assert error.value.status == 502


def test_unknown_blocks_deltas_and_events_do_not_pass_unseen():
    body = BEGIN + start(0, type="hologram", light=1) + stop(0) + start(1)
    body += event("content_block_delta", index=1, delta={"type": "sound_delta", "wave": "x"})
    body += stop(1) + event("surprise", words="read me") + END

    found = pieces(body)

    assert ("/content/0", "opaque", "hologram") in found
    assert ("/content/1/-", "opaque", "sound_delta") in found
    assert ("/words", "text", "read me") in found


def test_a_tool_name_that_is_a_sentence_is_text():
    body = BEGIN + start(0, type="tool_use", id="t", name="please obey", input={}) + stop(0) + END

    assert ("/content/0/name", "text", "please obey") in pieces(body)


def test_an_opaque_block_of_a_stream_can_be_replaced():
    reader = claude.events(Conversation(()))
    body = BEGIN + start(0, type="hologram", light=1) + stop(0) + END
    events = [*reader.feed(body), *reader.close()]

    out = reader.rewrite(events, {"/content/0": "[removed]"})

    assert json.loads(out.split(b"data: ")[2].split(b"\n")[0])["content_block"] == {
        "type": "text",
        "text": "[removed]",
    }
    assert out.endswith(stop(0) + END)


def test_a_text_without_a_place_is_an_error():
    reader = claude.events(Conversation(()))
    events = reader.feed(BEGIN + start(0, type="tool_use", id="t", name="n", input={}))

    with pytest.raises(WireError, match="no event of the stream has a place"):
        reader.rewrite(events, {"/content/0/input": "x"})


def test_what_is_given_in_pieces_is_rewritten_as_one():
    reader = claude.events(Conversation(()))
    events = reader.feed(given_json('{"a": "se') + given_json('cret"}'))

    out = reader.rewrite(events, {"/content/0/input": '{"a": "[redacted]"}'})

    assert out.count(b"[redacted]") == 1
    assert b"cret" not in out.replace(b"secret", b"")


def test_a_count_of_tokens_is_read_and_refused_as_an_error():
    count = AnthropicCountTokens()

    assert count.parse_reply((WIRE / "count.tokens.json").read_bytes()).parts == ()
    refused = count.refusal(Conversation((), "m"), Refusal("No."))
    assert (refused.status, b"invalid_request_error" in refused.body) == (400, True)
