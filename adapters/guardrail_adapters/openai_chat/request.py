"""A request: messages, tools, and every other string that a model may come to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation, Source
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    author_of,
    malformed,
    read_fields,
)
from guardrail_adapters.openai_chat.content import read_content
from guardrail_adapters.openai_chat.messages import read_message
from guardrail_adapters.strict_json import loads

SOURCES: dict[str, Source] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
"""Who speaks in a role."""

SETTINGS = frozenset(
    {
        "audio",
        "cache_salt",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "metadata",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop_token_ids",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "top_k",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
    }
)
"""Top-level fields that steer the server and that no model reads: they are no parts."""

_SYSTEM = Author("system")
_USER = Author("user")


def read_request(body: bytes) -> Conversation:
    """The conversation of a request's body.

    Raises:
        WireError: Not strict JSON, or not a chat completions request (status 400).
    """
    document = as_object(loads(body), "", "a JSON object")
    _check_settings(document)
    if "messages" not in document:
        raise WireError("/messages: expected an array of messages, got nothing", ref="/messages")
    out = Collector("request")
    read_fields(out, document, SETTINGS, _READERS, _USER)
    model, stream = document.get("model") or "", document.get("stream") is True
    return Conversation(tuple(out.parts), model, stream, document)


def choices_of(document: Any) -> int:
    """How many choices a request asks for."""
    return (document.get("n") or 1) if isinstance(document, dict) else 1


def wants_usage(document: Any) -> bool:
    """Whether a request asks for a last chunk with the usage."""
    options = document.get("stream_options") if isinstance(document, dict) else None
    return isinstance(options, dict) and options.get("include_usage") is True


def _messages(out: Collector, ref: str, messages: Any) -> None:
    for index, message in enumerate(as_array(messages, ref)):
        where = f"/messages/{index}"
        message = as_object(message, where, "a message, an object with a role")  # noqa: PLW2901
        author = author_of(message, where, index, SOURCES)
        read_message(out, author, where, message)


def _schema(out: Collector, ref: str, value: Any) -> None:
    """Tools and formats: what they say is put before the model as instructions are."""
    out.add_leaves(_SYSTEM, ref, value, "schema")


def _stop(out: Collector, ref: str, value: Any) -> None:
    out.add_leaves(_USER, ref, value, "schema")


def _prediction(out: Collector, ref: str, prediction: Any) -> None:
    prediction = as_object(prediction, ref)
    read_content(out, _USER, f"{ref}/content", prediction.get("content"))
    out.add_rest(_USER, ref, prediction, frozenset({"type", "content"}))


def _check_settings(document: dict[str, Any]) -> None:
    for key, expected, fits in _CHECKS:
        value = document.get(key)
        if value is not None and not fits(value):
            raise malformed(f"/{key}", expected, value)
    options = document.get("stream_options")
    if options is not None and not isinstance(options.get("include_usage", False), bool | None):
        raise malformed("/stream_options/include_usage", "true or false", options["include_usage"])


_CHECKS: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("model", "a string", lambda value: isinstance(value, str)),
    ("stream", "true or false", lambda value: isinstance(value, bool)),
    ("n", "an integer from 1 to 128", lambda value: type(value) is int and 1 <= value <= 128),
    ("stream_options", "an object", lambda value: isinstance(value, dict)),
    ("tools", "an array", lambda value: isinstance(value, list)),
    ("functions", "an array", lambda value: isinstance(value, list)),
)

_READERS: dict[str, Callable[[Collector, str, Any], None]] = {
    "messages": _messages,
    "tools": _schema,
    "functions": _schema,
    "response_format": _schema,
    "tool_choice": _schema,
    "function_call": _schema,
    "stop": _stop,
    "prediction": _prediction,
}
