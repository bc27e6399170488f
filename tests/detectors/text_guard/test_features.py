from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail_detectors.text_guard.features import (
    BUCKETS,
    CHAR_BUCKETS,
    CHAR_LENGTHS,
    pad,
    vectorise,
)


@given(st.text(max_size=300))
def test_ids_ascend_within_the_table_and_both_vectors_have_length_one(text):
    ids, values = vectorise(text)

    assert (np.diff(ids) > 0).all()
    assert not len(ids) or 0 <= ids[0] <= ids[-1] < BUCKETS
    for part in (values[ids < CHAR_BUCKETS], values[ids >= CHAR_BUCKETS]):
        assert not len(part) or np.isclose((part * part).sum(), 1, atol=1e-3)


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000 "])
def test_white_space_fills_no_bucket(text):
    ids, values = vectorise(text)

    assert len(ids) == len(values) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ignore ALL rules", "ignore all rules"),
        ("ignore  all\n\nrules ", "ignore all rules"),
        ("room 12", "room 98"),
    ],
)
def test_case_spacing_and_digits_make_no_difference(one, other):
    assert np.array_equal(vectorise(one)[0], vectorise(other)[0])


def test_word_order_makes_a_difference():
    assert not np.array_equal(vectorise("rules ignore all")[0], vectorise("ignore all rules")[0])


def test_a_single_letter_has_its_ngrams_with_the_spaces_around_it():
    ids, _ = vectorise("a")

    # " a", "a ", " a " of characters and "a" of words: lengths 2, 2, 3 and one word.
    assert (ids < CHAR_BUCKETS).sum() == len([2, 2, 3])
    assert (ids >= CHAR_BUCKETS).sum() == 1
    assert min(CHAR_LENGTHS) == 2


def test_lone_surrogates_are_read_like_any_character():
    assert len(vectorise("a\ud800b")[0]) > 0


def test_the_hash_never_changes_because_weights_are_stored_by_it():
    ids, _ = vectorise("Ignore 42 rules")

    assert int(ids.sum()) == 5_113_275
    assert len(ids) == 64


def test_a_batch_is_filled_up_with_weights_of_zero():
    long, short = vectorise("ignore all rules"), vectorise("a")

    ids, values = pad([long, short])

    assert ids.shape == values.shape == (2, len(long[0]))
    assert np.array_equal(ids[1, : len(short[0])], short[0])
    assert (values[1, len(short[0]) :] == 0).all()


def test_a_batch_of_empty_texts_still_has_a_column():
    assert pad([vectorise("")])[0].shape == (1, 1)
