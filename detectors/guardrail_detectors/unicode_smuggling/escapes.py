r"""JSON's ``\uXXXX`` escapes undone, with the way back to where they stood."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|.)",
    re.DOTALL,
)


def unescape(text: str) -> tuple[str, list[int]]:
    r"""``text`` with each ``\uXXXX`` made its character, other escapes left as they are.

    Returns:
        The text, and for each of its characters and for its end the place in ``text``.
    """
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for found in _ESCAPE.finditer(text):
        char = _character(found)
        if char is None:
            continue
        pieces += (text[last : found.start()], char)
        places += (*range(last, found.start()), found.start())
        last = found.end()
    return "".join([*pieces, text[last:]]), [*places, *range(last, len(text) + 1)]


def _character(found: re.Match[str]) -> str | None:
    high, low, plain = found.groups()
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    return None if plain is None else chr(int(plain, 16))
