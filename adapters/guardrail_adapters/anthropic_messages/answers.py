"""What the guard says itself: refusals, whole or streamed, and errors in the format's envelope."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import Reply
from guardrail_adapters import sse

_JSON = ((b"content-type", b"application/json"),)
_EVENTS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache"))
_NO_USAGE = {"input_tokens": 0, "output_tokens": 0}

_ERROR_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


def refuse(conversation: Conversation, refusal: Refusal) -> Reply:
    """The answer to a blocked request: a message that was refused, or an error."""
    if refusal.style == "error":
        return Reply(400, _JSON, _encoded(blocked(refusal)))
    message = _message(conversation.model, refusal)
    if not conversation.stream:
        return Reply(200, _JSON, _encoded(message))
    usage = message["usage"]
    body = b"".join([start(message), *said(refusal, 0), *end(refusal, usage)])
    return Reply(200, _EVENTS, body)


def start(message: Mapping[str, Any]) -> bytes:
    """The first event of a stream: the message without what it says and why it ended."""
    empty = {**message, "content": [], "stop_reason": None, "stop_details": None}
    return event("message_start", message=empty)


def said(refusal: Refusal, index: int) -> Iterator[bytes]:
    """The refusal as a text block of its own."""
    yield event("content_block_start", index=index, content_block={"type": "text", "text": ""})
    delta = {"type": "text_delta", "text": refusal.text}
    yield event("content_block_delta", index=index, delta=delta)
    yield event("content_block_stop", index=index)


def end(refusal: Refusal, usage: Mapping[str, Any]) -> Iterator[bytes]:
    """The events that end the message."""
    yield event("message_delta", delta=_ending(refusal), usage=dict(usage))
    yield event("message_stop")


def event(kind: str, **members: Any) -> bytes:
    """One event of a stream."""
    data = json.dumps({"type": kind, **members}, separators=(",", ":"))
    return sse.event(data, kind)


def failed(status: int, message: str, code: str, param: str = "") -> Reply:
    """An error in the provider's envelope."""
    return Reply(status, _JSON, _encoded(envelope(_error_type(status), message, code, param)))


def blocked(refusal: Refusal) -> dict[str, Any]:
    """The error that a blocked request gets under ``block_style: error``."""
    return envelope("invalid_request_error", refusal.text, "content_filter", refusal.param)


def envelope(kind: str, message: str, code: str, param: str = "") -> dict[str, Any]:
    """An error object as the provider's SDKs read it, with code and pointer besides."""
    error = {"type": kind, "message": message, "code": code}
    return {"type": "error", "error": {**error, "param": param} if param else error}


def empty_message(model: str, verdict_id: str) -> dict[str, Any]:
    """A message that says nothing yet, for a stream that was cut before its first event."""
    return {
        "id": f"msg_{verdict_id}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _NO_USAGE,
    }


def _message(model: str, refusal: Refusal) -> dict[str, Any]:
    return {
        **empty_message(model, refusal.verdict_id),
        "content": [{"type": "text", "text": refusal.text}],
        **_ending(refusal),
        "usage": dict(refusal.usage or _NO_USAGE),
    }


def _ending(refusal: Refusal) -> dict[str, Any]:
    if refusal.style == "message":
        return {"stop_reason": "end_turn", "stop_sequence": None}
    details = {"type": "refusal", "category": None, "explanation": refusal.text}
    return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}


def _error_type(status: int) -> str:
    return _ERROR_TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
