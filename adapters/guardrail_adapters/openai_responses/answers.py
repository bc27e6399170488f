"""What the guard says itself: refusals, whole or streamed, and errors in the format's envelope."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import Reply
from guardrail_adapters import sse
from guardrail_adapters.openai_errors import blocked
from guardrail_adapters.openai_responses.render import output_text

_JSON = ((b"content-type", b"application/json"),)
_EVENTS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache"))
_NO_USAGE = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}


def refuse(conversation: Conversation, refusal: Refusal, created: int) -> Reply:
    """The answer to a blocked request: a response that was filtered, or an error."""
    if refusal.style == "error":
        return Reply(400, _JSON, _encoded(blocked(refusal)))
    head = empty_response(conversation.model, refusal.verdict_id, created)
    usage = refusal.usage or _NO_USAGE
    if conversation.stream:
        told = Teller(0)
        body = b"".join([told.begin(head), *told.refusal(head, refusal, 0, usage)])
        return Reply(200, _EVENTS, body)
    return Reply(200, _JSON, _encoded(_ended(head, refusal, usage)))


def empty_response(model: str, verdict_id: str, created: int) -> dict[str, Any]:
    """A response that says nothing yet."""
    return {
        "id": f"resp_{verdict_id}",
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


class Teller:
    """Writes events, numbered from ``number`` on."""

    def __init__(self, number: int) -> None:
        self._number = number

    def begin(self, head: Mapping[str, Any]) -> bytes:
        """The first event of a stream."""
        return self.event("response.created", response=dict(head))

    def refusal(
        self,
        head: Mapping[str, Any],
        refusal: Refusal,
        index: int,
        usage: Mapping[str, Any] | None,
    ) -> Iterator[bytes]:
        """The refusal as an output item of its own, and the end of the response."""
        item, part = _item(refusal), _part(refusal)
        field = "text" if part["type"] == "output_text" else "refusal"
        at = {"item_id": item["id"], "output_index": index, "content_index": 0}
        kind = f"response.{part['type']}"
        empty = {**item, "status": "in_progress", "content": []}
        yield self.event("response.output_item.added", output_index=index, item=empty)
        yield self.event("response.content_part.added", **at, part={**part, field: ""})
        yield self.event(f"{kind}.delta", **at, delta=refusal.text)
        yield self.event(f"{kind}.done", **at, **{field: refusal.text})
        yield self.event("response.content_part.done", **at, part=part)
        yield self.event("response.output_item.done", output_index=index, item=item)
        response = _ended(head, refusal, usage)
        yield self.event(f"response.{response['status']}", response=response)

    def error(self, message: str, code: str, param: str = "") -> bytes:
        """The event that tells of an error."""
        return self.event("error", code=code, message=message, param=param or None)

    def event(self, kind: str, **members: Any) -> bytes:
        """One event."""
        document = {"type": kind, "sequence_number": self._number, **members}
        self._number += 1
        return sse.event(json.dumps(document, separators=(",", ":")), kind)


def _ended(
    head: Mapping[str, Any], refusal: Refusal, usage: Mapping[str, Any] | None
) -> dict[str, Any]:
    said = {"output": [_item(refusal)], "usage": None if usage is None else dict(usage)}
    if refusal.style == "message":
        return {**head, **said, "status": "completed"}
    reason = {"reason": "content_filter"}
    return {**head, **said, "status": "incomplete", "incomplete_details": reason}


def _item(refusal: Refusal) -> dict[str, Any]:
    return {
        "id": f"msg_{refusal.verdict_id}",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [_part(refusal)],
    }


def _part(refusal: Refusal) -> dict[str, Any]:
    if refusal.style == "message":
        return output_text(refusal.text)
    return {"type": "refusal", "refusal": refusal.text}


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
