"""The laws of a lens, over recordings and over generated bodies."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.types import TEXT_KINDS, ReplaceImage, ReplaceText
from guardrail_adapters.leaves import WORDS, is_identifier
from guardrail_adapters.openai_chat.request import SETTINGS
from guardrail_adapters.pointer import lookup, split
from guardrail_adapters.splice import locate, splice
from tests.adapters.chat import REPLIES, REQUESTS, chat
from tests.adapters.strategies import bodies, replies, requests, texts
from tests.adapters.test_splice import pointers_of

RECORDED = [(path, chat.parse) for path in REQUESTS] + [
    (path, chat.parse_reply) for path in REPLIES
]
IDS = [path.name for path, _ in RECORDED]
SIDES = st.one_of(
    st.tuples(bodies(requests), st.just(chat.parse)),
    st.tuples(bodies(replies), st.just(chat.parse_reply)),
)
HINTS = {"cache_control", "prompt_cache_breakpoint"}


def editable(text, parts):
    """Parts whose ref is a string in the body."""
    spans = locate(text, [part.ref for part in parts])
    return [part for part in parts if text[spans[part.ref][0]] == '"' and part.kind != "opaque"]


def put_get(body, parse, part, text):
    edit = ReplaceImage(text.encode(), "image/png") if part.kind == "image" else ReplaceText(text)
    after = chat.render(body, {part.ref: edit})
    value = lookup(json.loads(after), part.ref)

    again = next((one for one in parse(after).parts if one.ref == part.ref), None)
    if part.kind == "image":
        assert again.url == value
    elif part.kind in TEXT_KINDS:
        assert value == text
        assert reads_as(again, text)
    assert after == splice(body, {part.ref: value, **companions(json.loads(body), part.ref)})


def reads_as(part, text):
    """Whether a part says ``text``, or there is none because such a text says nothing."""
    if part is None:
        return text in WORDS or is_identifier(text)
    return part.kind == "opaque" or part.text == text


def companions(document, ref):
    """What else an edit has to change, because it says again what the edit takes away."""
    found = re.match(r"/choices/(\d+)/message/", ref)
    if found is None:
        return {}
    along = {}
    if document["choices"][int(found[1])].get("logprobs") is not None:
        along[f"/choices/{found[1]}/logprobs"] = None
    if ref.endswith("/audio/transcript"):
        along[f"/choices/{found[1]}/message/audio/data"] = ""
    return along


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_a_recording_without_edits_is_the_same_object(path, parse):
    body = path.read_bytes()

    assert chat.render(body, {}) is body


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_an_edit_of_any_part_of_a_recording_changes_that_part_alone(path, parse):
    body = path.read_bytes()

    for part in editable(body.decode(), parse(body).parts):
        put_get(body, parse, part, "nouveau «x»")


@given(st.data(), SIDES, texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, side, text):
    body, parse = side[0].encode(), side[1]
    parts = editable(side[0], parse(body).parts)

    if parts:
        put_get(body, parse, data.draw(st.sampled_from(parts)), text)


@given(SIDES)
def test_refs_are_unique_and_point_into_the_body(side):
    body, parse = side[0].encode(), side[1]
    refs = [part.ref for part in parse(body).parts]

    assert len(refs) == len(set(refs))
    assert set(locate(side[0], refs)) == set(refs)


def setting(pointer, value):
    """Whether a string is one of those that, as documented, are no parts."""
    tokens = split(pointer)
    if not value or tokens[0] in SETTINGS or value in WORDS or HINTS & set(tokens):
        return True
    named = tokens[-1] in ("role", "id", "type", "tool_call_id", "name")
    return tokens[0] == "messages" and named and is_identifier(value)


@given(bodies(requests))
def test_every_string_of_a_request_is_in_a_part_or_is_a_setting(text):
    document = json.loads(text)

    refs = {part.ref: part for part in chat.parse(text.encode()).parts}

    for pointer in pointers_of(document):
        value = lookup(document, pointer)
        if not isinstance(value, str) or setting(pointer, value):
            continue
        part = refs.get(pointer)
        within = [r for r, p in refs.items() if p.kind == "opaque" and pointer.startswith(f"{r}/")]
        assert within or part is not None, pointer
        if part is not None and part.kind in TEXT_KINDS:
            assert part.text == value


@given(bodies(requests))
def test_content_of_an_unknown_type_never_vanishes(text):
    document = json.loads(text)

    kinds = {part.ref: part.kind for part in chat.parse(text.encode()).parts}

    known = ("text", "image_url", "input_audio", "file", "refusal")
    for at, message in enumerate(document["messages"]):
        for index, item in enumerate(message["content"] or ()):
            if isinstance(item, dict) and item["type"] not in known:
                assert kinds[f"/messages/{at}/content/{index}"] == "opaque"
