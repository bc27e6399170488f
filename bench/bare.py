"""A Litestar proxy that inspects nothing: the floor against which the guard's cost is measured.

It reads the request body whole, forwards it with aiohttp and passes the reply's bytes on as they
arrive. Run it with ``python -m bench.bare --port 9001 --upstream http://127.0.0.1:9000``.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated

import aiohttp
import typer
from litestar import Litestar, asgi, get
from litestar.enums import ScopeType
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send
from multidict import CIMultiDict
from yarl import URL

from bench.serving import granian, uvicorn_server

_UPSTREAM_VARIABLE = "BENCH_UPSTREAM"
_HOP_BY_HOP = frozenset(
    {b"connection", b"content-length", b"host", b"keep-alive", b"te", b"transfer-encoding"}
)


class Server(StrEnum):
    """The ASGI servers that can carry the bare proxy."""

    GRANIAN = "granian"
    UVICORN = "uvicorn"


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ConnectionError("the client left while it sent its request")
        parts.append(message["body"])
        more = message.get("more_body", False)
    return b"".join(parts)


def _start(reply: aiohttp.ClientResponse) -> HTTPResponseStartEvent:
    headers = [(k.lower(), v) for k, v in reply.raw_headers]
    kept = [(k, v) for k, v in headers if k not in _HOP_BY_HOP or k == b"content-length"]
    return {"type": "http.response.start", "status": reply.status, "headers": kept}


def _chunk(body: bytes, *, more: bool) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _relay(reply: aiohttp.ClientResponse, send: Send) -> None:
    """Pass ``reply`` on: in one message when its length is known, else chunk by chunk."""
    await send(_start(reply))
    if reply.content_length is not None:
        await send(_chunk(await reply.read(), more=False))
        return
    while chunk := await reply.content.readany():
        await send(_chunk(chunk, more=True))
    await send(_chunk(b"", more=False))


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        timeout=aiohttp.ClientTimeout(sock_connect=5, sock_read=60),
    )


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncGenerator[None]:
    async with _session() as session:
        app.state.session = session
        yield


@asgi("/", is_mount=True, copy_scope=False)
async def forward(scope: Scope, receive: Receive, send: Send) -> None:
    """Forward one request unread and its reply unread."""
    if scope["type"] != ScopeType.HTTP:
        raise NotImplementedError(f"the bare proxy forwards HTTP only, not {scope['type']!r}")
    body = await _body(receive)
    headers = CIMultiDict(
        (k.decode("latin-1"), v.decode("latin-1"))
        for k, v in scope["headers"]
        if k not in _HOP_BY_HOP
    )
    # The raw path: Litestar normalises scope["path"] of a mount and appends a slash.
    url = URL(os.environ[_UPSTREAM_VARIABLE] + scope["raw_path"].decode("ascii"), encoded=True)
    session: aiohttp.ClientSession = scope["litestar_app"].state.session
    async with session.request(
        scope["method"], url, data=body, headers=headers, allow_redirects=False
    ) as reply:
        await _relay(reply, send)


@get("/readyz")
async def readyz() -> dict[str, bool]:
    """Tell that the proxy listens."""
    return {"ready": True}


app = Litestar([forward, readyz], lifespan=[_lifespan], openapi_config=None, logging_config=None)


def main(
    upstream: Annotated[str, typer.Option(help="Base URL to which requests go.")],
    port: Annotated[int, typer.Option(help="Loopback port to listen on.")] = 9001,
    server: Annotated[Server, typer.Option(help="The ASGI server.")] = Server.GRANIAN,
) -> None:
    """Serve the bare proxy on 127.0.0.1 until terminated."""
    os.environ[_UPSTREAM_VARIABLE] = upstream.rstrip("/")
    serve = {Server.GRANIAN: granian, Server.UVICORN: uvicorn_server}[server]
    serve("bench.bare:app", port)


if __name__ == "__main__":
    typer.run(main)
