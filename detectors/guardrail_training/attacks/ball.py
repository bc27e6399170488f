"""The ball that attacks stay in, where they start, and what they climb."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]
"""Pictures in [0, 1], shape (batch, 3, height, width), to what an attacker wants large, shape
(batch,). A picture's value must depend on that picture alone, and the same pictures must give the
same values: no dropout, no batch statistics."""


def project_linf(delta: Tensor, eps: float) -> Tensor:
    """``delta`` moved to the nearest point of the L-infinity ball of radius ``eps``.

    Args:
        delta: Perturbation of images in [0, 1], float32, shape (batch, 3, height, width).
        eps: Radius in the same units, e.g. 8/255.

    Source: Madry et al. 2018, arXiv:1706.06083, section 2.1.
    """
    return delta.clamp(-eps, eps)


def inside(moved: Tensor, images: Tensor, eps: float) -> Tensor:
    """The picture nearest to ``moved`` that is in [0, 1] and within ``eps`` of ``images``."""
    return (images + project_linf(moved - images, eps)).clamp(0, 1)


def random_start(images: Tensor, eps: float, generator: torch.Generator | None) -> Tensor:
    """Pictures drawn uniformly from the ball around ``images``, cut to [0, 1].

    Args:
        images: In [0, 1], shape (batch, 3, height, width).
        eps: Radius.
        generator: Of a CPU, so that a seed means the same on every device; ``None`` for torch's.
    """
    noise = torch.rand(images.shape, generator=generator, dtype=images.dtype).to(images.device)
    return inside(images + (2 * noise - 1) * eps, images, eps)


def checked_images(images: Tensor, eps: float) -> None:
    """Raises ValueError unless ``images`` are pictures in [0, 1] and ``eps`` a radius in [0, 1]."""
    if not 0 <= eps <= 1:
        raise ValueError(f"eps is {eps!r}: give a radius in [0, 1], e.g. 8/255")
    if images.ndim != 4:
        raise ValueError(
            f"images have shape {tuple(images.shape)}; (batch, 3, height, width) is expected"
        )
    if not bool(((images >= 0) & (images <= 1)).all()):
        raise ValueError("images are not in [0, 1]: attack pixels, and normalise inside the loss")


def value_of(loss: Loss, images: Tensor) -> Tensor:
    """The loss of each picture, without gradient.

    Raises:
        FloatingPointError: One is NaN or infinite.
    """
    with torch.no_grad():
        return _finite(loss(images), len(images), "loss")


def slope_of(loss: Loss, images: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of each picture and its gradient; no parameter's ``grad`` is touched.

    Raises:
        FloatingPointError: One of them is NaN or infinite.
    """
    leaf = images.detach().requires_grad_()
    with torch.enable_grad():
        value = _finite(loss(leaf), len(images), "loss")
        (gradient,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach(), _finite(gradient, len(images), "gradient")


def better(best: Tensor, most: Tensor, moved: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Of each picture the one with the higher loss, and that loss."""
    higher = value > most
    return torch.where(higher[:, None, None, None], moved, best), torch.where(higher, value, most)


def _finite(found: Tensor, rows: int, what: str) -> Tensor:
    if len(found.shape) == 0 or len(found) != rows:
        raise ValueError(f"the loss has shape {tuple(found.shape)}; one value a picture, ({rows},)")
    wrong = ~torch.isfinite(found.detach()).flatten(1 if found.ndim > 1 else 0)
    if bool(wrong.any()):
        rows_wrong = wrong.reshape(rows, -1).any(1).nonzero().flatten().tolist()
        raise FloatingPointError(
            f"the {what} of pictures {rows_wrong} is not finite, so an attack cannot go on: "
            "compute in float32, and take logarithms with log_softmax"
        )
    return found
