"""The adapters: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from guardrail.adapter import Insert, Refusal
from guardrail.types import Conversation, Edit, Image
from guardrail.wire import Reply
from guardrail_adapters import counts, system_messages, talk
from guardrail_adapters.base64_pictures import base64_of
from guardrail_adapters.ollama import answers
from guardrail_adapters.ollama.render import render
from guardrail_adapters.ollama.reply import read_reply
from guardrail_adapters.ollama.request import read_request
from guardrail_adapters.ollama.stream import OllamaStream
from guardrail_adapters.strict_json import loads


class OllamaChat:
    """A lens on ``/api/chat``; holds no state of any exchange.

    Args:
        clock: Seconds since 1970, for the ``created_at`` of refusals.
    """

    asks: tuple[str, ...] = ("messages",)
    """A request has to have one of these fields."""

    holds = "message"
    """The field that holds the answer."""

    say = staticmethod(answers.say_chat)
    """Writes one object of an answer."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def parse(self, body: bytes) -> Conversation:
        """The parts of a request: every string that a model may come to read.

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

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` with a system message that says ``text``; see ``system_messages``.

        Raises:
            WireError: The body has no array of messages.
        """
        return system_messages.with_system(body, text, insert)

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply.

        Raises:
            WireError: Not strict JSON or not a reply of this format (status 502).
        """
        return read_reply(body, self.holds)

    def continued(self, body: bytes, draft: str, instruction: str) -> bytes | None:
        """``body`` with ``draft`` and a user's ``instruction`` behind its messages.

        Raises:
            WireError: The body has no array of messages.
        """
        return talk.continued(body, draft, instruction)

    def counted(self, body: bytes, earlier: Mapping[str, Any]) -> bytes:
        """The whole reply ``body`` whose usage is the sum of its own and ``earlier``."""
        return counts.counted(body, ("",), earlier)

    def tokens(self, usage: Mapping[str, Any]) -> int:
        """Tokens read and written."""
        return counts.number(usage, "prompt_eval_count", "eval_count")

    def question(
        self, conversation: Conversation, prompt: str, images: Sequence[Image] = ()
    ) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        shown = {"images": [base64_of(image) for image in images]} if images else {}
        messages = [{"role": "user", "content": prompt, **shown}]
        return _encoded({"model": conversation.model, "messages": messages, "stream": False})

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(conversation, refusal, self.say, self._clock())

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the server's envelope."""
        return answers.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> OllamaStream:
        """A reader for the streamed reply to ``conversation``."""
        return OllamaStream(self.say, conversation.model, self._clock)


class OllamaGenerate(OllamaChat):
    """A lens on ``/api/generate``: one prompt, its pictures, and its completion."""

    asks = ()  # without a prompt, a model is loaded
    holds = "response"
    say = staticmethod(answers.say_generate)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` whose ``system`` says ``text``, before or behind the request's own.

        Raises:
            WireError: The body is no object.
        """
        own = loads(body).get("system")
        return system_messages.with_field(body, "/system", own, text, insert)

    def continued(self, body: bytes, draft: str, instruction: str) -> None:
        """Nothing: one prompt is no conversation."""

    def question(
        self, conversation: Conversation, prompt: str, images: Sequence[Image] = ()
    ) -> bytes:
        """An unstreamed request that asks the conversation's model ``prompt`` alone."""
        shown = {"images": [base64_of(image) for image in images]} if images else {}
        asked = {"model": conversation.model, "prompt": prompt, "stream": False}
        return _encoded({**asked, **shown})


class OllamaEmbed(OllamaChat):
    """A lens on ``/api/embed`` and ``/api/embeddings``: texts in, vectors out."""

    asks = ("input", "prompt")
    holds = ""

    def parse(self, body: bytes) -> Conversation:
        """The texts of a request.

        Raises:
            WireError: Not strict JSON or not a request of this format (status 400).
        """
        return read_request(body, self.asks, streams=False)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:  # noqa: ARG002
        """``body`` itself: a text that is embedded has no system prompt."""
        return body

    def continued(self, body: bytes, draft: str, instruction: str) -> None:
        """Nothing: vectors are no answer."""

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """An error: there is no message that could say no."""
        return super().refusal(conversation, replace(refusal, style="error"))


def _encoded(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
