"""What a request asks in the end."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail.types import Part


def last_question(parts: Sequence[Part]) -> str:
    """The texts of the last message that the user wrote, "" where there is none."""
    texts = [part for part in parts if part.kind == "text" and part.source == "user"]
    last = max((part.message for part in texts), default=-1)
    return "\n".join(part.text for part in texts if part.message == last)
