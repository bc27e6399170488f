"""A caller's API keys, from where providers' SDKs put them."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote_plus

from guardrail.errors import WireError
from guardrail.wire import Headers

KEY_HEADERS = (b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key")
"""Where SDKs put an API key."""


def api_keys(headers: Headers, query: bytes = b"") -> tuple[str, ...]:
    """Every key that a request carries: of several, the upstream may take any.

    Args:
        headers: Of the request; an ``authorization`` counts without its scheme ``Bearer``, which is
            written in any case (RFC 9110, section 11.1).
        query: Its parameter ``key`` is one, as Gemini takes it.
    """
    keys = [_key(name, value.decode("latin-1")) for name, value in headers if name in KEY_HEADERS]
    return (*keys, *parse_qs(query.decode("latin-1")).get("key", ()))


def without_key(query: bytes) -> bytes:
    """``query`` without the parameter that ``api_keys`` reads, the others as they were sent."""
    kept = (
        one
        for one in query.split(b"&")
        if unquote_plus(one.split(b"=")[0].decode("latin-1")) != "key"
    )
    return b"&".join(kept)


def check_keys(headers: Headers, query: bytes, *, routed: bool) -> None:
    """Checks that nobody can tell the guard one key and the upstream another.

    Args:
        headers: Of the request.
        query: Of the request.
        routed: Whether the policy routes by keys: a second one could lead to a laxer policy.

    Raises:
        WireError: A header with a credential is given twice, where servers differ in which they
            take, or there are several keys to route by.
    """
    names = [name for name, _ in headers]
    for name in KEY_HEADERS:
        if names.count(name) > 1:
            raise WireError(f"the header {name.decode()} is given more than once; send it once")
    count = len({*api_keys(headers, query)})
    if routed and count > 1:
        raise WireError(f"the request carries {count} API keys, and is routed by its key; send one")


def _key(name: bytes, value: str) -> str:
    match value.split(maxsplit=1):
        case [scheme, token] if name == b"authorization" and scheme.lower() == "bearer":
            return token.strip()
        case _:
            return value.strip()
