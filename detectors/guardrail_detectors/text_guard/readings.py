"""What else a text says to a model that decodes it: the candidates that are scored besides it."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from binascii import Error as Base64Error
from codecs import decode
from urllib.parse import unquote_to_bytes

from guardrail_detectors.confusables import fold, fold_leet, leet_words
from guardrail_detectors.text_guard.glued import Lexicon

DEPTH = 2
"""Encodings inside encodings that are undone."""

MOST = 8
"""Readings of one text, itself included."""

_MOST_CHARACTERS = 100_000
"""Texts above it are read as they stand and folded, not searched for encodings: at that length a
text is many windows already, and its encoded runs are found in none of them."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:0x)?((?:[0-9A-Fa-f]{2}[\s:]?){10,})")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}|[\w.+~-]){3,}")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][ .\-_*|]{1,3}){4,}[^\W_](?![^\W_])")
_WORD_GAP = re.compile(r"[ ]{2,}|\s*\|\s*")
_COMMON = re.compile(
    r"\b(?:the|and|you|your|all|are|for|is|of|to|in|this|that|with|ignore|instructions|system|"
    r"prompt|previous|reveal|print|say|how|make|not|now)\b",
    re.IGNORECASE,
)
_MOST_COMMON_WORDS = 2
"""A text with more of them is plain English; its mirror image or rotation is not worth scoring."""


def readings(text: str, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """``text`` itself, then what it says once folded and decoded; no two alike, at most ``MOST``.

    Folded: compatibility forms (NFKC), invisible characters dropped, look-alike letters, digits
    for letters, spaced letters joined. Parted: words without spaces between them. Decoded: base64,
    hexadecimal, percent-encoding, Unicode tags, rot13 and mirrored text.

    Args:
        text: Any.
        lexicon: Parts glued words; None leaves them.
    """
    found = {text: None}
    layer = [text]
    for _ in range(DEPTH):
        layer = [
            new for one in layer for new in _once(one, lexicon) if new.strip() and new not in found
        ]
        found.update(dict.fromkeys(layer))
        if len(found) >= MOST or not layer:
            break
    return tuple(found)[:MOST]


def _once(text: str, lexicon: Lexicon | None) -> list[str]:
    found = [_folded(text)]
    if len(text) > _MOST_CHARACTERS:
        return found
    if lexicon is not None:
        found.append(lexicon.parted(found[0]))
    tags = "".join(_TAGS.findall(text))
    if tags:
        found.append("".join(chr(ord(char) - 0xE0000) for char in tags))
    found += _runs(text)
    if len(_COMMON.findall(text)) <= _MOST_COMMON_WORDS:
        found += [turned for turned in (decode(text, "rot13"), text[::-1]) if _says_more(turned)]
    return found


def _folded(text: str) -> str:
    if not text.isascii():
        text = fold(unicodedata.normalize("NFKC", _INVISIBLE.sub("", _TAGS.sub("", text))))
    if leet_words(text) > 1:
        text = fold_leet(text)
    return _SPACED.sub(_joined, text)


def _joined(run: re.Match[str]) -> str:
    """Letters of a spaced run as words; a wider gap parts words."""
    words = _WORD_GAP.split(run[0])
    return " ".join(re.sub(r"[ .\-_*|]", "", word) for word in words)


def _runs(text: str) -> list[str]:
    """``text`` with all encoded runs of one kind decoded in place, one reading for each kind."""
    found = []
    if "%" in text and _ESCAPED.search(text):
        found.append(_PERCENT.sub(lambda run: _plain(unquote_to_bytes(run[0])) or run[0], text))
    found.append(_HEX.sub(lambda run: _from_hex(run[1]) or run[0], text))
    found.append(_BASE64.sub(lambda run: _from_base64(run[0]) or run[0], text))
    return found


def _from_hex(run: str) -> str:
    return _plain(bytes.fromhex(re.sub(r"[\s:]", "", run)))


def _from_base64(run: str) -> str:
    standard = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _plain(b64decode(standard + "=" * (-len(standard) % 4)))
    except Base64Error:
        return ""


def _plain(data: bytes) -> str:
    """``data`` as text, "" when it is none: then the run was no encoding of text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() or not _unprintable(text) else ""


def _unprintable(text: str) -> bool:
    return any(not char.isprintable() and not char.isspace() for char in text)


def _says_more(text: str) -> bool:
    return len(_COMMON.findall(text)) > _MOST_COMMON_WORDS
