"""A message's content: a string, or a list of texts, pictures, audio, files and unknown things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.types import Kind
from guardrail_adapters.collector import Author, Collector, as_object, malformed

# Cache hints: they say where a provider may cache, and no model reads them.
_SETTINGS = frozenset({"type", "cache_control", "prompt_cache_breakpoint"})

_Item = dict[str, Any]


def read_content(out: Collector, author: Author, ref: str, content: Any) -> None:
    """The parts of ``content``, which stands at ``ref``.

    Raises:
        WireError: It is neither null, a string nor a list, or a known item is malformed.
    """
    if isinstance(content, str):
        out.add_text(author, ref, content, _kind(author))
    elif isinstance(content, list):
        for index, item in enumerate(content):
            _read_item(out, author, f"{ref}/{index}", item)
    elif content is not None:
        raise malformed(ref, "a string, a list of content parts or null", content)


def _read_item(out: Collector, author: Author, ref: str, item: Any) -> None:
    if isinstance(item, str):  # some servers take bare strings for texts
        out.add_text(author, ref, item, _kind(author))
        return
    item = as_object(item, ref, "a content part, an object with a type")
    kind = item.get("type")
    if not isinstance(kind, str):
        raise malformed(f"{ref}/type", "a string, the content part's type", kind)
    read = _READERS.get(kind)
    if read is None:
        out.add(author, ref, "opaque", name=kind)
        return
    read(out, author, ref, item)
    if len(item) > 2:
        out.add_rest(author, ref, item, _SETTINGS | {kind})


def _kind(author: Author) -> Kind:
    return "tool_result" if author.source == "tool" else "text"


def _text(out: Collector, author: Author, ref: str, item: _Item) -> None:
    out.add_text(author, f"{ref}/text", item.get("text"), _kind(author))


def _refusal(out: Collector, author: Author, ref: str, item: _Item) -> None:
    out.add_text(author, f"{ref}/refusal", item.get("refusal"))


def _image(out: Collector, author: Author, ref: str, item: _Item) -> None:
    ref += "/image_url"
    image = item.get("image_url")
    if isinstance(image, dict):
        out.add_rest(author, ref, image, frozenset({"url"}))
        ref += "/url"
        image = image.get("url")
    if not isinstance(image, str) or not image:
        raise malformed(ref, "the picture's data: or http(s): URL", image)
    out.add(author, ref, "image", url=image)


def _audio(out: Collector, author: Author, ref: str, item: _Item) -> None:
    ref += "/input_audio"
    audio = as_object(item.get("input_audio"), ref, "an object with data and format")
    coding = audio.get("format", "")
    if not isinstance(coding, str):
        raise malformed(f"{ref}/format", "a string, e.g. 'wav'", coding)
    add_audio(out, author, f"{ref}/data", audio.get("data"), coding)
    out.add_rest(author, ref, audio, frozenset({"data"}))


def add_audio(out: Collector, author: Author, ref: str, data: Any, coding: str = "") -> None:
    """An audio part from base64 ``data``; its URL says the coding that the wire names.

    Raises:
        WireError: The data are no string.
    """
    if not isinstance(data, str):
        raise malformed(ref, "a string, base64", data)
    out.add(author, ref, "audio", name=coding, url=f"data:audio/{coding};base64,{data}")


def _file(out: Collector, author: Author, ref: str, item: _Item) -> None:
    ref += "/file"
    file = as_object(item.get("file"), ref, "an object with file_data or file_id")
    name = file.get("filename", "")
    if not isinstance(name, str):
        raise malformed(f"{ref}/filename", "a string", name)
    out.add_text(author, f"{ref}/filename", name)
    given = [key for key in ("file_data", "file_id") if file.get(key) is not None]
    if not given:
        raise malformed(ref, "file_data or file_id", file)
    for key in given:
        if not isinstance(file[key], str):
            raise malformed(f"{ref}/{key}", "a string", file[key])
    if "file_data" in given:
        out.add(author, f"{ref}/file_data", "file", name=name, url=file["file_data"])
    if "file_id" in given:
        out.add(author, f"{ref}/file_id", "opaque", name="file_id")
    out.add_rest(author, ref, file, frozenset({"filename", "file_data", "file_id"}))


_READERS: dict[str, Callable[[Collector, Author, str, _Item], None]] = {
    "text": _text,
    "image_url": _image,
    "input_audio": _audio,
    "file": _file,
    "refusal": _refusal,
}
