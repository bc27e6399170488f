"""Characters that show nothing, by what they are for; ranges from Unicode 16, default ignorable.

Each constant is the inside of a regular expression's character class.
"""

from __future__ import annotations

import re
import unicodedata

TAGS = "\U000e0000-\U000e007f"
"""Copies of ASCII that show nothing; a flag of England is spelt with them."""

SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Variation selectors 1 to 256: enough to spell any byte."""

JOINERS = "\u200b-\u200d\u2060\ufeff\u180e\u00ad\u034f\u17b4\u17b5"
"""Zero-width space, joiners, soft hyphen and the like."""

OPERATORS = "\u2061-\u2064"
"""Function application, invisible times, separator and plus."""

MARKS = "\u200e\u200f\u061c"
"""Directional marks: they move nothing but neutral characters beside them."""

EMBEDDINGS = "\u202a-\u202e\u2066-\u2069"
"""Embeddings, overrides and isolates: they change the order in which text is shown."""

ANNOTATIONS = "\ufff9-\ufffb"
"""Interlinear annotation: what stands between them is not shown by most software."""

FILLERS = "\u115f\u1160\u3164\uffa0"
"""Hangul fillers: letters that are blank."""

BLANKS = "\u2800"
"""The Braille pattern without dots: a symbol that is blank."""

OTHER = (
    "\u180b-\u180d\u180f\u2065\u206a-\u206f\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
"""Mongolian selectors, deprecated and unassigned formats, those of music and shorthand."""

CONTROLS = "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f"
"""C0 and C1 controls but tab, line feed, form feed, carriage return and next line."""

INVISIBLE = (
    TAGS + SELECTORS + JOINERS + OPERATORS + MARKS + EMBEDDINGS + ANNOTATIONS
    + FILLERS + BLANKS + OTHER
)  # fmt: skip

ESCAPE = (
    r"(?:\x1b[\]PX^_][^\x07\x1b]{0,1024}(?:\x07|\x1b\\)"  # OSC, DCS and the like, to their end
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, cursor, erasing
    r"|\x1b(?:[ -/]{1,8})?[0-~])"  # character sets, resets
)
"""A terminal's escape sequence; it may hide what follows, retitle a window or write a clipboard."""

ASCII_RUN = re.compile(f"{ESCAPE}|[{CONTROLS}]+")
"""What can be hidden in pure ASCII."""

RUN = re.compile(f"{ESCAPE}|[{CONTROLS}]+|[{INVISIBLE}]+")
"""Longest runs of what shows nothing."""

RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]"
)
"""A letter of a script that is written from right to left; no mark, which would excuse itself."""

_JOINED = re.compile(
    "[\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u180a\u1810-\u18af"
    "\u1a20-\u1bff\ua800-\ua9df\ufb50-\ufdff\ufe70-\ufefc\U00011000-\U00011fff]"
)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u1980-\u19df\u1a20-\u1aaf\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HANGUL = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")


def joins(char: str) -> bool:
    """Whether ``char`` is of a script whose letters change shape with joiners (Arabic, Indic)."""
    return _JOINED.match(char) is not None


def is_unspaced(char: str) -> bool:
    """Whether ``char`` is of a script that puts no spaces between words (Thai, Khmer, Chinese)."""
    return _UNSPACED.match(char) is not None


def takes_selector(before: str, selector: str) -> bool:
    """Whether the standard has variants of a character like ``before`` up to ``selector``.

    A symbol has three (mathematical ones), a Chinese character fewer than fifty; byte values of
    letters are beyond both, so that a message cannot be spread one byte a character.
    """
    if _IDEOGRAPH.match(before):
        return selector <= "\ufe02" or "\U000e0100" <= selector <= "\U000e0120"
    return is_symbol(before) and selector <= "\ufe02"


def is_jamo(char: str) -> bool:
    """Whether ``char`` is a conjoining Hangul letter, beside which a filler has a use."""
    return _HANGUL.match(char) is not None


def is_symbol(char: str) -> bool:
    """Whether ``char`` is a symbol, an emoji or a skin tone."""
    return char != "" and unicodedata.category(char) in {"So", "Sm", "Sk"}


def takes_emoji_style(char: str) -> bool:
    """Whether selectors 15 and 16 may follow ``char``: symbols, digits, ``#``, ``‼``, ``ℹ``."""
    return is_symbol(char) or (char != "" and char in "0123456789#*‼⁉〰〽ℹⓂ©®⃣")


def names(run: str) -> str:
    """``run`` for people: each kind of character once, with its count."""
    counts = {char: run.count(char) for char in dict.fromkeys(run)}
    return ", ".join(
        f"U+{ord(char):04X} {unicodedata.name(char, 'control')}" + (f" ×{n}" if n > 1 else "")
        for char, n in counts.items()
    )


_PLAIN = bytes(sorted({*range(0x20, 0x7F), *b"\t\n\f\r"}))


def shows_all(text: str) -> bool:
    """Whether nothing can hide in ``text``: a quick yes for most texts, else a look is needed.

    Plain ASCII is dropped at the speed of a copy; only what remains is matched, so that 50,000
    characters of English cost 20 µs instead of 900.
    """
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    return not rest or RUN.search(rest.decode("utf-8", "surrogatepass")) is None
