"""Texts of others inside prompts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guardrail.fence import check_word, fenced
from guardrail.question import last_question
from guardrail.types import Part


@given(st.text())
def test_a_fence_holds_its_text_and_its_mark_is_not_in_it(text):
    first, *inside, last = fenced(text).split("\n")

    assert "\n".join(inside) == text
    assert first == f"<<{last.removesuffix('>>')}"
    assert last.removesuffix(">>") not in text


def test_a_mark_that_stands_in_the_text_is_not_taken():
    once = fenced("a").split("\n")[0][2:]

    assert fenced(f"a{once}") != f"<<{once}\na{once}\n{once}>>"


@given(st.text())
def test_the_same_text_is_asked_about_in_the_same_words(text):
    assert fenced(text) == fenced(text)
    assert check_word(text) == check_word(text)
    assert check_word(text) not in text


def test_the_last_question_is_that_of_the_last_message_of_the_user():
    def said(text, source, message):
        return Part(f"/{message}/{text}", "text", source, text=text, message=message)

    parts = [
        said("old", "user", 0),
        said("rule", "system", 1),
        said("a", "user", 2),
        said("b", "user", 2),
        said("draft", "assistant", 3),
    ]

    assert last_question(parts) == "a\nb"
    assert last_question([]) == ""
