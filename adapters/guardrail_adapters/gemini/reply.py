"""A whole reply, or the array of pieces that a stream without events amounts to."""

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
from guardrail_adapters.gemini.content import fields, read_content
from guardrail_adapters.strict_json import loads

ENVELOPE = frozenset(
    {
        "createTime",
        "error",
        "modelStatus",
        "modelVersion",
        "promptFeedback",
        "responseId",
        "usageMetadata",
    }
)
"""Top-level fields that the server, not the model, writes: no parts."""

CANDIDATE = frozenset(
    {
        "avgLogprobs",
        "continuationToken",
        "finishMessage",
        "finishReason",
        "index",
        "logprobsResult",
        "safetyRatings",
        "tokenCount",
    }
)
"""Fields of a candidate that are no parts; log probabilities repeat the content."""


def read_reply(body: bytes) -> Conversation:
    """The conversation of a whole reply's body; an error object has no parts.

    Raises:
        WireError: Not strict JSON, or not a reply of this format (status 502).
    """
    try:
        document = loads(body)
        out = Collector("reply")
        if isinstance(document, list):
            for index, piece in enumerate(document):
                read_response(out, as_object(piece, f"/{index}"), f"/{index}")
        else:
            read_response(out, as_object(document, "", "a JSON object"), "")
    except WireError as error:
        raise from_upstream(error) from None
    usage = usage_of(document, "usageMetadata")
    return Conversation(tuple(out.parts), document=document, usage=usage)


def read_response(out: Collector, response: dict[str, Any], ref: str) -> None:
    """The parts of one response object.

    Raises:
        WireError: A candidate is malformed.
    """
    for name, where, value in fields(response, ref):
        if name == "candidates":
            for index, candidate in enumerate(as_array(value, where)):
                _read_candidate(out, index, f"{where}/{index}", candidate)
        elif name not in ENVELOPE:
            out.add_leaves(Author("assistant"), where, value)


def _read_candidate(out: Collector, index: int, ref: str, candidate: Any) -> None:
    author = Author("assistant", "model", index)
    for name, where, value in fields(as_object(candidate, ref, "a candidate, an object"), ref):
        if name == "content":
            read_content(out, index, where, value, "model")
        elif name not in CANDIDATE:
            out.add_leaves(author, where, value)
