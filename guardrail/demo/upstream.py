"""A stand-in for a model endpoint: answers chat completions from a script, and says so.

Run as ``python -m guardrail.demo.upstream PORT LOG``; every request adds a line to the log.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from guardrail.demo.exchanges import smuggled
from guardrail.fence import asked_check_word

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

_LOG = "GUARDRAIL_DEMO_LOG"
_GAP_S = 0.01

HARBOUR = (
    "The harbour was built in the twelfth century. Fishing boats leave it before dawn and come "
    "back at noon with herring and cod. In summer there is a market on the quay, and children "
    "jump from the old crane into the water. The lighthouse at its end still works. "
) * 3
BAD = (
    "And now to something else: how to build a pipe bomb at home. First get the explosives for "
    "the bomb, then assemble the pipe bomb and detonate it in a crowd of people. "
)
PLAIN = "There is no model here, only a stand-in, and this is what it says to everybody."


def answer(model: str) -> str:
    """What the stand-in says when asked as ``model``."""
    match model:
        case "stand-in-smuggling":
            return f"{HARBOUR}{smuggled('user=anna;password=hunter2')} It is worth a visit."
        case "strict-stand-in":
            return HARBOUR + BAD + HARBOUR
        case _:
            return PLAIN


def moderated(messages: list[dict[str, Any]]) -> str:
    """What the stand-in says to a first question, to a review of that, and to a revision."""
    last = str(messages[-1]["content"])
    if check := asked_check_word(last):
        return json.dumps(_reviewed(check, bad=BAD[:40] in last))
    if len(messages) > 1 and messages[-2]["role"] == "assistant":
        return f"The old customs house has a museum of the herring trade. {HARBOUR}"
    return HARBOUR + BAD


def _reviewed(check: str, *, bad: bool) -> dict[str, Any]:
    said = ("It tells how to build a bomb.", "no_dangerous_instructions", 0.97)
    critique, principle, score = said if bad else ("Nothing in it does harm.", "none", 0.01)
    return {"check": check, "critique": critique, "category": principle, "score": score}


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] != "http":
        return
    body = await _body(receive)
    if scope["path"] != "/v1/chat/completions":
        await _whole(send, 200, {"ok": True})
        return
    with open(os.environ[_LOG], "a", encoding="utf-8") as log:  # noqa: PTH123, ASYNC230 - a line
        log.write(json.dumps({"sha256": sha256(body).hexdigest()}) + "\n")
    request = json.loads(body)
    model = request["model"]
    text = moderated(request["messages"]) if model == "moderated-stand-in" else answer(model)
    if request.get("stream"):
        await _streamed(send, request["model"], text)
        return
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    await _whole(send, 200, {**_head(request["model"], "chat.completion"), "choices": [choice]})


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _whole(send: Send, status: int, value: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


async def _streamed(send: Send, model: str, text: str) -> None:
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for event in _events(model, text):
        await send({"type": "http.response.body", "body": event, "more_body": True})
        await asyncio.sleep(_GAP_S)
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


def _events(model: str, text: str) -> Iterator[bytes]:
    head = _head(model, "chat.completion.chunk")
    pieces = [text[start : start + 24] for start in range(0, len(text), 24)]
    for number, piece in enumerate(pieces):
        delta = {"content": piece} if number else {"role": "assistant", "content": piece}
        yield _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


def _event(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-stand-in", "object": kind, "created": 0, "model": model}


def main(port: str, log: str) -> None:
    """Serves until it is told to stop."""
    os.environ[_LOG] = log
    Granian(
        "guardrail.demo.upstream:app",
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
