"""What a detector loads before it works."""

from __future__ import annotations

from typing import TypeVar

from guardrail.errors import ModelError

T = TypeVar("T")


def loaded(model: T | None, said: str) -> T:
    """``model``, once it is there.

    Args:
        model: None before ``load``.
        said: The detector and what it does, e.g. ``nudity sees``.

    Raises:
        ModelError: ``load`` was not awaited before.
    """
    if model is None:
        raise ModelError(f"{said} nothing before load(); await it first")
    return model
