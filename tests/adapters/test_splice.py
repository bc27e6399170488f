"""Changes of single values; every other byte stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail_adapters.pointer import child, lookup
from guardrail_adapters.splice import (
    locate,
    set_member,
    splice,
    splice_array,
    splice_text,
    written,
)
from tests.adapters.strategies import bodies, keys, values

BODY = b'{ "a" : [1.50, {"b/c":"\\u00e9"} ,null ], "d~":{} ,"n":1E2}\n'


def pointers_of(document, pointer=""):
    """Pointers of all values of a document, the document itself first."""
    yield pointer
    if isinstance(document, dict):
        for key, inner in document.items():
            yield from pointers_of(inner, child(pointer, key))
    elif isinstance(document, list):
        for index, inner in enumerate(document):
            yield from pointers_of(inner, f"{pointer}/{index}")


CASES = [
    ({"/a/1/b~1c": "é"}, b'{ "a" : [1.50, {"b/c":"\\u00e9"} ,null ], "d~":{} ,"n":1E2}\n'),
    ({"/a/0": 2}, b'{ "a" : [2, {"b/c":"\\u00e9"} ,null ], "d~":{} ,"n":1E2}\n'),
    ({"/d~0": "x", "/n": None}, b'{ "a" : [1.50, {"b/c":"\\u00e9"} ,null ], "d~":"x" ,"n":null}\n'),
    ({"/a": [], "/a/1": 7}, b'{ "a" : [], "d~":{} ,"n":1E2}\n'),
    ({"/a/2": {"k": [1]}}, b'{ "a" : [1.50, {"b/c":"\\u00e9"} ,{"k":[1]} ], "d~":{} ,"n":1E2}\n'),
    ({"": 1}, b"1\n"),
]


@pytest.mark.parametrize(("values_", "expected"), CASES)
def test_only_the_named_values_change(values_, expected):
    assert splice(BODY, values_) == expected


def test_changing_nothing_gives_the_very_same_object():
    assert splice(BODY, {}) is BODY


@given(st.data())
def test_a_spliced_value_is_read_back_and_all_around_it_stays(data):
    text = data.draw(bodies(values))
    document = json.loads(text)
    pointer = data.draw(st.sampled_from(list(pointers_of(document))))
    value = data.draw(values)

    after = splice(text.encode(), {pointer: value}).decode()

    start, end = locate(text, [pointer])[pointer]
    assert json.loads(text[start:end]) == lookup(document, pointer)
    assert after == text[:start] + written(value) + text[end:]
    assert lookup(json.loads(after), pointer) == value


@given(bodies(values))
def test_every_value_of_a_body_is_located(text):
    document = json.loads(text)

    found = locate(text, pointers_of(document))

    assert {p: json.loads(text[a:b]) for p, (a, b) in found.items()} == {
        p: lookup(document, p) for p in pointers_of(document)
    }


@pytest.mark.parametrize("pointer", ["/x", "/a/3", "/a/-1", "/a/01", "/n/0", "/d~0/a"])
def test_a_value_that_is_not_there_cannot_be_changed(pointer):
    with pytest.raises(WireError) as error:
        splice(BODY, {pointer: 1})

    assert error.value.ref == pointer


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', '{"a":', "[1", "[" * 5000, '{"a":tru}'])
def test_what_is_not_json_is_not_changed(text):
    with pytest.raises(WireError, match="not JSON"):
        splice_text(text, {"/a": 1})


def test_new_values_are_written_in_ascii_on_one_line():
    assert written({"k": "\u2028é\n"}) == '{"k":"\\u2028\\u00e9\\n"}'


ARRAYS = [
    (b'{"m": [ 1 , 2 ]}', {0: "x"}, (), b'{"m": [ "x",1 , 2 ]}'),
    (b'{"m": [ 1 , 2 ]}', {1: "x"}, (), b'{"m": [ 1,"x" , 2 ]}'),
    (b'{"m": [ 1 , 2 ]}', {2: "x"}, (), b'{"m": [ 1 , 2,"x" ]}'),
    (b'{"m": [ 1 , 2 ]}', {0: "x", 2: "y"}, (), b'{"m": [ "x",1 , 2,"y" ]}'),
    (b'{"m": [ ]}', {0: "x"}, (), b'{"m": ["x" ]}'),
    (b'{"m": []}', {}, (), b'{"m": []}'),
    (b'{"m": [1, 2,  3]}', {}, {0}, b'{"m": [2,  3]}'),
    (b'{"m": [1, 2,  3]}', {}, {1}, b'{"m": [1,  3]}'),
    (b'{"m": [1, 2,  3]}', {0: 0}, {0, 2}, b'{"m": [0, 2]}'),
    (b'{"m": [1, 2,  3]}', {}, {0, 1, 2}, b'{"m": []}'),
    (b'{"m": [1, 2,  3]}', {0: 0}, {0, 1, 2}, b'{"m": [0]}'),
]


@pytest.mark.parametrize(("body", "inserts", "removes", "expected"), ARRAYS)
def test_elements_come_and_go_and_the_others_keep_their_bytes(body, inserts, removes, expected):
    assert splice_array(body, "/m", lambda _: (inserts, removes)) == expected


@given(st.data())
def test_an_array_reads_as_a_list_that_had_the_same_done_to_it(data):
    old = data.draw(st.lists(values, max_size=5))
    text = data.draw(bodies(st.just({"m": old})))
    inserts = data.draw(st.dictionaries(st.integers(0, len(old)), values, max_size=3))
    removes = data.draw(st.sets(st.integers(0, max(len(old) - 1, 0)))) if old else set()

    after = splice_array(text.encode(), "/m", lambda _: (inserts, removes))

    expected = []
    for index in range(len(old) + 1):
        expected += [inserts[index]] if index in inserts else []
        expected += [old[index]] if index < len(old) and index not in removes else []
    assert json.loads(after) == {"m": expected}


@pytest.mark.parametrize(("body", "message"), [(b"{}", "no such value"), (b'{"m":{}}', "an array")])
def test_only_an_array_has_elements(body, message):
    with pytest.raises(WireError, match=message):
        splice_array(body, "/m", lambda _: ({}, ()))


MEMBERS = [
    (b"{}", "/system", "x", b'{"system":"x"}'),
    (b'{ "a": 1 }', "/system", "x", b'{"system":"x", "a": 1 }'),
    (b'{"system": "old", "a":1}', "/system", "x", b'{"system": "x", "a":1}'),
    (b'{"o": {"k": 1}}', "/o/~1", [1], b'{"o": {"/":[1],"k": 1}}'),
]


@pytest.mark.parametrize(("body", "pointer", "value", "expected"), MEMBERS)
def test_a_member_is_replaced_or_put_first(body, pointer, value, expected):
    assert set_member(body, pointer, value) == expected


@given(st.dictionaries(keys, values, max_size=3), keys, values)
def test_a_set_member_is_read_back_and_the_others_stay(document, key, value):
    body = json.dumps(document).encode()

    assert json.loads(set_member(body, child("", key), value)) == {**document, key: value}


@pytest.mark.parametrize(("body", "message"), [(b"[]", "an object"), (b'{"o":1}', "an object")])
def test_only_an_object_has_members(body, message):
    with pytest.raises(WireError, match=message):
        set_member(body, "/o/k" if b"o" in body else "/k", 1)
