"""A scripted upstream: the path says which format it speaks, the model's name what it does.

An ASGI application, so that the same one runs behind the proxy, inside the middleware and behind a
transport. What it was sent, and whether it was cancelled, goes to the file in ``SCRIPTED_LOG``.
"""

from __future__ import annotations

import asyncio
import json
import os
from hashlib import sha256
from pathlib import Path

from tests.e2e.moderated import moderated
from tests.e2e.voices import BAD_WORDS, WORDS, voice_of

LOG = "SCRIPTED_LOG"


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
    if scope["path"].endswith("/count_tokens"):
        await whole(send, 200, b'{"input_tokens": 14}')
        return
    voice = voice_of(scope["path"])
    if voice is None:
        await whole(send, 200, b'{"object": "list", "data": []}')
        return
    headers = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
    request = json.loads(body)
    name, request["stream"] = voice.asked(scope["path"], request)
    request["raw"] = body
    log(event="request", model=name, sha256=sha256(body).hexdigest(), headers=headers)
    watch = asyncio.ensure_future(receive())
    strategy, _, what = name.partition("-")
    act = moderation(what) if strategy in STRATEGIES else SCRIPT.get(name, plain)
    work = asyncio.create_task(act(send, request, voice))
    try:
        await asyncio.wait([watch, work], return_when=asyncio.FIRST_COMPLETED)
    finally:  # a middleware cancels the application itself
        if not work.done():
            work.cancel()
            log(event="client left", model=name)
        watch.cancel()
    await asyncio.gather(watch, work, return_exceptions=True)


async def whole(send, status, body, kind=b"application/json", length=None):
    headers = [(b"content-type", kind), (b"content-length", str(length or len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def start_stream(send, voice):
    headers = [(b"content-type", voice.streams_as.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def pieces(send, events, voice, gap_s=0.0):
    await start_stream(send, voice)
    for event in events:
        await send({"type": "http.response.body", "body": event, "more_body": True})
        await asyncio.sleep(gap_s)
    await send({"type": "http.response.body", "body": b""})


async def plain(send, request, voice):
    await told(send, request, voice, voice.reply("Hello \u00e9 \U0001f600"), voice.events(WORDS))


async def bad(send, request, voice):
    await told(send, request, voice, voice.reply("".join(BAD_WORDS)), voice.events(BAD_WORDS))


async def tools(send, request, voice):
    await told(send, request, voice, voice.call(), voice.call_events())


async def told(send, request, voice, whole_reply, events):
    if request.get("stream"):
        await pieces(send, events, voice)
    else:
        await whole(send, 200, whole_reply)


def moderation(what):
    """What is acted out where answers are moderated."""

    async def act(send, request, voice):
        async def said(words):
            if words is None:
                await (truncated if request["stream"] else malformed)(send, request, voice)
            else:
                await told(send, request, voice, voice.reply("".join(words)), voice.events(words))

        await moderated(send, request, voice, what, said)

    return act


async def failing(send, request, voice):
    await whole(send, 500, voice.error("model is down"))


async def limited(send, request, voice):
    await whole(send, 429, voice.error("slow down"))


async def malformed(send, request, voice):
    await told(
        send,
        request,
        voice,
        voice.reply("cut off")[:-20],
        [*voice.events(WORDS)[:2], voice.piece("x")[:-9] + b"\n\n"],
    )


async def truncated(send, request, voice):
    await pieces(send, voice.events(WORDS)[: -voice.last], voice)


async def endless(send, request, voice):
    await start_stream(send, voice)
    head, piece = voice.events(["on "])[: voice.first], voice.piece("on ")
    for event in head:
        await send({"type": "http.response.body", "body": event, "more_body": True})
    while True:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0.01)


async def silent(send, request, voice):
    await asyncio.sleep(3600)


STRATEGIES = ("ask", "judge", "eyes")

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
