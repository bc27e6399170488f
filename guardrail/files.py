"""Files before they are read: what the bytes are, and whether they keep the limits.

A file that is of no type read here is left alone: it stays opaque, and the policy decides.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePosixPath

from guardrail.errors import ImageError
from guardrail.images import MIB, ImageLimits, from_data_url
from guardrail.polyglots import is_zip
from guardrail.types import Conversation, File, Part

PDF = "application/pdf"
SVG = "image/svg+xml"

TEXTS: Mapping[str, str] = {
    "text/plain": "text/plain",
    "text/markdown": "text/markdown",
    "text/x-markdown": "text/markdown",
    "text/csv": "text/csv",
    "application/csv": "text/csv",
    "application/json": "application/json",
    "text/json": "application/json",
}
"""Claims that any text may make, and the type that is meant."""

READABLE = frozenset({PDF, SVG, *TEXTS.values()})
"""Media types of the files whose pages are read."""

_NAMES = {
    ".pdf": PDF,
    ".svg": SVG,
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".json": "application/json",
}
_ANY = frozenset({"", "application/octet-stream"})
_HEAD = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?(?!utf-?8|us-ascii)", re.IGNORECASE)
_CONTROL = re.compile(r"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a file, and all files of one request together, may be.

    Attributes:
        max_bytes: Of one file.
        max_total_bytes: Of all files that are read.
        max_count: Files that are read.
        max_pages: Of one file.
        max_characters: Of text in one file.
    """

    max_bytes: int = 20 * MIB
    max_total_bytes: int = 32 * MIB
    max_count: int = 16
    max_pages: int = 20
    max_characters: int = 500_000


def pin_files(conversation: Conversation, limits: FileLimits) -> Conversation:
    """``conversation`` with the bytes of the files that can be read.

    A picture that says it is SVG is a file: it is read as text and never drawn.

    Raises:
        ImageError: A file of a type that is read breaks a limit or is not what it claims.
    """
    pinned: dict[str, Part] = {}
    for part in conversation.parts:
        if part.kind == "file" or (part.kind == "image" and _claim(part) == SVG):
            file = probe_file(part, limits)
            if file is not None:
                pinned[part.ref] = replace(part, kind="file", file=file)
    if not pinned:
        return conversation
    _check_all(list(pinned.values()), limits)
    parts = tuple(pinned.get(part.ref, part) for part in conversation.parts)
    return replace(conversation, parts=parts)


def probe_file(part: Part, limits: FileLimits) -> File | None:
    """The file in ``part.url``, a ``data:`` URL or plain base64; None if no reader knows its type.

    Raises:
        ImageError: It is broken, beyond a limit, or not what it claims to be.
    """
    claim = _claim(part)
    is_pdf = _start(part.url).startswith(b"%PDF-")
    media_type = PDF if is_pdf else TEXTS.get(claim, claim)
    if media_type not in READABLE:
        return None
    if is_pdf != (claim == PDF) and claim not in _ANY:
        raise ImageError(
            f"the file says it is {claim!r}, but its first bytes are "
            f"{'those of a PDF' if is_pdf else 'not %PDF-'}; send it as what it is",
            ref=part.ref,
        )
    url = part.url if _HEAD.match(part.url) else f"data:;base64,{part.url}"
    data = _bytes(url, limits.max_bytes, part.ref)
    if media_type == PDF and is_zip(data):
        raise ImageError("the file is a PDF and a ZIP archive; send a plain PDF", ref=part.ref)
    if media_type != PDF:
        check_text(data, url, part.ref)
    return File(data, media_type, sha256(data).hexdigest())


def _bytes(url: str, most: int, ref: str) -> bytes:
    try:
        data = from_data_url(url, ImageLimits(max_bytes=most), ref)
    except ImageError as error:
        message = str(error).replace("picture", "file")
        raise ImageError(message, ref=ref, status=error.status) from None
    if len(data) > most:
        raise ImageError(
            f"the file is too large: {len(data)} bytes; at most {most} bytes", ref=ref, status=413
        )
    return data


def check_text(data: bytes, url: str, ref: str) -> None:
    """Whether every reader takes ``data`` for the same text.

    Raises:
        ImageError: Not UTF-8, or holds control characters that no text has.
    """
    head = _HEAD.match(url)
    if head and _CHARSET.search(head[2]):
        raise ImageError(
            "the file's data: URL names a charset besides UTF-8; save it as UTF-8 and leave the "
            "charset out",
            ref=ref,
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ImageError(
            f"the file is not UTF-8 at byte {error.start}; save it as UTF-8", ref=ref
        ) from None
    if found := _CONTROL.search(text):
        raise ImageError(
            f"the file has the control character U+{ord(found[0]):04X} at character "
            f"{found.start()}, which no text has; take it out, or save it as UTF-8 text",
            ref=ref,
        )


def _claim(part: Part) -> str:
    """What the URL says it holds, or the ending of the name where there is no URL."""
    head = _HEAD.match(part.url[:1024])
    claim = head[1].strip().lower() if head else ""
    if claim in _ANY:
        return _NAMES.get(PurePosixPath(part.name.lower()).suffix, claim)
    return claim


def _start(url: str) -> bytes:
    head = _HEAD.match(url[:1024])
    at = head.end() if head else 0
    try:
        return b64decode(url[at : at + 16])
    except (Base64Error, ValueError):
        return b""


def _check_all(parts: list[Part], limits: FileLimits) -> None:
    if len(parts) > limits.max_count:
        raise ImageError(
            f"{len(parts)} files; at most {limits.max_count} a request",
            ref=parts[limits.max_count].ref,
            status=413,
        )
    total = sum(len(part.file.data) for part in parts if part.file is not None)
    if total > limits.max_total_bytes:
        raise ImageError(
            f"the files have {total} bytes together; at most {limits.max_total_bytes}",
            ref=parts[-1].ref,
            status=413,
        )
