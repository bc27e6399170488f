"""Requests: one or more prompts, as texts or as tokens that nobody here can read."""

from __future__ import annotations

from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.collector import Author, Collector, as_object, malformed
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import loads

SETTINGS = frozenset(
    {
        "background",
        "best_of",
        "dimensions",
        "echo",
        "encoding_format",
        "frequency_penalty",
        "input_fidelity",
        "logit_bias",
        "logprobs",
        "max_tokens",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "partial_images",
        "presence_penalty",
        "quality",
        "response_format",
        "seed",
        "size",
        "stream",
        "stream_options",
        "style",
        "temperature",
        "top_p",
        "user",
    }
)
"""Top-level fields that steer the server and that no model reads: they are no parts."""

_USER = Author("user", "user", 0)


def read_request(body: bytes, needed: str) -> Conversation:
    """The conversation of a request's body.

    Args:
        body: JSON.
        needed: The field that holds the prompt.

    Raises:
        WireError: Not strict JSON, or without that field (status 400).
    """
    document = as_object(loads(body), "", "a JSON object")
    for key, expected, kind in (("model", "a string", str), ("stream", "true or false", bool)):
        value = document.get(key)
        if value is not None and not isinstance(value, kind):
            raise malformed(f"/{key}", expected, value)
    count = document.get("n")
    if count is not None and not (type(count) is int and 1 <= count <= 128):
        raise malformed("/n", "an integer from 1 to 128", count)
    if document.get(needed) is None:
        raise WireError(f"/{needed}: expected it to be given, got nothing", ref=f"/{needed}")
    out = Collector("request")
    for key, value in document.items():
        if key == needed:
            _prompts(out, f"/{key}", value)
        elif key not in SETTINGS:
            out.add_leaves(_USER, child("", key), value)
    stream = document.get("stream") is True
    return Conversation(tuple(out.parts), document.get("model") or "", stream, document)


def _prompts(out: Collector, ref: str, value: Any) -> None:
    if isinstance(value, str):
        out.add_text(_USER, ref, value)
    elif isinstance(value, list) and value and all(type(one) is int for one in value):
        out.add(_USER, ref, "opaque", name="tokens")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if not isinstance(one, str | list):
                raise malformed(f"{ref}/{index}", "a string or an array of tokens", one)
            _prompts(out, f"{ref}/{index}", one)
    else:
        raise malformed(ref, "a string, or an array of strings or tokens", value)
