"""A streamed completion: the chunks of chat completions with a text in place of a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrail.adapter import Event, Refusal
from guardrail_adapters.openai_chat.answers import DONE, Identity, event
from guardrail_adapters.openai_chat.request import choices_of, wants_usage
from guardrail_adapters.openai_chat.stream import ChatStream
from guardrail_adapters.openai_errors import blocked


class CompletionStream(ChatStream):
    """Reads the streamed reply to one request; only what the guard says itself differs."""

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:  # noqa: ARG002
        """The refusal in every choice, and the end of the stream."""
        if refusal.style == "error":
            return event(blocked(refusal)) + DONE
        usage = self.usage if refusal.usage is None else refusal.usage
        indices = sorted(self.started | set(range(choices_of(self.request))))
        wanted = usage if wants_usage(self.request) else None
        return b"".join(told(self.identity(refusal), refusal, indices, wanted))


def told(
    identity: Identity,
    refusal: Refusal,
    indices: Sequence[int],
    usage: Mapping[str, Any] | None,
) -> Iterator[bytes]:
    """The events that say the refusal in each choice and end the stream."""
    for index in indices:
        yield event({**completion(identity), "choices": [choice(refusal, index)]})
    if usage is not None:
        yield event({**completion(identity), "choices": [], "usage": dict(usage)})
    yield DONE


def completion(identity: Identity) -> dict[str, Any]:
    """What every completion and chunk of one says."""
    return {
        "id": identity.id,
        "object": "text_completion",
        "created": identity.created,
        "model": identity.model,
    }


def choice(refusal: Refusal, index: int) -> dict[str, Any]:
    """A choice that says the refusal."""
    reason = "stop" if refusal.style == "message" else "content_filter"
    return {"index": index, "text": refusal.text, "logprobs": None, "finish_reason": reason}
