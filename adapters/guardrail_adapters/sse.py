"""Event streams read incrementally, each event with the very bytes it came in.

Source: WHATWG HTML, section 9.2 "Server-sent events". Where that standard decodes broken UTF-8
with replacement characters, the stream is refused instead: client and guard would read different
texts. What is left unfinished at the end of the bytes is handed out as an event too, where the
standard drops it, because clients exist that do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from guardrail.errors import WireError

MAX_EVENT_BYTES = 16 * 1024 * 1024
"""Bytes of one event, white space and comments included."""

_BOM = b"\xef\xbb\xbf"
# Atomic, so that CR LF is never taken for two line ends. A CR at the very end of what arrived may
# be half of a CR LF: it ends nothing before the next byte is there.
_blank_line = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r(?=[^\n]))").search
_line_end = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Attributes:
        raw: Its bytes, the blank line that ends it included.
        data: Its data lines joined by line feeds, "" where it has none (a comment).
    """

    raw: bytes = field(repr=False)
    data: str


class EventReader:
    """Bytes in any split to events; the same events for every split."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._pending = bytearray()
        self._searched = 0
        self._at_start = True

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that ``data`` completed.

        Raises:
            WireError: An event is too large or not UTF-8 (status 502).
        """
        alone = data.find(b"\n\n") + 2 == len(data) > 1 and b"\r" not in data
        if alone and not self._pending:
            return [self._event(bytes(data))]  # one event, which is how most of them come
        self._pending += data
        events = [self._event(raw) for raw in self._complete()]
        self._check_size(len(self._pending))
        return events

    def close(self) -> list[ServerEvent]:
        """What is left at the end of the bytes: one event or none.

        Raises:
            WireError: It is not UTF-8 (status 502).
        """
        rest = bytes(self._pending)
        self._pending.clear()
        return [self._event(rest)] if rest else []

    def _complete(self) -> Iterator[bytes]:
        start = 0
        while (end := self._event_end(max(start, self._searched))) is not None:
            yield bytes(self._pending[start:end])
            start = end
        del self._pending[:start]
        # The last three bytes may be the first part of a blank line: CR LF CR.
        self._searched = max(0, len(self._pending) - 3)

    def _event_end(self, start: int) -> int | None:
        if b"\r" not in self._pending:
            end = self._pending.find(b"\n\n", start)
            return None if end < 0 else end + 2
        found = _blank_line(self._pending, start)
        return None if found is None else found.end()

    def _check_size(self, size: int) -> None:
        if size > self._max_event_bytes:
            raise WireError(
                f"an event of the upstream's stream is longer than {self._max_event_bytes} bytes",
                status=502,
            )

    def _event(self, raw: bytes) -> ServerEvent:
        self._check_size(len(raw))
        content = raw
        if self._at_start:
            self._at_start = False
            content = raw.removeprefix(_BOM)
        try:
            return ServerEvent(raw, data_of(content.decode()))
        except UnicodeDecodeError as error:
            raise WireError(
                f"the upstream's stream is not UTF-8: {error.reason}", status=502
            ) from None


def data_of(text: str) -> str:
    """The data lines of one event's text, joined by line feeds."""
    if "\r" not in text and text.startswith("data: ") and text.find("\n") >= len(text) - 2:
        return text[6:].rstrip("\n")
    values = [_value(line) for line in _line_end.split(text) if _is_data(line)]
    return "\n".join(values)


def with_data(raw: bytes, data: str) -> bytes:
    """``raw`` where the data lines say ``data``, which holds no line end; other lines stay."""
    text = raw.decode()
    pieces: list[str] = []
    told = False
    for line, end in _lines(text):
        if not _is_data(line.removeprefix("\ufeff")):
            pieces += (line, end)
        elif not told:
            told = True
            space = " " if line.partition(":")[2][:1] in ("", " ") else ""
            pieces += (line.partition(":")[0], ":", space, data, end)
    return "".join(pieces).encode()


def event(data: str, kind: str = "") -> bytes:
    """A new event that says ``data``, which holds no line end, of the type ``kind`` if given."""
    named = f"event: {kind}\n" if kind else ""
    return f"{named}data: {data}\n\n".encode()


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Lines, each with its end as it stands."""
    last = 0
    for found in _line_end.finditer(text):
        yield text[last : found.start()], found.group()
        last = found.end()
    yield text[last:], ""


def _is_data(line: str) -> bool:
    return line == "data" or line.startswith("data:")


def _value(line: str) -> str:
    return line[5:].removeprefix(" ")
