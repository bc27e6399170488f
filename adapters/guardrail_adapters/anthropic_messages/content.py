"""Content: a string, or a list of blocks, each with its type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from guardrail.types import Kind
from guardrail_adapters.arguments import written
from guardrail_adapters.collector import Author, Collector, as_object, malformed
from guardrail_adapters.pointer import child

# Cache hints, and seals that only the provider reads: what they sign stands beside them.
_SETTINGS = frozenset({"type", "cache_control", "signature"})

_media_type = re.compile(r"[a-z]+/[a-z0-9.+-]+\Z").match

_Block = dict[str, Any]


def read_content(out: Collector, author: Author, ref: str, content: Any) -> None:
    """The parts of ``content``, which stands at ``ref``.

    Raises:
        WireError: It is neither a string nor a list of blocks, or a known block is malformed.
    """
    if isinstance(content, str):
        out.add_text(author, ref, content, _kind(author))
    elif isinstance(content, list):
        for index, block in enumerate(content):
            _read_block(out, author, f"{ref}/{index}", block)
    else:
        raise malformed(ref, "a string or a list of content blocks", content)


def _read_block(out: Collector, author: Author, ref: str, block: Any) -> None:
    block = as_object(block, ref, "a content block, an object with a type")
    kind = block.get("type")
    if not isinstance(kind, str):
        raise malformed(f"{ref}/type", "a string, the content block's type", kind)
    read = _READERS.get(kind)
    if read is not None:
        read(out, author, ref, block)
    elif kind.endswith("_tool_result"):
        _server_result(out, author, ref, block)
    else:
        out.add(author, ref, "opaque", name=kind)


def _kind(author: Author) -> Kind:
    return "tool_result" if author.source == "tool" else "text"


def _tool(author: Author) -> Author:
    """The author of what is put before the model as data, in whosever message it stands."""
    return Author("tool", author.role, author.message)


def _rest(out: Collector, author: Author, ref: str, block: _Block, *known: str) -> None:
    if len(block) > len(known) + 1:
        out.add_rest(author, ref, block, _SETTINGS.union(known))


def _text(out: Collector, author: Author, ref: str, block: _Block) -> None:
    out.add_text(author, f"{ref}/text", block.get("text"), _kind(author))
    _rest(out, author, ref, block, "text")


def _thinking(out: Collector, author: Author, ref: str, block: _Block) -> None:
    out.add_text(author, f"{ref}/thinking", block.get("thinking"))
    _rest(out, author, ref, block, "thinking")


def _image(out: Collector, author: Author, ref: str, block: _Block) -> None:
    source = as_object(block.get("source"), f"{ref}/source", "an object with a type")
    _picture_source(out, author, f"{ref}/source", source)
    _rest(out, author, ref, block, "source")


def _picture_source(out: Collector, author: Author, ref: str, source: _Block) -> None:
    match source.get("type"):
        case "base64":
            out.add(author, ref, "image", url=_data_url(ref, source))
        case "url":
            url = source.get("url")
            if not isinstance(url, str) or not url:
                raise malformed(f"{ref}/url", "the picture's http(s): URL", url)
            out.add(author, ref, "image", url=url)
            out.add_rest(author, ref, source, frozenset({"type", "url"}))
        case kind:
            out.add(author, ref, "opaque", name="file_id" if kind == "file" else str(kind)[:64])


def _data_url(ref: str, source: _Block) -> str:
    """A base64 source as a ``data:`` URL; neither half can reach into the other."""
    media_type, data = source.get("media_type"), source.get("data")
    if not isinstance(media_type, str) or not _media_type(media_type):
        raise malformed(f"{ref}/media_type", "a media type, e.g. 'image/png'", media_type)
    if not isinstance(data, str) or not data:
        raise malformed(f"{ref}/data", "a string, base64", data)
    return f"data:{media_type};base64,{data}"


def _document(out: Collector, author: Author, ref: str, block: _Block) -> None:
    """A document is data that the model is shown, whoever sent it: its author is no user."""
    author = _tool(author)
    where = f"{ref}/source"
    source = as_object(block.get("source"), where, "an object with a type")
    match source.get("type"):
        case "text":
            out.add_text(author, f"{where}/data", source.get("data"), "tool_result")
        case "content":
            read_content(out, author, f"{where}/content", source.get("content"))
        case "base64":
            name = block.get("title")
            name = name if isinstance(name, str) else ""
            out.add(author, where, "file", name=name, url=_data_url(where, source))
        case kind:
            out.add(author, where, "opaque", name="file_id" if kind == "file" else "document")
    _rest(out, author, ref, block, "source")


def _search_result(out: Collector, author: Author, ref: str, block: _Block) -> None:
    author = _tool(author)
    out.add_text(author, f"{ref}/source", block.get("source"))  # a label: nobody fetches it
    read_content(out, author, f"{ref}/content", block.get("content"))
    _rest(out, author, ref, block, "source", "content")


def _sealed(out: Collector, author: Author, ref: str, block: _Block) -> None:
    out.add(author, ref, "opaque", name=str(block["type"]))


def _tool_use(out: Collector, author: Author, ref: str, block: _Block) -> None:
    """A call: its input as compact JSON, as a stream would say it."""
    name = block.get("name")
    if not isinstance(name, str):
        raise malformed(f"{ref}/name", "a string", name)
    given = as_object(block.get("input"), f"{ref}/input", "an object, what the tool is given")
    out.add(author, f"{ref}/input", "tool_call", written(given), name)
    for key in ("name", "id"):
        out.add_name(author, f"{ref}/{key}", block.get(key))
    _rest(out, author, ref, block, "name", "id", "input")


def _tool_result(out: Collector, author: Author, ref: str, block: _Block) -> None:
    author = _tool(author)
    if block.get("content") is not None:
        read_content(out, author, f"{ref}/content", block["content"])
    out.add_name(author, f"{ref}/tool_use_id", block.get("tool_use_id"))
    _rest(out, author, ref, block, "content", "tool_use_id")


def _server_result(out: Collector, author: Author, ref: str, block: _Block) -> None:
    """What a tool of the provider found: its texts are read, its sealed pieces are opaque.

    Its links are labels: nobody follows them again.
    """
    author = _tool(author)
    out.add_name(author, f"{ref}/tool_use_id", block.get("tool_use_id"))
    for key, value in block.items():
        if key not in _SETTINGS and key != "tool_use_id":
            out.add_leaves(author, child(ref, key), value, "reply")


def _reference(out: Collector, author: Author, ref: str, block: _Block) -> None:
    _rest(out, author, ref, block)


_READERS: dict[str, Callable[[Collector, Author, str, _Block], None]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _sealed,
    "image": _image,
    "document": _document,
    "search_result": _search_result,
    "tool_use": _tool_use,
    "server_tool_use": _tool_use,
    "mcp_tool_use": _tool_use,
    "tool_result": _tool_result,
    "mcp_tool_result": _tool_result,
    "container_upload": _sealed,
    "tool_reference": _reference,
}
