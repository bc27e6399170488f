"""The adapters: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from guardrail.adapter import Insert, Refusal, ReplyStream
from guardrail.errors import WireError
from guardrail.types import Conversation, Edit
from guardrail.wire import Reply
from guardrail_adapters import openai_errors
from guardrail_adapters.openai_chat.answers import Identity
from guardrail_adapters.openai_chat.request import choices_of, wants_usage
from guardrail_adapters.openai_prompts.render import render
from guardrail_adapters.openai_prompts.reply import (
    read_completions,
    read_embeddings,
    read_pictures,
)
from guardrail_adapters.openai_prompts.request import read_request
from guardrail_adapters.openai_prompts.stream import CompletionStream, choice, completion, told

_JSON = ((b"content-type", b"application/json"),)
_EVENTS = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"))
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class OpenAICompletions:
    """A lens on ``/v1/completions``; holds no state of any exchange.

    Args:
        clock: Seconds since 1970, for the ``created`` of refusals.
    """

    asks = "prompt"
    """The field that holds the prompt."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def parse(self, body: bytes) -> Conversation:
        """The prompts of a request, and every other string that a model may come to read.

        Raises:
            WireError: Not strict JSON or not a request of this format (status 400).
        """
        return read_request(body, self.asks)

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (request or reply) with the edits made, and ``body`` itself for none.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        return render(body, edits)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:  # noqa: ARG002
        """``body`` itself: these formats have no place for a system prompt."""
        return body

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply.

        Raises:
            WireError: Not strict JSON or not a reply of this format (status 502).
        """
        return read_completions(body)

    def question(self, conversation: Conversation, prompt: str) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        request = {"model": conversation.model, self.asks: prompt, "max_tokens": 1024}
        return json.dumps(request, separators=(",", ":")).encode()

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        if refusal.style == "error":
            body = json.dumps(openai_errors.blocked(refusal), separators=(",", ":"))
            return Reply(400, _JSON, body.encode())
        now = int(self._clock())
        identity = Identity(f"cmpl-{refusal.verdict_id}", now, conversation.model)
        indices = range(choices_of(conversation.document))
        usage = refusal.usage or _NO_USAGE
        if conversation.stream:
            wanted = usage if wants_usage(conversation.document) else None
            return Reply(200, _EVENTS, b"".join(told(identity, refusal, indices, wanted)))
        choices = [choice(refusal, index) for index in indices]
        document = {**completion(identity), "choices": choices, "usage": dict(usage)}
        return Reply(200, _JSON, json.dumps(document, separators=(",", ":")).encode())

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return openai_errors.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> ReplyStream:
        """A reader for the streamed reply to ``conversation``."""
        return CompletionStream(conversation, self._clock)


class OpenAIEmbeddings(OpenAICompletions):
    """A lens on ``/v1/embeddings``: texts in, vectors out."""

    asks = "input"

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a reply: none but what its server may add to the vectors.

        Raises:
            WireError: Not strict JSON or not a list of vectors (status 502).
        """
        return read_embeddings(body)

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """An error: there is no message that could say no."""
        return super().refusal(conversation, replace(refusal, style="error"))


class OpenAIImages(OpenAIEmbeddings):
    """A lens on ``/v1/images/generations``: a prompt in, pictures out."""

    asks = "prompt"

    def parse(self, body: bytes) -> Conversation:
        """The prompt of a request.

        Raises:
            WireError: Not strict JSON, not a request of this format, or one for a stream: pictures
                that come piece by piece cannot be judged before they are shown (status 400).
        """
        conversation = super().parse(body)
        if conversation.stream:
            raise WireError(
                "/stream: streamed pictures are not guarded; leave it out", ref="/stream"
            )
        return conversation

    def parse_reply(self, body: bytes) -> Conversation:
        """The pictures of a reply, and the prompts they were really drawn from.

        Raises:
            WireError: Not strict JSON or not a list of pictures (status 502).
        """
        return read_pictures(body)
