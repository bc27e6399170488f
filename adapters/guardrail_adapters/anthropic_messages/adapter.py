"""The adapters: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from guardrail.adapter import Insert, Refusal
from guardrail.types import Conversation, Edit, Image
from guardrail.wire import Headers, Reply
from guardrail_adapters import counts, talk
from guardrail_adapters.anthropic_messages import answers, system
from guardrail_adapters.anthropic_messages.render import render
from guardrail_adapters.anthropic_messages.reply import read_reply
from guardrail_adapters.anthropic_messages.request import read_request
from guardrail_adapters.anthropic_messages.stream import MessageStream
from guardrail_adapters.base64_pictures import base64_of

_QUESTION_TOKENS = 1024
"""Longest answer to a question of the guard's own; the format wants a limit."""

_VERSION = b"2023-06-01"
"""Of the API, which the format wants to be named."""


class AnthropicMessages:
    """A lens on Messages; holds no state of any exchange."""

    def parse(self, body: bytes) -> Conversation:
        """The parts of a request: every string that a model may come to read.

        A picture's ref is its ``source`` object; a tool call's is its ``input``, told as JSON.

        Raises:
            WireError: Not strict JSON or not a Messages request (status 400).
        """
        return read_request(body)

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (request or reply) with the edits made, and ``body`` itself for none.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        return render(body, edits)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` whose ``system`` says ``text``; see ``system.with_system``."""
        return system.with_system(body, text, insert)

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply.

        Raises:
            WireError: Not strict JSON or not a message (status 502).
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
        return counts.number(usage, "input_tokens", "output_tokens")

    def question(
        self, conversation: Conversation, prompt: str, images: Sequence[Image] = ()
    ) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        content = [*map(_shown, images), {"type": "text", "text": prompt}] if images else prompt
        request = {
            "model": conversation.model,
            "max_tokens": _QUESTION_TOKENS,
            "messages": [{"role": "user", "content": content}],
        }
        return json.dumps(request, separators=(",", ":")).encode()

    def asking(self, key: str) -> tuple[str, Headers]:
        """Path and headers of a question."""
        headers = ((b"content-type", b"application/json"), (b"anthropic-version", _VERSION))
        return "/v1/messages", (*headers, (b"x-api-key", key.encode())) if key else headers

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(conversation, refusal)

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return answers.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> MessageStream:
        """A reader for the streamed reply to ``conversation``."""
        return MessageStream(conversation)


class AnthropicCountTokens(AnthropicMessages):
    """The same requests, sent to be counted: the provider reads them, and answers no message."""

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a token count: none but what its server may add.

        Raises:
            WireError: Not strict JSON (status 502).
        """
        return read_reply(body, counted=True)

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """An error: there is no message that could say no."""
        return answers.refuse(conversation, replace(refusal, style="error"))


def _shown(image: Image) -> dict[str, object]:
    source = {"type": "base64", "media_type": image.media_type, "data": base64_of(image)}
    return {"type": "image", "source": source}
