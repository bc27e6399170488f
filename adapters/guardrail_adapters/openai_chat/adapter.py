"""The adapter itself: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guardrail.adapter import Insert, Refusal
from guardrail.types import Conversation, Edit, Image
from guardrail.wire import Headers, Reply
from guardrail_adapters import counts, openai_errors, system_messages, talk
from guardrail_adapters.base64_pictures import base64_of
from guardrail_adapters.openai_chat import answers
from guardrail_adapters.openai_chat.render import render
from guardrail_adapters.openai_chat.reply import read_reply
from guardrail_adapters.openai_chat.request import read_request
from guardrail_adapters.openai_chat.stream import ChatStream


class OpenAIChat:
    """A lens on chat completions; holds no state of any exchange.

    Args:
        clock: Seconds since 1970, for the ``created`` of refusals.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def parse(self, body: bytes) -> Conversation:
        """The parts of a request: every string that a model may come to read.

        Raises:
            WireError: Not strict JSON or not a chat completions request (status 400).
        """
        return read_request(body)

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (request or reply) with the edits made, and ``body`` itself for none.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        return render(body, edits)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` with a system message that says ``text``; see ``system_messages``.

        Raises:
            WireError: The body has no array of messages.
        """
        return system_messages.with_system(body, text, insert)

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply, each choice's content first.

        Raises:
            WireError: Not strict JSON or not a chat completion (status 502).
        """
        return read_reply(body)

    def continued(self, body: bytes, draft: str, instruction: str) -> bytes:
        """``body`` with ``draft`` and a user's ``instruction`` behind its messages.

        Raises:
            WireError: The body has no array of messages.
        """
        return talk.continued(body, draft, instruction)

    def counted(self, body: bytes, earlier: Mapping[str, Any]) -> bytes:
        """The whole reply ``body`` whose usage is the sum of its own and ``earlier``."""
        return counts.counted(body, ("/usage",), earlier)

    def tokens(self, usage: Mapping[str, Any]) -> int:
        """Tokens read and written."""
        return counts.number(usage, "total_tokens")

    def question(
        self, conversation: Conversation, prompt: str, images: Sequence[Image] = ()
    ) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        content = [{"type": "text", "text": prompt}, *map(_shown, images)] if images else prompt
        request: dict[str, object] = {"messages": [{"role": "user", "content": content}]}
        if conversation.model:
            request["model"] = conversation.model
        return json.dumps(request, separators=(",", ":")).encode()

    def asking(self, key: str) -> tuple[str, Headers]:
        """Path and headers of a question."""
        bearer = ((b"authorization", f"Bearer {key}".encode()),) if key else ()
        return "/v1/chat/completions", ((b"content-type", b"application/json"), *bearer)

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(conversation, refusal, int(self._clock()))

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return openai_errors.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> ChatStream:
        """A reader for the streamed reply to ``conversation``."""
        return ChatStream(conversation, self._clock)


def _shown(image: Image) -> dict[str, object]:
    url = f"data:{image.media_type};base64,{base64_of(image)}"
    return {"type": "image_url", "image_url": {"url": url}}
