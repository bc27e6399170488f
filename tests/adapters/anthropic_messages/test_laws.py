"""The laws of a lens, over recordings and over generated bodies and streams."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.types import Drop, ReplaceImage, ReplaceText
from guardrail_adapters.anthropic_messages.request import SETTINGS
from guardrail_adapters.leaves import WORDS, is_identifier
from guardrail_adapters.pointer import lookup, split
from guardrail_adapters.splice import locate, splice
from tests.adapters.claude import (
    REPLIES,
    REQUESTS,
    STREAMS,
    claude,
    replies,
    requests,
    streams,
)
from tests.adapters.strategies import bodies, splits, texts
from tests.adapters.test_splice import pointers_of

RECORDED = [(path, claude.parse) for path in REQUESTS] + [
    (path, claude.parse_reply) for path in REPLIES
]
IDS = [path.name for path, _ in RECORDED]
SIDES = st.one_of(
    st.tuples(bodies(requests), st.just(claude.parse)),
    st.tuples(bodies(replies), st.just(claude.parse_reply)),
)


def editable(parts):
    return [part for part in parts if part.kind not in ("opaque", "file")]


def put_get(body, parse, part, text):
    """An edit is read back as what it said, and no other byte changed."""
    edit = ReplaceImage(b"new", "image/png") if part.kind == "image" else ReplaceText(text)
    after = claude.render(body, {part.ref: edit})
    value = lookup(json.loads(after), part.ref)
    assert after == splice(body, {part.ref: value})

    again = next((one for one in parse(after).parts if one.ref == part.ref), None)
    match part.kind:
        case "image":
            assert again.url.startswith("data:image/png;base64,")
        case "tool_call":
            assert again.text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            assert value == {"removed": text} or value == json.loads(text)
        case _ if isinstance(lookup(json.loads(body), part.ref), str):
            assert value == text
            assert again is None or again.kind == "opaque" or again.text == text


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_a_recording_without_edits_is_the_same_object(path, parse):
    body = path.read_bytes()

    parse(body)

    assert claude.render(body, {}) is body


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_an_edit_of_any_part_of_a_recording_changes_that_part_alone(path, parse):
    body = path.read_bytes()

    for part in editable(parse(body).parts):
        put_get(body, parse, part, "nouveau «x»")


@given(st.data(), SIDES, texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, side, text):
    body, parse = side[0].encode(), side[1]
    parts = editable(parse(body).parts)

    if parts:
        put_get(body, parse, data.draw(st.sampled_from(parts)), text)


@given(SIDES)
def test_refs_are_unique_and_point_into_the_body(side):
    body, parse = side[0].encode(), side[1]
    refs = [part.ref for part in parse(body).parts]

    assert len(refs) == len(set(refs))
    assert set(locate(side[0], refs)) == set(refs)


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_every_part_of_a_recording_can_be_dropped(path, parse):
    body = path.read_bytes()

    for part in parse(body).parts:
        after = claude.render(body, {part.ref: Drop("gone")})

        left = [one for one in parse(after).parts if one.ref == part.ref]
        told = {"gone", "removed", '{"removed":"gone"}'}
        assert {one.text for one in left} <= told, part.ref


def is_setting(pointer, value):
    """Whether a string is one of those that, as documented, are no parts."""
    tokens = split(pointer)
    if not value or tokens[0] in SETTINGS or value in WORDS or tokens[-1] in ("type", "signature"):
        return True
    if "cache_control" in tokens or tokens[-1] in ("role", "media_type"):
        return True
    return tokens[-1] in ("id", "tool_use_id", "name") and is_identifier(value)


@given(bodies(requests))
def test_every_string_of_a_request_is_in_a_part_or_is_a_setting(text):
    document = json.loads(text)

    refs = {part.ref: part for part in claude.parse(text.encode()).parts}

    for pointer in pointers_of(document):
        value = lookup(document, pointer)
        if not isinstance(value, str) or is_setting(pointer, value) or pointer in refs:
            continue
        whole = [ref for ref, part in refs.items() if pointer.startswith(f"{ref}/")]
        kinds = {refs[ref].kind for ref in whole}
        assert kinds & {"opaque", "image", "file", "tool_call"}, pointer


def told(events):
    """What a stream's events say in sum, and the bytes they are."""
    texts: dict[str, str] = {}
    for event in events:
        for delta in event.deltas:
            texts[delta.ref] = texts.get(delta.ref, "") + delta.text
    return texts, b"".join(event.raw for event in events)


def read(chunks):
    reader = claude.events(claude.parse(b'{"messages": []}'))
    return [*(one for chunk in chunks for one in reader.feed(chunk)), *reader.close()]


@given(st.data(), streams())
def test_any_split_of_a_stream_says_the_same(data, body):
    whole = told(read([body]))

    assert told(read(data.draw(splits(body)))) == whole
    assert whole[1] == body


@pytest.mark.parametrize("path", STREAMS, ids=[path.name for path in STREAMS])
def test_a_recorded_stream_cut_at_every_byte_is_itself(path):
    body = path.read_bytes()

    texts, raw = told(read([body[at : at + 1] for at in range(len(body))]))

    assert (texts, raw) == (told(read([body]))[0], body)


@given(st.data(), streams(), texts)
def test_a_rewritten_stream_says_the_new_text_and_nothing_else_changes(data, body, text):
    events = read([body])
    before = told(events)[0]
    # A call without any input has no place for one.
    refs = [ref for ref, old in before.items() if old]
    if not refs:
        return
    ref = data.draw(st.sampled_from(refs))

    reader = claude.events(claude.parse(b'{"messages": []}'))
    after = told(read([reader.rewrite(events, {ref: text})]))[0]

    assert {**after, ref: after.get(ref, "")} == {**before, ref: text}
