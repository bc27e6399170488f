"""A base of the small world that learnt a little, in seconds, once a session."""

from __future__ import annotations

from functools import cache

import torch

from guardrail_training.world.pretrain import Schedule, train_base

LITTLE = Schedule(tower_steps=2, tower_batch=8, steps=4, batch=8, turns=2)


@cache
def little_base(seed=0):
    """Model and processor; not to be changed."""
    torch.set_num_threads(1)
    return train_base(seed, LITTLE)
