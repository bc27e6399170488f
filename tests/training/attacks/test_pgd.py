"""The ball, the start, and what PGD promises for any loss."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail_training.attacks.apgd import apgd
from guardrail_training.attacks.ball import inside, project_linf, random_start, slope_of
from guardrail_training.attacks.pgd import pgd
from tests.training.attacks.losses import pictures, waves

ATTACKS = {"pgd": pgd, "apgd": apgd}
TOLERANCE = 1e-6  # float32 around 1


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_a_perturbation_is_cut_to_the_ball():
    delta = torch.tensor([-0.5, -0.1, 0.0, 0.1, 0.5])

    assert project_linf(delta, 0.25).tolist() == pytest.approx([-0.25, -0.1, 0.0, 0.1, 0.25])


def test_a_picture_is_cut_to_the_ball_and_to_pixels():
    images = torch.tensor([0.0, 0.5, 1.0]).reshape(1, 3, 1, 1)
    moved = torch.tensor([-1.0, 2.0, 2.0]).reshape(1, 3, 1, 1)

    assert inside(moved, images, 0.1).flatten().tolist() == pytest.approx([0.0, 0.6, 1.0])


def test_a_start_is_in_the_ball_and_fills_it():
    images = torch.full((1, 3, 50, 50), 0.5)

    start = random_start(images, 0.1, seeded(0))

    moved = start - images
    assert moved.abs().max() <= 0.1 + TOLERANCE
    assert moved.min() < -0.099
    assert moved.max() > 0.099
    assert abs(float(moved.mean())) < 0.005


@pytest.mark.parametrize("name", ATTACKS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), eps=st.sampled_from([0.0, 1 / 255, 8 / 255, 0.3, 1.0]))
def test_an_attack_stays_in_the_ball_and_among_pixels_and_never_loses(name, seed, eps):
    images, loss = pictures(seed), waves(seed)

    found = ATTACKS[name](loss, images, eps, 7, generator=seeded(seed))

    assert (found - images).abs().max() <= eps + TOLERANCE
    assert found.min() >= 0
    assert found.max() <= 1
    assert bool((loss(found) >= loss(images)).all())


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_a_straight_loss_reaches_the_corner_of_the_ball(name):
    images = pictures(3) * 0.8 + 0.1
    signs = torch.where(torch.rand(images.shape[1:], generator=seeded(1)) > 0.5, 1.0, -1.0)

    found = ATTACKS[name](lambda x: (x * signs).sum((1, 2, 3)), images, 0.05, 10)

    assert torch.allclose(found, images + 0.05 * signs, atol=1e-6)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_finds_its_way_out_of_where_the_loss_is_flat(name):
    """The distance to the picture itself: its gradient is zero there, so the start must be elsewhere."""
    images = torch.full((2, 3, 4, 4), 0.5)

    found = ATTACKS[name](lambda x: (x - images).square().sum((1, 2, 3)), images, 0.1, 10)

    assert torch.allclose((found - images).abs(), torch.full_like(images, 0.1), atol=1e-6)


@pytest.mark.parametrize("name", ATTACKS)
def test_the_same_seed_gives_the_same_pictures_and_another_gives_others(name):
    images, loss = pictures(5), waves(5)

    first, again, other = (
        ATTACKS[name](loss, images, 0.1, 3, generator=seeded(s)) for s in (1, 1, 2)
    )

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_picture_is_attacked_alike_in_any_company(name, monkeypatch):
    """One picture's step size, best point and halving are its own."""
    images, loss = pictures(7), waves(7)
    start = random_start(images, 0.1, seeded(0))
    module = f"guardrail_training.attacks.{name}.random_start"

    monkeypatch.setattr(module, lambda *_: start)
    together = ATTACKS[name](loss, images, 0.1, 20)
    monkeypatch.setattr(module, lambda *_: start[1:2])
    alone = ATTACKS[name](loss, images[1:2], 0.1, 20)

    assert torch.allclose(together[1:2], alone, atol=1e-5)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_the_attack_and_names_the_picture(name, bad):
    images = pictures(1)

    def broken(x):
        value = x.sum((1, 2, 3))
        return torch.where(torch.tensor([False, True, False]), bad, value)

    with pytest.raises(FloatingPointError, match=r"loss of pictures \[1\] is not finite"):
        ATTACKS[name](broken, images, 0.1, 3)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_gradient_that_is_not_finite_stops_the_attack(name):
    """The square root's slope at zero is infinite although its value is not."""
    with pytest.raises(FloatingPointError, match="gradient"):
        ATTACKS[name](lambda x: (x * 0).sum((1, 2, 3)).sqrt(), pictures(1), 0.1, 3)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize(
    ("images", "eps", "says"),
    [
        (torch.full((1, 3, 2, 2), 1.5), 0.1, r"not in \[0, 1\]"),
        (torch.full((1, 3, 2, 2), float("nan")), 0.1, r"not in \[0, 1\]"),
        (torch.zeros(3, 2, 2), 0.1, r"shape \(3, 2, 2\)"),
        (torch.zeros(1, 3, 2, 2), 8.0, "eps is 8.0"),
        (torch.zeros(1, 3, 2, 2), -0.1, "eps is -0.1"),
    ],
)
def test_what_cannot_be_attacked_is_refused(name, images, eps, says):
    with pytest.raises(ValueError, match=says):
        ATTACKS[name](lambda x: x.sum((1, 2, 3)), images, eps, 2)


@pytest.mark.parametrize("loss", [lambda x: x.sum(), lambda x: x.sum((1, 2, 3))[:1]])
def test_a_loss_that_mixes_pictures_is_refused(loss):
    with pytest.raises(ValueError, match="one value a picture"):
        slope_of(loss, pictures(0))


def test_pgd_takes_steps_of_the_size_it_is_given():
    images = torch.full((1, 3, 1, 1), 0.5)
    seen = []

    def loss(x):
        seen.append(float(x.detach()[0, 0, 0, 0]))
        return x.square().sum((1, 2, 3))

    found = pgd(loss, images, 0.1, 3, 0.01, seeded(0))

    assert [later - one for one, later in pairwise(seen[1:])] == pytest.approx([0.01] * 3)
    assert float(found[0, 0, 0, 0]) == pytest.approx(seen[-1])
