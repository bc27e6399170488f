"""A scripted OpenAI-compatible upstream: the model's name says what it does.

An ASGI application, so that the same one runs behind the proxy, inside the middleware and behind a
transport. What it was sent, and whether it was cancelled, goes to the file in ``SCRIPTED_LOG``.
"""

from __future__ import annotations

import asyncio
import json
import os
from hashlib import sha256
from pathlib import Path

LOG = "SCRIPTED_LOG"

REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello \u00e9 \U0001f600", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
    "x_unknown": {"kept": [1.0, 1e3]},
}
CALL = {"name": "weather", "arguments": '{"city": "Oslo"}'}
WORDS = ["The ", "tide ", "turns ", "twice ", "a ", "day."]
BAD_WORDS = ["The ", "tide ", "is ", "forbidden ", "today ", "and more."]


def with_content(content: str | None, **message: object) -> bytes:
    reply = json.loads(json.dumps(REPLY))
    reply["choices"][0]["message"] |= {"content": content, **message}
    return json.dumps(reply, indent=1).encode()


def chunk(delta: dict, finish: str | None = None) -> bytes:
    value = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(value)}\n\n".encode()


def stream_of(words: list[str]) -> list[bytes]:
    deltas = [{"role": "assistant", "content": ""}, *({"content": word} for word in words)]
    return [*map(chunk, deltas), chunk({}, "stop"), b"data: [DONE]\n\n"]


def tool_stream() -> list[bytes]:
    head = {"index": 0, "id": "call_1", "type": "function"}
    first = {"tool_calls": [{**head, "function": {**CALL, "arguments": ""}}]}
    pieces = [CALL["arguments"][:6], CALL["arguments"][6:]]
    rest = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    return [*map(chunk, [first, *rest]), chunk({}, "tool_calls"), b"data: [DONE]\n\n"]


def log(**what: object) -> None:
    with Path(os.environ[LOG]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] != "/v1/chat/completions":
        await whole(send, 200, b'{"object": "list", "data": []}')
        return
    headers = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
    request = json.loads(body)
    name = request.get("model", "")
    log(event="request", model=name, sha256=sha256(body).hexdigest(), headers=headers)
    watch = asyncio.ensure_future(receive())
    work = asyncio.create_task(SCRIPT.get(name, plain)(send, request))
    await asyncio.wait([watch, work], return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        work.cancel()
        log(event="client left", model=name)
    watch.cancel()
    await asyncio.gather(watch, work, return_exceptions=True)


async def whole(send, status, body, kind=b"application/json", length=None):
    headers = [(b"content-type", kind), (b"content-length", str(length or len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def start_stream(send):
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def pieces(send, events, gap_s=0.0):
    await start_stream(send)
    for event in events:
        await send({"type": "http.response.body", "body": event, "more_body": True})
        await asyncio.sleep(gap_s)
    await send({"type": "http.response.body", "body": b""})


async def plain(send, request):
    if request.get("stream"):
        await pieces(send, stream_of(WORDS))
    else:
        await whole(send, 200, with_content(REPLY["choices"][0]["message"]["content"]))


async def bad(send, request):
    if request.get("stream"):
        await pieces(send, stream_of(BAD_WORDS))
    else:
        await whole(send, 200, with_content("".join(BAD_WORDS)))


async def tools(send, request):
    if request.get("stream"):
        await pieces(send, tool_stream())
    else:
        calls = [{"id": "call_1", "type": "function", "function": CALL}]
        await whole(send, 200, with_content(None, tool_calls=calls))


async def failing(send, request):
    error = {"error": {"message": "model is down", "type": "server_error", "code": None}}
    await whole(send, 500, json.dumps(error).encode())


async def limited(send, request):
    error = {"error": {"message": "slow down", "type": "rate_limit", "code": "rate_limit_exceeded"}}
    await whole(send, 429, json.dumps(error).encode())


async def malformed(send, request):
    if request.get("stream"):
        await pieces(send, [*stream_of(WORDS)[:2], b'data: {"choices": [{"delta"\n\n'])
    else:
        await whole(send, 200, b'{"choices": [')


async def truncated(send, request):
    await pieces(send, stream_of(WORDS)[:-3])


async def endless(send, request):
    await start_stream(send)
    while True:
        await send(
            {"type": "http.response.body", "body": chunk({"content": "on "}), "more_body": True}
        )
        await asyncio.sleep(0.01)


async def silent(send, request):
    await asyncio.sleep(3600)


SCRIPT = {
    "bad": bad,
    "tools": tools,
    "failing": failing,
    "limited": limited,
    "malformed": malformed,
    "truncated": truncated,
    "endless": endless,
    "silent": silent,
}
