"""The guard inside an HTTP client: transports for httpx and httpx2, and so for official SDKs.

Both libraries are served by the same two classes: which one a request belongs to is seen from the
request itself, and its response is built of that library's classes.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from guardrail.asgi import refuse_upstreams
from guardrail.background import run_sync
from guardrail.blocking import BlockingCalls
from guardrail.body import StreamedBody
from guardrail.guard import Guard
from guardrail.http_headers import framed, with_length
from guardrail.paths import guarded_path
from guardrail.policy import Policy
from guardrail.wire import Headers, Reply, Request, read_all

_WHOLE_BYTES = 64 * 1024


def _installed() -> list[ModuleType]:
    """The HTTP client libraries that are there; httpx always is."""
    found = []
    for name in ("httpx", "httpx2"):
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            continue
    return list(dict.fromkeys(found))


_LIBRARIES = _installed()

if TYPE_CHECKING:
    import httpx
    import httpx2

    class _SyncTransport(httpx.BaseTransport, httpx2.BaseTransport):
        """What both libraries accept as a transport."""

        def handle_request(self, request: Any) -> Any: ...

    class _AsyncTransport(httpx.AsyncBaseTransport, httpx2.AsyncBaseTransport):
        """What both libraries accept as an asynchronous transport."""

        async def handle_async_request(self, request: Any) -> Any: ...

    class _SyncStream(httpx.SyncByteStream, httpx2.SyncByteStream):
        """What both libraries accept as a response's stream."""

    class _AsyncStream(httpx.AsyncByteStream, httpx2.AsyncByteStream):
        """What both libraries accept as an asynchronous response's stream."""
else:

    def _common(name: str) -> type:
        return type(f"_{name}", tuple(getattr(library, name) for library in _LIBRARIES), {})

    _SyncTransport = _common("BaseTransport")
    _AsyncTransport = _common("AsyncBaseTransport")
    _SyncStream = _common("SyncByteStream")
    _AsyncStream = _common("AsyncByteStream")


class AsyncGuardTransport(_AsyncTransport):
    """Guards every request of an ``httpx.AsyncClient`` or ``httpx2.AsyncClient``.

    Requests that no adapter reads are answered with 501, unless the policy lists their path under
    ``unguarded_paths``. Errors of the inner transport reach the client as they are, so that its
    retries work as before. A client with a transport of its own ignores proxy variables of the
    environment; give an inner transport with ``proxy=`` if one is needed.

    Args:
        guard: A guard, a policy, a built-in policy's name, or a YAML file.
        transport: What sends; the library's own ``AsyncHTTPTransport`` without it.

    Raises:
        PolicyError: The policy is wrong, or a route of it names an upstream.
    """

    def __init__(
        self, guard: Guard | Policy | str | Path = "default", transport: Any = None
    ) -> None:
        self.guard = _guard(guard)
        self._inner = transport

    async def handle_async_request(self, request: Any) -> Any:
        """The response to ``request``, of the request's own library."""
        library = _library(request)
        if self._inner is None:
            self._inner = library.AsyncHTTPTransport()
        sending = _Sending(library, request)
        wire = _wire_request(request, await request.aread(), self.guard)
        reply = await self.guard.handle(wire, partial(self._send, sending))
        return sending.response(reply, _AsyncBody)

    async def aclose(self) -> None:
        """Closes the inner transport."""
        if self._inner is not None:
            await self._inner.aclose()

    async def _send(self, sending: _Sending, request: Request) -> Reply:
        response = await self._inner.handle_async_request(sending.outgoing(request))
        chunks = aiter(response.stream)
        body = StreamedBody(partial(_next, chunks), response.aclose)
        return sending.reply(response, await _whole(response, body))


class GuardTransport(_SyncTransport):
    """Guards every request of an ``httpx.Client`` or ``httpx2.Client``.

    As ``AsyncGuardTransport``, for clients that run no event loop: the guard runs on the
    process's background loop, the inner transport in a thread for each request under way.

    Args:
        guard: A guard, a policy, a built-in policy's name, or a YAML file.
        transport: What sends; the library's own ``HTTPTransport`` without it.

    Raises:
        PolicyError: The policy is wrong, or a route of it names an upstream.
    """

    def __init__(
        self, guard: Guard | Policy | str | Path = "default", transport: Any = None
    ) -> None:
        self.guard = _guard(guard)
        self._inner = transport

    def handle_request(self, request: Any) -> Any:
        """The response to ``request``, of the request's own library."""
        library = _library(request)
        if self._inner is None:
            self._inner = library.HTTPTransport()
        sending = _Sending(library, request)
        wire = _wire_request(request, request.read(), self.guard)
        reply = run_sync(self.guard.handle(wire, partial(self._send, sending)))
        return sending.response(reply, _SyncBody)

    def close(self) -> None:
        """Closes the inner transport."""
        if self._inner is not None:
            self._inner.close()

    async def _send(self, sending: _Sending, request: Request) -> Reply:
        calls = BlockingCalls()
        begun = _Begun(partial(self._inner.handle_request, sending.outgoing(request)))
        try:
            response = await calls.run(begun.call)
        except BaseException:
            calls.end(begun.close)  # a call that nobody waits for any more may still be answered
            raise
        # Empty chunks, which some transports yield, would read as the end.
        read = partial(next, filter(None, response.stream), b"")
        body = StreamedBody(partial(calls.run, read), partial(calls.finish, response.close))
        return sending.reply(response, await _whole(response, body))


@dataclass(slots=True)
class _Sending:
    """One request on its way, in the words of its library."""

    library: Any
    request: Any
    extensions: dict[str, Any] = field(default_factory=dict)

    def outgoing(self, request: Request) -> Any:
        """What the inner transport sends: the request itself when nothing of it changed."""
        url = _url(self.request.url, request)
        same = request.body == self.request.content and request.headers == _headers(self.request)
        if same and url is self.request.url:
            return self.request
        kept = tuple(pair for pair in request.headers if pair[0] != b"transfer-encoding")
        headers = with_length(kept, len(request.body)) if request.body else kept
        return self.library.Request(
            request.method,
            url,
            headers=list(headers),
            content=request.body,
            extensions=self.request.extensions,
        )

    def reply(self, response: Any, body: bytes | StreamedBody) -> Reply:
        """The inner transport's response as the guard sees it."""
        self.extensions = response.extensions
        return Reply(response.status_code, _headers(response), body)

    def response(self, reply: Reply, streamed: Callable[[AsyncGenerator[bytes]], Any]) -> Any:
        """The guard's answer as the client sees it."""
        reply = framed(reply, self.request.method)
        body = reply.body
        return self.library.Response(
            reply.status,
            headers=list(reply.headers),
            stream=self.library.ByteStream(body) if isinstance(body, bytes) else streamed(body),
            extensions=self.extensions,
        )


class _Begun:
    """A call whose response is closed even if nobody is left to take it."""

    def __init__(self, send: Callable[[], Any]) -> None:
        self._send = send
        self._response: Any = None

    def call(self) -> Any:
        """The response."""
        self._response = self._send()
        return self._response

    def close(self) -> None:
        """Closes the response, if there is one."""
        if self._response is not None:
            self._response.close()


class _AsyncBody(_AsyncStream):
    def __init__(self, body: AsyncGenerator[bytes]) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


class _SyncBody(_SyncStream):
    def __init__(self, body: AsyncGenerator[bytes]) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := run_sync(self._next())) is not None:
            yield chunk

    def close(self) -> None:
        run_sync(self._close())

    async def _next(self) -> bytes | None:
        return await anext(self._body, None)

    async def _close(self) -> None:
        await self._body.aclose()


def _guard(guard: Guard | Policy | str | Path) -> Guard:
    made = guard if isinstance(guard, Guard) else Guard.from_policy(guard)
    refuse_upstreams(made.snapshot.policy, "where the client sends them")
    return made


def _library(request: object) -> Any:
    for library in _LIBRARIES:
        if isinstance(request, library.Request):
            return library
    known = ", ".join(library.__name__ for library in _LIBRARIES)
    raise TypeError(f"{type(request)!r} is a request of none of: {known}")


def _wire_request(request: Any, body: bytes, guard: Guard) -> Request:
    target, _, query = request.url.raw_path.partition(b"?")
    path = guarded_path(target.decode("latin-1"), guard.snapshot.policy)
    return Request(request.method.upper(), path, query, _headers(request), body)


def _url(url: Any, request: Request) -> Any:
    """``url``, with the path that was judged where it was spelled another way."""
    target, mark, query = url.raw_path.partition(b"?")
    judged = request.path.encode("ascii")
    return url if target == judged else url.copy_with(raw_path=judged + mark + query)


def _headers(message: Any) -> Headers:
    return tuple((key.lower(), value) for key, value in message.headers.raw)


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next chunk that is not empty; nothing at the end."""
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""


async def _whole(response: Any, body: StreamedBody) -> bytes | StreamedBody:
    """The body itself if it is short, so that the reply can state its length."""
    stated = response.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) <= _WHOLE_BYTES:
        return await read_all(body, _WHOLE_BYTES)
    return body
