"""HTTP as the guard sees it: one request, one reply, whole or streamed. No server, no client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from guardrail.errors import WireError

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case, in wire order, repeated names kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its whole body.

    Attributes:
        method: Upper case.
        path: As sent, percent-encoding untouched, without the query, e.g. ``/v1/chat/completions``.
        query: Without the question mark.
        headers: As they came; hop-by-hop headers are dropped by whoever forwards.
        body: All of it.
        upstream: Base URL that the route names; "" for the shell's own.
    """

    method: str
    path: str
    query: bytes = b""
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    upstream: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; ``body`` is all of it, or its chunks as they come.

    A streamed body is an async generator: closing it (``aclose``) releases what is behind it,
    for an upstream reply the connection, at once.
    """

    status: int
    headers: Headers = ()
    body: bytes | AsyncGenerator[bytes] = field(default=b"", repr=False)


Send = Callable[[Request], Awaitable[Reply]]
"""Forwards a request: to an upstream, or into the wrapped application."""


def header(headers: Headers, name: bytes) -> bytes | None:
    """The first value of ``name`` (lower case), None where there is none."""
    for key, value in headers:
        if key == name:
            return value
    return None


async def drop(reply: Reply) -> None:
    """Closes what is behind a reply that is not read."""
    if not isinstance(reply.body, bytes):
        await reply.body.aclose()


async def read_all(body: bytes | AsyncGenerator[bytes], max_bytes: int) -> bytes:
    """A whole body.

    Raises:
        WireError: It is longer than ``max_bytes`` (status 502).
    """
    if isinstance(body, bytes):
        return body
    chunks: list[bytes] = []
    size = 0
    async with aclosing(body) as opened:
        async for chunk in opened:
            size += len(chunk)
            if size > max_bytes:
                raise WireError(
                    f"the upstream's reply is longer than {max_bytes} bytes", status=502
                )
            chunks.append(chunk)
    return b"".join(chunks)
