"""The adapter itself: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import parse_qs, unquote

from guardrail.adapter import Insert, Refusal
from guardrail.types import Conversation, Edit, Image
from guardrail.wire import Reply
from guardrail_adapters import counts
from guardrail_adapters.base64_pictures import base64_of
from guardrail_adapters.gemini import answers, system
from guardrail_adapters.gemini.render import render
from guardrail_adapters.gemini.reply import read_reply
from guardrail_adapters.gemini.request import read_request
from guardrail_adapters.gemini.stream import GeminiStream
from guardrail_adapters.splice import append

_USAGE = ("/usageMetadata", "/usage_metadata")
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

    def continued(self, body: bytes, draft: str, instruction: str) -> bytes:
        """``body`` with ``draft`` and a user's ``instruction`` behind its contents.

        Raises:
            WireError: The body has no array of contents.
        """
        said = {"role": "model", "parts": [{"text": draft}]}
        asked = {"role": "user", "parts": [{"text": instruction}]}
        return append(body, "/contents", said, asked)

    def counted(self, body: bytes, earlier: Mapping[str, Any]) -> bytes:
        """The whole reply ``body`` whose usage is the sum of its own and ``earlier``."""
        return counts.counted(body, _USAGE, earlier)

    def tokens(self, usage: Mapping[str, Any]) -> int:
        """Tokens read and written."""
        return counts.number(usage, "totalTokenCount", "total_token_count")

    def question(
        self,
        conversation: Conversation,  # noqa: ARG002
        prompt: str,
        images: Sequence[Image] = (),
    ) -> bytes:
        """An unstreamed request that asks ``prompt`` alone."""
        parts = [{"text": prompt}, *map(_shown, images)]
        request = {"contents": [{"role": "user", "parts": parts}]}
        return json.dumps(request, separators=(",", ":")).encode()

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(
            refusal, conversation.model, stream=conversation.stream, events=self._as_events
        )

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return answers.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> GeminiStream:
        """A reader for the streamed reply to ``conversation``."""
        return GeminiStream(conversation, events=self._as_events)


def _shown(image: Image) -> dict[str, Any]:
    return {"inlineData": {"mimeType": image.media_type, "data": base64_of(image)}}
