from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.text_guard.windows import OVERLAP, WIDTH, windows


@given(st.text(st.sampled_from("ab \n"), max_size=3000))
def test_windows_cover_every_character_and_none_is_too_wide(text):
    spans = windows(text)

    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(end - start <= WIDTH for start, end in spans)
    assert all(later[0] <= earlier[1] - OVERLAP for earlier, later in itertools.pairwise(spans))


def test_a_short_text_is_one_window():
    assert windows("a" * WIDTH) == [(0, WIDTH)]


def test_an_empty_text_is_one_empty_window():
    assert windows("") == [(0, 0)]


def test_cuts_fall_between_words():
    text = "lorem ipsum " * 200

    assert all(text[start - 1] == " " for start, _ in windows(text)[1:])


@pytest.mark.parametrize("length", [WIDTH + 1, 2 * WIDTH, 10_000])
def test_a_phrase_up_to_the_overlap_stands_whole_in_some_window(length):
    phrase = "#" * (OVERLAP - 40)

    for place in range(0, length, 97):
        text = "x" * place + phrase + "x" * (length - place)

        assert any(phrase in text[start:end] for start, end in windows(text))
