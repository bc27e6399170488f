"""What the guard says itself: refusals, whole or streamed, and errors in the format's envelope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import Reply
from guardrail_adapters import sse
from guardrail_adapters.openai_chat.request import choices_of, wants_usage
from guardrail_adapters.openai_errors import blocked

DONE = sse.event("[DONE]")
"""The end mark of a stream."""

_JSON = ((b"content-type", b"application/json"),)
_EVENTS = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"))
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class Identity(NamedTuple):
    """What every chunk of one stream repeats; ``created`` is in seconds since 1970."""

    id: str
    created: int
    model: str


def refuse(conversation: Conversation, refusal: Refusal, created: int) -> Reply:
    """The answer to a blocked request: a refusal for each choice asked for, or an error."""
    if refusal.style == "error":
        return Reply(400, _JSON, _encoded(blocked(refusal)))
    identity = Identity(f"chatcmpl-{refusal.verdict_id}", created, conversation.model)
    count = choices_of(conversation.document)
    usage = refusal.usage or _NO_USAGE
    if not conversation.stream:
        return Reply(200, _JSON, _encoded(_completion(identity, refusal, count, usage)))
    body = b"".join(closing(identity, refusal, index, role=True) for index in range(count))
    if wants_usage(conversation.document):
        body += usage_chunk(identity, usage)
    return Reply(200, _EVENTS, body + DONE)


def closing(identity: Identity, refusal: Refusal, index: int, *, role: bool) -> bytes:
    """The chunks that say the refusal in one choice and finish it."""
    delta = {"role": "assistant", **_words(refusal)} if role else _words(refusal)
    said = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}
    end = {"index": index, "delta": {}, "logprobs": None, "finish_reason": _reason(refusal)}
    return _chunk(identity, [said]) + _chunk(identity, [end])


def usage_chunk(identity: Identity, usage: Mapping[str, Any]) -> bytes:
    """The chunk before the end mark, for requests that ask for it."""
    return _chunk(identity, [], usage=usage)


def event(document: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return sse.event(json.dumps(document, separators=(",", ":")))


def _completion(
    identity: Identity, refusal: Refusal, count: int, usage: Mapping[str, Any]
) -> dict[str, Any]:
    message = {"role": "assistant", "content": refusal.text, "refusal": None, **_words(refusal)}
    return {
        **_head(identity, "chat.completion"),
        "choices": [
            {"index": i, "message": message, "logprobs": None, "finish_reason": _reason(refusal)}
            for i in range(count)
        ],
        "usage": dict(usage),
    }


def _chunk(identity: Identity, choices: list[dict[str, Any]], **more: Any) -> bytes:
    return event({**_head(identity, "chat.completion.chunk"), "choices": choices, **more})


def _head(identity: Identity, kind: str) -> dict[str, Any]:
    return {
        "id": identity.id,
        "object": kind,
        "created": identity.created,
        "model": identity.model,
    }


def _words(refusal: Refusal) -> dict[str, str]:
    if refusal.style == "message":
        return {"content": refusal.text}
    return {"content": refusal.text, "refusal": refusal.text}


def _reason(refusal: Refusal) -> str:
    return "stop" if refusal.style == "message" else "content_filter"


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
