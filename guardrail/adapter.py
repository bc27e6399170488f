"""The seam for wire formats: a lens that finds parts in a body and patches them there.

An adapter is no translator: bytes it does not change stay as they were. Its laws:

- GetPut: ``render(body, {}) is body``.
- PutGet: an edit changes its part and no other byte of the body.
- Any re-splitting of a stream's bytes yields the same events in sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast

from guardrail.types import Conversation, Edit, Kind
from guardrail.wire import Reply

Insert = Literal["prepend", "append", "sandwich", "replace"]
BlockStyle = Literal["native", "error", "message"]


STREAMS = (b"text/event-stream", b"application/x-ndjson")
"""Media types of streamed replies, whatever the request asked for."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a blocked client is told; never which rule or detector it was.

    Attributes:
        text: The words for the end user.
        style: ``native``, ``error`` or ``message``.
        verdict_id: For support and audit.
        param: JSON Pointer of the part at fault in the request, "" where there is none.
        usage: The upstream's usage object to report, None when it was never called.
    """

    text: str
    style: BlockStyle = "native"
    verdict_id: str = ""
    param: str = ""
    usage: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of one part of a streamed reply.

    Attributes:
        ref: The part's JSON Pointer in the whole reply that the stream amounts to.
        kind: What the part is.
        text: The piece, to be appended; "" for a picture.
        name: Tool name or the wire's type name of an opaque piece; sent once.
        choice: Index of the answer it belongs to, where a request asks for several.
        url: Of a picture, which comes whole: its ``data:`` or ``http(s):`` URL.
    """

    ref: str
    kind: Kind
    text: str
    name: str = ""
    choice: int = 0
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream: its bytes as they came, and the pieces they carry.

    ``b"".join(event.raw for event in events)`` is the stream, byte for byte.

    Attributes:
        raw: Its bytes.
        deltas: The pieces, in reading order.
        document: For the reader that made it alone.
        ends: Refs to which nothing will be added any more, nor to what lies below them; tool calls
            that no event ends are whole when the stream is.
    """

    raw: bytes = field(repr=False)
    deltas: tuple[Delta, ...] = ()
    document: object = field(default=None, repr=False, compare=False)
    ends: tuple[str, ...] = ()


class ReplyStream(Protocol):
    """Reads one streamed reply; made for each exchange, fed bytes in any split."""

    @property
    def keep_alive(self) -> bytes:
        """Bytes that a client ignores, sent while text is held."""
        ...

    def feed(self, data: bytes) -> Sequence[Event]:
        """The events that ``data`` completed.

        Raises:
            WireError: The stream breaks its format or a limit (status 502).
        """
        ...

    def close(self) -> Sequence[Event]:
        """What is left at the end of the bytes.

        Raises:
            WireError: The stream ended early (status 502).
        """
        ...

    def rewrite(self, events: Sequence[Event], texts: Mapping[str, str]) -> bytes:
        """The events' bytes where, for each ref of ``texts``, the pieces together say that text.

        Events that carry none of these refs keep their bytes.
        """
        ...

    def finish(self, refusal: Refusal, held: Sequence[Event] = ()) -> bytes:
        """What ends the stream natively after a block.

        Args:
            refusal: What to say.
            held: The last of the events fed so far: those that the client was not sent.
        """
        ...

    def fail(self, message: str, code: str) -> bytes:
        """What ends the stream after a failure of the upstream or the guard."""
        ...


class Adapter(Protocol):
    """A lens on one provider's wire format.

    Two members are optional, for formats whose body does not say everything: ``addressed(path,
    query, content_type)`` gives the lens for one request, and ``streams`` names the media types of
    streamed replies where they are not ``STREAMS``.
    """

    def parse(self, body: bytes) -> Conversation:
        """The parts of a request.

        Raises:
            WireError: Not strict JSON or not this format (status 400).
        """
        ...

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (request or reply) with the edits made, and ``body`` itself for none.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        ...

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` with ``text`` as or in the place of this format's system prompt."""
        ...

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply.

        Raises:
            WireError: Not strict JSON or not this format (status 502).
        """
        ...

    def question(self, conversation: Conversation, prompt: str) -> bytes:
        """A whole, unstreamed request that asks the conversation's model ``prompt`` alone."""
        ...

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        ...

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        ...

    def events(self, conversation: Conversation) -> ReplyStream:
        """A reader for the streamed reply to ``conversation``."""
        ...


def addressed(
    adapter: Adapter, path: str, query: bytes, content_type: bytes | None = None
) -> Adapter:
    """The lens for one request: ``adapter`` itself where the body says everything.

    Raises:
        WireError: The request's address or ``Content-Type`` is not one of this format's.
    """
    for_request = getattr(adapter, "addressed", None)
    if for_request is None:
        return adapter
    return cast("Adapter", for_request(path, query, content_type))


def is_streamed(adapter: Adapter, media_type: bytes, *, asked: bool) -> bool:
    """Whether a reply is to be read as a stream.

    Args:
        adapter: Of the request.
        media_type: Of the reply, lower case, without parameters.
        asked: Whether the request asked for a stream.
    """
    return media_type in STREAMS or (asked and media_type in getattr(adapter, "streams", ()))
