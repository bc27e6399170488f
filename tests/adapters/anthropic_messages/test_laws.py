"""The laws of a lens, over recordings and over generated bodies and streams."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.types import Conversation, Drop
from guardrail_adapters.anthropic_messages.request import SETTINGS
from guardrail_adapters.leaves import is_identifier
from guardrail_adapters.pointer import split
from tests.adapters.claude import (
    REPLIES,
    REQUESTS,
    STREAMS,
    claude,
    replies,
    requests,
    streams,
)
from tests.adapters.laws import (
    check_nothing_vanishes,
    check_put_get,
    check_refs,
    editable,
    read,
    told,
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


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_a_recording_without_edits_is_the_same_object(path, parse):
    body = path.read_bytes()

    parse(body)

    assert claude.render(body, {}) is body


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_an_edit_of_any_part_of_a_recording_changes_that_part_alone(path, parse):
    body = path.read_bytes()

    for part in editable(parse(body).parts):
        check_put_get(claude, body, parse, part, "nouveau «x»")


@given(st.data(), SIDES, texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, side, text):
    body, parse = side[0].encode(), side[1]
    parts = editable(parse(body).parts)

    if parts:
        check_put_get(claude, body, parse, data.draw(st.sampled_from(parts)), text)


@given(SIDES)
def test_refs_are_unique_and_point_into_the_body(side):
    check_refs(*side)


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
    if tokens[0] in SETTINGS or tokens[-1] in ("type", "signature"):
        return True
    if "cache_control" in tokens or tokens[-1] in ("role", "media_type"):
        return True
    return tokens[-1] in ("id", "tool_use_id", "name") and is_identifier(value)


@given(bodies(requests))
def test_every_string_of_a_request_is_in_a_part_or_is_a_setting(text):
    pointers = pointers_of(json.loads(text))
    check_nothing_vanishes(text, claude.parse, pointers, is_setting)


@given(st.data(), streams())
def test_any_split_of_a_stream_says_the_same(data, body):
    whole = told(read(claude, [body]))

    assert told(read(claude, data.draw(splits(body)))) == whole
    assert whole[1] == body


@pytest.mark.parametrize("path", STREAMS, ids=[path.name for path in STREAMS])
def test_a_recorded_stream_cut_at_every_byte_is_itself(path):
    body = path.read_bytes()

    texts, raw = told(read(claude, [body[at : at + 1] for at in range(len(body))]))

    assert (texts, raw) == (told(read(claude, [body]))[0], body)


@given(st.data(), streams(), texts)
def test_a_rewritten_stream_says_the_new_text_and_nothing_else_changes(data, body, text):
    events = read(claude, [body])
    before = told(events)[0]
    # A call without any input has no place for one.
    refs = [ref for ref, old in before.items() if old]
    if not refs:
        return
    ref = data.draw(st.sampled_from(refs))

    reader = claude.events(Conversation(()))
    after = told(read(claude, [reader.rewrite(events, {ref: text})]))[0]

    assert {**after, ref: after.get(ref, "")} == {**before, ref: text}
