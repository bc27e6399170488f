"""Recordings with any value in any place replaced: every adapter reads them or says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.adapter import Refusal, addressed
from guardrail.errors import WireError
from guardrail.registry import adapter, adapter_names
from guardrail.types import Conversation, Drop
from guardrail_adapters.pointer import split
from tests.adapters.coverage import FORMS, HERE, RECORDINGS, streaming
from tests.adapters.strategies import values
from tests.adapters.test_splice import pointers_of

LENSES = [name for name in adapter_names() if name != "anthropic_count_tokens"]
READING_JSON = [name for name in LENSES if name not in FORMS]
ODD = st.one_of(values, st.sampled_from([[], {}, [[]], [None], {"type": []}, -1, 10**30, True]))


def recordings(name: str, *ends: str) -> list[Path]:
    folder, start = RECORDINGS[name]
    found = sorted((HERE / folder / "wire").glob(f"{start}*"))
    return [path for path in found if path.name.endswith(ends)]


def replaced(document, pointer, value):
    """``document`` with ``value`` in place of what stands at ``pointer``."""
    document = json.loads(json.dumps(document))
    holder, last = document, split(pointer)
    for token in last[:-1]:
        holder = holder[int(token)] if isinstance(holder, list) else holder[token]
    holder[int(last[-1]) if isinstance(holder, list) else last[-1]] = value
    return document


def draw_broken(data, document):
    pointer = data.draw(st.sampled_from([one for one in pointers_of(document) if one]))
    return replaced(document, pointer, data.draw(ODD))


def attempt(read, *given_values):
    """What ``read`` gives, and the error it raises if it refuses."""
    try:
        return read(*given_values), None
    except WireError as error:
        return None, error


@pytest.mark.parametrize("name", READING_JSON)
@given(st.data())
@settings(max_examples=150)
def test_a_broken_request_is_read_or_refused(name, data):
    path = data.draw(st.sampled_from(recordings(name, ".request.json")))
    body = json.dumps(draw_broken(data, json.loads(path.read_bytes()))).encode()
    lens = addressed(adapter(name), "/models/m:generateContent", b"")

    conversation, refused = attempt(lens.parse, body)
    if refused:
        assert refused.status == 400
        return
    assert lens.render(body, {}) is body
    for part in conversation.parts:
        lens.render(body, {part.ref: Drop("gone")})
    for style in ("native", "message", "error"):
        assert lens.refusal(conversation, Refusal("No.", style)).status in (200, 400)


@pytest.mark.parametrize("name", LENSES)
@given(st.data())
@settings(max_examples=150)
def test_a_broken_reply_is_read_or_refused(name, data):
    path = data.draw(st.sampled_from(recordings(name, ".reply.json")))
    document = json.loads(path.read_bytes())
    body = json.dumps(draw_broken(data, document)).encode()

    conversation, refused = attempt(adapter(name).parse_reply, body)
    if refused:
        assert refused.status == 502
        return
    for part in conversation.parts:
        adapter(name).render(body, {part.ref: Drop("gone")})


STREAMED = [name for name in LENSES if recordings(name, ".sse", ".ndjson")]


@pytest.mark.parametrize("name", STREAMED)
@given(st.data())
@settings(max_examples=150)
def test_a_broken_stream_is_read_or_refused(name, data):
    paths = [one for one in recordings(name, ".sse", ".ndjson") if one.name != "multiline.sse"]
    path = data.draw(st.sampled_from(paths))
    lines = path.read_bytes().decode().replace("\r\n", "\n").split("\n")
    said = [at for at, line in enumerate(lines) if line.endswith("}") and "{" in line]
    at = data.draw(st.sampled_from(said))
    head, brace, rest = lines[at].partition("{")
    lines[at] = head + json.dumps(draw_broken(data, json.loads(brace + rest)))
    reader = streaming(name).events(Conversation((), "m", stream=True))

    events, refused = attempt(reader.feed, "\n".join(lines).encode())
    events = events or []
    rest, late = attempt(reader.close)
    events = [*events, *(rest or [])]
    assert {error.status for error in (refused, late) if error} <= {502}
    refs = {delta.ref: "" for event in events for delta in event.deltas}
    assert isinstance(reader.rewrite(events, refs), bytes)
    for held in (events, events[-1:], ()):
        assert reader.finish(Refusal("No."), held)


@pytest.mark.parametrize("name", adapter_names())
@given(ODD)
def test_what_is_no_request_at_all_is_refused(name, value):
    body = json.dumps(value).encode()

    for read in (adapter(name).parse, adapter(name).parse_reply):
        _, refused = attempt(read, body)
        assert refused is None or refused.status in (400, 502)


def claude_event(citations):
    block = {"type": "text", "text": "", "citations": citations}
    event = {"type": "content_block_start", "index": 0, "content_block": block}
    return f"event: content_block_start\ndata: {json.dumps(event)}\n\n".encode()


def test_a_citation_that_a_block_begins_with_is_read_and_rewritten_in_its_place():
    reader = streaming("anthropic_messages").events(Conversation((), "m", stream=True))

    events = reader.feed(claude_event([{"cited_text": "one"}, {"cited_text": "two"}]))
    refs = [delta.ref for event in events for delta in event.deltas if delta.text in {"one", "two"}]
    out = reader.rewrite(events, dict.fromkeys(refs[1:], "gone"))

    assert len(set(refs)) == 2
    assert out == claude_event([{"cited_text": "one"}, {"cited_text": "gone"}])


@pytest.mark.parametrize("citations", [-1, "text", {"a": 1}, True])
def test_citations_that_are_no_list_are_refused(citations):
    reader = streaming("anthropic_messages").events(Conversation((), "m", stream=True))

    with pytest.raises(WireError, match=r"/content_block/citations.*a list") as refused:
        reader.feed(claude_event(citations))

    assert refused.value.status == 502
