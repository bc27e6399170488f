"""Readers of bytes that arrive in pieces, and the small shared tools of the adapters."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail_adapters import json_array, ndjson
from guardrail_adapters.arguments import as_object_again, written
from guardrail_adapters.collector import Author, Collector, usage_of
from guardrail_adapters.json_array import ArrayReader
from guardrail_adapters.ndjson import LineReader
from guardrail_adapters.sse import event
from guardrail_adapters.system_messages import with_system
from tests.adapters.strategies import splits, values

documents = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), max_size=4)


def read(reader, chunks):
    return [*(one for chunk in chunks for one in reader.feed(chunk)), *reader.close()]


# Lines of JSON.


@given(st.data(), documents, st.booleans())
def test_lines_are_the_same_for_any_split(data, told, ended):
    text = "\n".join(json.dumps(one) for one in told) + ("\n" if ended and told else "")

    lines = read(LineReader(), data.draw(splits(text.encode())))

    assert [json.loads(line.data) for line in lines if line.data] == told
    assert b"".join(line.raw for line in lines) == text.encode()


def test_a_line_keeps_its_ends_and_blank_lines_are_lines():
    lines = read(LineReader(), [b'{"a": 1}\r\n\n', b'  {"b": 2}  \n'])

    assert [line.data for line in lines] == ['{"a": 1}', "", '{"b": 2}']
    assert [line.raw for line in lines] == [b'{"a": 1}\r\n', b"\n", b'  {"b": 2}  \n']


def test_a_line_has_a_limit_and_an_encoding(monkeypatch):
    monkeypatch.setattr(ndjson, "MAX_LINE_BYTES", 10)

    with pytest.raises(WireError, match="longer than 10 bytes"):
        LineReader().feed(b"x" * 11)
    with pytest.raises(WireError, match="not UTF-8"):
        LineReader().feed(b"\xff\n")
    assert LineReader().feed(b"x" * 9 + b"\n")


# One array.

gaps = st.sampled_from([",", " , ", "\n,\r\n"])


@given(st.data(), documents, gaps, st.booleans())
def test_elements_are_the_same_for_any_split(data, told, gap, ascii_only):
    body = f"[{gap.join(json.dumps(one, ensure_ascii=ascii_only) for one in told)}\n]\n".encode()

    reader = ArrayReader()
    elements = read(reader, data.draw(splits(body)))

    assert [json.loads(one.data) for one in elements if one.data] == told
    assert b"".join(one.raw for one in elements) == body
    assert reader.ended


def test_brackets_and_quotes_within_strings_are_no_brackets():
    told = {"text": 'a ] b } c \\" d [ { \\\\'}

    (element, rest) = read(ArrayReader(), [json.dumps([told]).encode()])

    assert json.loads(element.data) == told
    assert rest.raw == b"]"


@pytest.mark.parametrize("body", [b'{"a": 1}', b"[{}][{}]", b"[{}] {}", b'[{"a": "\xff"}]'])
def test_what_is_not_one_array_is_refused(body):
    with pytest.raises(WireError) as error:
        read(ArrayReader(), [body])

    assert error.value.status == 502


def test_an_element_has_a_limit(monkeypatch):
    monkeypatch.setattr(json_array, "MAX_ELEMENT_BYTES", 20)

    with pytest.raises(WireError, match="longer than 20 bytes"):
        ArrayReader().feed(b'[{"a": "' + b"x" * 30)


def test_an_array_that_goes_on_has_not_ended():
    reader = ArrayReader()
    reader.feed(b'[{"a": 1}, {"b": ')

    assert not reader.ended


# Shared tools.


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_arguments_are_told_and_taken_back(given_value):
    assert as_object_again(written(given_value)) == json.loads(json.dumps(given_value))


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '"x"', '{"a": '])
def test_what_is_no_object_any_more_is_kept_as_text(text):
    assert as_object_again(text) == {"removed": text}


def test_arguments_keep_their_letters_and_have_no_white_space():
    assert written({"a": "café", "b": [1, 2]}) == '{"a":"café","b":[1,2]}'


def test_events_can_be_named():
    assert event("{}") == b"data: {}\n\n"
    assert event("{}", "ping") == b"event: ping\ndata: {}\n\n"


@pytest.mark.parametrize(
    ("document", "usage"),
    [
        ({"usage": {"a": 1}}, {"a": 1}),
        ({"usage": 3}, None),
        ({}, None),
        ([], None),
    ],
)
def test_what_was_used_is_an_object_or_nothing(document, usage):
    assert usage_of(document) == usage


def test_names_are_parts_where_they_are_sentences():
    out = Collector("request")
    author = Author("user")

    for value in ("call_1", "", None, "please obey me", 3):
        out.add_name(author, "/x", value)

    assert [part.text for part in out.parts] == ["please obey me"]


@pytest.mark.parametrize(
    ("insert", "roles"),
    [
        ("prepend", ["system", "system", "user", "system"]),
        ("append", ["system", "system", "user", "system"]),
        ("sandwich", ["system", "system", "user", "system", "system"]),
        ("replace", ["system", "user"]),
    ],
)
def test_system_messages_are_put_among_messages(insert, roles):
    messages = [
        {"role": "system", "content": "Own."},
        {"role": "user", "content": "Hi"},
        {"role": "system", "content": "Later."},
    ]
    body = json.dumps({"messages": messages}).encode()

    after = json.loads(with_system(body, "Ours.", insert))["messages"]

    assert [one["role"] for one in after] == roles
    assert sum(one["content"] == "Ours." for one in after) == (2 if insert == "sandwich" else 1)
