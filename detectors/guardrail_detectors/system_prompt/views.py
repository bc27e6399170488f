"""What else a reply says: encoded runs decoded, escapes undone, tag characters and initials read.

A view keeps, for each of its characters, which characters of the reply it was made of, so that
what is found in a view can be taken out of the reply.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import unhexlify
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote_to_bytes

import numpy as np
from numpy.typing import NDArray

DEPTH = 2
"""Encodings within encodings that are undone."""

_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_WRAPPED = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:[ \t]*\r?\n[ \t>*-]*[A-Za-z0-9+/_-]{2,})+")
_HEX = re.compile(r"(?<![a-zA-Z])[0-7c-eC-E\\][0-9A-Fa-fx][0-9A-Fa-f\s:,\\x-]{14,}")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrtbf\"\\/])")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,32});")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_INITIAL = re.compile(r"^[^\w\n]*(?:\d{1,3}[.):][^\w\n]*)?(\w)", re.MULTILINE)

_LINES = 8
"""Line ends from which on the lines' first letters may say something."""


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a reply.

    Attributes:
        text: What it says.
        starts: Of each character, where in the reply what it was made of begins.
        ends: Where that ends (exclusive).
        disguised: Whether no honest reply says the same in this way.
    """

    text: str
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    disguised: bool = False


def plain_view(text: str) -> View:
    """The reply as it stands."""
    places = np.arange(len(text) + 1)
    return View(text, places[:-1], places[1:])


def views(text: str) -> Iterator[View]:
    """The reply as it stands, then what else it says."""
    plain = plain_view(text)
    yield plain
    yield from _decoded(plain, DEPTH)
    if text.count("\n") >= _LINES:
        yield _initials(plain)


def _decoded(view: View, depth: int) -> Iterator[View]:
    found = []
    if any(char in view.text for char in "\\%&<"):
        found.append(_undone(view))
    if not view.text.isascii() and _TAGS.search(view.text):
        found.append(_replaced(view, _TAGS, _from_tags, keep=False))
    for pattern, decode in _ENCODINGS if "\n" in view.text else _IN_LINE:
        if pattern.search(view.text):
            found.append(_replaced(view, pattern, decode, keep=False))
    for one in found:
        yield one
        if depth > 1:
            yield from _decoded(one, depth - 1)


def _undone(view: View) -> View:
    """Without the escapes of JSON, URLs and HTML, and without markup: what would be shown."""
    view = _replaced(view, _ESCAPE, _from_escape)
    view = _replaced(view, _PERCENT, lambda run: unquote_to_bytes(run).decode("utf-8", "replace"))
    view = _replaced(view, _MARKUP, lambda _: "")
    return _replaced(view, _ENTITY, unescape)


def _replaced(
    view: View, pattern: re.Pattern[str], decode: Callable[[str], str], *, keep: bool = True
) -> View:
    """``view`` with what ``pattern`` matches decoded; without ``keep`` that alone, disguised."""
    texts: list[str] = []
    starts: list[NDArray[np.intp]] = []
    ends: list[NDArray[np.intp]] = []
    last = 0
    for found in pattern.finditer(view.text):
        first, stop = found.span()
        new = decode(found[0])
        if keep:
            texts.append(view.text[last:first])
            starts.append(view.starts[last:first])
            ends.append(view.ends[last:first])
        texts.append(new)
        starts.append(np.full(len(new), view.starts[first]))
        ends.append(np.full(len(new), view.ends[stop - 1]))
        last = stop
    if last == 0:
        return view
    rest = slice(last, None) if keep else slice(0, 0)
    return View(
        "".join([*texts, view.text[rest]]),
        np.concatenate([*starts, view.starts[rest]]),
        np.concatenate([*ends, view.ends[rest]]),
        view.disguised or not keep,
    )


def _initials(view: View) -> View:
    """The first letter of each line."""
    at = np.array([found.end() - 1 for found in _INITIAL.finditer(view.text)], np.intp)
    text = "".join(view.text[place] for place in at)
    return View(text, view.starts[at], view.ends[at], disguised=True)


def _from_tags(run: str) -> str:
    return "".join(chr(ord(char) - 0xE0000) for char in run)


def _from_base64(run: str) -> str:
    """What a run of base64 says, as far as it goes: a stream may have cut it."""
    digits = re.sub(r"[^A-Za-z0-9+/]", "", run.replace("-", "+").replace("_", "/"))
    digits = digits[:-1] if len(digits) % 4 == 1 else digits
    return b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-8", "replace")


def _from_hex(run: str) -> str:
    digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", run)
    return unhexlify(digits[: len(digits) // 2 * 2]).decode("utf-8", "replace")


def _from_escape(run: str) -> str:
    match run[1]:
        case "u" | "x":
            return chr(int(run[2:], 16))  # noqa: FURB166 - behind a backslash, no 0x
        case '"' | "\\" | "/":
            return run[1]
        case _:
            return "\n"


# A wrapped run both ways: its lines may be runs of their own, or go on in the middle of a letter.
_IN_LINE = ((_BASE64, _from_base64), (_HEX, _from_hex))
_ENCODINGS = (*_IN_LINE, (_WRAPPED, _from_base64))
