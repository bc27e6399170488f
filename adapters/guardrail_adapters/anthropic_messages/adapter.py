"""The adapters: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from guardrail.adapter import Insert, Refusal, ReplyStream
from guardrail.types import Conversation, Edit
from guardrail.wire import Reply
from guardrail_adapters.anthropic_messages import answers, system
from guardrail_adapters.anthropic_messages.render import render
from guardrail_adapters.anthropic_messages.reply import read_reply
from guardrail_adapters.anthropic_messages.request import read_request
from guardrail_adapters.anthropic_messages.stream import MessageStream

_QUESTION_TOKENS = 1024
"""Longest answer to a question of the guard's own; the format wants a limit."""


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

    def question(self, conversation: Conversation, prompt: str) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        request = {
            "model": conversation.model,
            "max_tokens": _QUESTION_TOKENS,
            "messages": [{"role": "user", "content": prompt}],
        }
        return json.dumps(request, separators=(",", ":")).encode()

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(conversation, refusal)

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return answers.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> ReplyStream:
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
