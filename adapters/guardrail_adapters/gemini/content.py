"""Contents: who speaks, and the parts of what is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Kind, Source
from guardrail_adapters.arguments import written
from guardrail_adapters.collector import Author, Collector, as_array, as_object, malformed
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import shown

SOURCES: dict[str, Source] = {
    "user": "user",
    "model": "assistant",
    "function": "tool",
    "tool": "tool",
    "system": "system",
}
"""Who speaks in a role; where there is none, the user does."""

_SETTINGS = frozenset(
    {
        "audioMetadata",
        "audioTranscription",
        "documentMetadata",
        "mediaProcessing",
        "mediaResolution",
        "partMetadata",
        "speechMetadata",
        "spreadsheetMetadata",
        "thought",
        "thoughtSignature",
        "videoMetadata",
    }
)
"""Members of a part that say how it is processed, or sign it."""

_media_type = re.compile(r"[a-z]+/[a-z0-9.+-]+\Z").match
_snake = re.compile(r"_([a-z0-9])")


def camel(key: str) -> str:
    """A field's name in camel case, however it is written."""
    return _snake.sub(lambda found: found.group(1).upper(), key)


def fields(members: dict[str, Any], ref: str) -> Iterator[tuple[str, str, Any]]:
    """Name in camel case, pointer and value of each member that is not null.

    Raises:
        WireError: A field stands there in both ways of writing it.
    """
    seen: set[str] = set()
    for key, value in members.items():
        name = camel(key)
        if name in seen:
            where = child(ref, key)
            raise WireError(f"{where}: this field stands twice; send each field once", ref=where)
        seen.add(name)
        if value is not None:
            yield name, child(ref, key), value


def member(members: dict[str, Any], name: str) -> Any:
    """The value of the field ``name`` (camel case), None where there is none."""
    return next((value for key, value in members.items() if camel(key) == name), None)


def read_content(out: Collector, index: int, ref: str, content: Any, role: str = "") -> None:
    """The parts of one content.

    Args:
        out: Takes them.
        index: Of the message.
        ref: Where the content stands.
        content: An object with role and parts.
        role: The role where it names none; the user's by default.

    Raises:
        WireError: It is no object, or a part is malformed.
    """
    content = as_object(content, ref, "a content, an object with parts")
    named = member(content, "role") or role or "user"
    if not isinstance(named, str) or named not in SOURCES:
        raise WireError(
            f"{ref}/role: unknown role {shown(named)}; expected one of: {', '.join(SOURCES)}",
            ref=f"{ref}/role",
        )
    author = Author(SOURCES[named], named, index)
    for name, where, value in fields(content, ref):
        if name == "parts":
            for at, part in enumerate(as_array(value, where)):
                read_part(out, author, f"{where}/{at}", part)
        elif name != "role":
            out.add_leaves(author, where, value)


def read_part(out: Collector, author: Author, ref: str, part: Any) -> None:
    """One part: a text, a picture, a call of a function, its answer.

    Raises:
        WireError: It is no object, or a known member is malformed.
    """
    for name, where, value in fields(as_object(part, ref, "a part, an object"), ref):
        if name in _SETTINGS:
            continue
        read = _READERS.get(name)
        if read is None:
            out.add_leaves(author, where, value)
        else:
            read(out, author, where, value)


def _text(out: Collector, author: Author, ref: str, value: Any) -> None:
    out.add_text(author, ref, value)


def _inline(out: Collector, author: Author, ref: str, value: Any) -> None:
    """Data of any media type: a picture is read, other kinds are the policy's to decide about."""
    blob = as_object(value, ref, "an object with mimeType and data")
    media_type, data = member(blob, "mimeType"), member(blob, "data")
    if not isinstance(media_type, str) or not _media_type(media_type):
        raise malformed(f"{ref}/mimeType", "a media type, e.g. 'image/png'", media_type)
    if not isinstance(data, str) or not data:
        raise malformed(f"{ref}/data", "a string, base64", data)
    kinds: dict[str, Kind] = {"image": "image", "audio": "audio"}
    kind = kinds.get(media_type.partition("/")[0], "file")
    # URL-safe letters are allowed here; pictures are read in the standard alphabet.
    plain = data.replace("-", "+").replace("_", "/")
    padded = plain + "=" * (-len(plain) % 4)
    out.add(author, ref, kind, name=media_type, url=f"data:{media_type};base64,{padded}")


def _file(out: Collector, author: Author, ref: str, value: Any) -> None:  # noqa: ARG001
    out.add(author, ref, "opaque", name="fileData")


def _call(out: Collector, author: Author, ref: str, value: Any) -> None:
    """A call: its arguments as compact JSON."""
    call = as_object(value, ref, "an object with name and args")
    name = member(call, "name") or ""
    if not isinstance(name, str):
        raise malformed(f"{ref}/name", "a string", name)
    given = False
    for field, where, inner in fields(call, ref):
        if field == "args":
            given = True
            as_object(inner, where, "an object, what the function is given")
            out.add(author, where, "tool_call", written(inner), name)
        elif field in ("name", "id"):
            out.add_name(author, where, inner)
        else:
            out.add_leaves(author, where, inner)
    if not given:
        out.add(author, ref, "tool_call", "", name)


def _response(out: Collector, author: Author, ref: str, value: Any) -> None:
    """What a function answered; pictures may stand beside it."""
    tool = Author("tool", author.role, author.message)
    for field, where, inner in fields(as_object(value, ref, "an object with response"), ref):
        if field == "parts":
            for at, part in enumerate(as_array(inner, where)):
                read_part(out, tool, f"{where}/{at}", part)
        elif field in ("name", "id"):
            out.add_name(tool, where, inner)
        elif field not in ("scheduling", "willContinue"):
            out.add_leaves(tool, where, inner)


def _code(out: Collector, author: Author, ref: str, value: Any) -> None:
    for field, where, inner in fields(as_object(value, ref), ref):
        if field != "language":
            out.add_leaves(author, where, inner)


def _ran(out: Collector, author: Author, ref: str, value: Any) -> None:
    tool = Author("tool", author.role, author.message)
    for field, where, inner in fields(as_object(value, ref), ref):
        if field != "outcome":
            out.add_leaves(tool, where, inner)


_READERS: dict[str, Callable[[Collector, Author, str, Any], None]] = {
    "text": _text,
    "inlineData": _inline,
    "fileData": _file,
    "functionCall": _call,
    "functionResponse": _response,
    "executableCode": _code,
    "codeExecutionResult": _ran,
}
