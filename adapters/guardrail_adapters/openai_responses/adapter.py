"""The adapter itself: each of the seam's functions, where it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guardrail.adapter import Insert, Refusal
from guardrail.types import Conversation, Edit, Image
from guardrail.wire import Reply
from guardrail_adapters import counts, openai_errors
from guardrail_adapters.base64_pictures import base64_of
from guardrail_adapters.openai_responses import answers, system
from guardrail_adapters.openai_responses.render import render
from guardrail_adapters.openai_responses.reply import read_reply
from guardrail_adapters.openai_responses.request import read_request
from guardrail_adapters.openai_responses.stream import ResponseStream
from guardrail_adapters.splice import append, set_member
from guardrail_adapters.strict_json import loads


class OpenAIResponses:
    """A lens on Responses; holds no state of any exchange.

    Args:
        clock: Seconds since 1970, for the ``created_at`` of refusals.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def parse(self, body: bytes) -> Conversation:
        """The parts of a request: every string that a model may come to read.

        Raises:
            WireError: Not strict JSON or not a Responses request (status 400).
        """
        return read_request(body)

    def render(self, body: bytes, edits: Mapping[str, Edit]) -> bytes:
        """``body`` (request or reply) with the edits made, and ``body`` itself for none.

        Raises:
            WireError: An edit's ref is not in the body.
        """
        return render(body, edits)

    def with_system(self, body: bytes, text: str, insert: Insert) -> bytes:
        """``body`` whose ``instructions`` say ``text``; see ``system.with_system``."""
        return system.with_system(body, text, insert)

    def parse_reply(self, body: bytes) -> Conversation:
        """The parts of a whole reply.

        Raises:
            WireError: Not strict JSON or not a response (status 502).
        """
        return read_reply(body)

    def continued(self, body: bytes, draft: str, instruction: str) -> bytes:
        """``body`` with ``draft`` and a user's ``instruction`` behind its input.

        A text as input becomes the message that it stands for.

        Raises:
            WireError: The body is no object.
        """
        said = [{"role": "assistant", "content": draft}, {"role": "user", "content": instruction}]
        asked = loads(body).get("input")
        if isinstance(asked, list):
            return append(body, "/input", *said)
        before = [{"role": "user", "content": asked}] if asked else []
        return set_member(body, "/input", [*before, *said])

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
        asked: Any = prompt
        if images:
            content = [{"type": "input_text", "text": prompt}, *map(_shown, images)]
            asked = [{"role": "user", "content": content}]
        request = {"model": conversation.model, "input": asked, "store": False}
        return json.dumps(request, separators=(",", ":")).encode()

    def refusal(self, conversation: Conversation, refusal: Refusal) -> Reply:
        """The answer to a blocked request, streamed if the request asked for a stream."""
        return answers.refuse(conversation, refusal, int(self._clock()))

    def error(self, status: int, message: str, code: str, param: str = "") -> Reply:
        """An error in the provider's envelope."""
        return openai_errors.failed(status, message, code, param)

    def events(self, conversation: Conversation) -> ResponseStream:
        """A reader for the streamed reply to ``conversation``."""
        return ResponseStream(conversation, self._clock)


def _shown(image: Image) -> dict[str, str]:
    url = f"data:{image.media_type};base64,{base64_of(image)}"
    return {"type": "input_image", "image_url": url}
