"""FARE's and TeCoA's losses by hand."""

from __future__ import annotations

import math

import pytest
import torch

from guardrail_training.adpo.losses import class_entropy, embedding_distance, with_clean


def test_a_distance_is_the_squared_norm_over_all_patches():
    features = torch.tensor([[[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 3.0]]])

    assert embedding_distance(features, torch.zeros_like(features)).tolist() == [5.0, 9.0]


def test_every_question_of_class_counts():
    """Two kinds of question: two of two classes, one of four with equal odds."""
    first = torch.tensor([[[0.0, math.log(3)], [0.0, 0.0]]])
    second = torch.zeros(1, 1, 4)

    found = class_entropy([first, second], torch.tensor([[1, 0, 2]]))

    assert float(found) == pytest.approx(math.log(4 / 3) + math.log(2) + math.log(4))


def test_targets_are_read_in_the_order_of_the_questions():
    logits = [torch.tensor([[[9.0, 0.0]]]), torch.tensor([[[0.0, 9.0]]])]

    assert float(class_entropy(logits, torch.tensor([[0, 1]]))) < 0.01
    assert float(class_entropy(logits, torch.tensor([[1, 0]]))) > 17


def test_the_clean_loss_has_its_share():
    found = with_clean(torch.tensor([4.0]), torch.tensor([1.0]), 0.25)

    assert found.tolist() == [0.75 * 4 + 0.25 * 1]
