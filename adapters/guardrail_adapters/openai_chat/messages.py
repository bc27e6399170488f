"""One message of a request or a reply: its content, its tool calls and whatever else it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    malformed,
)
from guardrail_adapters.openai_chat.content import add_audio, read_content
from guardrail_adapters.pointer import child


def read_message(out: Collector, author: Author, ref: str, message: dict[str, Any]) -> None:
    """The parts of ``message``: its content first, then its other members as they stand.

    Raises:
        WireError: A known member is malformed.
    """
    for key, value in message.items():
        if key == "content":
            read_content(out, author, f"{ref}/content", value)
    for key, value in message.items():
        if value is None or key == "content":
            continue
        read = _READERS.get(key)
        if read is None:
            out.add_leaves(author, child(ref, key), value)
        else:
            read(out, author, f"{ref}/{key}", value)


def _tool_calls(out: Collector, author: Author, ref: str, calls: Any) -> None:
    for index, call in enumerate(as_array(calls, ref)):
        where = f"{ref}/{index}"
        _tool_call(out, author, where, as_object(call, where, "a tool call, an object"))


def _tool_call(out: Collector, author: Author, ref: str, call: dict[str, Any]) -> None:
    known = [key for key in ("function", "custom") if call.get(key) is not None]
    if not known:
        out.add(author, ref, "opaque", name=str(call.get("type", "tool call"))[:64])
        return
    for key in known:
        _function(out, author, f"{ref}/{key}", call[key])
    for key in ("id", "type"):
        if key in call:
            out.add_name(author, f"{ref}/{key}", call[key])
    out.add_rest(author, ref, call, frozenset({"id", "type", "function", "custom"}))


def _function(out: Collector, author: Author, ref: str, function: Any) -> None:
    """A call with its arguments (of a function) or input (of a custom tool)."""
    function = as_object(function, ref, "an object with a name and arguments")
    name = function.get("name", "")
    if not isinstance(name, str):
        raise malformed(f"{ref}/name", "a string", name)
    field = "input" if ref.endswith("/custom") else "arguments"
    given = function.get(field, 0)  # null is what some servers say for none
    if given is not None and not isinstance(given, str):
        raise malformed(f"{ref}/{field}", "a string, what the tool is given", given)
    out.add(author, f"{ref}/{field}", "tool_call", given or "", name)
    out.add_name(author, f"{ref}/name", name)
    out.add_rest(author, ref, function, frozenset({"name", field}))


def _audio(out: Collector, author: Author, ref: str, audio: Any) -> None:
    """A request names audio that the provider keeps; a reply holds it with its transcript."""
    audio = as_object(audio, ref)
    if out.reading == "request":
        out.add(author, ref, "opaque", name="audio")
        return
    if audio.get("transcript") is not None:
        out.add_text(author, f"{ref}/transcript", audio["transcript"])
    if audio.get("data") is not None:
        add_audio(out, author, f"{ref}/data", audio["data"])
    out.add_name(author, f"{ref}/id", audio.get("id"))
    out.add_rest(author, ref, audio, frozenset({"id", "data", "transcript"}))


def _images(out: Collector, author: Author, ref: str, images: Any) -> None:
    """Pictures that some servers put beside a reply's content, as content parts."""
    if isinstance(images, list):
        read_content(out, author, ref, images)
    else:
        out.add_leaves(author, ref, images)


def _reasoning(out: Collector, author: Author, ref: str, text: Any) -> None:
    if isinstance(text, str):
        out.add_text(author, ref, text)
    else:
        out.add_leaves(author, ref, text)


_READERS: dict[str, Callable[[Collector, Author, str, Any], None]] = {
    "role": Collector.add_name,
    "name": Collector.add_text,
    "refusal": Collector.add_text,
    "reasoning": _reasoning,
    "reasoning_content": _reasoning,
    "tool_calls": _tool_calls,
    "function_call": _function,
    "tool_call_id": Collector.add_name,
    "audio": _audio,
    "images": _images,
}
