"""Items: messages, calls and their outputs, reasoning; a request's input and a reply's output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.types import Kind, Source
from guardrail_adapters.base64_pictures import data_url
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    author_of,
    malformed,
)

SOURCES: dict[str, Source] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
"""Who speaks in a message's role."""

_NAMES = ("id", "call_id", "name", "namespace", "server_label")
"""Identifiers: parts only where they say more than that."""

_SETTINGS = frozenset(
    {
        "acknowledged_safety_checks",
        "caller",
        "logprobs",
        "pending_safety_checks",
        "phase",
        "role",
        "status",
        "type",
    }
)
"""Members that steer or repeat; no model reads them as text."""

_SEALED = ("item_reference", "compaction", "compaction_trigger", "context_compaction")
"""Items that only name or encrypt what the provider keeps."""

_Item = dict[str, Any]


def read_item(out: Collector, index: int, ref: str, item: Any) -> None:
    """The parts of one item.

    Raises:
        WireError: It is no object, or a known member is malformed.
    """
    item = as_object(item, ref, "an item, an object")
    kind = item.get("type", "message" if "role" in item else "item_reference")
    if not isinstance(kind, str):
        raise malformed(f"{ref}/type", "a string, the item's type", kind)
    if kind in _SEALED:
        out.add(Author("assistant", "", index), ref, "opaque", name=kind)
        return
    read = _READERS.get(kind, _others)
    read(out, Author(_source(kind), "", index), ref, item)


def _source(kind: str) -> Source:
    return "tool" if kind.endswith(("_output", "_list_tools")) else "assistant"


def _rest(out: Collector, author: Author, ref: str, item: _Item, *known: str) -> None:
    """The other members; their links are labels, which nobody follows."""
    for name in _NAMES:
        if name in item and name not in known:
            out.add_name(author, f"{ref}/{name}", item[name])
    for key, value in item.items():
        if key not in _SETTINGS and key not in _NAMES and key not in known:
            out.add_leaves(author, f"{ref}/{_escaped(key)}", value, "reply")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _others(out: Collector, author: Author, ref: str, item: _Item) -> None:
    _rest(out, author, ref, item)


def _message(out: Collector, author: Author, ref: str, item: _Item) -> None:
    author = author_of(item, ref, author.message, SOURCES)
    read_content(out, author, f"{ref}/content", item.get("content"))
    _rest(out, author, ref, item, "content")


def _call(out: Collector, author: Author, ref: str, item: _Item) -> None:
    """A call of a tool, with the arguments (of a custom tool: the input) it is given."""
    field = "input" if item["type"] == "custom_tool_call" else "arguments"
    name, given = item.get("name"), item.get(field)
    if not isinstance(name, str):
        raise malformed(f"{ref}/name", "a string", name)
    if not isinstance(given, str):
        raise malformed(f"{ref}/{field}", "a string, what the tool is given", given)
    out.add(author, f"{ref}/{field}", "tool_call", given, name)
    known = [field]
    if item.get("output") is not None:  # of a tool that the provider called itself
        tool = Author("tool", "", author.message)
        out.add_text(tool, f"{ref}/output", item["output"], "tool_result")
        known.append("output")
    _rest(out, author, ref, item, *known)


def _call_output(out: Collector, author: Author, ref: str, item: _Item) -> None:
    read_content(out, author, f"{ref}/output", item.get("output"))
    _rest(out, author, ref, item, "output")


def _screenshot(out: Collector, author: Author, ref: str, item: _Item) -> None:
    output = as_object(item.get("output"), f"{ref}/output")
    _image(out, author, f"{ref}/output", output)
    _rest(out, author, ref, item, "output")


def _reasoning(out: Collector, author: Author, ref: str, item: _Item) -> None:
    for key in ("summary", "content"):
        if item.get(key) is not None:
            read_content(out, author, f"{ref}/{key}", item[key])
    if item.get("encrypted_content") is not None:
        out.add(author, f"{ref}/encrypted_content", "opaque", name="encrypted_content")
    _rest(out, author, ref, item, "summary", "content", "encrypted_content")


def _generated(out: Collector, author: Author, ref: str, item: _Item) -> None:
    """A picture that the provider drew, as base64."""
    result = item.get("result")
    if result is not None:
        if not isinstance(result, str):
            raise malformed(f"{ref}/result", "a string, base64", result)
        out.add(author, f"{ref}/result", "image", url=data_url(result))
    _rest(out, author, ref, item, "result", "output_format", "size", "quality", "background")


def read_content(out: Collector, author: Author, ref: str, content: Any) -> None:
    """The parts of a message's, call output's or reasoning's content.

    Raises:
        WireError: It is neither a string nor a list, or a known part is malformed.
    """
    if isinstance(content, str):
        out.add_text(author, ref, content, _kind(author))
        return
    for index, part in enumerate(as_array(content, ref)):
        read_part(out, author, f"{ref}/{index}", part)


def read_part(out: Collector, author: Author, ref: str, part: Any) -> None:
    """One content part.

    Raises:
        WireError: It is no object with a type, or a known one is malformed.
    """
    part = as_object(part, ref, "a content part, an object with a type")
    kind = part.get("type")
    if not isinstance(kind, str):
        raise malformed(f"{ref}/type", "a string, the content part's type", kind)
    read = _PARTS.get(kind)
    if read is None:
        out.add(author, ref, "opaque", name=kind)
    else:
        read(out, author, ref, part)


def _kind(author: Author) -> Kind:
    return "tool_result" if author.source == "tool" else "text"


def _text(out: Collector, author: Author, ref: str, part: _Item) -> None:
    out.add_text(author, f"{ref}/text", part.get("text"), _kind(author))
    _rest(out, author, ref, part, "text")


def _refusal(out: Collector, author: Author, ref: str, part: _Item) -> None:
    out.add_text(author, f"{ref}/refusal", part.get("refusal"))
    _rest(out, author, ref, part, "refusal")


def _image(out: Collector, author: Author, ref: str, part: _Item) -> None:
    url = part.get("image_url")
    if url is not None:
        if not isinstance(url, str) or not url:
            raise malformed(f"{ref}/image_url", "the picture's data: or http(s): URL", url)
        out.add(author, f"{ref}/image_url", "image", url=url)
    if part.get("file_id") is not None:
        out.add(author, f"{ref}/file_id", "opaque", name="file_id")
    elif url is None:
        raise malformed(ref, "a picture with image_url or file_id", part)
    _rest(out, author, ref, part, "image_url", "file_id", "detail")


def _file(out: Collector, author: Author, ref: str, part: _Item) -> None:
    name = part.get("filename")
    if part.get("file_data") is not None:
        data = part["file_data"]
        if not isinstance(data, str):
            raise malformed(f"{ref}/file_data", "a string", data)
        title = name if isinstance(name, str) else ""
        out.add(author, f"{ref}/file_data", "file", name=title, url=data)
    for key in ("file_id", "file_url"):
        if part.get(key) is not None:
            out.add(author, f"{ref}/{key}", "opaque", name=key)
    _rest(out, author, ref, part, "file_data", "file_id", "file_url")


def _audio(out: Collector, author: Author, ref: str, part: _Item) -> None:
    ref += "/input_audio"
    audio = as_object(part.get("input_audio"), ref, "an object with data and format")
    data = audio.get("data")
    if not isinstance(data, str):
        raise malformed(f"{ref}/data", "a string, base64", data)
    coding = str(audio.get("format", ""))
    out.add(author, f"{ref}/data", "audio", name=coding, url=f"data:audio/{coding};base64,{data}")


_READERS: dict[str, Callable[[Collector, Author, str, Any], None]] = {
    "message": _message,
    "function_call": _call,
    "custom_tool_call": _call,
    "mcp_call": _call,
    "mcp_approval_request": _call,
    "function_call_output": _call_output,
    "custom_tool_call_output": _call_output,
    "computer_call_output": _screenshot,
    "reasoning": _reasoning,
    "image_generation_call": _generated,
}

_PARTS: dict[str, Callable[[Collector, Author, str, Any], None]] = {
    "input_text": _text,
    "output_text": _text,
    "reasoning_text": _text,
    "summary_text": _text,
    "text": _text,
    "refusal": _refusal,
    "input_image": _image,
    "computer_screenshot": _image,
    "input_file": _file,
    "input_audio": _audio,
}
