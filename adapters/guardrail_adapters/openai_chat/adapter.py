"""The adapter itself: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from guardrail.adapter import Insert, Refusal, ReplyStream
from guardrail.types import Conversation, Edit
from guardrail.wire import Reply
from guardrail_adapters import openai_errors, system_messages
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

    def question(self, conversation: Conversation, prompt: str) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        request: dict[str, object] = {"messages": [{"role": "user", "content": prompt}]}
        if conversation.model:
            request["model"] = conversation.model
        return json.dumps(request, separators=(",", ":")).encode()

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(conversation, refusal, int(self._clock()))

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return openai_errors.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> ReplyStream:
        """A reader for the streamed reply to ``conversation``."""
        return ChatStream(conversation, self._clock)
