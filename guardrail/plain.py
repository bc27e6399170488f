"""Plain Python values as parts: what applications check without a request body."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail.types import Conversation, Part


def plain(text: str | None, images: Sequence[bytes]) -> Conversation:
    """A user's message of a text and pictures; refs ``/text`` and ``/images/0`` …."""
    parts = [] if text is None else [Part("/text", "text", "user", "user", text, message=0)]
    parts += [Part(ref, "image", "user", "user", message=0) for ref, _ in given(images)]
    return Conversation(tuple(parts))


def given(images: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """Each picture with its ref."""
    return [(f"/images/{index}", image) for index, image in enumerate(images)]
