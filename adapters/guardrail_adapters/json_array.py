"""A JSON array that arrives in pieces, element by element, each with the very bytes it came in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from guardrail.errors import WireError

MAX_ELEMENT_BYTES = 16 * 1024 * 1024
"""Bytes of one element and of what stands before it."""

# A string, or one that has no end yet, or a bracket: all else changes nothing.
_token = re.compile(rb'"(?:[^"\\]|\\.)*"|"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """One element, or what follows the last one.

    Attributes:
        raw: Its bytes, with the bracket, comma and white space before it.
        data: The element itself, "" behind the last one.
    """

    raw: bytes = field(repr=False)
    data: str


class ArrayReader:
    """Bytes in any split to elements; the same elements for every split.

    Elements are objects or arrays; what stands between them is not looked at.
    """

    def __init__(self) -> None:
        self._pending = bytearray()
        self._depth = 0
        self._start = 0
        self._at = 0
        self.ended = False

    def feed(self, data: bytes) -> list[Element]:
        """The elements that ``data`` completed.

        Raises:
            WireError: An element is too large or not UTF-8, or this is no array (status 502).
        """
        self._pending += data
        found: list[Element] = []
        while (token := _token.search(self._pending, self._at)) and token.group() != b'"':
            self._at = token.end()
            char = token.group()
            if char in (b"[", b"{"):
                self._open(char, token.start())
            elif char in (b"]", b"}"):
                self._depth -= 1
                if self._depth == 1:
                    found.append(self._element())
                elif self._depth == 0:
                    self.ended = True
        if token is None:
            self._at = len(self._pending)
        if len(self._pending) > MAX_ELEMENT_BYTES:
            raise _broken(f"a piece is longer than {MAX_ELEMENT_BYTES} bytes")
        return found

    def close(self) -> list[Element]:
        """What is left at the end of the bytes: the closing bracket and white space."""
        rest = bytes(self._pending)
        self._pending.clear()
        return [Element(rest, "")] if rest else []

    def _open(self, char: bytes, at: int) -> None:
        if self.ended or (self._depth == 0 and char != b"["):
            raise _broken("it is not one array")
        if self._depth == 1:
            self._start = at
        self._depth += 1

    def _element(self) -> Element:
        raw, data = bytes(self._pending[: self._at]), bytes(self._pending[self._start : self._at])
        del self._pending[: self._at]
        self._at = 0
        try:
            return Element(raw, data.decode())
        except UnicodeDecodeError as error:
            raise _broken(f"it is not UTF-8: {error.reason}") from None


def _broken(why: str) -> WireError:
    return WireError(f"the upstream's stream cannot be read: {why}", status=502)
