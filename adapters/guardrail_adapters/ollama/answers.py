"""What the guard says itself: refusals, whole or streamed, and errors in the format's envelope."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import Reply

_JSON = ((b"content-type", b"application/json; charset=utf-8"),)
_LINES = ((b"content-type", b"application/x-ndjson"),)

Say = Callable[[str, float, str], dict[str, Any]]
"""Model, seconds since 1970 and text to one object of an answer."""


def say_chat(model: str, now: float, text: str) -> dict[str, Any]:
    """An object of ``/api/chat``."""
    message = {"role": "assistant", "content": text}
    return {"model": model, "created_at": _iso(now), "message": message, "done": False}


def say_generate(model: str, now: float, text: str) -> dict[str, Any]:
    """An object of ``/api/generate``."""
    return {"model": model, "created_at": _iso(now), "response": text, "done": False}


def refuse(conversation: Conversation, refusal: Refusal, say: Say, now: float) -> Reply:
    """The answer to a blocked request: an answer that was filtered, or an error."""
    if refusal.style == "error":
        return Reply(400, _JSON, _encoded(blocked(refusal)))
    counts = refusal.usage or {"prompt_eval_count": 0, "eval_count": 0}
    said = say(conversation.model, now, refusal.text)
    if not conversation.stream:
        return Reply(200, _JSON, _encoded(ended(said, refusal, counts)))
    last = ended(say(conversation.model, now, ""), refusal, counts)
    return Reply(200, _LINES, line(said) + line(last))


def ended(said: Mapping[str, Any], refusal: Refusal, counts: Mapping[str, Any]) -> dict[str, Any]:
    """``said`` as the last object of an answer."""
    reason = "stop" if refusal.style == "message" else "content_filter"
    return {**said, "done": True, "done_reason": reason, **counts}


def failed(status: int, message: str, code: str, param: str = "") -> Reply:
    """An error in the server's envelope."""
    return Reply(status, _JSON, _encoded(envelope(message, code, param)))


def blocked(refusal: Refusal) -> dict[str, Any]:
    """The error that a blocked request gets under ``block_style: error``."""
    return envelope(refusal.text, "content_filter", refusal.param)


def envelope(message: str, code: str, param: str = "") -> dict[str, Any]:
    """An error object as the clients read it, with code and pointer besides."""
    error = {"error": message, "code": code}
    return {**error, "param": param} if param else error


def line(document: Mapping[str, Any]) -> bytes:
    """One line of a stream."""
    return _encoded(document) + b"\n"


def _iso(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
