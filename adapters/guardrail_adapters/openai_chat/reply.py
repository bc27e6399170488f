"""A whole reply: what each choice says, and whatever else its server adds."""

from __future__ import annotations

from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    from_upstream,
    usage_of,
)
from guardrail_adapters.openai_chat.messages import read_message
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import loads

ENVELOPE = frozenset(
    {
        "choices",
        "created",
        "id",
        "kv_transfer_params",
        "model",
        "moderation",
        "object",
        "obfuscation",
        "prompt_filter_results",
        "provider",
        "service_tier",
        "system_fingerprint",
        "usage",
        "x_groq",
    }
)
"""Top-level fields of replies and chunks that the server, not the model, writes: no parts."""

CHOICE = frozenset(
    {
        "content_filter_offsets",
        "content_filter_result",
        "content_filter_results",
        "finish_reason",
        "index",
        "logprobs",
        "matched_stop",
        "native_finish_reason",
        "stop_reason",
    }
)
"""Fields of a choice that are no parts; ``logprobs`` repeat the content and go when it changes."""

_MESSAGE = CHOICE | {"message"}


def read_reply(body: bytes) -> Conversation:
    """The conversation of a whole reply's body; an error object has no parts.

    Raises:
        WireError: Not strict JSON, or not a chat completion (status 502).
    """
    try:
        document = as_object(loads(body), "", "a JSON object")
        parts = Collector("reply")
        if "choices" in document or document.get("error") is None:
            _read_choices(parts, document)
    except WireError as error:
        raise from_upstream(error) from None
    model = document.get("model")
    model = model if isinstance(model, str) else ""
    return Conversation(tuple(parts.parts), model, document=document, usage=usage_of(document))


def _read_choices(out: Collector, document: dict[str, Any]) -> None:
    for index, choice in enumerate(as_array(document.get("choices"), "/choices")):
        ref = f"/choices/{index}"
        choice = as_object(choice, ref)  # noqa: PLW2901
        message = as_object(choice.get("message"), f"{ref}/message")
        author = Author("assistant", "assistant", index)
        read_message(out, author, f"{ref}/message", message)
        out.add_rest(author, ref, choice, _MESSAGE)
    author = Author("assistant")
    for key, value in document.items():
        if key not in ENVELOPE:
            out.add_leaves(author, child("", key), value)
