"""The adapter itself: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Self
from urllib.parse import parse_qs, unquote

from guardrail.adapter import Insert, Refusal, ReplyStream
from guardrail.types import Conversation, Edit
from guardrail.wire import Reply
from guardrail_adapters.gemini import answers, system
from guardrail_adapters.gemini.render import render
from guardrail_adapters.gemini.reply import read_reply
from guardrail_adapters.gemini.request import read_request
from guardrail_adapters.gemini.stream import GeminiStream

_METHOD = re.compile(r"([^/:]+):(stream)?generateContent\Z", re.IGNORECASE).search


class Gemini:
    """A lens on Gemini's content generation.

    Model, streaming and the form of a stream stand in a request's path and query: ``addressed``
    gives the lens for one.

    Args:
        model: As the path names it.
        stream: Whether the method is ``streamGenerateContent``.
        events: Whether the query asks for server-sent events (``alt=sse``).
    """

    streams = (b"text/event-stream", b"application/json")
    """Media types of streamed replies."""

    def __init__(self, model: str = "", *, stream: bool = False, events: bool = False) -> None:
        self._model = model
        self._stream = stream
        self._as_events = events

    def addressed(self, path: str, query: bytes, content_type: bytes | None = None) -> Self:  # noqa: ARG002
        """The lens for a request to ``path``, percent-encoded as it was sent."""
        found = _METHOD(unquote(path))
        if found is None:
            return self
        asked = parse_qs(query.decode("latin-1"))
        events = asked.get("alt") == ["sse"]
        return type(self)(found.group(1), stream=found.group(2) is not None, events=events)

    def parse(self, body: bytes) -> Conversation:
        """The parts of a request: every string that a model may come to read.

        Raises:
            WireError: Not strict JSON or not a request of this format (status 400).
        """
        return read_request(body, self._model, stream=self._stream)

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (request or reply) with the edits made, and ``body`` itself for none.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        return render(body, edits)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` whose system instruction says ``text``; see ``system.with_system``."""
        return system.with_system(body, text, insert)

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply.

        Raises:
            WireError: Not strict JSON or not a reply of this format (status 502).
        """
        return read_reply(body)

    def question(self, conversation: Conversation, prompt: str) -> bytes:  # noqa: ARG002
        """An unstreamed request that asks ``prompt`` alone."""
        request = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
        return json.dumps(request, separators=(",", ":")).encode()

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(
            refusal, conversation.model, stream=conversation.stream, events=self._as_events
        )

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return answers.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> ReplyStream:
        """A reader for the streamed reply to ``conversation``."""
        return GeminiStream(conversation, events=self._as_events)
