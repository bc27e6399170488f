"""Sums over tokens by hand."""

from __future__ import annotations

import math

import pytest
import torch

from guardrail_training.objectives.answers import (
    Answer,
    divergence,
    mean,
    segment_weighted,
    total,
)

LOGPS = torch.tensor([[-1.0, -2.0, -4.0], [-3.0, float("-inf"), -9.0]])
MASK = torch.tensor([[True, True, True], [True, False, False]])


def test_only_an_answer_s_own_tokens_are_summed():
    assert total(LOGPS, MASK).tolist() == [-7.0, -3.0]


def test_padding_of_any_value_gives_no_gradient():
    values = torch.tensor([[-1.0, float("-inf")]], requires_grad=True)

    total(values, torch.tensor([[True, False]])).sum().backward()

    assert values.grad.tolist() == [[1.0, 0.0]]


def test_a_mean_is_over_an_answer_s_own_length():
    assert mean(LOGPS, MASK).tolist() == pytest.approx([-7 / 3, -3.0])


def test_an_empty_answer_has_a_mean_of_nothing():
    assert mean(torch.tensor([[-5.0]]), torch.tensor([[False]])).tolist() == [0.0]


def test_a_log_ratio_is_policy_less_reference():
    answer = Answer(LOGPS, torch.full_like(LOGPS, -1.5), MASK)

    assert answer.log_ratio.tolist() == [-7 + 4.5, -3 + 1.5]


def test_changed_segments_count_gamma_times_in_sum_and_in_length():
    """(-1 + 5·(-2) + 5·(-4)) / (1 + 5 + 5) and -3 / 1."""
    changed = torch.tensor([[False, True, True], [False, True, True]])

    found = segment_weighted(LOGPS, MASK, changed, 5.0)

    assert found.tolist() == pytest.approx([-31 / 11, -3.0])


def test_with_a_gamma_of_one_segments_are_a_mean():
    changed = torch.tensor([[False, True, True], [False, True, True]])

    assert torch.allclose(segment_weighted(LOGPS, MASK, changed, 1.0), mean(LOGPS, MASK))


def test_a_divergence_is_summed_over_the_vocabulary_and_weighs_by_the_reference():
    """0.5·ln(0.5/0.25) + 0.5·ln(0.5/0.75); the other way round it would be 0.13."""
    reference = torch.tensor([[[0.5, 0.5]]]).log()
    policy = torch.tensor([[[0.25, 0.75]]]).log()

    found = divergence(reference, policy)

    assert found.shape == (1, 1)
    assert float(found) == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3), rel=1e-5)
