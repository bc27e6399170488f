"""A streamed reply: response objects as server-sent events, or as elements of one array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guardrail.adapter import Delta, Event, Refusal
from guardrail.errors import WireError
from guardrail.types import Conversation, Kind, Part
from guardrail_adapters import counts, sse
from guardrail_adapters.arguments import as_object_again
from guardrail_adapters.collector import (
    Collector,
    as_array,
    as_object,
    from_upstream,
    malformed,
)
from guardrail_adapters.gemini import answers
from guardrail_adapters.gemini.content import member
from guardrail_adapters.gemini.reply import read_response
from guardrail_adapters.json_array import ArrayReader
from guardrail_adapters.pointer import lookup
from guardrail_adapters.splice import splice_text
from guardrail_adapters.strict_json import loads_text

_USAGE = ("/usageMetadata", "/usage_metadata")

MAX_INDEX = 1023
"""Of candidates."""

_TOLD_AS: Mapping[Kind, Kind] = {"tool_result": "text", "audio": "opaque", "file": "opaque"}


class _Piece(NamedTuple):
    """A delta and the pointer of its value in the response object."""

    delta: Delta
    pointer: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What one response object says: its JSON text and its pieces."""

    data: str = field(repr=False)
    pieces: tuple[_Piece, ...]
    first: bool


class GeminiStream:
    """Reads the streamed reply to one request.

    Args:
        conversation: The request.
        events: Whether the request asked for server-sent events; otherwise an array comes.
    """

    def __init__(self, conversation: Conversation, *, events: bool) -> None:
        self._model = conversation.model
        self._events = sse.EventReader() if events else None
        self._array = ArrayReader()
        self._usage: dict[str, Any] = {}
        self._count = 0
        self._finished: set[int] = set()
        self._started: set[int] = set()

    @property
    def keep_alive(self) -> bytes:
        """A comment between events; white space between elements."""
        return b" " if self._events is None else b": keep-alive\n\n"

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What the stream said was used so far, None for nothing."""
        return self._usage or None

    def feed(self, data: bytes) -> Sequence[Event]:
        """The events that ``data`` completed.

        Raises:
            WireError: Not a stream of this format (status 502).
        """
        pieces = self._array.feed(data) if self._events is None else self._events.feed(data)
        return [self._read(one.raw, one.data) for one in pieces]

    def close(self) -> Sequence[Event]:
        """What is left at the end of the bytes.

        Raises:
            WireError: The stream ended early (status 502).
        """
        pieces = self._array.close() if self._events is None else self._events.close()
        found = [self._read(one.raw, one.data) for one in pieces]
        whole = self._events is not None or self._array.ended
        if not whole or not self._count or self._started - self._finished:
            raise WireError(
                "the upstream's stream ended early: not every candidate has a finishReason",
                status=502,
            )
        return found

    def rewrite(self, events: Sequence[Event], texts: Mapping[str, str]) -> bytes:
        """The events' bytes where the pieces of each ref of ``texts`` together say that text.

        Raises:
            WireError: No event has a place for one of the texts (status 502).
        """
        left = dict(texts)
        out = b"".join(self._rewritten(one, texts, left) for one in events)
        if lost := [ref for ref, text in left.items() if text]:
            raise WireError(f"no event of the stream has a place for {lost[0]!r}", status=502)
        return out

    def counted(self, events: Sequence[Event], earlier: Mapping[str, Any]) -> list[Event]:
        """``events`` in which every usage is the sum of its own and ``earlier``."""
        return counts.counted_events(
            events, _USAGE, earlier, counts.in_text if self._events is None else counts.in_event
        )

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:
        """A last response whose candidate says the refusal and was stopped for safety."""
        if refusal.style == "error":
            return self._last(answers.blocked(refusal), held)
        response = answers.response_of(refusal, self._model)
        response["usageMetadata"] = dict(refusal.usage or self._usage)
        return self._last(response, held)

    def fail(self, message: str, code: str) -> bytes:
        """An error in place of the next response."""
        return self._last(answers.envelope(502, message, code), ())

    def _last(self, document: Mapping[str, Any], held: Sequence[Event]) -> bytes:
        if self._events is not None:
            return answers.event(document)
        told = [one.document for one in held if isinstance(one.document, _Told)]
        nothing_sent = told[0].first if told else self._count == 0
        return (b"[" if nothing_sent else b",") + answers.encoded(document) + b"]"

    def _read(self, raw: bytes, data: str) -> Event:
        if not data.strip():
            return Event(raw)
        try:
            document = as_object(loads_text(data), "", "a JSON object")
            pieces = self._pieces(document)
            self._note(document)
        except WireError as error:
            raise from_upstream(error) from None
        told = _Told(data, pieces, self._count == 0)
        self._count += 1
        calls = tuple(piece.delta.ref for piece in pieces if piece.delta.kind == "tool_call")
        return Event(raw, tuple(piece.delta for piece in pieces), told, calls)

    def _pieces(self, document: dict[str, Any]) -> tuple[_Piece, ...]:
        out = Collector("chunk")
        read_response(out, document, "")
        return tuple(self._piece(document, part) for part in out.parts)

    def _piece(self, document: dict[str, Any], part: Part) -> _Piece:
        """Texts of one candidate add up, its thoughts apart; all else is complete in itself."""
        steps = part.ref.split("/")
        pointer, kind, choice = part.ref, part.kind, 0
        if steps[1] == "candidates":
            choice = _index(lookup(document, "/".join(steps[:3])))
        if len(steps) == 7 and steps[-1] == "text" and steps[4] == "parts":
            holder = lookup(document, part.ref.rpartition("/")[0])
            name = "thought" if member(holder, "thought") else "text"
            ref = f"/candidates/{choice}/content/parts/{name}"
        else:
            ref = f"{part.ref}/-{self._count}"
        if kind in ("image", "audio", "file"):
            pointer = part.ref.rpartition("/")[0]
        told_as = _TOLD_AS.get(kind, kind)
        return _Piece(Delta(ref, told_as, part.text, part.name, choice, part.url), pointer)

    def _note(self, document: dict[str, Any]) -> None:
        usage = member(document, "usageMetadata")
        if isinstance(usage, dict):
            self._usage = usage
        for candidate in as_array(member(document, "candidates") or [], "/candidates"):
            self._started.add(_index(candidate))
            if member(candidate, "finishReason"):
                self._finished.add(_index(candidate))

    def _rewritten(self, one: Event, texts: Mapping[str, str], left: dict[str, str]) -> bytes:
        """One event's bytes; what of ``texts`` it says is taken out of ``left``."""
        told = one.document
        if not isinstance(told, _Told):
            return one.raw
        values = {
            piece.pointer: _value(piece, left.pop(piece.delta.ref, ""))
            for piece in told.pieces
            if piece.delta.ref in texts
        }
        if not values:
            return one.raw
        data = splice_text(told.data, values)
        if self._events is not None:
            return sse.with_data(one.raw, data.replace("\n", " "))
        return one.raw[: len(one.raw) - len(told.data.encode())] + data.encode()


def _index(candidate: dict[str, Any]) -> int:
    index = member(candidate, "index") or 0
    if type(index) is int and 0 <= index <= MAX_INDEX:
        return index
    raise malformed("/candidates/index", f"an integer from 0 to {MAX_INDEX}", index)


def _value(piece: _Piece, text: str) -> Any:
    """What is to stand at a piece's pointer so that it says ``text``."""
    match piece.delta.kind:
        case "tool_call":
            return as_object_again(text)
        case "opaque" | "image":
            return {"text": text}
        case _:
            return text
