"""A second endpoint that stages may ask, with a format and credentials of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judge:
    """Where questions go that are not for the upstream.

    Attributes:
        base_url: Scheme, host and path prefix, as an upstream's.
        adapter: Name of the wire format; its adapter has ``asking``.
        model: Asked for by that name.
        api_key_env: Environment variable that holds the key, "" for none.
        timeout_s: For the whole answer.
    """

    base_url: str
    adapter: str
    model: str
    api_key_env: str = ""
    timeout_s: float = 20.0
