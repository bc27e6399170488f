"""Forms with files (``multipart/form-data``, RFC 7578): a strict reader that knows every place.

Two servers may cut a sloppy form in different places, and a field that only one of them sees is a
way past the guard. So only what every reader cuts alike is read: CRLF line ends, one boundary, the
headers that browsers and SDKs write. The rest is refused with what to send instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from guardrail.errors import WireError

MOST_FIELDS = 256
"""Fields of one form."""

_MOST_HEADER_BYTES = 4096
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=?-]{1,70}\Z")
_HEADER = re.compile(rb"([A-Za-z-]+):[ \t]*([^\r\n\0]*)\Z")
_PARAMETER = re.compile(r';[ \t]*([a-z*]+)=(?:"([^"\\]*)"|([^\s";\\]+))[ \t]*', re.IGNORECASE)
_KNOWN = frozenset({"content-disposition", "content-type"})


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        name: As the form says it.
        file: Whether it was sent as a file.
        media_type: Of its ``Content-Type``, lower case, without parameters; "" where it has none.
        content: Its bytes.
        start: Where in the body the content begins.
        end: Where it ends (exclusive).
        typed: Start and end of the value of its ``Content-Type``; None where it has none.
    """

    name: str
    file: bool
    media_type: str
    content: bytes = field(repr=False)
    start: int
    end: int
    typed: tuple[int, int] | None = None


def boundary_of(content_type: bytes | None) -> bytes:
    """The boundary that a request's ``Content-Type`` names.

    Raises:
        WireError: It is no ``multipart/form-data`` with one plain boundary (status 415).
    """
    text = (content_type or b"").decode("latin-1")
    kind, semicolon, rest = text.partition(";")
    given, end = _parameters(semicolon + rest)
    boundary = given.get("boundary", "").encode("latin-1")
    plain = kind.strip().lower() == "multipart/form-data" and end == len(semicolon + rest)
    if not plain or set(given) != {"boundary"} or not _BOUNDARY.match(boundary):
        raise WireError(
            f"content-type: expected multipart/form-data; boundary=…, got {text[:100]!r}",
            status=415,
        )
    return boundary


def read_form(body: bytes, boundary: bytes) -> tuple[FormField, ...]:
    """The fields of a form, in order.

    Raises:
        WireError: Another reader might cut it in other places (status 400).
    """
    delimiter = b"--" + boundary
    if not body.startswith(delimiter + b"\r\n"):
        raise WireError("the form does not begin with its boundary and CRLF")
    fields: list[FormField] = []
    at = len(delimiter) + 2
    while True:
        end = body.find(b"\r\n" + delimiter, at)
        if end < 0:
            raise WireError("the form ends without its closing boundary")
        if len(fields) == MOST_FIELDS:
            raise WireError(f"the form has more than {MOST_FIELDS} fields", status=413)
        fields.append(_field(body, at, end, f"field {len(fields)}"))
        _check_inside(body, at, end, delimiter, fields[-1].name)
        at = end + 2 + len(delimiter)
        match body[at : at + 2]:
            case b"\r\n":
                at += 2
            case b"--" if body[at + 2 :] in (b"", b"\r\n"):
                return tuple(fields)
            case _:
                raise WireError(f"{fields[-1].name}: something follows the boundary behind it")


def replaced(body: bytes, changes: Mapping[tuple[int, int], bytes]) -> bytes:
    """``body`` with the bytes of each span (start, exclusive end) replaced."""
    pieces: list[bytes] = []
    last = 0
    for (start, end), value in sorted(changes.items()):
        pieces += (body[last:start], value)
        last = end
    return b"".join([*pieces, body[last:]])


def _check_inside(body: bytes, start: int, end: int, delimiter: bytes, name: str) -> None:
    """A line that begins like the boundary ends the field for readers that take a bare LF or CR."""
    for line_end in (b"\n", b"\r"):
        if body.find(line_end + delimiter, start, end) >= 0:
            raise WireError(f"{name}: the boundary stands in the field after a bare line end")


def _field(body: bytes, start: int, end: int, place: str) -> FormField:
    head_end = body.find(b"\r\n\r\n", start, min(end + 2, start + _MOST_HEADER_BYTES))
    if head_end < 0:
        raise WireError(f"{place}: its headers do not end with an empty line")
    found = _headers(body, start, head_end, place)
    disposition = found.get("content-disposition")
    if disposition is None:
        raise WireError(f"{place}: expected a Content-Disposition header")
    name, file = _named(body[disposition[0] : disposition[1]], place)
    typed = found.get("content-type")
    media_type = "" if typed is None else body[typed[0] : typed[1]].decode("latin-1")
    content = head_end + 4
    if content > end:
        raise WireError(f"{place}: its headers run into the boundary")
    return FormField(
        name,
        file,
        media_type.partition(";")[0].strip().lower(),
        body[content:end],
        content,
        end,
        typed,
    )


def _headers(body: bytes, start: int, end: int, place: str) -> dict[str, tuple[int, int]]:
    """Name in lower case to the span of its value."""
    found: dict[str, tuple[int, int]] = {}
    at = start
    for line in body[start:end].split(b"\r\n"):
        match = _HEADER.match(line)
        name = match[1].decode().lower() if match else ""
        if match is None or name not in _KNOWN or name in found:
            raise WireError(
                f"{place}: expected one Content-Disposition and at most one Content-Type, "
                f"got {line[:60].decode('latin-1')!r}"
            )
        found[name] = (at + match.start(2), at + match.end(2))
        at += len(line) + 2
    return found


def _named(value: bytes, place: str) -> tuple[str, bool]:
    """A field's name, and whether it is a file."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise WireError(f"{place}: its Content-Disposition is not UTF-8") from None
    kind, semicolon, rest = text.partition(";")
    given, end = _parameters(semicolon + rest)
    plain = kind.strip().lower() == "form-data" and end == len(semicolon + rest)
    if not plain or not given.get("name") or not set(given) <= {"name", "filename", "filename*"}:
        raise WireError(
            f'{place}: expected form-data; name="…" and perhaps a filename, got {text[:100]!r}'
        )
    return given["name"], len(given) > 1


def _parameters(text: str) -> tuple[dict[str, str], int]:
    """Parameters by name in lower case, and where they end; a repeated one ends them."""
    found: dict[str, str] = {}
    at = 0
    while match := _PARAMETER.match(text, at):
        name = match[1].lower()
        if name in found:
            break
        found[name] = match[2] if match[2] is not None else match[3]
        at = match.end()
    return found, at
