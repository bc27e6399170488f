"""A streamed reply: numbered, typed events, from ``response.created`` to how it ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guardrail.adapter import Event, Refusal
from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters import counts, sse
from guardrail_adapters.collector import as_object, from_upstream
from guardrail_adapters.openai_responses.answers import Teller, empty_response
from guardrail_adapters.openai_responses.events import Piece, PieceReader, Told
from guardrail_adapters.openai_responses.render import noted_item
from guardrail_adapters.splice import splice_text
from guardrail_adapters.strict_json import loads_text

_item = re.compile(r"/item|/response/output/\d+").fullmatch
_ENDS = ("response.completed", "response.failed", "response.incomplete", "error")


class ResponseStream:
    """Reads the streamed reply to one request.

    Args:
        conversation: The request.
        clock: Seconds since 1970, for a stream that ends before its first event.
    """

    keep_alive = b": keep-alive\n\n"

    def __init__(self, conversation: Conversation, clock: Callable[[], float]) -> None:
        self._model = conversation.model
        self._clock = clock
        self._events = sse.EventReader()
        self._pieces = PieceReader()
        self._sent: dict[str, str] = {}
        self._head: dict[str, Any] = {}
        self._usage: Mapping[str, Any] | None = None
        self._number = 0
        self._items = 0
        self._ended = False

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What the stream said was used so far, None for nothing."""
        return self._usage or None

    def feed(self, data: bytes) -> Sequence[Event]:
        """The events that ``data`` completed.

        Raises:
            WireError: Not an event stream of this format (status 502).
        """
        return [self._read(one) for one in self._events.feed(data)]

    def close(self) -> Sequence[Event]:
        """What is left at the end of the bytes.

        Raises:
            WireError: The response did not end (status 502).
        """
        events = [self._read(one) for one in self._events.close()]
        if not self._ended:
            raise WireError(
                "the upstream's stream ended early: there was neither response.completed nor "
                "another end",
                status=502,
            )
        return events

    def rewrite(self, events: Sequence[Event], texts: Mapping[str, str]) -> bytes:
        """The events' bytes where the pieces of each ref of ``texts`` together say that text.

        What repeats a changed text says all of it that was sent. Log probabilities beside it become
        empty.

        Raises:
            WireError: No event has a place for one of the texts (status 502).
        """
        for ref, text in texts.items():
            if ref not in self._sent:
                self._sent[ref] = self._pieces.texts.get(ref, "")[: _start(events, ref)]
            self._sent[ref] += text
        left = dict(texts)
        out = b"".join(self._rewritten(one, texts, left) for one in events)
        if lost := [ref for ref, text in left.items() if text]:
            raise WireError(f"no event of the stream has a place for {lost[0]!r}", status=502)
        return out

    def counted(self, events: Sequence[Event], earlier: Mapping[str, Any]) -> list[Event]:
        """``events`` in which every usage is the sum of its own and ``earlier``."""
        return counts.counted_events(events, ("/response/usage",), earlier, counts.in_event)

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:
        """The refusal as an output item of its own, and the end of the response.

        The response at the end holds that item alone: what was said before is taken back.
        """
        number, items, started = self._number, self._items, bool(self._head)
        if held and isinstance(held[0].document, Told):
            first = held[0].document
            number, items, started = first.number, first.items, first.started
        tell = Teller(number)
        if refusal.style == "error":
            return tell.error(refusal.text, "content_filter", refusal.param)
        head = self._head or empty_response(self._model, refusal.verdict_id, int(self._clock()))
        begin = b"" if started else tell.begin(head)
        usage = refusal.usage or self._usage
        return begin + b"".join(tell.refusal(head, refusal, items, usage))

    def fail(self, message: str, code: str) -> bytes:
        """An error event."""
        return Teller(self._number).error(message, code)

    def _read(self, one: sse.ServerEvent) -> Event:
        text = one.data.strip()
        before = (self._number, self._items, bool(self._head))
        if not text or text == "[DONE]":
            self._ended = self._ended or bool(text)
            return Event(one.raw, (), Told("", *before))
        try:
            document = as_object(loads_text(one.data), "", "a JSON object")
            pieces = self._pieces.read(document)
        except WireError as error:
            raise from_upstream(error) from None
        self._note(document)
        told = Told(one.data, *before, pieces)
        # Whatever is neither a piece nor an item's beginning says a call for the last time.
        goes_on = str(document["type"]).endswith((".delta", ".added"))
        calls = tuple(one.delta.ref for one in pieces if one.delta.kind == "tool_call")
        return Event(
            one.raw, tuple(piece.delta for piece in pieces), told, () if goes_on else calls
        )

    def _note(self, document: dict[str, Any]) -> None:
        kind, number = document.get("type"), document.get("sequence_number")
        if type(number) is int and number >= self._number:
            self._number = number + 1
        if kind == "response.output_item.added" and type(document.get("output_index")) is int:
            self._items = max(self._items, document["output_index"] + 1)
        response = document.get("response")
        if isinstance(response, dict):
            usage = response.get("usage")
            self._usage = usage if isinstance(usage, dict) else self._usage
            self._head = self._head or response
        self._ended = self._ended or kind in _ENDS

    def _rewritten(self, one: Event, texts: Mapping[str, str], left: dict[str, str]) -> bytes:
        """One event's bytes; what of ``texts`` it says is taken out of ``left``."""
        told = one.document
        if not isinstance(told, Told):
            return one.raw
        values: dict[str, Any] = {}
        for piece in told.pieces:
            if piece.delta.ref in texts:
                values[piece.pointer] = self._value(piece, left)
                if piece.logprobs:
                    values[piece.logprobs] = []
        if not values:
            return one.raw
        return sse.with_data(one.raw, splice_text(told.data, values).replace("\n", " "))

    def _value(self, piece: Piece, left: dict[str, str]) -> Any:
        if piece.delta.kind in ("opaque", "image"):
            notice = left.pop(piece.delta.ref, "")
            return noted_item(notice) if _item(piece.pointer) else None
        if piece.repeated:
            return self._sent[piece.delta.ref]
        return left.pop(piece.delta.ref, "")


def _start(events: Sequence[Event], ref: str) -> int:
    """How many characters of a part were told before ``events``."""
    for event in events:
        if isinstance(event.document, Told):
            for piece in event.document.pieces:
                if piece.delta.ref == ref:
                    return piece.start
    return 0
