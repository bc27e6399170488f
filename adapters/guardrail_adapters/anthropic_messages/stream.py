"""A streamed reply: typed events, from ``message_start`` to ``message_stop``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from guardrail.adapter import Event, Refusal
from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters import counts, sse
from guardrail_adapters.anthropic_messages import answers
from guardrail_adapters.anthropic_messages.events import (
    Piece,
    PieceReader,
    Progress,
    Told,
    index_of,
)
from guardrail_adapters.collector import as_object, from_upstream
from guardrail_adapters.splice import splice_text
from guardrail_adapters.strict_json import loads_text


class MessageStream:
    """Reads the streamed reply to one request.

    Args:
        conversation: The request.
    """

    keep_alive = b": keep-alive\n\n"

    def __init__(self, conversation: Conversation) -> None:
        self._model = conversation.model
        self._reader = sse.EventReader()
        self._pieces = PieceReader()
        self._progress = Progress()
        self._usage: dict[str, Any] = {}
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
        return [self._read(one) for one in self._reader.feed(data)]

    def close(self) -> Sequence[Event]:
        """What is left at the end of the bytes.

        Raises:
            WireError: The message did not stop (status 502).
        """
        events = [self._read(one) for one in self._reader.close()]
        if not self._ended:
            raise WireError(
                "the upstream's stream ended early: there was no message_stop; open blocks: "
                f"{list(self._progress.open)}",
                status=502,
            )
        return events

    def rewrite(self, events: Sequence[Event], texts: Mapping[str, str]) -> bytes:
        """The events' bytes where the pieces of each ref of ``texts`` together say that text.

        Raises:
            WireError: No event has a place for one of the texts (status 502).
        """
        left = dict(texts)
        out = b"".join(_rewritten(one, texts, left) for one in events)
        if lost := [ref for ref, text in left.items() if text]:
            raise WireError(f"no event of the stream has a place for {lost[0]!r}", status=502)
        return out

    def counted(self, events: Sequence[Event], earlier: Mapping[str, Any]) -> list[Event]:
        """``events`` in which every usage is the sum of its own and ``earlier``."""
        return counts.counted_events(events, ("/usage", "/message/usage"), earlier, counts.in_event)

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:
        """Closes the blocks that the client has open, says the refusal, and ends the message."""
        if refusal.style == "error":
            return answers.event("error", error=answers.blocked(refusal)["error"])
        seen = self._progress
        if held and isinstance(held[0].document, Told):
            seen = held[0].document.before
        out = [answers.event("content_block_stop", index=index) for index in seen.open]
        if not seen.started:
            out.append(answers.start(answers.empty_message(self._model, refusal.verdict_id)))
        out += answers.said(refusal, seen.blocks)
        out += answers.end(refusal, refusal.usage or {"output_tokens": 0, **self._usage})
        return b"".join(out)

    def fail(self, message: str, code: str) -> bytes:
        """An error event, which SDKs raise."""
        return answers.event("error", error=answers.envelope("api_error", message, code)["error"])

    def _read(self, one: sse.ServerEvent) -> Event:
        before = self._progress
        if not one.data.strip():
            return Event(one.raw, (), Told("", before))
        try:
            document = as_object(loads_text(one.data), "", "a JSON object")
            pieces = self._pieces.read(document)
            self._note(document)
        except WireError as error:
            raise from_upstream(error) from None
        stops = document.get("type") == "content_block_stop"
        ends = (f"/content/{index_of(document)}",) if stops else ()
        told = Told(one.data, before, pieces)
        return Event(one.raw, tuple(piece.delta for piece in pieces), told, ends)

    def _note(self, document: dict[str, Any]) -> None:
        """Follows the message's blocks, its usage and its end."""
        at = self._progress
        usage = document.get("usage")
        match document.get("type"):
            case "message_start":
                usage = document["message"].get("usage")
                self._progress = replace(at, started=True)
            case "content_block_start":
                index = index_of(document)
                still = (*(one for one in at.open if one != index), index)
                self._progress = replace(at, open=still, blocks=max(at.blocks, index + 1))
            case "content_block_stop":
                index = index_of(document)
                self._progress = replace(at, open=tuple(i for i in at.open if i != index))
            case "message_stop" | "error":
                self._ended = True
            case _:
                pass
        if isinstance(usage, dict):
            self._usage |= usage


def _rewritten(one: Event, texts: Mapping[str, str], left: dict[str, str]) -> bytes:
    """One event's bytes; what of ``texts`` it says is taken out of ``left``."""
    told = one.document
    if not isinstance(told, Told):
        return one.raw
    values = {
        piece.pointer: _value(piece, left.pop(piece.delta.ref, ""))
        for piece in told.pieces
        if piece.pointer and piece.delta.ref in texts
    }
    if not values:
        return one.raw
    return sse.with_data(one.raw, splice_text(told.data, values).replace("\n", " "))


def _value(piece: Piece, text: str) -> Any:
    """What is to stand at a piece's pointer so that it says ``text``."""
    match piece.pointer:
        case "/content_block":
            return {"type": "text", "text": text}
        case "/delta":
            return {"type": "text_delta", "text": text}
        case "/content_block/input":
            return {}
        case _:
            return text
