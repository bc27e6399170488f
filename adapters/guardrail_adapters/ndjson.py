"""Lines of JSON that arrive in pieces, each with the very bytes it came in.

Source: https://github.com/ndjson/ndjson-spec. A line ends with a line feed; what is left without
one at the end of the bytes is handed out as a line too, because clients exist that read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from guardrail.errors import WireError

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Bytes of one line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its bytes, the line end included, and its text without it."""

    raw: bytes = field(repr=False)
    data: str


class LineReader:
    """Bytes in any split to lines; the same lines for every split."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[Line]:
        """The lines that ``data`` completed.

        Raises:
            WireError: A line is too long or not UTF-8 (status 502).
        """
        self._pending += data
        lines: list[Line] = []
        start = 0
        while (end := self._pending.find(b"\n", max(start, self._searched))) >= 0:
            lines.append(_line(bytes(self._pending[start : end + 1])))
            start = end + 1
        del self._pending[:start]
        self._searched = len(self._pending)
        if len(self._pending) > MAX_LINE_BYTES:
            raise WireError(
                f"a line of the upstream's stream is longer than {MAX_LINE_BYTES} bytes", status=502
            )
        return lines

    def close(self) -> list[Line]:
        """What is left at the end of the bytes: one line or none.

        Raises:
            WireError: It is not UTF-8 (status 502).
        """
        rest = bytes(self._pending)
        self._pending.clear()
        self._searched = 0
        return [_line(rest)] if rest else []


def _line(raw: bytes) -> Line:
    try:
        return Line(raw, raw.decode().strip())
    except UnicodeDecodeError as error:
        raise WireError(f"the upstream's stream is not UTF-8: {error.reason}", status=502) from None
