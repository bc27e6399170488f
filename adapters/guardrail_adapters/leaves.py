"""The strings within a JSON value of unknown meaning: texts to be read, or things nobody can read.

Whatever is not known may reach the model, so every string becomes a text part, and what stands for
content elsewhere (a link, an inline file, a row of token ids) becomes an opaque part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from guardrail_adapters.pointer import child

Reading = Literal["request", "reply", "chunk", "schema"]
"""Where the value stands. A link of a request may be fetched by the model server, one of a reply
is a text for the client; a chunk of a reply is a piece of text, so none of its words is left out;
a schema holds nothing but texts."""

WORDS = frozenset(
    {
        "array",
        "assistant",
        "auto",
        "boolean",
        "custom",
        "ephemeral",
        "file",
        "function",
        "grammar",
        "high",
        "image_url",
        "input_audio",
        "integer",
        "json_object",
        "json_schema",
        "low",
        "mp3",
        "none",
        "null",
        "number",
        "object",
        "original",
        "refusal",
        "required",
        "string",
        "text",
        "url_citation",
        "user",
        "wav",
    }
)
"""Words of the wire formats themselves; a string that is one of them tells a model nothing."""

BASE64_LENGTH = 256
"""From this length on, a text without spaces in the base64 alphabet is taken for data."""

NUMBERS_LENGTH = 8
"""From this length on, an unknown array of numbers is taken for data, e.g. token ids."""

_link = re.compile(r"\s*(?:data:[^\s,]*,|[a-z][a-z0-9+.-]*://\S+\s*\Z)", re.IGNORECASE).match
_data_url = re.compile(r"\s*data:[^\s,]*,", re.IGNORECASE).match
_base64 = re.compile(rf"[A-Za-z0-9+/_\r\n-]{{{BASE64_LENGTH},}}={{0,2}}\s*\Z").match
_identifier = re.compile(r"[A-Za-z0-9_$.:@/+-]{0,64}\Z").match


_HOLDERS = (str, dict, list)


class Leaf(NamedTuple):
    """One part to be.

    Attributes:
        ref: Pointer of the string, or of the array or object that the part stands for.
        text: The string, "" for an opaque one.
        opaque: What an opaque one looks like, "" for a text.
    """

    ref: str
    text: str
    opaque: str = ""


def leaves(value: Any, ref: str, reading: Reading) -> Iterator[Leaf]:
    """What can be read in ``value``, in reading order, and what cannot.

    Keys that are no identifiers are told too: they are one text, whose ref is their object's.
    """
    if isinstance(value, str):
        if value and (reading == "chunk" or value not in WORDS):
            yield _string(value, ref, reading)
    elif isinstance(value, dict):
        yield from _members(value, ref, reading)
    elif isinstance(value, list):
        yield from _elements(value, ref, reading)


def is_identifier(text: str) -> bool:
    """Whether ``text`` is a plain name or id: at most 64 ASCII characters, no spaces."""
    if text.isascii() and text.isidentifier() and len(text) <= 64:
        return True
    return _identifier(text) is not None


def _members(value: dict[str, Any], ref: str, reading: Reading) -> Iterator[Leaf]:
    if odd := [key for key in value if not is_identifier(key)]:
        yield Leaf(ref, "\n".join(odd))
    for key, inner in value.items():
        if isinstance(inner, _HOLDERS):
            yield from leaves(inner, child(ref, key), reading)


def _elements(value: list[Any], ref: str, reading: Reading) -> Iterator[Leaf]:
    if reading == "request" and _numbers(value):
        yield Leaf(ref, "", "array of numbers")
        return
    for index, inner in enumerate(value):
        if isinstance(inner, _HOLDERS):
            yield from leaves(inner, f"{ref}/{index}", reading)


def _string(value: str, ref: str, reading: Reading) -> Leaf:
    if reading == "schema":
        return Leaf(ref, value)
    if (_link if reading == "request" else _data_url)(value):
        return Leaf(ref, "", "link")
    if len(value) >= BASE64_LENGTH and _base64(value):
        return Leaf(ref, "", "base64")
    return Leaf(ref, value)


def _numbers(value: list[Any]) -> bool:
    return len(value) >= NUMBERS_LENGTH and all(type(one) in (int, float) for one in value)
