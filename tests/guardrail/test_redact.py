"""Taking findings out of parts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.redact import MASK, boxes_of, mask_for, merge_spans, redact_text, text_edit
from guardrail.types import Box, Drop, Finding, Part, ReplaceText
from tests.kit import picture, text


def spans_in(length: int):
    pairs = st.tuples(st.integers(0, length), st.integers(0, length))
    return st.lists(pairs.map(lambda pair: (min(pair), max(pair))), max_size=6)


def test_spans_are_masked_and_the_rest_stays():
    assert redact_text("my key is 1234.", [(10, 14)]) == f"my key is {MASK}."


def test_spans_that_touch_get_one_mask():
    assert redact_text("abcdef", [(1, 3), (3, 5), (2, 4)]) == f"a{MASK}f"


def test_text_that_nobody_can_see_is_removed_rather_than_masked():
    assert redact_text("hi\U000e0041\U000e0042 there", [(2, 4)]) == "hi there"


@pytest.mark.parametrize("char", ["\u200b", "\U000e0061", "\u202e", "\ufe0f", "\x1b", "\u2060"])
def test_each_kind_of_invisible_character_has_an_empty_mask(char):
    assert mask_for(char * 3) == ""


def test_a_mixed_span_is_masked():
    assert mask_for("a\u200b") == MASK


@given(st.text(max_size=40).flatmap(lambda t: st.tuples(st.just(t), spans_in(len(t)))))
def test_no_character_of_a_span_survives_where_it_stood(case):
    content, spans = case
    outside = [
        char
        for at, char in enumerate(content)
        if not any(start <= at < end for start, end in spans)
    ]

    assert redact_text(content, spans).replace(MASK, "") == "".join(outside).replace(MASK, "")


@given(spans_in(30))
def test_merged_spans_are_sorted_and_apart(spans):
    merged = merge_spans(spans)

    assert all(one[1] < other[0] for one, other in itertools.pairwise(merged))
    assert {i for s, e in merged for i in range(s, e)} == {i for s, e in spans for i in range(s, e)}


def test_a_finding_without_a_span_takes_the_whole_text():
    part = text("all of it")

    assert text_edit(part, [Finding(part.ref, "hate", 1.0)]) == ReplaceText(MASK)


def test_a_mask_never_lands_inside_the_json_of_a_tool_call():
    part = Part("/a", "tool_call", "assistant", text='{"q": 1}')

    assert text_edit(part, [Finding("/a", "hate", 1.0, (1, 4))]) == Drop(MASK)


def test_invisible_characters_are_removed_from_a_tool_call_whose_json_stays_whole():
    part = Part("/a", "tool_call", "assistant", text='{"q": "a\u200bb"}')

    assert text_edit(part, [Finding("/a", "hate", 1.0, (8, 9))]) == ReplaceText('{"q": "ab"}')


def test_a_picture_whose_findings_all_have_boxes_is_painted():
    box = Box(1, 2, 3, 4)

    assert boxes_of(picture(), [Finding("/x", "hate", 1.0, box=box)]) == [box]


def test_a_picture_with_a_finding_that_is_nowhere_in_particular_must_go():
    findings = [Finding("/x", "hate", 1.0, box=Box(1, 2, 3, 4)), Finding("/x", "hate", 1.0)]

    assert boxes_of(picture(), findings) is None
