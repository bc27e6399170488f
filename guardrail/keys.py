"""A caller's API keys, from where providers' SDKs put them."""

from __future__ import annotations

from urllib.parse import parse_qs

from guardrail.errors import WireError
from guardrail.wire import Headers

_HEADERS = (b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key")


def api_keys(headers: Headers, query: bytes = b"") -> tuple[str, ...]:
    """Every key that a request carries: of several, the upstream may take any.

    Args:
        headers: Of the request; an ``authorization`` counts without its scheme ``Bearer``, which is
            written in any case (RFC 9110, section 11.1).
        query: Its parameter ``key`` is one, as Gemini takes it.
    """
    keys = [_key(name, value.decode("latin-1")) for name, value in headers if name in _HEADERS]
    return (*keys, *parse_qs(query.decode("latin-1")).get("key", ()))


def refuse_repeated(headers: Headers) -> None:
    """Checks that no header with a credential is given twice: servers differ in which they take.

    Raises:
        WireError: One is.
    """
    names = [name for name, _ in headers]
    for name in _HEADERS:
        if names.count(name) > 1:
            raise WireError(f"the header {name.decode()} is given more than once; send it once")


def _key(name: bytes, value: str) -> str:
    match value.split(maxsplit=1):
        case [scheme, token] if name == b"authorization" and scheme.lower() == "bearer":
            return token.strip()
        case _:
            return value.strip()
