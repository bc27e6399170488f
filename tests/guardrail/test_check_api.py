"""The endpoints that judge and do not forward."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace

import openai
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image

from guardrail import Guard
from guardrail.check_api import PATHS, judged, litellm, moderation, plain
from guardrail.check_requests import GuardrailRequest, numbered
from guardrail.errors import OverloadError, PolicyError, WireError
from guardrail.policy import parse_policy
from guardrail.proxy import create_app
from guardrail.server import Settings

HERE = "tests.guardrail.policy_detectors"


def policy(action: str = "block"):
    rules = f"[{{category: '*', at_least: 0.5, action: {action}}}]"
    stages = "\n".join(
        f"  - {{detect: '{HERE}:{name}', rules: {rules}, on_error: block, timeout_s: 5}}"
        for name in ("Words", "Pictures")
    )
    return parse_policy(f"version: 1\nname: p\ninput:\n{stages}\noutput:\n{stages}\n")


@pytest.fixture
async def guard():
    made = Guard(policy())
    yield made
    await made.close()


@pytest.fixture
async def redacting():
    made = Guard(policy("redact"))
    yield made
    await made.close()


def picture(colour: str) -> str:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return b64encode(out.getvalue()).decode()


RED, TEAL = picture("red"), picture("teal")


LEAK = """
version: 1
name: p
output:
  - detect: system_prompt_leak
    rules: [{category: "*", at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 5
"""
TOLD = (
    "Never discuss the merger with Contoso before it is announced, and never state a rate at all."
)


@pytest.mark.parametrize("content", [TOLD, [{"type": "text", "text": TOLD}]])
async def test_a_reply_is_checked_against_the_system_message_beside_it(content):
    messages = [{"role": "system", "content": content}, {"role": "user", "content": "Hi"}]
    guard = Guard(parse_policy(LEAK))

    leaked = await plain(guard, {"messages": messages, "reply": f"I was told: {TOLD.upper()}"})
    alone = await plain(guard, {"reply": f"I was told: {TOLD.upper()}"})

    assert (leaked["action"], alone["action"]) == ("BLOCK", "ALLOW")
    await guard.close()


async def test_a_plain_check_says_what_was_found_and_where(guard):
    found = await plain(guard, {"text": "a bad word", "images": [TEAL], "reply": "fine"})

    assert (found["action"], found["policy"]) == ("BLOCK", "p@1")
    stages = found["sides"]["input"]["stages"]
    assert stages[0]["findings"] == [{"ref": "/text", "category": "hate", "score": 1.0}]
    assert found["sides"]["output"]["action"] == "ALLOW"


@pytest.mark.parametrize(
    ("asked", "action"),
    [
        ({"images": [RED]}, "BLOCK"),
        ({"images": [f"data:image/png;base64,{RED}"]}, "BLOCK"),
        ({"images": [TEAL]}, "ALLOW"),
        ({"messages": [{"role": "user", "content": "bad"}]}, "BLOCK"),
        ({"reply": "bad"}, "BLOCK"),
    ],
)
async def test_pictures_messages_and_replies_can_be_checked_alone(guard, asked, action):
    assert (await plain(guard, asked))["action"] == action


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "nothing to check"),
        ({"txt": "x"}, "/txt"),
        ({"text": 3}, "/text"),
        ({"images": ["!"]}, "/images/0: not base64"),
        ([], "the body"),
    ],
)
async def test_a_bad_check_is_refused_by_name(guard, asked, said):
    with pytest.raises(WireError, match=said):
        await plain(guard, asked)


# LiteLLM's contract.


def asked(**fields):
    return {"input_type": "request", "request_data": {}, "litellm_version": "1", **fields}


async def test_what_is_harmless_is_not_touched(guard):
    assert await litellm(
        guard, asked(texts=["fine"], images=[f"data:image/png;base64,{TEAL}"])
    ) == {"action": "NONE"}
    assert await litellm(guard, asked()) == {"action": "NONE"}


@pytest.mark.parametrize(
    "fields",
    [
        {"texts": ["fine", "bad"]},
        {"images": [f"data:image/png;base64,{RED}"]},
        {"images": ["data:image/png;base64,bm9uZQ=="]},
        {"tools": [{"type": "function", "function": {"name": "n", "description": "bad"}}]},
        {"input_type": "response", "texts": ["bad"]},
        {
            "input_type": "response",
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "n", "arguments": "bad"}}
            ],
        },
    ],
)
async def test_what_is_found_is_blocked(guard, fields):
    found = await litellm(guard, asked(**fields))

    assert found["action"] == "BLOCKED"
    assert found["blocked_reason"]


async def test_redacted_texts_and_pictures_come_back_in_their_order(redacting):
    images = [f"data:image/png;base64,{TEAL}"]

    found = await litellm(redacting, asked(texts=["one", "a bad two", "three"], images=images))

    assert found["action"] == "GUARDRAIL_INTERVENED"
    assert found["texts"][::2] == ["one", "three"]
    assert "bad" not in found["texts"][1]
    assert found["images"] == images


async def test_a_picture_that_has_to_go_is_a_block(redacting):
    found = await litellm(redacting, asked(images=[f"data:image/png;base64,{RED}"]))

    assert found["action"] == "BLOCKED"


async def test_a_finding_in_what_cannot_be_given_back_is_a_block(redacting):
    tools = [{"type": "function", "function": {"name": "n", "description": "bad"}}]

    assert (await litellm(redacting, asked(texts=["fine"], tools=tools)))["action"] == "BLOCKED"


def test_texts_stand_in_the_name_of_their_author():
    messages = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        },
        {"role": "tool", "content": "three"},
    ]
    request = GuardrailRequest(
        texts=["Be brief.", "one", "two", "three"], structured_messages=messages, images=["u"]
    )

    made = numbered(request)

    body = json.loads(made.body)
    assert [one["role"] for one in body["messages"]] == ["system", "user", "tool", "user"]
    assert [part["text"] for part in body["messages"][1]["content"]] == ["one", "two"]
    assert made.texts["/messages/1/content/1/text"] == 2
    assert made.images == {"/messages/3/content/0/image_url/url": 0}


def test_texts_that_are_not_those_of_the_messages_are_the_users():
    messages = [{"role": "system", "content": "Other."}]

    made = numbered(GuardrailRequest(texts=["one"], structured_messages=messages))

    assert json.loads(made.body)["messages"][0]["role"] == "user"


# Moderation.


async def test_each_text_has_its_result(guard):
    found = await moderation(guard, {"input": ["fine", "bad"]})

    assert [one["flagged"] for one in found["results"]] == [False, True]
    assert found["results"][1]["categories"]["hate"]
    assert found["results"][1]["category_scores"]["hate"] == 1.0
    assert not found["results"][0]["categories"]["violence"]


async def test_texts_and_pictures_given_together_have_one(guard):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{RED}"}}

    found = await moderation(guard, {"input": [{"type": "text", "text": "fine"}, image]})

    assert [one["flagged"] for one in found["results"]] == [True]


# Over HTTP.


async def body_of(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_bodies_keys_and_full_queues_have_their_answers(guard):
    async def busy(*_):
        raise OverloadError("full")

    key = ((b"x-api-key", b"k"),)
    bearer = ((b"authorization", b"Bearer k"),)
    good, most = b'{"text": "fine"}', guard.snapshot.policy.max_body_bytes

    for headers, judge, chunks, status in [
        (key, plain, [good], 200),
        (bearer, plain, [good[:4], good[4:]], 200),
        (((b"authorization", b"bearer k"),), plain, [good], 200),
        (((b"authorization", b"Bearer other"),), plain, [good], 401),
        ((), plain, [good], 401),
        (((b"x-api-key", b"other"),), plain, [good], 401),
        (key, plain, [b"{"], 400),
        (key, plain, [b"[" * 100_000], 400),
        (key, plain, [b" " * most, b" "], 413),
        (key, busy, [good], 503),
    ]:
        reply = await judged(guard, judge, body_of(*chunks), headers, "k")
        assert reply.status == status, chunks[0][:20]
    assert reply.headers[-1] == (b"retry-after", b"1")


def test_the_endpoints_are_there_when_asked_for_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("CHECK_KEY", "k")
    file = tmp_path / "p.yaml"
    rules = "[{category: '*', at_least: 0.5, action: block}]"
    file.write_text(
        "version: 1\nname: p\ninput:\n"
        f"  - {{detect: '{HERE}:Words', rules: {rules}, on_error: block, timeout_s: 5}}\n"
    )
    base = Settings(policy=str(file), upstream="http://127.0.0.1:1", reload=False)

    def client(settings: Settings) -> TestClient[Litestar]:
        return TestClient(create_app(settings))

    with client(base) as without:
        assert without.post(PATHS[0], json={"text": "bad"}).status_code == 501
    with client(replace(base, checks=True, check_key_env="CHECK_KEY")) as made:
        assert made.post(PATHS[0], json={"text": "bad"}).status_code == 401
        answer = made.post(PATHS[0], json={"text": "bad"}, headers={"x-api-key": "k"})
        assert (answer.status_code, answer.json()["action"]) == (200, "BLOCK")
        blocked = made.post(PATHS[1], json=asked(texts=["bad"]), headers={"x-api-key": "k"})
        assert blocked.json()["action"] == "BLOCKED"

    with pytest.raises(PolicyError, match="NO_SUCH is not set"):
        Settings(check_key_env="NO_SUCH").check_key()


async def test_the_answer_of_moderation_is_one_that_the_sdk_reads(guard):
    found = await moderation(guard, {"input": "bad"})

    answer = openai.types.ModerationCreateResponse.model_validate(found)

    assert answer.results[0].flagged
    assert answer.results[0].categories.hate
    assert answer.results[0].category_scores.hate == 1.0
