"""What the guard says itself: refusals, whole or streamed, and errors in the format's envelope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from guardrail.adapter import Refusal
from guardrail.wire import Reply
from guardrail_adapters import sse

_JSON = ((b"content-type", b"application/json; charset=UTF-8"),)
_EVENTS = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"))

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def refuse(refusal: Refusal, model: str, *, stream: bool, events: bool) -> Reply:
    """The answer to a blocked request: a candidate that was stopped for safety, or an error.

    Args:
        refusal: What to say.
        model: Whose answer it takes the place of.
        stream: Whether the request asked for a stream.
        events: Whether as server-sent events, otherwise as an array.
    """
    if refusal.style == "error":
        return Reply(400, _JSON, encoded(blocked(refusal)))
    response = response_of(refusal, model)
    if refusal.usage is None and refusal.style == "native":
        response["promptFeedback"] = {"blockReason": "SAFETY"}
    if not stream:
        return Reply(200, _JSON, encoded(response))
    if events:
        return Reply(200, _EVENTS, event(response))
    return Reply(200, _JSON, b"[" + encoded(response) + b"]")


def response_of(refusal: Refusal, model: str) -> dict[str, Any]:
    """A response whose one candidate says the refusal."""
    reason = "STOP" if refusal.style == "message" else "SAFETY"
    content = {"role": "model", "parts": [{"text": refusal.text}]}
    return {
        "candidates": [{"content": content, "finishReason": reason, "index": 0}],
        "usageMetadata": dict(refusal.usage or {"promptTokenCount": 0, "totalTokenCount": 0}),
        "modelVersion": model,
        "responseId": refusal.verdict_id,
    }


def failed(status: int, message: str, code: str, param: str = "") -> Reply:
    """An error in the provider's envelope."""
    return Reply(status, _JSON, encoded(envelope(status, message, code, param)))


def blocked(refusal: Refusal) -> dict[str, Any]:
    """The error that a blocked request gets under ``block_style: error``."""
    return envelope(400, refusal.text, "content_filter", refusal.param)


def envelope(status: int, message: str, code: str, param: str = "") -> dict[str, Any]:
    """An error object as the provider's SDKs read it; code and pointer are an ``ErrorInfo``."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": code,
        "domain": "guardrail",
        "metadata": {"field": param} if param else {},
    }
    named = _STATUS.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    error = {"code": status, "message": message, "status": named, "details": [info]}
    return {"error": error}


def event(document: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return sse.event(encoded(document).decode())


def encoded(document: Mapping[str, Any]) -> bytes:
    """Compact JSON."""
    return json.dumps(document, separators=(",", ":")).encode()
