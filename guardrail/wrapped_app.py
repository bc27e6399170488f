"""The application behind the middleware, called as if it were an upstream."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from guardrail.body import StreamedBody
from guardrail.errors import WireError
from guardrail.http_headers import with_length
from guardrail.respond import App, Message, Scope
from guardrail.wire import Reply, Request, header

_AHEAD = 8
"""Messages that an application may send before its reply is read on."""


class WrappedApp:
    """The calls that one client request makes into the application.

    Use as an async context manager. Leaving it cancels calls whose reply was not finished, waits
    for all of them (an application may go on working after its reply), and raises what one of
    them raised.

    Args:
        app: The ASGI application.
        scope: The client's request; every call gets a copy.
    """

    def __init__(self, app: App, scope: Scope) -> None:
        self._app = app
        self._scope = scope
        self._calls: list[_Call] = []

    async def send(self, request: Request) -> Reply:
        """The application's reply to ``request``, whose path and query are the client's.

        Raises:
            WireError: The application ended without a reply (status 502).
        """
        call = _Call(self._app, self._inner_scope(request), request.body)
        self._calls.append(call)
        try:
            return await call.reply()
        except asyncio.CancelledError:
            await call.close()
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for call in self._calls:
            await call.close()
        if self._calls:
            await asyncio.wait([call.task for call in self._calls])
        for call in self._calls:
            if error is None and call.error is not None:
                raise call.error

    def _inner_scope(self, request: Request) -> Scope:
        headers = request.headers
        if header(headers, b"content-length") is not None:
            headers = with_length(headers, len(request.body))
        extensions = self._scope.get("extensions") or {}
        return {
            **self._scope,
            "headers": list(headers),
            # Extensions of the reply (a path to a file, trailers) would go round the guard.
            "extensions": {
                name: value
                for name, value in extensions.items()
                if not name.startswith("http.response.")
            },
        }


class _Call:
    """One run of the application, from its scope to its last message."""

    def __init__(self, app: App, scope: Scope, body: bytes) -> None:
        self._app = app
        self._scope = scope
        self._body: bytes | None = body
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue(_AHEAD)
        self._left = asyncio.Event()
        self._complete = False
        self._first = b""  # read to see whether it is all
        self.error: Exception | None = None
        self.task = asyncio.create_task(self._run())

    async def reply(self) -> Reply:
        """Status and headers, and the body: whole if the application sent it in one piece."""
        start = await self._next()
        if start["type"] != "http.response.start":
            raise WireError("the application sent a body before its status", status=502)
        headers = tuple((bytes(k).lower(), bytes(v)) for k, v in start.get("headers", ()))
        # What is sent at one go has arrived by now; a stream's status does not wait for its text.
        if self._messages.empty():
            return Reply(start["status"], headers, StreamedBody(self._read, self.close))
        self._first = await self._read()
        if self._complete:
            return Reply(start["status"], headers, self._first)
        return Reply(start["status"], headers, StreamedBody(self._from_first, self.close))

    async def close(self) -> None:
        """Tells the application that its client left, and cancels it; nothing after its reply."""
        self._left.set()
        if not self._complete:
            await asyncio.sleep(0)
            self.task.cancel()

    async def _from_first(self) -> bytes:
        first, self._first = self._first, b""
        return first or await self._read()

    async def _read(self) -> bytes:
        while not self._complete:
            message = await self._next()
            if message["type"] != "http.response.body":
                raise WireError("the application sent its status twice", status=502)
            if not message.get("more_body", False):
                self._complete = True
                self._left.set()
            if body := bytes(message.get("body", b"")):
                return body
        return b""

    async def _next(self) -> Message:
        message = await self._messages.get()
        if message is None:
            error, self.error = self.error, None  # raised here, and so not a second time
            raise error or WireError("the application ended without a whole reply", status=502)
        return message

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        except Exception as error:  # noqa: BLE001 - raised where its reply is waited for
            self.error = error
        if not self._complete:
            await self._messages.put(None)

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] not in ("http.response.start", "http.response.body"):
            raise RuntimeError(
                f"message {message['type']!r} is of an extension that the guard cannot read"
            )
        if not self._complete:
            await self._messages.put(message)
