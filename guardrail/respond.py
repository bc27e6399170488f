"""One ASGI request answered by a guard: what the proxy and the middleware share."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import Any

from guardrail.answers import failure
from guardrail.errors import GuardrailError, OverloadError, WireError
from guardrail.guard import Guard
from guardrail.http_headers import framed
from guardrail.paths import guarded_path, sent_path
from guardrail.registry import adapter, adapter_for_path
from guardrail.wire import Headers, Reply, Request, Send

_logger = logging.getLogger("guardrail")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
AsgiReceive = Callable[[], Awaitable[Message]]
AsgiSend = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[None]]

_WATCH_AFTER_S = 0.02
"""Work that takes longer is watched: does the client still wait? Watching all of it costs a quarter
of the CPU time of a short request."""

_BODY_TIMEOUT_S = 60.0
"""Longest silence within a request's body."""


async def respond(
    guard: Guard,
    scope: Scope,
    receive: AsgiReceive,
    send: AsgiSend,
    forward: Send,
    *,
    path: str | None = None,
) -> None:
    """Reads the request, has ``guard`` answer it, and writes the answer.

    A client that leaves ends all work on its request at once, the upstream call included. A reply
    that fails after its first byte is left unfinished, which the client's HTTP library notices.

    Args:
        guard: The guard in force.
        scope: Of type ``http``.
        receive: The server's.
        send: The server's.
        forward: Where the guard sends what it allows.
        path: Taken instead of the path in ``scope``.
    """
    if path is None:
        sent = sent_path(scope.get("raw_path"), scope["path"])
        path = guarded_path(sent, guard.snapshot.policy)
    try:
        body = await read_body(receive, guard.snapshot.policy.max_body_bytes)
    except WireError as error:
        await _write(_refused(path, error), scope["method"], send)
        return
    if body is None:
        return
    headers: Headers = tuple((bytes(key), bytes(value)) for key, value in scope["headers"])
    request = Request(scope["method"], path, scope.get("query_string", b""), headers, body)
    async with _UntilClientLeaves(receive):
        reply = await _handled(guard, request, forward)
        try:
            await _write(reply, request.method, send)
        except WireError as error:
            _logger.warning("%s: the reply was broken off: %s", request.path, error)


async def read_body(receive: AsgiReceive, max_bytes: int) -> bytes | None:
    """A request's whole body, None if the client left before its end.

    Raises:
        WireError: It is longer than ``max_bytes`` (status 413), or stops coming (408).
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        try:
            async with asyncio.timeout(_BODY_TIMEOUT_S):
                message = await receive()
        except TimeoutError:
            raise WireError("the request's body stopped coming", status=408) from None
        if message["type"] != "http.request":
            return None
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise WireError(f"the body is longer than {max_bytes} bytes", status=413)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _handled(guard: Guard, request: Request, forward: Send) -> Reply:
    """The guard's answer; one that cannot load its models answers like one that is busy."""
    try:
        return await guard.handle(request, forward)
    except WireError as error:  # of an unguarded path: there is no adapter to render it
        return _refused(request.path, error)
    except GuardrailError:
        _logger.exception("%s: the guard cannot work", request.path)
        return _refused(request.path, OverloadError("the guard cannot work"))


def _refused(path: str, error: WireError | OverloadError) -> Reply:
    """The answer to ``error``, in the provider's envelope where an adapter reads ``path``."""
    name = adapter_for_path(path)
    if name is not None:
        return failure(adapter(name), error)
    status, message = 503, "The guardrail is busy; try again."
    if isinstance(error, WireError):
        status, message = error.status, str(error)
    body = json.dumps({"error": {"message": message, "type": "guardrail"}}).encode()
    return Reply(status, ((b"content-type", b"application/json"),), body)


async def _write(reply: Reply, method: str, send: AsgiSend) -> None:
    body = reply.body
    if isinstance(body, bytes):
        await send(_start(framed(reply, method)))
        await send({"type": "http.response.body", "body": body, "more_body": False})
        return
    async with aclosing(body):
        await send(_start(reply))
        async for chunk in body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _start(reply: Reply) -> Message:
    return {
        "type": "http.response.start",
        "status": reply.status,
        "headers": list(reply.headers),
    }


class _UntilClientLeaves:
    """Cancels the work inside ``async with`` when the client leaves, and swallows that."""

    def __init__(self, receive: AsgiReceive) -> None:
        self._receive = receive
        self._left = False
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an ASGI application runs in a task")
        self._task = task
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_S, self._begin)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        return self._left and self._task.uncancel() == 0 and kind is asyncio.CancelledError

    def _begin(self) -> None:
        self._watch = asyncio.create_task(self._cancel_on_leave())

    async def _cancel_on_leave(self) -> None:
        # One message is waited for: after a request's body only http.disconnect may come.
        if (await self._receive())["type"] == "http.disconnect":
            self._left = True
            self._task.cancel()
