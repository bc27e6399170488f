"""The laws of a lens, over recordings and over generated bodies and streams."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.types import Conversation, Drop
from guardrail_adapters.leaves import is_identifier
from guardrail_adapters.openai_responses.request import SETTINGS
from guardrail_adapters.pointer import lookup, split
from tests.adapters.answers import (
    REPLIES,
    REQUESTS,
    STREAMS,
    replies,
    requests,
    responses,
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

RECORDED = [(path, responses.parse) for path in REQUESTS] + [
    (path, responses.parse_reply) for path in REPLIES
]
IDS = [path.name for path, _ in RECORDED]
SIDES = st.one_of(
    st.tuples(bodies(requests), st.just(responses.parse)),
    st.tuples(bodies(replies), st.just(responses.parse_reply)),
)


def along(body, part):
    """The log probabilities that go with a changed text."""
    found = re.fullmatch(r"(/output/\d+/content/\d+)/text", part.ref)
    if not found or not lookup(json.loads(body), found[1]).get("logprobs"):
        return {}
    return {f"{found[1]}/logprobs": []}


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_a_recording_without_edits_is_the_same_object(path, parse):
    body = path.read_bytes()

    parse(body)

    assert responses.render(body, {}) is body


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_an_edit_of_any_part_of_a_recording_changes_that_part_alone(path, parse):
    body = path.read_bytes()

    for part in editable(parse(body).parts):
        check_put_get(responses, body, parse, part, "nouveau «x»", along(body, part))


@given(st.data(), SIDES, texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, side, text):
    body, parse = side[0].encode(), side[1]
    parts = editable(parse(body).parts)

    if parts:
        part = data.draw(st.sampled_from(parts))
        check_put_get(responses, body, parse, part, text, along(body, part))


@given(SIDES)
def test_refs_are_unique_and_point_into_the_body(side):
    check_refs(*side)


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_every_part_of_a_recording_can_be_dropped(path, parse):
    body = path.read_bytes()

    for part in parse(body).parts:
        after = responses.render(body, {part.ref: Drop("gone")})

        left = [one for one in parse(after).parts if one.ref == part.ref]
        says = {"gone", "removed", '{"removed": "gone"}'}
        assert {one.text or one.url for one in left} <= says or part.kind == "opaque", part.ref


def is_setting(pointer, value):
    """Whether a string is one of those that, as documented, are no parts."""
    tokens = split(pointer)
    if tokens[0] in SETTINGS or tokens[-1] in ("type", "role", "status", "detail"):
        return True
    return tokens[-1] in ("id", "call_id", "name") and is_identifier(value)


@given(bodies(requests))
def test_every_string_of_a_request_is_in_a_part_or_is_a_setting(text):
    pointers = pointers_of(json.loads(text))
    check_nothing_vanishes(text, responses.parse, pointers, is_setting)


@given(st.data(), streams())
def test_any_split_of_a_stream_says_the_same(data, body):
    whole = told(read(responses, [body]))

    assert told(read(responses, data.draw(splits(body)))) == whole
    assert whole[1] == body


@pytest.mark.parametrize("path", STREAMS, ids=[path.name for path in STREAMS])
def test_a_recorded_stream_cut_at_every_byte_is_itself(path):
    body = path.read_bytes()

    cut = told(read(responses, [body[at : at + 1] for at in range(len(body))]))

    assert cut == (told(read(responses, [body]))[0], body)


@given(st.data(), streams(), texts)
def test_a_rewritten_stream_says_the_new_text_everywhere(data, body, text):
    events = read(responses, [body])
    before = told(events)[0]
    refs = [ref for ref, old in before.items() if old and "/-" not in ref]
    if not refs:
        return
    ref = data.draw(st.sampled_from(refs))

    out = responses.events(Conversation(()))
    out.feed(body)
    after = told(read(responses, [out.rewrite(events, {ref: text})]))[0]

    # Every repetition agrees: one that did not would be a text of its own.
    assert {**after, ref: after.get(ref, "")} == {**before, ref: text}
