"""Checkpoints and halving as the paper has them, and that APGD climbs higher than PGD."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.attacks.apgd import _start, apgd, checkpoints
from guardrail_training.attacks.pgd import pgd
from tests.training.attacks.losses import pictures, waves


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # by hand: p = 0.22, +0.19, +0.16, +0.13, +0.10, +0.07, then +0.06
        (100, (22, 41, 57, 70, 80, 87, 93, 99)),
        (50, (11, 21, 29, 35, 40, 44, 47, 50)),
        (10, (3, 5, 6, 7, 8, 9, 10)),
    ],
)
def test_checkpoints_are_those_of_the_paper(steps, expected):
    assert checkpoints(steps) == expected


def climbing(loss, images=None):
    images = torch.full((1, 3, 1, 1), 0.5) if images is None else images
    return _start(loss, images, 0.1, torch.Generator().manual_seed(0))


def up(x):
    return x.sum((1, 2, 3))


def test_the_first_step_is_twice_the_radius_and_has_no_momentum():
    climb = climbing(up)

    climb.step(up, first=True)

    assert float(climb.size) == pytest.approx(0.2)
    assert climb.moved.flatten().tolist() == pytest.approx([0.6] * 3)


def test_later_steps_take_three_quarters_of_the_new_and_one_of_the_old():
    """From 0.50, having come from 0.46, with a step of 0.02: 0.5 + 0.75 · 0.02 + 0.25 · 0.04."""
    climb = climbing(up)
    climb.moved = torch.full((1, 3, 1, 1), 0.50)
    climb.before = torch.full((1, 3, 1, 1), 0.46)
    climb.size = torch.tensor([0.02])

    climb.step(up, first=False)

    assert climb.moved.flatten().tolist() == pytest.approx([0.525] * 3)


def test_a_step_size_is_halved_when_fewer_than_three_quarters_of_the_steps_rose():
    climb = climbing(up, pictures(0, 2))
    climb.rises = torch.tensor([3.0, 2.0])
    climb.most = climb.most_before + 1
    climb.best = climb.images

    climb.check(4)

    assert climb.size.tolist() == pytest.approx([0.2, 0.1])
    assert climb.rises.tolist() == [0, 0]


def test_a_halved_picture_goes_back_to_its_best_point_with_the_slope_it_had_there():
    climb = climbing(up, pictures(0, 2))
    climb.rises = torch.tensor([4.0, 0.0])
    climb.most = climb.most_before + 1
    climb.best, climb.slope_at_best = climb.images, torch.full_like(climb.images, 7.0)
    stayed = climb.moved[0].clone()

    climb.check(4)

    assert torch.equal(climb.moved[0], stayed)
    assert torch.equal(climb.moved[1], climb.images[1])
    assert float(climb.gradient[1].mean()) == 7.0
    assert float(climb.value[1]) == float(climb.most[1])


def test_a_size_that_was_kept_is_halved_when_the_best_has_not_risen_since():
    climb = climbing(up)
    climb.rises = torch.tensor([4.0])

    climb.check(4)  # rose often enough, and yet the best is what it was at the start

    assert float(climb.size) == pytest.approx(0.1)


def test_a_size_that_was_just_halved_gets_its_chance():
    climb = climbing(up)
    climb.rises, climb.halved = torch.tensor([4.0]), torch.tensor([True])

    climb.check(4)

    assert float(climb.size) == pytest.approx(0.2)


def test_on_bumpy_losses_it_climbs_higher_than_pgd_on_average():
    apart = []
    for seed in range(8):
        images, loss = pictures(seed), waves(seed)
        made = torch.Generator().manual_seed
        ours = loss(apgd(loss, images, 0.2, 40, made(seed)))
        plain = loss(pgd(loss, images, 0.2, 40, generator=made(seed)))
        apart.append(float((ours - plain).mean()))

    assert sum(apart) / len(apart) > 0.1
