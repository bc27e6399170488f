"""JSON Pointers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail_adapters.pointer import child, is_index, lookup, split
from tests.adapters.strategies import keys, values

# RFC 6901 section 5.
RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, " ": 7}
RFC_CASES = [
    ("", RFC),
    ("/foo", ["bar", "baz"]),
    ("/foo/0", "bar"),
    ("/", 0),
    ("/a~1b", 1),
    ("/c%d", 2),
    ("/m~0n", 8),
    ("/ ", 7),
]


@pytest.mark.parametrize(("pointer", "value"), RFC_CASES)
def test_the_examples_of_the_rfc_are_found(pointer, value):
    assert lookup(RFC, pointer) == value


@given(st.lists(keys, max_size=4))
def test_splitting_gives_back_the_tokens_that_were_joined(tokens):
    pointer = ""
    for token in tokens:
        pointer = child(pointer, token)

    assert split(pointer) == tokens


@given(st.dictionaries(keys, values, min_size=1))
def test_every_member_is_found_by_its_escaped_key(document):
    assert all(lookup(document, child("", key)) == value for key, value in document.items())


@pytest.mark.parametrize("pointer", ["/foo/2", "/foo/-", "/foo/01", "/foo/x", "/bar", "/foo/0/x"])
def test_what_is_not_there_is_named_in_the_error(pointer):
    with pytest.raises(WireError) as error:
        lookup(RFC, pointer)

    assert error.value.ref == pointer
    assert repr(pointer) in str(error.value)


def test_a_pointer_without_a_leading_slash_is_no_pointer():
    with pytest.raises(WireError, match="starts with '/'"):
        split("foo/0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", True),
        ("10", True),
        ("01", False),
        ("", False),
        ("-1", False),
        ("²", False),
        ("٣", False),
    ],
)
def test_an_index_is_plain_decimal_digits(text, expected):
    assert is_index(text) is expected
