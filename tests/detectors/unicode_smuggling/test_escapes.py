from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.unicode_smuggling.escapes import unescape

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = ["\\", "u", "d83d", "de00", "200b", '"', "x", "😀"]
SLASHES = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\u200bb", "a\u200bb"),
        (r"\u00E9\u00e9", "éé"),
        (r"\ud83d\ude00", "😀"),
        (r"\uDB40\uDC41", "\U000e0041"),
        (r"\\u200b", r"\\u200b"),
        (r"\\\u200b", "\\\\\u200b"),
        (r"\"\n\t\/", r"\"\n\t\/"),
        (r"\u20", r"\u20"),
        (r"\u200", r"\u200"),
        (r"\ud83d", "\ud83d"),
        (r"\ude00\ud83d", "\ude00\ud83d"),
        (r"\ud83dx", "\ud83dx"),
        ("\\", "\\"),
        ("", ""),
        ("plain", "plain"),
    ],
)
def test_only_four_digit_escapes_are_undone(written, read):
    text, _ = unescape(written)

    assert text == read


@given(ANY_TEXT)
def test_what_json_escapes_is_read_as_json_reads_it(text):
    written = json.dumps(text)

    undone, _ = unescape(written)

    assert json.loads(undone, strict=False) == text


@given(SLASHES)
def test_every_character_has_the_place_where_it_stood(written):
    text, places = unescape(written)

    assert len(places) == len(text) + 1
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, len(written))


@given(ANY_TEXT, ANY_TEXT)
def test_two_texts_one_after_the_other_are_read_as_each_is(first, second):
    start, end = (json.dumps(text)[1:-1] for text in (first, second))

    undone, places = unescape(start + end)

    at = len(unescape(start)[0])
    assert (undone[:at], undone[at:]) == (unescape(start)[0], unescape(end)[0])
    assert places[at] == len(start)
