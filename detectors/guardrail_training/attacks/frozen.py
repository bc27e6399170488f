"""Networks as they are when used, while they are attacked."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(*networks: nn.Module) -> Generator[None]:
    """Evaluation mode and no gradients for parameters inside; each one's own state after.

    In training mode dropout would make the loss random, and batch normalisation would learn from
    the attacker's pictures. Every submodule gets back the mode it had, also after an error.
    """
    modes = [(one, one.training) for network in networks for one in network.modules()]
    learning = [one for network in networks for one in network.parameters() if one.requires_grad]
    for network in networks:
        network.eval()
    for parameter in learning:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter in learning:
            parameter.requires_grad = True
