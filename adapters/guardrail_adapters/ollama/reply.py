"""A whole reply, or one line of a streamed one: they have the same fields."""

from __future__ import annotations

from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.collector import Author, Collector, as_object, from_upstream
from guardrail_adapters.ollama.request import read_message
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import loads

COUNTS = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)
"""What a reply says was used: tokens, and durations in nanoseconds."""

ENVELOPE = frozenset(
    {
        "context",
        "created_at",
        "done",
        "done_reason",
        "embedding",
        "embeddings",
        "error",
        "logprobs",
        "model",
        "remote_host",
        "remote_model",
        *COUNTS,
    }
)
"""Top-level fields that the server, not the model, writes: no parts."""

AUTHOR = Author("assistant", "assistant", 0)


def read_reply(body: bytes, needed: str = "") -> Conversation:
    """The conversation of a whole reply's body; an error object has no parts.

    Args:
        body: JSON.
        needed: The field that holds the answer, "" where there is none.

    Raises:
        WireError: Not strict JSON, or not a reply of this format (status 502).
    """
    try:
        document = as_object(loads(body), "", "a JSON object")
        out = Collector("reply")
        if needed and document.get("error") is None:
            _check_answer(document, needed)
        read_answer(out, document)
    except WireError as error:
        raise from_upstream(error) from None
    model = document.get("model")
    model = model if isinstance(model, str) else ""
    return Conversation(tuple(out.parts), model, document=document, usage=counts_of(document))


def _check_answer(document: dict[str, Any], needed: str) -> None:
    if document.get(needed) is None:
        raise WireError(f"/{needed}: expected an answer, got nothing", ref=f"/{needed}")


def read_answer(out: Collector, document: dict[str, Any]) -> None:
    """The parts of one object of an answer.

    Raises:
        WireError: A known member is malformed.
    """
    for key, value in document.items():
        where = child("", key)
        if value is None or key in ENVELOPE:
            continue
        if key == "message":
            read_message(out, AUTHOR, where, as_object(value, where))
        elif key in ("response", "thinking"):
            out.add_text(AUTHOR, where, value)
        else:
            out.add_leaves(AUTHOR, where, value)


def counts_of(document: dict[str, Any]) -> dict[str, Any] | None:
    """The counts of an answer, None where it has none."""
    return {key: document[key] for key in COUNTS if key in document} or None
