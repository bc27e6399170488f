"""Each corruption takes away what it says, in [0, 1]."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from guardrail_training.preference.corrupt import Corruption, Kind


def pictures():
    return torch.rand((2, 3, 16, 16), generator=torch.Generator().manual_seed(0))


def seeded():
    return torch.Generator().manual_seed(1)


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("strength", [0.05, 0.5, 1.0])
def test_a_corrupted_picture_is_a_picture_of_the_same_shape(kind, strength):
    found = Corruption(kind=kind, strength=strength)(pictures(), seeded())

    assert found.shape == (2, 3, 16, 16)
    assert float(found.min()) >= 0
    assert float(found.max()) <= 1
    assert not torch.equal(found, pictures())


@pytest.mark.parametrize("kind", ["noise", "crop", "shuffle"])
def test_the_same_seed_corrupts_alike(kind):
    one, again, other = (
        Corruption(kind=kind)(pictures(), torch.Generator().manual_seed(s)) for s in (1, 1, 2)
    )

    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_noise_of_strength_one_keeps_nothing_of_the_picture():
    black, white = torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)

    found = [Corruption(kind="noise", strength=1)(one, seeded()) for one in (black, white)]

    assert torch.equal(*found)


def test_a_crop_shows_a_part_scaled_up():
    """Of a picture whose left half is black, a crop to a quarter shows at most 4 of 16 columns."""
    picture = torch.zeros(1, 3, 16, 16)
    picture[..., 8:] = 1

    found = Corruption(kind="crop", strength=0.75)(picture, seeded())

    assert len(found.unique(dim=-1)[0, 0, 0]) < 8
    assert torch.equal(found[0, :, 0], found[0, :, 15])


def test_a_blur_keeps_the_mean_and_loses_the_detail():
    found = Corruption(kind="blur", strength=1)(pictures())

    assert found.std((2, 3)).max() < 1e-6
    assert torch.allclose(found.mean((2, 3)), pictures().mean((2, 3)), atol=1e-5)


def test_shuffled_tiles_are_the_picture_s_own():
    found = Corruption(kind="shuffle", strength=0.25)(pictures(), seeded())

    assert torch.equal(found.flatten(2).sort().values, pictures().flatten(2).sort().values)


def test_blank_is_grey():
    assert Corruption(kind="blank")(pictures()).unique().tolist() == [0.5]
