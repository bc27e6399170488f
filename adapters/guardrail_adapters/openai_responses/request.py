"""A request: instructions, input items, tools, and every other string that a model may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.types import Conversation
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_object,
    malformed,
    read_fields,
)
from guardrail_adapters.openai_responses.items import read_item
from guardrail_adapters.strict_json import loads

SETTINGS = frozenset(
    {
        "access_programs",
        "background",
        "context_management",
        "conversation",
        "include",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "moderation",
        "parallel_tool_calls",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    }
)
"""Top-level fields that steer the server: no parts. Earlier turns that ``previous_response_id`` or
``conversation`` name passed the guard when they were sent."""

_SYSTEM = Author("system")
_USER = Author("user")

_OWN_TOOLS = frozenset(
    {
        "apply_patch",
        "computer",
        "computer_use_preview",
        "custom",
        "function",
        "image_generation",
        "local_shell",
        "namespace",
        "shell",
    }
)
"""Types of tools that the caller runs itself, and the one whose pictures come back to be judged."""


def read_request(body: bytes) -> Conversation:
    """The conversation of a request's body.

    Raises:
        WireError: Not strict JSON, or not a Responses request (status 400).
    """
    document = as_object(loads(body), "", "a JSON object")
    for key, expected, kind in _CHECKS:
        value = document.get(key)
        if value is not None and not isinstance(value, kind):
            raise malformed(f"/{key}", expected, value)
    out = Collector("request")
    read_fields(out, document, SETTINGS, _READERS, _USER)
    model, stream = document.get("model") or "", document.get("stream") is True
    return Conversation(tuple(out.parts), model, stream, document)


def _input(out: Collector, ref: str, value: Any) -> None:
    if isinstance(value, str):
        out.add_text(Author("user", "user", 0), ref, value)
        return
    for index, item in enumerate(value):
        read_item(out, index, f"{ref}/{index}", item)


def _instructions(out: Collector, ref: str, value: Any) -> None:
    out.add_text(_SYSTEM, ref, value)


def _tools(out: Collector, ref: str, tools: Any) -> None:
    """Descriptions and schemas are texts; a tool that the provider runs is a channel we miss."""
    for index, tool in enumerate(tools):
        kind = tool.get("type") if isinstance(tool, dict) else None
        if kind is None or (isinstance(kind, str) and kind in _OWN_TOOLS):
            _schema(out, f"{ref}/{index}", tool)
        else:
            out.add(_SYSTEM, f"{ref}/{index}", "opaque", name=str(kind)[:64])


def _prompt(out: Collector, ref: str, prompt: Any) -> None:
    """A prompt that the provider keeps, and what is filled into it."""
    prompt = as_object(prompt, ref, "an object with the prompt's id")
    if "id" in prompt:  # without one the provider has nothing to fill in
        out.add(_SYSTEM, f"{ref}/id", "opaque", name="prompt")
    out.add_rest(_USER, ref, prompt, frozenset({"id", "version"}))


def _schema(out: Collector, ref: str, value: Any) -> None:
    out.add_leaves(_SYSTEM, ref, value, "schema")


_CHECKS: tuple[tuple[str, str, type | tuple[type, ...]], ...] = (
    ("model", "a string", str),
    ("stream", "true or false", bool),
    ("input", "a string or an array of items", (str, list)),
    ("tools", "an array", list),
)

_READERS: dict[str, Callable[[Collector, str, Any], None]] = {
    "input": _input,
    "instructions": _instructions,
    "tools": _tools,
    "tool_choice": _schema,
    "text": _schema,
    "prompt": _prompt,
}
