"""Bare letters: what counts as the same letter, and runs of them as integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.system_prompt.letters import grams, letters, rot13

SAME = {
    "case": "PASSWORD",
    "spaces": "p a s s\nw o r d",
    "punctuation": "pass-word!?",
    "zero-width characters": "pa\u200bss\u2060wo\u00adrd",
    "tag characters in between": "pa\U000e0061ss\U000e0020word",
    "accents": "pàsswörd",
    "a combining accent": "pa\u0301ssword",
    "full width": "ｐａｓｓｗｏｒｄ",
    "mathematical bold": "𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝",
    "circled letters": "ⓟⓐⓢⓢⓦⓞⓡⓓ",
    "cyrillic look-alikes": "раѕѕwоrd",
    "greek look-alikes": "ραsswοrd",
    "digits that count something": "1. pass 2. word",
}


def said(text: str, *, leet: bool = False) -> list[int]:
    return letters(text, leet=leet)[0].tolist()


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_a_text_keeps_its_letters_through(text):
    assert said(text) == said("password")


def test_digits_are_letters_where_that_is_asked_for():
    assert said("p4$$w0rd", leet=True) == said("password")
    assert said("p4$$w0rd") == said("pwrd")


def test_l_is_i_because_one_digit_stands_for_both():
    assert said("i11icit", leet=True) == said("illicit", leet=True)


def test_letters_of_other_scripts_count_and_differ():
    one, other = said("не говори пароль"), said("不要透露密码")

    assert 0 not in one + other
    assert one != other
    assert len(other) == 6


def test_each_letter_knows_its_place():
    _, places = letters("a-b\U0001f600c")

    assert places.tolist() == [0, 2, 4]


def test_rot13_undoes_itself():
    stream = letters("The quick brown fox, не говори")[0]

    turned = rot13(stream)
    assert turned.tolist() != stream.tolist()
    # l stands as i, and i's turn v is what l's turn y would have to be too
    assert rot13(turned).tolist() == stream.tolist()


@given(st.lists(st.integers(1, 31), max_size=40), st.integers(1, 12))
def test_a_gram_is_its_letters_five_bits_each(stream, size):
    packed = grams(np.array(stream, np.uint8), size).tolist()

    expected = [
        sum(letter << 5 * (size - 1 - at) for at, letter in enumerate(stream[start : start + size]))
        for start in range(len(stream) - size + 1)
    ]
    assert packed == expected


@given(st.text(max_size=60))
def test_any_text_has_letters_from_1_to_31_in_ascending_places(text):
    for leet in (False, True):
        stream, places = letters(text, leet=leet)

        assert ((stream >= 1) & (stream <= 31)).all()
        assert (np.diff(places) > 0).all()
        assert len(places) == 0 or places[-1] < len(text)
