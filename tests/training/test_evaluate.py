"""Arithmetic by hand: ten benign scores 0.0, 0.1, ... 0.9."""

from __future__ import annotations

import math

import numpy as np
import pytest

from guardrail_training.text_guard.evaluate import auroc, bootstrap, share, threshold_at

TEN = np.arange(10) / 10


@pytest.mark.parametrize(("rate", "passed"), [(0.0, 0), (0.1, 1), (0.25, 2), (0.5, 5)])
def test_at_most_the_rate_of_benign_scores_reaches_the_threshold(rate, passed):
    assert (threshold_at(TEN, rate) <= TEN).sum() == passed


def test_ties_do_not_break_the_rate():
    assert share(np.full(10, 0.7), threshold_at(np.full(10, 0.7), 0.5)) == 0


def test_a_share_counts_scores_at_the_threshold():
    assert share(TEN, 0.5) == 0.5


def test_a_share_of_nothing_is_not_a_number():
    assert math.isnan(share(np.array([]), 0.5))


def test_an_interval_surrounds_the_share_and_repeats():
    low, high = bootstrap(TEN, 0.5)

    assert low < 0.5 < high
    assert (low, high) == bootstrap(TEN, 0.5)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [([0.9], [0.1], 1.0), ([0.1], [0.9], 0.0), ([0.5], [0.5], 0.5), ([0.2, 0.8], [0.5], 0.5)],
)
def test_auroc_is_the_chance_of_the_right_order(positive, negative, expected):
    assert auroc(np.array(positive), np.array(negative)) == expected


def test_auroc_of_nothing_is_not_a_number():
    assert math.isnan(auroc(np.array([]), TEN))
