"""A streamed reply: chunks in server-sent events, ended by ``[DONE]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guardrail.adapter import Event, Refusal
from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters import counts, sse
from guardrail_adapters.collector import as_object, from_upstream
from guardrail_adapters.openai_chat.answers import (
    DONE,
    Identity,
    closing,
    event,
    usage_chunk,
)
from guardrail_adapters.openai_chat.chunks import Chunk, Piece, read_chunk
from guardrail_adapters.openai_chat.frames import Frame, frame_of
from guardrail_adapters.openai_chat.request import choices_of, wants_usage
from guardrail_adapters.openai_errors import blocked, envelope
from guardrail_adapters.splice import splice_text
from guardrail_adapters.strict_json import loads_text


class ChatStream:
    """Reads the streamed reply to one request.

    Args:
        conversation: The request.
        clock: Seconds since 1970, for a stream that ends before its first chunk.

    Attributes:
        request: The request's JSON.
        started: Indices of the choices that were spoken of.
        usage: The usage that the stream told, None so far.
    """

    keep_alive = b": keep-alive\n\n"

    def __init__(self, conversation: Conversation, clock: Callable[[], float]) -> None:
        self.request = conversation.document
        self._clock = clock
        self._reader = sse.EventReader()
        self._head: dict[str, Any] = {"id": "", "created": 0, "model": ""}
        self._model = conversation.model
        self.started: set[int] = set()
        self._finished: set[int] = set()
        self._introduced: set[int] = set()
        self.usage: Mapping[str, Any] | None = None
        self._ended = False
        self._frame: Frame | None = None

    def feed(self, data: bytes) -> Sequence[Event]:
        """The events that ``data`` completed.

        Raises:
            WireError: Not an event stream of chunks (status 502).
        """
        return [self._read(one) for one in self._reader.feed(data)]

    def close(self) -> Sequence[Event]:
        """What is left at the end of the bytes.

        Raises:
            WireError: There was no end mark, and not every choice was finished (status 502).
        """
        events = [self._read(one) for one in self._reader.close()]
        if not self._ended and (not self.started or self.started - self._finished):
            raise WireError(
                "the upstream's stream ended early: neither [DONE] nor a finish_reason for every "
                f"choice came; open choices: {sorted(self.started - self._finished)}",
                status=502,
            )
        return events

    def rewrite(self, events: Sequence[Event], texts: Mapping[str, str]) -> bytes:
        """The events' bytes where the pieces of each ref of ``texts`` together say that text.

        Log probabilities beside a changed text become null, audio beside a changed transcript
        empty: both say again what was taken away.

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
        return counts.counted_events(events, ("/usage",), earlier, counts.in_event)

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:  # noqa: ARG002
        """The refusal in every choice, and the end of the stream.

        Every choice, finished or not: a finish_reason that was fed may still be held back.
        """
        if refusal.style == "error":
            return event(blocked(refusal)) + DONE
        identity = self.identity(refusal)
        indices = sorted(self.started | set(range(choices_of(self.request))))
        out = b"".join(
            closing(identity, refusal, index, role=index not in self._introduced)
            for index in indices
        )
        usage = self.usage if refusal.usage is None else refusal.usage
        if usage is not None and wants_usage(self.request):
            out += usage_chunk(identity, usage)
        return out + DONE

    def fail(self, message: str, code: str) -> bytes:
        """An error event, which SDKs raise, and the end of the stream."""
        return event(envelope(message, "server_error", code)) + DONE

    def _read(self, one: sse.ServerEvent) -> Event:
        text = one.data.strip()
        if not text:
            return Event(one.raw)
        if text == "[DONE]":
            self._ended = True
            return Event(one.raw)
        known = self._frame and self._frame.read(one.data)
        if known:
            return Event(one.raw, (known.pieces[0].delta,), known)
        try:
            document = as_object(loads_text(one.data), "", "a JSON object")
            chunk = read_chunk(document, one.data)
        except WireError as error:
            raise from_upstream(error) from None
        self._note(document, chunk)
        self._frame = frame_of(chunk) or self._frame
        ends = tuple(f"/choices/{index}" for index in chunk.finished)
        return Event(one.raw, tuple(piece.delta for piece in chunk.pieces), chunk, ends)

    def _note(self, document: dict[str, Any], chunk: Chunk) -> None:
        for key, value in self._head.items():
            if not value and type(document.get(key)) is type(value):
                self._head[key] = document[key]
        if isinstance(document.get("usage"), dict):
            self.usage = document["usage"]
        self._ended = self._ended or document.get("error") is not None
        self.started.update(chunk.choices)
        self._finished.update(chunk.finished)
        if not chunk.pieces:
            # Nothing in it waits for a judgement, so the client learns the role from it. A role
            # that came with text may be held back for ever.
            self._introduced.update(chunk.roles)

    def identity(self, refusal: Refusal) -> Identity:
        """What the stream's chunks repeat, so far as they said it."""
        return Identity(
            self._head["id"] or f"chatcmpl-{refusal.verdict_id}",
            self._head["created"] or int(self._clock()),
            self._head["model"] or self._model,
        )


def _rewritten(one: Event, texts: Mapping[str, str], left: dict[str, str]) -> bytes:
    """One event's bytes; what of ``texts`` it says is taken out of ``left``."""
    chunk = one.document
    if not isinstance(chunk, Chunk):
        return one.raw
    values: dict[str, Any] = {}
    changed: set[str] = set()
    for piece in chunk.pieces:
        if _touched(piece, texts):
            changed.add(piece.delta.ref)
            if piece.pointer:
                values[piece.pointer] = _value(piece, left)
    for choice, pointer in chunk.logprobs:
        if any(ref.startswith(f"{choice}/") for ref in changed):
            values[pointer] = None
    if not values:
        return one.raw
    return sse.with_data(one.raw, _one_line(splice_text(chunk.data, values)))


def _touched(piece: Piece, texts: Mapping[str, str]) -> bool:
    ref = piece.delta.ref
    if piece.delta.kind == "audio":
        return ref in texts or f"{ref.removesuffix('/data')}/transcript" in texts
    return ref in texts


def _value(piece: Piece, left: dict[str, str]) -> Any:
    text = left.pop(piece.delta.ref, "")
    match piece.delta.kind:
        case "audio":
            return ""
        case "opaque":
            return None
        case _:
            return text


def _one_line(data: str) -> str:
    """JSON that came in several data lines as one; a line end in JSON is only ever white space."""
    return data.replace("\n", " ")
