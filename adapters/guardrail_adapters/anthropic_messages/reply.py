"""A whole reply: the blocks of its content, and whatever else its server adds."""

from __future__ import annotations

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.anthropic_messages.content import read_content
from guardrail_adapters.collector import Author, Collector, as_object, from_upstream, usage_of
from guardrail_adapters.strict_json import loads

ENVELOPE = frozenset(
    {
        "container",
        "content",
        "context_management",
        "diagnostics",
        "id",
        "input_tokens",
        "model",
        "role",
        "stop_details",
        "stop_reason",
        "stop_sequence",
        "type",
        "usage",
    }
)
"""Top-level fields that the server, not the model, writes, and the content: no parts."""

AUTHOR = Author("assistant", "assistant", 0)


def read_reply(body: bytes, *, counted: bool = False) -> Conversation:
    """The conversation of a whole reply's body; an error object has no parts.

    Args:
        body: JSON.
        counted: Whether it is a token count instead of a message.

    Raises:
        WireError: Not strict JSON, or not a message (status 502).
    """
    try:
        document = as_object(loads(body), "", "a JSON object")
        out = Collector("reply")
        if document.get("type") != "error":
            if not counted:
                read_content(out, AUTHOR, "/content", document.get("content"))
            out.add_rest(AUTHOR, "", document, ENVELOPE)
    except WireError as error:
        raise from_upstream(error) from None
    model = document.get("model")
    model = model if isinstance(model, str) else ""
    return Conversation(tuple(out.parts), model, document=document, usage=usage_of(document))
