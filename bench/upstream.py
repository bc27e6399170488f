"""A model endpoint without a model: fixed chat completions, whole or as server-sent events.

Every reply is the same, so what a proxy adds is all that differs. Run it with
``python -m bench.upstream --port 9000``.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from bench.serving import granian

GAP_VARIABLE = "BENCH_CHUNK_GAP_MS"
CHUNKS = 100

_Message = dict[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


def _whole_reply() -> bytes:
    """One chat completion of about 600 bytes."""
    message = {"role": "assistant", "content": "The tide turns twice a day. " * 12}
    reply = {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "bench",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 90, "total_tokens": 290},
    }
    return json.dumps(reply).encode()


def _event(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "bench",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _streamed_reply() -> list[bytes]:
    """``CHUNKS`` events: the role, the words, the finish reason with the end mark."""
    words = [_event({"content": f"word{i} "}) for i in range(CHUNKS - 2)]
    last = _event({}, finish_reason="stop") + b"data: [DONE]\n\n"
    return [_event({"role": "assistant", "content": ""}), *words, last]


WHOLE = _whole_reply()
STREAMED = _streamed_reply()
_JSON_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(WHOLE)).encode()),
]
_SSE_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


async def _body(receive: _Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _lifespan(receive: _Receive, send: _Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _stream(send: _Send, gap_s: float) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _SSE_HEADERS})
    for event in STREAMED:
        await send({"type": "http.response.body", "body": event, "more_body": True})
        await asyncio.sleep(gap_s)
    await send({"type": "http.response.body", "body": b""})


async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
    """Answers every HTTP request: as a stream when its JSON says ``"stream": true``, else whole."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    body = await _body(receive)
    if body and json.loads(body).get("stream") is True:
        await _stream(send, float(os.environ.get(GAP_VARIABLE, "0")) / 1000)
        return
    await send({"type": "http.response.start", "status": 200, "headers": _JSON_HEADERS})
    await send({"type": "http.response.body", "body": WHOLE})


def main(port: Annotated[int, typer.Option(help="Loopback port to listen on.")] = 9000) -> None:
    """Serve the fixed replies on 127.0.0.1 until terminated."""
    granian("bench.upstream:app", port)


if __name__ == "__main__":
    typer.run(main)
