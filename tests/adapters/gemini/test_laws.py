"""The laws of a lens, over recordings and over generated bodies and streams."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.types import Conversation, Drop
from guardrail_adapters.gemini.content import camel
from guardrail_adapters.gemini.request import GENERATION, SETTINGS
from guardrail_adapters.leaves import is_identifier
from guardrail_adapters.pointer import lookup, split
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
from tests.adapters.twins import REPLIES, REQUESTS, gemini, replies, requests, streams

RECORDED = [(path, gemini.parse) for path in REQUESTS] + [
    (path, gemini.parse_reply) for path in REPLIES
]
IDS = [path.name for path, _ in RECORDED]
SIDES = st.one_of(
    st.tuples(bodies(requests), st.just(gemini.parse)),
    st.tuples(bodies(replies), st.just(gemini.parse_reply)),
)


def along(body, part):
    """The log probabilities that go with a changed candidate."""
    found = re.match(r"(/candidates/\d+)/content/", part.ref)
    if not found or "logprobsResult" not in lookup(json.loads(body), found[1]):
        return {}
    return {f"{found[1]}/logprobsResult": {}}


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_a_recording_without_edits_is_the_same_object(path, parse):
    body = path.read_bytes()

    parse(body)

    assert gemini.render(body, {}) is body


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_an_edit_of_any_part_of_a_recording_changes_that_part_alone(path, parse):
    body = path.read_bytes()

    for part in editable(parse(body).parts):
        check_put_get(gemini, body, parse, part, "nouveau «x»", along(body, part))


@given(st.data(), SIDES, texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, side, text):
    body, parse = side[0].encode(), side[1]
    parts = editable(parse(body).parts)

    if parts:
        part = data.draw(st.sampled_from(parts))
        check_put_get(gemini, body, parse, part, text, along(body, part))


@given(SIDES)
def test_refs_are_unique_and_point_into_the_body(side):
    check_refs(*side)


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_every_part_of_a_recording_can_be_dropped(path, parse):
    body = path.read_bytes()

    for part in parse(body).parts:
        after = gemini.render(body, {part.ref: Drop("gone")})

        left = [one for one in parse(after).parts if one.ref == part.ref]
        says = {"gone", "removed", '{"removed":"gone"}', ""}
        assert {one.text for one in left} <= says, part.ref


def is_setting(pointer, value):
    """Whether a string is one of those that, as documented, are no parts."""
    tokens = [camel(token) for token in split(pointer)]
    if tokens[0] in SETTINGS or tokens[-1] in ("role", "mimeType"):
        return True
    if tokens[0] == "generationConfig" and tokens[1] in GENERATION:
        return True
    return tokens[-1] in ("id", "name") and is_identifier(value)


@given(bodies(requests))
def test_every_string_of_a_request_is_in_a_part_or_is_a_setting(text):
    check_nothing_vanishes(text, gemini.parse, pointers_of(json.loads(text)), is_setting)


@given(st.data(), streams())
def test_any_split_of_a_stream_says_the_same(data, stream):
    lens, body = stream
    whole = told(read(lens, [body]))

    assert told(read(lens, data.draw(splits(body)))) == whole
    assert whole[1] == body


@given(streams())
def test_a_stream_cut_at_every_byte_is_itself(stream):
    lens, body = stream

    cut = told(read(lens, [body[at : at + 1] for at in range(len(body))]))

    assert cut == told(read(lens, [body]))


@given(st.data(), streams(), texts)
def test_a_rewritten_stream_says_the_new_text_and_nothing_else_changes(data, stream, text):
    lens, body = stream
    events = read(lens, [body])
    before = told(events)[0]
    texts_alone = [ref for ref, old in before.items() if old and ref.endswith("/text")]
    ref = data.draw(st.sampled_from(texts_alone))

    after = told(read(lens, [lens.events(Conversation(())).rewrite(events, {ref: text})]))[0]

    assert {**after, ref: after.get(ref, "")} == {**before, ref: text}
