"""Ways in which an attacker disguises a text that a model still reads."""

from __future__ import annotations

import codecs
from base64 import b64encode
from collections.abc import Callable
from random import Random
from urllib.parse import quote

_LEET = str.maketrans("oieastOIEAST", "013457013457")
_LOOKALIKE = str.maketrans("aeopcyxisjAEKMHOPCTX", "аеорсухіѕјАЕКМНОРСТХ")
_ZERO_WIDTH = "\u200b\u200c\u2060\ufeff"


def leet(text: str, rng: Random) -> str:
    """Digits for letters in most words."""
    words = text.split(" ")
    return " ".join(word.translate(_LEET) if rng.random() < 0.7 else word for word in words)


def homoglyphs(text: str, rng: Random) -> str:
    """Some Latin letters replaced by Cyrillic ones that look the same."""
    return "".join(char.translate(_LOOKALIKE) if rng.random() < 0.4 else char for char in text)


def spaced(text: str, rng: Random) -> str:
    """Letters apart, words further apart."""
    gap = rng.choice((" ", ".", "-", "_"))
    return "   ".join(gap.join(word) for word in text.split())


def zero_width(text: str, rng: Random) -> str:
    """Invisible characters between letters."""
    return "".join(char + (rng.choice(_ZERO_WIDTH) if rng.random() < 0.3 else "") for char in text)


def base64(text: str, rng: Random) -> str:  # noqa: ARG001 - one signature for all
    """RFC 4648 base64."""
    return b64encode(text.encode()).decode()


def hexadecimal(text: str, rng: Random) -> str:
    """Hexadecimal bytes, with or without spaces."""
    return text.encode().hex(rng.choice((" ", ":"))) if rng.random() < 0.5 else text.encode().hex()


def rot13(text: str, rng: Random) -> str:  # noqa: ARG001
    """Letters turned by 13."""
    return codecs.encode(text, "rot13")


def percent(text: str, rng: Random) -> str:  # noqa: ARG001
    """Percent-encoding of everything but letters and digits."""
    return quote(text, safe="")


def mirrored(text: str, rng: Random) -> str:  # noqa: ARG001
    """The text backwards."""
    return text[::-1]


def tags(text: str, rng: Random) -> str:  # noqa: ARG001
    """ASCII as invisible Unicode tag characters, behind a harmless word."""
    return "Hello" + "".join(chr(0xE0000 + ord(char)) for char in text if " " <= char <= "~")


LETTERS: tuple[Callable[[str, Random], str], ...] = (leet, homoglyphs, spaced, zero_width)
"""Those that keep letters in place, so that decoding leaves traces."""

ENCODINGS: tuple[Callable[[str, Random], str], ...] = (
    base64, hexadecimal, rot13, percent, mirrored, tags,
)  # fmt: skip
"""Those that are undone whole or not at all; for code that measures by disguise."""
