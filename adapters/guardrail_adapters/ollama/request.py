"""A request to chat, to complete a prompt, or to embed texts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation, Source
from guardrail_adapters.arguments import written
from guardrail_adapters.base64_pictures import data_url
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    author_of,
    malformed,
    read_fields,
)
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import loads

SOURCES: dict[str, Source] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
"""Who speaks in a role."""

SETTINGS = frozenset(
    {
        "dimensions",
        "keep_alive",
        "logprobs",
        "model",
        "raw",
        "stream",
        "think",
        "top_logprobs",
        "truncate",
    }
)
"""Top-level fields that steer the server and that no model reads: they are no parts."""

_SYSTEM = Author("system")
_USER = Author("user", "user", 0)

Reader = Callable[[Collector, str, Any], None]


def read_request(body: bytes, needed: Collection[str], *, streams: bool = True) -> Conversation:
    """The conversation of a request's body.

    Args:
        body: JSON.
        needed: A request of this kind has to have one of these fields.
        streams: Whether its reply is a stream unless the request says otherwise.

    Raises:
        WireError: Not strict JSON, or not a request of this format (status 400).
    """
    document = as_object(loads(body), "", "a JSON object")
    for key, expected, kind in (("model", "a string", str), ("stream", "true or false", bool)):
        value = document.get(key)
        if value is not None and not isinstance(value, kind):
            raise malformed(f"/{key}", expected, value)
    if needed and not document.keys() & {*needed}:
        first = next(iter(needed))
        raise WireError(f"/{first}: expected it to be given, got nothing", ref=f"/{first}")
    out = Collector("request")
    read_fields(out, document, SETTINGS, _READERS, _USER)
    stream = streams and document.get("stream") is not False
    return Conversation(tuple(out.parts), document.get("model") or "", stream, document)


def read_message(out: Collector, author: Author, ref: str, message: dict[str, Any]) -> None:
    """The parts of one message, of a request or a reply.

    Raises:
        WireError: A known member is malformed.
    """
    for key, value in message.items():
        where = child(ref, key)
        if value is None or key == "role":
            continue
        if key == "content":
            out.add_text(author, where, value, "tool_result" if author.source == "tool" else "text")
        elif key == "thinking":
            out.add_text(author, where, value)
        elif key == "images":
            read_images(out, author, where, value)
        elif key == "tool_calls":
            for index, call in enumerate(as_array(value, where)):
                read_call(out, author, f"{where}/{index}", call)
        elif key in ("tool_name", "tool_call_id", "name"):
            out.add_name(author, where, value)
        else:
            out.add_leaves(author, where, value)


def read_images(out: Collector, author: Author, ref: str, images: Any) -> None:
    """Pictures as base64 texts.

    Raises:
        WireError: One is none.
    """
    for index, data in enumerate(as_array(images, ref)):
        if not isinstance(data, str) or not data:
            raise malformed(f"{ref}/{index}", "a string, base64", data)
        out.add(author, f"{ref}/{index}", "image", url=data_url(data))


def read_call(out: Collector, author: Author, ref: str, call: Any) -> None:
    """A call of a function: its arguments as compact JSON.

    Raises:
        WireError: It is malformed.
    """
    call = as_object(call, ref, "a tool call, an object")
    where = f"{ref}/function"
    function = as_object(call.get("function"), where, "an object with name and arguments")
    name, given = function.get("name"), function.get("arguments")
    if not isinstance(name, str):
        raise malformed(f"{where}/name", "a string", name)
    as_object(given, f"{where}/arguments", "an object, what the function is given")
    out.add(author, f"{where}/arguments", "tool_call", written(given), name)
    out.add_name(author, f"{where}/name", name)
    out.add_rest(author, where, function, frozenset({"name", "arguments"}))
    if "id" in call:
        out.add_name(author, f"{ref}/id", call["id"])
    out.add_rest(author, ref, call, frozenset({"function", "id", "type"}))


def _messages(out: Collector, ref: str, messages: Any) -> None:
    for index, message in enumerate(as_array(messages, ref)):
        where = f"{ref}/{index}"
        message = as_object(message, where, "a message, an object with a role")  # noqa: PLW2901
        author = author_of(message, where, index, SOURCES)
        read_message(out, author, where, message)


def _user_text(out: Collector, ref: str, value: Any) -> None:
    out.add_text(_USER, ref, value)


def _system_text(out: Collector, ref: str, value: Any) -> None:
    out.add_text(_SYSTEM, ref, value)


def _schema(out: Collector, ref: str, value: Any) -> None:
    out.add_leaves(_SYSTEM, ref, value, "schema")


def _options(out: Collector, ref: str, value: Any) -> None:
    """Numbers, but for the words that end an answer."""
    out.add_leaves(_USER, ref, value, "schema")


def _images(out: Collector, ref: str, value: Any) -> None:
    read_images(out, _USER, ref, value)


def _tokens(out: Collector, ref: str, value: Any) -> None:
    if value:
        out.add(_USER, ref, "opaque", name="context")


_READERS: dict[str, Reader] = {
    "messages": _messages,
    "prompt": _user_text,
    "suffix": _user_text,
    "system": _system_text,
    "template": _system_text,
    "images": _images,
    "context": _tokens,
    "tools": _schema,
    "format": _schema,
    "options": _options,
}
