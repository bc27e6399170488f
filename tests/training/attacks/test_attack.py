"""Attacks as settings, on networks that must come back as they were."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from guardrail_training.attacks.attack import Attack, attack
from guardrail_training.attacks.frozen import frozen
from tests.training.attacks.losses import pictures


def network():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(48, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1)
    )
    net[3].eval()  # one that somebody froze on purpose
    net[1].bias.requires_grad_(False)
    return net


def test_networks_are_used_as_in_service_and_come_back_as_they_were():
    net = network()
    modes = [one.training for one in net.modules()]
    learning = [one.requires_grad for one in net.parameters()]
    state = {name: one.clone() for name, one in net.state_dict().items()}
    seen = set()

    def loss(x):
        seen.add((net.training, any(one.requires_grad for one in net.parameters())))
        return net(x)[:, 0]

    attack(Attack(eps=8, steps=3), loss, pictures(0), (net,))

    assert seen == {(False, False)}
    assert [one.training for one in net.modules()] == modes
    assert [one.requires_grad for one in net.parameters()] == learning
    assert all(torch.equal(one, state[name]) for name, one in net.state_dict().items())
    assert all(one.grad is None for one in net.parameters())


def test_networks_come_back_as_they_were_after_an_error_too():
    net = network()
    modes = [one.training for one in net.modules()]

    with pytest.raises(RuntimeError, match="broken"), frozen(net):
        raise RuntimeError("broken")

    assert [one.training for one in net.modules()] == modes
    assert net[1].weight.requires_grad
    assert not net[1].bias.requires_grad


@pytest.mark.parametrize("method", ["pgd", "apgd"])
def test_the_radius_is_given_in_steps_of_a_byte(method):
    images = torch.full((1, 3, 2, 2), 0.5)

    found = attack(Attack(method=method, eps=4, steps=10), lambda x: x.sum((1, 2, 3)), images, ())

    assert (found - images).flatten().tolist() == pytest.approx([4 / 255] * 12, abs=1e-6)


def test_a_step_size_is_pgd_s_alone():
    images, up = torch.full((1, 3, 1, 1), 0.5), lambda x: x.sum((1, 2, 3))

    one = attack(Attack(eps=255, steps=1, step_size=51), up, images, ())
    assert one.max() <= 1
    with pytest.raises(ValueError, match="step_size"):
        attack(Attack(method="apgd", step_size=1), up, images, ())


@pytest.mark.parametrize(
    "bad", [{"eps": 256}, {"eps": -1}, {"steps": 0}, {"method": "fgsm"}, {"x": 1}]
)
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(ValidationError):
        Attack.model_validate(bad)
