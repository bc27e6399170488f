"""JSON with one reading only."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from guardrail.errors import WireError
from guardrail_adapters.strict_json import MAX_DEPTH, MAX_DIGITS, loads, loads_text, shown
from tests.adapters.strategies import bodies, values


@given(bodies(values))
def test_what_is_accepted_reads_as_every_parser_reads_it(text):
    assert loads(text.encode()) == json.loads(text)


def nested(depth, *, of="list"):
    left, right = ("[", "]") if of == "list" else ('{"a":', "}")
    return (left * depth + "1" + right * depth).encode()


REFUSED = {
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "UTF-16 with a mark": ('{"a":1}'.encode("utf-16"), "not UTF-8 at byte 0"),
    "UTF-16 without a mark": ('{"a":1}'.encode("utf-16-le"), "not JSON at line 1"),
    "broken UTF-8": (b'{"a":"\xff"}', "not UTF-8 at byte 6"),
    "an encoded surrogate": (b'"\xed\xa0\x80"', "not UTF-8 at byte 1"),
    "a lone high surrogate": (b'{"a":"\\ud83d"}', "half a surrogate pair"),
    "a lone low surrogate in capitals": (b'["\\uDE00 x"]', "half a surrogate pair"),
    "a lone surrogate in a key": (b'{"\\ud83d":1}', "half a surrogate pair"),
    "a repeated key": (b'{"a":1,"b":{"c":1,"c":2}}', "'/b/c': this key stands twice"),
    "a key repeated in escapes": (b'[{"a":1,"\\u0061":2}]', "'/0/a': this key stands twice"),
    "NaN": (b'{"a":NaN}', "NaN is not JSON"),
    "Infinity": (b"[Infinity]", "Infinity is not JSON"),
    "minus Infinity": (b"[-Infinity]", "-Infinity is not JSON"),
    "a number that overflows": (b"[1e999]", "'1e999' overflows"),
    "a number that overflows downwards": (b"[-1e999]", "overflows"),
    "an integer without end": (b"[" + b"9" * 5000 + b"]", "5000 digits"),
    "trailing data": (b'{"a":1} {"a":2}', "column 9: Extra data"),
    "nothing": (b"", "Expecting value"),
    "a raw control character": (b'"a\nb"', "Invalid control character"),
    "a comment": (b"{} // hi", "Extra data"),
    "a single quote": (b"{'a':1}", "not JSON at line 1 column 2"),
    "lists too deep": (nested(MAX_DEPTH + 1), "nested deeper than 100"),
    "objects too deep": (nested(MAX_DEPTH + 1, of="object"), "nested deeper than 100"),
    "lists far too deep": (nested(200_000), "nested deeper than 100"),
    "objects far too deep": (nested(100_000, of="object"), "nested deeper than 100"),
    "depth in a long body": (b'["' + b"a" * 70_000 + b'",' + nested(MAX_DEPTH) + b"]", "deeper"),
    "both repeated and deep": (b'{"a":1,"a":' + nested(90_000) + b"}", "deeper"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_could_be_read_in_two_ways_is_refused(name):
    body, message = REFUSED[name]

    with pytest.raises(WireError) as error:
        loads(body)

    assert message in str(error.value)
    assert error.value.status == 400


ACCEPTED = {
    "the deepest list": nested(MAX_DEPTH),
    "the deepest object": nested(MAX_DEPTH, of="object"),
    "the longest integer": b"9" * MAX_DIGITS,
    "a whole surrogate pair": b'"\\ud83d\\ude00"',
    "an escaped backslash before u": b'"\\\\ud83d"',
    "many brackets side by side": b"[" + b"[]," * 500 + b"[]]",
    "brackets within strings": b'"' + b"[{" * 500 + b'"',
    "equal keys of different objects": b'[{"a":1},{"a":{"a":2}}]',
    "white space around": b' \r\n\t{"a" : 1} \n',
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_body_at_the_limit_is_read(name):
    assert loads(ACCEPTED[name]) == json.loads(ACCEPTED[name])


def test_the_error_for_a_repeated_key_points_at_it():
    with pytest.raises(WireError) as error:
        loads(b'{"messages":[{"role":"user","x/y":1,"x/y":2}]}')

    assert error.value.ref == "/messages/0/x~1y"


def test_a_repeated_key_beside_an_endless_integer_is_refused_without_reading_it():
    with pytest.raises(WireError, match="'/b/a': this key stands twice"):
        loads(b'{"b":{"a":1,"a":2}, "c":' + b"9" * 9000 + b"}")


def test_text_decoded_before_is_held_to_the_same_rules():
    with pytest.raises(WireError, match="stands twice"):
        loads_text('{"a":1,"a":1}')


def test_values_in_messages_are_shortened():
    assert len(shown("x" * 10_000)) < 100
    assert len(shown({"k" * 1000: ["v" * 1000] * 50})) <= 120
