"""A streamed reply: one object a line, the last of them ``done``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guardrail.adapter import Delta, Event, Refusal
from guardrail.errors import WireError
from guardrail.types import Part
from guardrail_adapters import counts
from guardrail_adapters.arguments import as_object_again
from guardrail_adapters.collector import Collector, as_object, from_upstream
from guardrail_adapters.ndjson import Line, LineReader
from guardrail_adapters.ollama import answers
from guardrail_adapters.ollama.render import BLANK
from guardrail_adapters.ollama.reply import counts_of, read_answer
from guardrail_adapters.splice import splice_text
from guardrail_adapters.strict_json import loads_text

_TEXTS = ("/message/content", "/message/thinking", "/response", "/thinking")
"""Refs whose pieces add up over the lines."""


class _Piece(NamedTuple):
    """A delta and the pointer of its value in the line."""

    delta: Delta
    pointer: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What one line says."""

    data: str = field(repr=False)
    pieces: tuple[_Piece, ...]
    logprobs: bool


class OllamaStream:
    """Reads the streamed reply to one request.

    Args:
        say: Writes one line of this kind of reply: model, time, text.
        model: As the request names it.
        clock: Seconds since 1970.
    """

    def __init__(self, say: answers.Say, model: str, clock: Callable[[], float]) -> None:
        self._say = say
        self._model = model
        self._clock = clock
        self._lines = LineReader()
        self._counts: Mapping[str, Any] = {}
        self._count = 0
        self._ended = False

    @property
    def keep_alive(self) -> bytes:
        """A line that says nothing: clients read every line as JSON, so no comment can be one."""
        return answers.line(self._say(self._model, self._clock(), ""))

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What the stream said was used so far, None for nothing."""
        return self._counts or None

    def feed(self, data: bytes) -> Sequence[Event]:
        """The events that ``data`` completed.

        Raises:
            WireError: Not lines of JSON objects (status 502).
        """
        return [self._read(one) for one in self._lines.feed(data)]

    def close(self) -> Sequence[Event]:
        """What is left at the end of the bytes.

        Raises:
            WireError: No line was the last one (status 502).
        """
        events = [self._read(one) for one in self._lines.close()]
        if not self._ended:
            raise WireError(
                "the upstream's stream ended early: no line says that it is done", status=502
            )
        return events

    def rewrite(self, events: Sequence[Event], texts: Mapping[str, str]) -> bytes:
        """The lines' bytes where the pieces of each ref of ``texts`` together say that text.

        Raises:
            WireError: No line has a place for one of the texts (status 502).
        """
        left = dict(texts)
        out = b"".join(_rewritten(one, texts, left) for one in events)
        if lost := [ref for ref, text in left.items() if text]:
            raise WireError(f"no line of the stream has a place for {lost[0]!r}", status=502)
        return out

    def counted(self, events: Sequence[Event], earlier: Mapping[str, Any]) -> list[Event]:
        """``events`` in which every usage is the sum of its own and ``earlier``."""
        return counts.counted_events(events, ("",), earlier, counts.in_text)

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:  # noqa: ARG002
        """A line that says the refusal, and the line that ends the stream."""
        if refusal.style == "error":
            return answers.line(answers.blocked(refusal))
        counts = refusal.usage or self._counts
        said = self._say(self._model, self._clock(), refusal.text)
        ended = answers.ended(self._say(self._model, self._clock(), ""), refusal, counts)
        return answers.line(said) + answers.line(ended)

    def fail(self, message: str, code: str) -> bytes:
        """A line with an error, which clients raise."""
        return answers.line(answers.envelope(message, code))

    def _read(self, one: Line) -> Event:
        if not one.data:
            return Event(one.raw)
        try:
            document = as_object(loads_text(one.data), "", "a JSON object")
            out = Collector("chunk")
            read_answer(out, document)
        except WireError as error:
            raise from_upstream(error) from None
        pieces = tuple(self._piece(part) for part in out.parts)
        self._count += 1
        self._counts = counts_of(document) or self._counts
        if isinstance(document.get("model"), str):
            self._model = document["model"]
        self._ended = self._ended or document.get("done") is True or bool(document.get("error"))
        told = _Told(one.data, pieces, bool(document.get("logprobs")))
        calls = tuple(piece.delta.ref for piece in pieces if piece.delta.kind == "tool_call")
        return Event(one.raw, tuple(piece.delta for piece in pieces), told, calls)

    def _piece(self, part: Part) -> _Piece:
        ref = part.ref if part.ref in _TEXTS else f"{part.ref}/-{self._count}"
        return _Piece(Delta(ref, part.kind, part.text, part.name, url=part.url), part.ref)


def _rewritten(one: Event, texts: Mapping[str, str], left: dict[str, str]) -> bytes:
    """One line's bytes; what of ``texts`` it says is taken out of ``left``."""
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
    if told.logprobs:
        values["/logprobs"] = None
    end = one.raw[len(one.raw.rstrip()) :]
    return splice_text(told.data, values).encode() + end


def _value(piece: _Piece, text: str) -> Any:
    """What is to stand at a piece's pointer so that it says ``text``."""
    match piece.delta.kind:
        case "tool_call":
            return as_object_again(text)
        case "opaque" | "image":
            return BLANK if "/images/" in piece.pointer else None
        case _:
            return text
