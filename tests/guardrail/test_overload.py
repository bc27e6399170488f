"""A full queue is told as one, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from guardrail import Guard
from guardrail.check_api import judged, litellm, moderation, plain
from guardrail.errors import OverloadError
from guardrail.policy import parse_policy
from tests.guardrail.test_guard import Upstream, request

FULL = "tests.guardrail.failing_detectors:Full"
WEIGHTLESS = "tests.guardrail.failing_detectors:Weightless"
WORDS = "tests.guardrail.policy_detectors:Words"


def stage(detector: str, name: str) -> str:
    rules = "[{category: hate, at_least: 0.5, action: block}]"
    return f"{{detect: '{detector}', name: {name}, rules: {rules}, on_error: block, timeout_s: 5}}"


def group(*detectors: str) -> Guard:
    """A guard whose only step, on both sides, runs ``detectors`` at the same time."""
    members = "\n".join(f"      - {stage(one, f's{n}')}" for n, one in enumerate(detectors))
    steps = f"  - parallel:\n{members}\n"
    return Guard(parse_policy(f"version: 1\nname: p\ninput:\n{steps}output:\n{steps}"))


@pytest.fixture
async def busy() -> AsyncIterator[Guard]:
    made = group(FULL, WORDS)
    yield made
    await made.close()


@pytest.mark.parametrize("detectors", [(FULL, WORDS), (WORDS, FULL), (FULL, FULL)])
async def test_a_full_queue_is_told_as_one_wherever_its_stage_stands(detectors):
    reply = await group(*detectors).handle(request("hello"), Upstream())

    assert reply.status == 503
    assert (b"retry-after", b"1") in reply.headers


@pytest.mark.parametrize("detectors", [(FULL, WORDS), (WORDS, FULL)])
async def test_what_is_found_beside_a_full_queue_is_refused(detectors):
    reply = await group(*detectors).handle(request("bad"), Upstream())

    assert reply.status == 200
    assert json.loads(reply.body)["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize(
    ("judge", "asked"),
    [
        (plain, {"text": "hello"}),
        (plain, {"reply": "hello"}),
        (litellm, {"input_type": "request", "request_data": {}, "texts": ["hello"]}),
        (moderation, {"input": "hello"}),
    ],
)
async def test_a_check_that_a_full_queue_stops_has_no_verdict(busy, judge, asked):
    with pytest.raises(OverloadError, match="its queue is full"):
        await judge(busy, asked)


async def test_a_check_says_what_is_found_beside_a_full_queue(busy):
    assert (await plain(busy, {"text": "bad"}))["action"] == "BLOCK"
    assert (await moderation(busy, {"input": "bad"}))["results"][0]["flagged"] is True


async def once(body: bytes) -> AsyncIterator[bytes]:
    yield body


@pytest.mark.parametrize("detector", [FULL, WEIGHTLESS])
async def test_a_check_that_cannot_be_made_is_answered_with_503(detector):
    guard = group(detector)

    reply = await judged(guard, plain, once(b'{"text": "hello"}'), (), "")
    await guard.close()

    assert reply.status == 503
    assert reply.headers[-1] == (b"retry-after", b"1")
    error = json.loads(reply.body)["error"]
    assert error["code"] == "guardrail_unavailable"
    assert "tiny" not in error["message"]
