"""A tiny data set and tiny models, made once."""

from __future__ import annotations

import pytest
import torch

from guardrail_training.world.model import save
from tests.training.vlguard.qwen import tiny_qwen
from tests.training.vlguard.sets import tiny_set
from tests.training.world.tiny import little_base


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Folder of ``train.json`` and the others."""
    return tiny_set(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Folder of the small world's model, hardly trained."""
    folder = tmp_path_factory.mktemp("base")
    save(*little_base(), folder)
    return folder


@pytest.fixture(scope="session")
def qwen(tmp_path_factory):
    """Folder of a random Qwen2-VL."""
    torch.set_num_threads(1)
    return tiny_qwen(tmp_path_factory.mktemp("qwen"))
