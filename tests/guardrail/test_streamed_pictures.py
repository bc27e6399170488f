"""Pictures in streamed replies are judged before a byte of them leaves, in every format that has them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from guardrail import Guard
from guardrail.policy import Policy
from guardrail.types import Finding
from guardrail.wire import Reply, Request, read_all
from tests.attacks.files import encoded
from tests.guardrail.policy_detectors import Words

ADAPTERS = Path(__file__).parents[1] / "adapters"
PICTURE = (ADAPTERS / "openai_responses" / "wire" / "picture.sse").read_bytes()
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg=="
OTHER = b64encode(encoded()).decode()  # a blank pixel is what Ollama's pictures give way to
SHOWN = {"responses": PNG, "gemini": PNG, "ollama": OTHER}
SEEN: list[str] = []


class EveryPicture(Words):
    """Finds every picture, and keeps which ones it saw."""

    kinds = frozenset({"image"})

    async def inspect(self, parts, context):
        whole = (b64decode(PNG), b64decode(OTHER))
        SEEN.extend(part.ref for part in parts if part.image.data in whole)
        return [Finding(part.ref, "hate", 1.0) for part in parts]


def gemini_stream() -> bytes:
    image = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    parts = [{"text": "Here: "}, image, {"text": "!"}]
    ended = {"finishReason": "STOP", "index": 0}
    candidates = [{"content": {"role": "model", "parts": [one]}, "index": 0} for one in parts]
    candidates[-1] |= ended
    return b"".join(
        f"data: {json.dumps({'candidates': [one]})}\r\n\r\n".encode() for one in candidates
    )


def ollama_stream() -> bytes:
    message = {"role": "assistant", "content": "Here: ", "images": [OTHER]}
    lines = [
        {"model": "m", "message": message, "done": False},
        {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True},
    ]
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)


FORMATS = {
    "responses": (
        "/v1/responses",
        {"model": "m", "input": "Draw a ship.", "stream": True},
        b"text/event-stream",
        PICTURE,
    ),
    "gemini": (
        "/v1beta/models/m:streamGenerateContent",
        {"contents": [{"role": "user", "parts": [{"text": "Draw a ship."}]}]},
        b"text/event-stream",
        gemini_stream(),
    ),
    "ollama": (
        "/api/chat",
        {"model": "m", "messages": [{"role": "user", "content": "Draw a ship."}]},
        b"application/x-ndjson",
        ollama_stream(),
    ),
}


async def answered(name: str, action: str) -> bytes:
    """What the client gets of a stream that holds pictures, under a policy that acts on each."""
    path, body, media_type, stream = FORMATS[name]
    rule = {"category": "hate", "at_least": 0.5, "action": action}
    stage = {"detect": f"{__name__}:EveryPicture", "on_error": "block", "timeout_s": 5}
    output = [{**stage, "rules": [rule]}]
    document = {"version": 1, "name": "pictures", "input": [], "output": output}
    guard = Guard.from_policy(Policy.model_validate(document))

    async def upstream(request: Request) -> Reply:
        async def chunks():
            for at in range(0, len(stream), 100):
                yield stream[at : at + 100]

        return Reply(200, ((b"content-type", media_type),), chunks())

    headers = ((b"content-type", b"application/json"),)
    query = b"alt=sse" if name == "gemini" else b""
    SEEN.clear()
    try:
        request = Request("POST", path, query, headers, json.dumps(body).encode())
        reply = await guard.handle(request, upstream)
        return await read_all(reply.body, 10**6)
    finally:
        await guard.close()


@pytest.mark.parametrize("name", FORMATS)
async def test_pictures_that_are_allowed_pass_byte_for_byte(name):
    assert await answered(name, "flag") == FORMATS[name][3]
    assert SEEN


@pytest.mark.parametrize("name", FORMATS)
async def test_no_byte_of_a_blocked_picture_leaves(name):
    out = await answered(name, "block")

    assert SHOWN[name][:60].encode() not in out
    assert b"I can't help" in out


@pytest.mark.parametrize("name", FORMATS)
async def test_a_redacted_picture_is_taken_out_wherever_it_stands(name):
    out = await answered(name, "redact")

    assert SHOWN[name][:60].encode() not in out
    assert b"I can't help" not in out


async def test_a_preview_is_a_picture_and_a_repetition_is_judged_once():
    await answered("responses", "flag")

    assert {*SEEN} == {"/output/0/-1", "/output/0/result"}
