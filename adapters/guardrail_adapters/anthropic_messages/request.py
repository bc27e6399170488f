"""A request: system prompt, messages, tools, and every other string that a model may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation, Source
from guardrail_adapters.anthropic_messages.content import read_content
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    author_of,
    malformed,
    read_fields,
)
from guardrail_adapters.strict_json import loads

SOURCES: dict[str, Source] = {"user": "user", "assistant": "assistant", "system": "system"}
"""Who speaks in a role; the contents of tool results and documents are the tools'."""

SETTINGS = frozenset(
    {
        "anthropic_beta",
        "anthropic_version",
        "betas",
        "cache_control",
        "context_management",
        "diagnostics",
        "inference_geo",
        "max_tokens",
        "metadata",
        "model",
        "service_tier",
        "speed",
        "stream",
        "temperature",
        "thinking",
        "top_k",
        "top_p",
        "user_profile_id",
        "workspace_id",
    }
)
"""Top-level fields that steer the server and that no model reads: they are no parts."""

_SYSTEM = Author("system", "system")
_USER = Author("user")

_OWN_TOOLS = ("bash_", "browser_", "computer_", "memory_", "text_editor_")
"""Types of tools that the caller runs itself: their results come back as ``tool_result``."""


def read_request(body: bytes) -> Conversation:
    """The conversation of a request's body.

    Raises:
        WireError: Not strict JSON, or not a Messages request (status 400).
    """
    document = as_object(loads(body), "", "a JSON object")
    for key, expected, kind in _CHECKS:
        value = document.get(key)
        if value is not None and not isinstance(value, kind):
            raise malformed(f"/{key}", expected, value)
    if "messages" not in document:
        raise WireError("/messages: expected an array of messages, got nothing", ref="/messages")
    out = Collector("request")
    read_fields(out, document, SETTINGS, _READERS, _USER)
    model, stream = document.get("model") or "", document.get("stream") is True
    return Conversation(tuple(out.parts), model, stream, document)


def _messages(out: Collector, ref: str, messages: Any) -> None:
    for index, message in enumerate(as_array(messages, ref)):
        where = f"{ref}/{index}"
        message = as_object(message, where, "a message, an object with a role")  # noqa: PLW2901
        author = author_of(message, where, index, SOURCES)
        read_content(out, author, f"{where}/content", message.get("content"))
        out.add_rest(author, where, message, frozenset({"role", "content"}))


def _system(out: Collector, ref: str, value: Any) -> None:
    read_content(out, _SYSTEM, ref, value)


def _tools(out: Collector, ref: str, tools: Any) -> None:
    """Descriptions and schemas are texts; a tool that the provider runs is a channel we miss."""
    for index, tool in enumerate(tools):
        kind = tool.get("type") if isinstance(tool, dict) else None
        if kind is None or kind == "custom" or str(kind).startswith(_OWN_TOOLS):
            _schema(out, f"{ref}/{index}", tool)
        else:
            out.add(_SYSTEM, f"{ref}/{index}", "opaque", name=str(kind)[:64])


def _schema(out: Collector, ref: str, value: Any) -> None:
    out.add_leaves(_SYSTEM, ref, value, "schema")


def _stop(out: Collector, ref: str, value: Any) -> None:
    out.add_leaves(_USER, ref, value, "schema")


def _server_side(out: Collector, ref: str, value: Any) -> None:
    """Tool servers and containers that the provider uses on its own."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            if one:
                out.add(_SYSTEM, f"{ref}/{index}", "opaque", name=ref[1:])
    elif value:
        out.add(_SYSTEM, ref, "opaque", name=ref[1:])


_CHECKS: tuple[tuple[str, str, type], ...] = (
    ("model", "a string", str),
    ("stream", "true or false", bool),
    ("tools", "an array", list),
)

_READERS: dict[str, Callable[[Collector, str, Any], None]] = {
    "messages": _messages,
    "system": _system,
    "tools": _tools,
    "tool_choice": _schema,
    "output_config": _schema,
    "output_format": _schema,
    "stop_sequences": _stop,
    "mcp_servers": _server_side,
    "container": _server_side,
}
