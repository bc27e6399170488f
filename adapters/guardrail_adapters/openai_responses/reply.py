"""A whole reply: its output items, and whatever else its server adds."""

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
from guardrail_adapters.openai_responses.items import read_item
from guardrail_adapters.openai_responses.request import SETTINGS
from guardrail_adapters.strict_json import loads

ENVELOPE = SETTINGS | {
    "completed_at",
    "created_at",
    "error",
    "id",
    "image",
    "incomplete_details",
    "input_transformations",
    "instructions",
    "object",
    "output",
    "prompt",
    "prompt_cache_diagnostics",
    "status",
    "text",
    "tool_choice",
    "tool_usage",
    "tools",
    "usage",
}
"""Fields that the server writes or repeats from the request, and the output: no parts."""

_SERVER = Author("assistant")


def read_reply(body: bytes) -> Conversation:
    """The conversation of a whole reply's body; an error object has no parts.

    Raises:
        WireError: Not strict JSON, or not a response (status 502).
    """
    try:
        document = as_object(loads(body), "", "a JSON object")
        out = Collector("reply")
        if "output" in document or not isinstance(document.get("error"), dict):
            read_response(out, document, "")
    except WireError as error:
        raise from_upstream(error) from None
    model = document.get("model")
    model = model if isinstance(model, str) else ""
    return Conversation(tuple(out.parts), model, document=document, usage=usage_of(document))


def read_response(out: Collector, response: dict[str, Any], ref: str) -> None:
    """The parts of a response object.

    Raises:
        WireError: Its output is no array of items, or an item is malformed.
    """
    for index, item in enumerate(as_array(response.get("output"), f"{ref}/output")):
        read_item(out, index, f"{ref}/output/{index}", item)
    out.add_rest(_SERVER, ref, response, ENVELOPE)
