"""Messages hidden in characters that show nothing, made readable."""

from __future__ import annotations

_FIRST_SELECTOR, _SECOND_SELECTOR, _TAG = 0xFE00, 0xE0100, 0xE0000


def decode(run: str) -> str:
    """The text that ``run`` hides, "" when it hides none that is known how to read.

    Read are tag characters (ASCII), variation selectors (a byte each) and runs of two different
    zero-width characters (a bit each, either way round, 7 or 8 to a character, a third character
    between them allowed).
    """
    return _tags(run) or _selectors(run) or _bits(run)


def _tags(run: str) -> str:
    codes = (ord(char) - _TAG for char in run)
    return "".join(chr(code) for code in codes if 0x20 <= code < 0x7F)


def _selectors(run: str) -> str:
    values = bytes(value for char in run if (value := _selector_byte(ord(char))) is not None)
    return _readable(values) if len(values) >= 2 else ""


def _selector_byte(code: int) -> int | None:
    if _FIRST_SELECTOR <= code < _FIRST_SELECTOR + 16:
        return code - _FIRST_SELECTOR
    if _SECOND_SELECTOR <= code < _SECOND_SELECTOR + 240:
        return code - _SECOND_SELECTOR + 16
    return None


def _bits(run: str) -> str:
    """The most frequent two characters as bits; any others part characters or say nothing."""
    counts = {char: run.count(char) for char in set(run)}
    if len(run) < 14 or not 2 <= len(counts) <= 4:
        return ""
    zero, one, *_ = sorted(counts, key=lambda char: (-counts[char], char))
    for low, high in ((zero, one), (one, zero)):
        digits = "".join("0" if char == low else "1" if char == high else "" for char in run)
        for size in (8, 7):
            values = bytes(
                int(digits[at : at + size], 2) for at in range(0, len(digits) - size + 1, size)
            )
            if found := _readable(values):
                return found
    return ""


def _readable(values: bytes) -> str:
    """``values`` as UTF-8 when nearly all of it can be printed, else ""."""
    text = values.decode("utf-8", errors="replace")
    shown = sum((char.isprintable() and char != "\ufffd") or char in "\n\t" for char in text)
    return text if len(text) >= 2 and shown >= 0.9 * len(text) else ""
