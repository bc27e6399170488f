"""The parts of a streamed reply as they grow: what arrived, what was judged, what was released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from guardrail.adapter import Delta, Event
from guardrail.errors import WireError
from guardrail.types import Kind, Part


class HeldText:
    """One part of the reply.

    Attributes:
        kind: What it is.
        choice: Which answer it belongs to.
        name: Tool name or type name, once it was sent.
        url: Of a picture.
        length: Characters that arrived.
        released_length: Characters that left, as they arrived.
        rewritten: What was sent, once it differs from what arrived.
        whole: Whether nothing will be added; only a tool call has to wait for that.
        judged: Whether it was judged when it was whole.
    """

    def __init__(self, kind: Kind, choice: int) -> None:
        self.kind: Kind = kind
        self.choice = choice
        self.name = ""
        self.url = ""
        self.length = 0
        self.released_length = 0
        self.rewritten: str | None = None
        self.whole = kind != "tool_call"
        self.judged = False
        self._pieces: list[str] = []

    def add(self, delta: Delta) -> None:
        """One more piece."""
        self.name = self.name or delta.name
        self.url = self.url or delta.url
        self._pieces.append(delta.text)
        self.length += len(delta.text)

    def so_far(self) -> str:
        """All that arrived."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def continued(self, redacted: str) -> str:
        """What to send so that all that was sent reads ``redacted``.

        Raises:
            WireError: What was released cannot become that (status 502).
        """
        sent = self.so_far()[: self.released_length] if self.rewritten is None else self.rewritten
        if not redacted.startswith(sent):
            raise WireError("a redaction reaches into text that was released", status=502)
        self.rewritten = redacted
        return redacted[len(sent) :]


class HeldTexts:
    """All parts of the reply by ref, and how much of each answer waits to be judged.

    Attributes:
        waiting: Characters of the answer of which most wait; calls that still grow do not wait.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._texts: dict[str, HeldText] = {}
        self._waiting: Counter[int] = Counter()

    def __getitem__(self, ref: str) -> HeldText:
        return self._texts[ref]

    def items(self) -> Iterable[tuple[str, HeldText]]:
        """Each ref with its text, in the order in which they began."""
        return self._texts.items()

    def take(self, event: Event) -> None:
        """The pieces of one event."""
        for delta in event.deltas:
            self._add(delta)
        for end in event.ends:
            self.end(end)

    def end(self, prefix: str = "") -> None:
        """Nothing will be added any more to ``prefix`` and what lies below it, or to anything."""
        for ref, text in self._texts.items():
            if not text.whole and (prefix in ("", ref) or ref.startswith(f"{prefix}/")):
                text.whole = True
                self._wait(text.choice, text.length)

    def parts(self) -> Sequence[Part]:
        """What can be judged: all but the tool calls that still grow."""
        return [
            Part(ref, text.kind, "assistant", "assistant", text.so_far(), text.name, text.url)
            for ref, text in self._texts.items()
            if text.whole
        ]

    def judged(self) -> None:
        """What can be judged has been."""
        self._waiting.clear()
        self.waiting = 0
        for text in self._texts.values():
            text.judged = text.whole

    def _add(self, delta: Delta) -> None:
        text = self._texts.get(delta.ref)
        if text is None:
            text = self._texts[delta.ref] = HeldText(delta.kind, delta.choice)
        text.add(delta)
        if text.kind == "tool_call" and delta.text:
            text.whole = text.judged = False  # a stream that adds to what it ended
        if text.whole:
            self._wait(delta.choice, len(delta.text))

    def _wait(self, choice: int, length: int) -> None:
        # A piece without text (an opaque one, a picture) must be judged too before it leaves.
        self._waiting[choice] += length or 1
        self.waiting = max(self.waiting, self._waiting[choice])


def lengths(events: Iterable[Event]) -> dict[str, int]:
    """Characters of each ref in ``events``."""
    found: dict[str, int] = {}
    for event in events:
        for delta in event.deltas:
            found[delta.ref] = found.get(delta.ref, 0) + len(delta.text)
    return found


def common_suffix(one: str, other: str) -> int:
    """Number of characters in which two texts end alike."""
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count
