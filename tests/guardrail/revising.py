"""A guard with a rule that revises, and an upstream that answers from a list."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrail import Guard, Reply, Request
from guardrail.policy import parse_policy
from guardrail.wire import read_all

HERE = "tests.guardrail.policy_detectors"
PATH = "/v1/chat/completions"
JSON = ((b"content-type", b"application/json"),)
EVENTS = ((b"content-type", b"text/event-stream"),)
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def policy(revise: str = "", more: str = "", detect: str = f"{HERE}:Words", top: str = ""):
    """A policy whose output stage revises every reply with ``bad`` in it."""
    return parse_policy(f"""
version: 1
name: p
{top}
output:
  - detect: {detect}
    name: words
    rules: [{{category: hate, at_least: 0.5, action: revise}}]
    {f"revise: {{{revise}}}" if revise else ""}
    on_error: block
    timeout_s: 5
{more}""")


def whole(text: str, **more: Any) -> bytes:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return json.dumps({"id": "c", "choices": [choice], "usage": USAGE, **more}, indent=1).encode()


def stream(text: str, usage: dict | None = USAGE) -> bytes:
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]},
        *(
            {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
            for piece in re.findall(r"\S+\s*", text)
        ),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    if usage:
        chunks.append({"choices": [], "usage": usage})
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events = [b"data: " + json.dumps({**head, **chunk}).encode() + b"\n\n" for chunk in chunks]
    return b"".join([*events, b"data: [DONE]\n\n"])


@dataclass
class Upstream:
    """Answers one after the other, the last one ever again; keeps what it was sent."""

    answers: Sequence[str | Reply | Callable[[], Any]]
    sent: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        body = json.loads(request.body)
        self.sent.append(body)
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if callable(answer):
            answer = await answer()
        if isinstance(answer, Reply):
            return answer
        if body.get("stream"):
            return Reply(200, EVENTS, chunked(stream(answer)))
        return Reply(200, JSON, whole(answer))


async def chunked(data: bytes, size: int = 37):
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def late() -> str:
    await asyncio.Event().wait()
    raise AssertionError


def request(text: str = "hello", **more: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    return Request("POST", PATH, b"", JSON, json.dumps(body).encode())


async def exchanged(made, upstream, one: Request | None = None):
    """Status and body that the client got, with headers and the exchange's record."""
    records: list[Any] = []
    guard = Guard(made, observers=[records.append])
    try:
        reply = await guard.handle(one or request(), upstream)
        body = await read_all(reply.body, 10**7)
    finally:
        await guard.close()
    (record,) = records
    headers = {key.decode(): value.decode() for key, value in reply.headers}
    return body, headers, record


def without_ids(body: bytes) -> bytes:
    """``body`` without its random ids, whose hexadecimal digits may spell a word."""
    return re.sub(rb'"id":\s*"[^"]*"', b"", body)


def said(body: bytes) -> str:
    """The text of a reply, whole or streamed."""
    if not body.startswith((b"data:", b":")):
        return json.loads(body)["choices"][0]["message"]["content"]
    return "".join(
        choice["delta"].get("content") or ""
        for chunk in chunks(body)
        for choice in chunk.get("choices", ())
    )


def chunks(body: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in body.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
