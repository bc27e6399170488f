"""A conversation that goes on, in requests that are a list of messages with roles."""

from __future__ import annotations

from guardrail_adapters.splice import append


def continued(body: bytes, draft: str, instruction: str) -> bytes:
    """``body`` with the model's ``draft`` and a user's ``instruction`` behind its messages.

    Raises:
        WireError: The body has no array of messages.
    """
    said = {"role": "assistant", "content": draft}
    asked = {"role": "user", "content": instruction}
    return append(body, "/messages", said, asked)
