"""``unsafe_image`` in a guard: pictures of requests, pictures of replies, and what was seen before."""

from __future__ import annotations

import io
import json
from base64 import b64encode

import pytest
from PIL import Image as Pillow

from guardrail import Action, Guard, Reply, Request
from guardrail.policy import parse_policy
from tests.detectors.clip.tiny import plain

JSON = ((b"content-type", b"application/json"),)


def policy(tiny, side, action="block"):
    return parse_policy(f"""
version: 1
name: pictures
{side}:
  - detect: unsafe_image
    with: {{model: "{tiny}", categories: {{redness: [a photo of red]}}, shipped: []}}
    rules: [{{category: redness, at_least: 0.5, action: {action}}}]
    on_error: block
    timeout_s: 20
""")


def encoded(colour, kind="PNG"):
    out = io.BytesIO()
    Pillow.fromarray(plain(colour)).save(out, kind)
    return b64encode(out.getvalue()).decode()


def shown(colour):
    picture = {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{encoded(colour)}"},
    }
    message = {"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}
    body = json.dumps({"model": "m", "messages": [message]}).encode()
    return Request("POST", "/v1/chat/completions", b"", JSON, body)


def wanted(colour):
    body = json.dumps({"model": "m", "prompt": f"Draw {colour}.", "response_format": "b64_json"})
    return Request("POST", "/v1/images/generations", b"", JSON, body.encode())


async def handled(policy, request, body):
    records = []

    async def upstream(_):
        return Reply(200, JSON, body)

    guard = Guard(policy, observers=[records.append])
    try:
        return await guard.handle(request, upstream), records[0]
    finally:
        await guard.close()


CHAT = json.dumps(
    {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "A."}, "finish_reason": "stop"}
        ]
    }
).encode()


@pytest.mark.parametrize(("colour", "action"), [("red", Action.BLOCK), ("green", Action.ALLOW)])
async def test_a_picture_of_a_request_is_judged(tiny, colour, action):
    _, record = await handled(policy(tiny, "input"), shown(colour), CHAT)

    assert record.sides["input"].action is action


@pytest.mark.parametrize(("colour", "action"), [("red", Action.BLOCK), ("green", Action.ALLOW)])
async def test_a_generated_picture_is_judged_before_anybody_sees_it(tiny, colour, action):
    data = encoded(colour)
    drawn = json.dumps({"created": 1, "data": [{"b64_json": data}]}).encode()

    reply, record = await handled(policy(tiny, "output"), wanted(colour), drawn)

    assert record.sides["output"].action is action
    assert (data.encode() in reply.body) == (action is Action.ALLOW)


async def test_a_picture_in_the_message_of_a_reply_is_judged(tiny):
    url = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded('red')}"}}
    message = {"role": "assistant", "content": "Here.", "images": [url]}
    drawn = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    reply, record = await handled(policy(tiny, "output"), shown("green"), drawn.encode())

    assert record.sides["output"].action is Action.BLOCK
    assert encoded("red").encode() not in reply.body


async def test_every_verdict_names_the_model(tiny):
    _, record = await handled(policy(tiny, "input", "flag"), shown("red"), CHAT)

    (verdict,) = record.sides["input"].verdicts
    assert verdict.version.startswith("2+tiny_clip-1-")
    assert verdict.action is Action.FLAG


async def test_a_picture_seen_before_is_not_looked_at_again(tiny):
    guard = Guard(policy(tiny, "input"))
    first = await guard.acheck(images=[_bytes("red")])
    again = await guard.acheck(images=[_bytes("red")])
    await guard.close()

    assert (first.action, again.action) == (Action.BLOCK, Action.BLOCK)
    assert [verdict.cached for verdict in (*first.verdicts, *again.verdicts)] == [0, 1]


def _bytes(colour):
    out = io.BytesIO()
    Pillow.fromarray(plain(colour)).save(out, "PNG")
    return out.getvalue()
