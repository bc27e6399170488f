"""Hold-back: text of a streamed reply leaves only after the output stages judged it.

In ``hold`` mode events are kept until ``window`` characters of one answer are waiting or the reply
is complete, then all of the reply so far is judged, and what was judged leaves. The last ``tail``
characters stay back, so that a match that straddles two windows is still whole when it is
redacted. In ``buffer`` mode everything is kept until the reply is complete.

In ``window`` mode text leaves as it comes, until ``exposed`` characters of one answer are unjudged:
then it waits for a judgement. Only text does; what is opaque, and a tool call, which is judged and
released when it is whole, waits in every mode.

Laws: released bytes are those of events that were judged and not blocked, but for at most
``exposed`` characters of each answer; the released text does not depend on how the stream's bytes
were split. The second holds because judgements happen at event boundaries, and events do not
depend on the split.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from guardrail.adapter import Delta, Event, Refusal, ReplyStream
from guardrail.errors import WireError
from guardrail.held_texts import HeldText, HeldTexts, common_suffix, lengths
from guardrail.revisable import CountedStream
from guardrail.types import Action, Drop, Outcome, Part, ReplaceImage, ReplaceText

Inspect = Callable[[Sequence[Part]], Awaitable[Outcome]]
"""The output stages over the parts of a reply so far."""


@dataclass(frozen=True, slots=True)
class Hold:
    """How much is held.

    Attributes:
        window: Characters of one answer that wait before they are judged together; None to wait
            for the end.
        tail: Characters kept back behind what may leave; None to keep back everything.
        keep_alive_s: Silence after which a keep-alive is sent while text is held.
        max_bytes: Bytes of one reply; its text is kept to its end, released or not.
        exposed: Characters of one answer that may leave before they are judged; 0 for none.
        revises: Whether a better reply may take its place: nothing leaves, not even events without
            text, before ``release``. Goes with neither window nor tail.
    """

    window: int | None = 400
    tail: int | None = 0
    keep_alive_s: float = 10.0
    max_bytes: int = 64 * 1024 * 1024
    exposed: int = 0
    revises: bool = False


class HoldBack:
    """The state of one held stream: events in, bytes that may leave out."""

    def __init__(self, reader: ReplyStream, inspect: Inspect, hold: Hold) -> None:
        self._reader = reader
        self._inspect = inspect
        self._hold = hold
        self._held: deque[Event] = deque()
        self._bytes = 0
        self._judged = 0  # how many of the held events were judged
        self._texts = HeldTexts()
        self.outcome = Outcome(Action.ALLOW)
        self.parts: Sequence[Part] = ()

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What the stream says was used, None where it says nothing or cannot be asked."""
        return getattr(self._reader, "usage", None)

    @property
    def holds(self) -> bool:
        """Whether any event is held back right now."""
        return bool(self._held)

    @property
    def keep_alive(self) -> bytes:
        """Bytes that the client ignores."""
        return self._reader.keep_alive

    async def feed(self, data: bytes) -> bytes:
        """The bytes that may leave after ``data`` arrived.

        Raises:
            WireError: The stream breaks its format or is longer than allowed.
        """
        out = bytearray()
        for event in self._reader.feed(data):
            self._take(event)
            if self._due():
                out += await self._judge(final=False)
                if self.blocked:
                    return bytes(out)
            elif self._hold.exposed and not self.outcome.edits:
                out += self._release(self._releasable({}), {})
        if not self._hold.revises and not self._texts.waiting and not self._texts_held():
            out += self._release(len(self._held), {})
        return bytes(out)

    async def close(self) -> bytes:
        """The bytes that may leave at the end of the stream.

        Raises:
            WireError: The stream ended early. What is held stays held.
        """
        for event in self._reader.close():
            self._take(event)
        self._texts.end()
        return await self._judge(final=True)

    def release(self, earlier: Mapping[str, Any] | None) -> bytes:
        """All of a reply that could have been revised, once it was judged and stands.

        Args:
            earlier: What drafts before it used; every usage in the stream becomes the sum.
        """
        if earlier is not None:
            reader = cast("CountedStream", self._reader)
            self._held = deque(reader.counted(tuple(self._held), earlier))
        return self._release(len(self._held), self._redacted())

    def finish(self, refusal: Refusal) -> bytes:
        """What ends the stream natively after a block."""
        return self._reader.finish(refusal, tuple(self._held))

    @property
    def blocked(self) -> bool:
        """Whether the last judgement was a block."""
        return self.outcome.action is Action.BLOCK

    def _texts_held(self) -> bool:
        return any(event.deltas for event in self._held)

    def _take(self, event: Event) -> None:
        self._held.append(event)
        self._bytes += len(event.raw)
        if self._bytes > self._hold.max_bytes:
            raise WireError("the upstream's reply is larger than may be held", status=502)
        self._texts.take(event)

    def _due(self) -> bool:
        """Whether one answer has as much that is unjudged as it may have."""
        if self._hold.exposed:
            return self._texts.waiting > self._hold.exposed
        return self._hold.window is not None and self._texts.waiting >= self._hold.window

    async def _judge(self, *, final: bool) -> bytes:
        if self._texts.waiting or final:
            self.parts = self._texts.parts()
            self.outcome = await self._inspect(self.parts)
            self._texts.judged()
            self._judged = len(self._held)
        if self.blocked or self._hold.revises:
            return b""
        texts = self._redacted()
        if final:
            return self._release(len(self._held), texts)
        return self._release(self._releasable(texts), texts)

    def _redacted(self) -> dict[str, str]:
        """Ref to the whole text so far after redaction, for parts that were redacted."""
        texts: dict[str, str] = {}
        for ref, edit in self.outcome.edits.items():
            match edit:
                case ReplaceText(text):
                    texts[ref] = text
                case Drop(notice):
                    call = self._texts[ref].kind == "tool_call"  # clients parse those as JSON
                    texts[ref] = json.dumps({"removed": notice}) if call else notice
                case ReplaceImage():  # no format has room for another picture in a stream
                    texts[ref] = Drop().notice
        return texts

    def _releasable(self, texts: Mapping[str, str]) -> int:
        """How many held events may leave now: those that end before every part's tail."""
        if self._hold.tail is None:
            return 0
        limits = {ref: self._limit(ref, text, texts) for ref, text in self._texts.items()}
        ends = {ref: text.released_length for ref, text in self._texts.items()}
        for count, event in enumerate(self._held):
            for delta in event.deltas:
                ends[delta.ref] += len(delta.text)
                if ends[delta.ref] > limits[delta.ref] or not self._may_leave(delta, count):
                    return count
        return len(self._held)

    def _may_leave(self, delta: Delta, place: int) -> bool:
        """Whether a piece of the held event at ``place`` waits for no judgement."""
        match delta.kind:
            case "text":
                return True  # judged, or within what may be exposed
            case "tool_call":
                return self._texts[delta.ref].judged
            case _:
                return place < self._judged

    def _limit(self, ref: str, text: HeldText, texts: Mapping[str, str]) -> int:
        """How many characters of a part may leave: not the tail, nor a redaction that touches it.

        A cut is safe where the text behind it stands unchanged at the end of the redacted text.
        """
        if text.kind == "tool_call":
            return text.length  # whole when it was judged: there is no other end to wait for
        limit = text.length - (self._hold.tail or 0)
        if ref not in texts:
            return limit
        kept = common_suffix(text.so_far(), texts[ref])
        return limit if text.length - limit <= kept else text.released_length

    def _release(self, count: int, texts: Mapping[str, str]) -> bytes:
        events = [self._held.popleft() for _ in range(count)]
        self._judged = max(0, self._judged - count)
        changed: dict[str, str] = {}
        for ref, length in lengths(events).items():
            text = self._texts[ref]
            if ref in texts or text.rewritten is not None:
                rest = text.length - text.released_length - length
                whole = texts.get(ref, text.so_far())
                changed[ref] = text.continued(whole[: len(whole) - rest])
            text.released_length += length
        if changed:
            return self._reader.rewrite(events, changed)
        return b"".join(event.raw for event in events)
