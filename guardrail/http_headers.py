"""Which headers go on and which end here (RFC 9110, section 7.6.1)."""

from __future__ import annotations

from dataclasses import replace

from guardrail.errors import WireError
from guardrail.wire import Headers, Reply, header

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that speak of one connection only."""

_BODILESS = frozenset({204, 304})
_RECOMPUTED = HOP_BY_HOP | {b"host", b"content-length", b"expect"}


def request_pairs(headers: Headers) -> list[tuple[str, str]]:
    """The headers of a request that are forwarded, in their order, as text.

    Dropped are those of the connection, and ``host``, ``content-length`` and ``expect``, which
    whoever sends the request states anew.

    Raises:
        WireError: A header is not UTF-8, and so cannot be sent on as it came (status 400).
    """
    dropped = _dropped(headers, _RECOMPUTED)
    try:
        return [(key.decode(), value.decode()) for key, value in headers if key not in dropped]
    except UnicodeDecodeError:
        raise WireError("a header of the request is not UTF-8; send it as ASCII") from None


def reply_headers(headers: Headers) -> Headers:
    """A reply's headers without those of the connection; names are made lower case."""
    lowered = tuple((key.lower(), value) for key, value in headers)
    dropped = _dropped(lowered, HOP_BY_HOP)
    return tuple(pair for pair in lowered if pair[0] not in dropped)


def with_length(headers: Headers, length: int) -> Headers:
    """``headers`` that state a body of ``length`` bytes, and state it once."""
    stated = b"%d" % length
    if [value for key, value in headers if key == b"content-length"] == [stated]:
        return headers
    kept = tuple(pair for pair in headers if pair[0] != b"content-length")
    return (*kept, (b"content-length", stated))


def framed(reply: Reply, method: str) -> Reply:
    """``reply`` whose headers state the length of a whole body, where its status has one."""
    if not isinstance(reply.body, bytes) or method == "HEAD" or reply.status in _BODILESS:
        return reply
    return replace(reply, headers=with_length(reply.headers, len(reply.body)))


def _dropped(headers: Headers, always: frozenset[bytes]) -> frozenset[bytes]:
    """``always``, and what the ``connection`` headers name."""
    if header(headers, b"connection") is None:
        return always
    named = b",".join(value for key, value in headers if key == b"connection")
    return always | {name.strip().lower() for name in named.split(b",")}
