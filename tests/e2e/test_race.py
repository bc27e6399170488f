"""``input_mode: race`` in every shell: the call is under way before the verdict, and only that."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from tests.e2e.conftest import HERE, proxy
from tests.e2e.test_shells import SHELLS, Shell, middleware, request
from tests.e2e.voices import Chat

POLICY = HERE / "racing.yaml"


@pytest.fixture(scope="module")
def racing(upstream):
    with proxy(upstream, POLICY) as (url, _):
        yield url


@pytest.fixture(scope="module")
def wrapped_racing(log):
    with middleware(POLICY, log) as url:
        yield url


@pytest.fixture(params=SHELLS)
def shell(request, upstream, racing, wrapped_racing):
    urls = {"proxy": racing, "middleware": wrapped_racing}
    return Shell(request.param, Chat(), urls.get(request.param, upstream), POLICY.name)


def next_request(log) -> int:
    return len(log.rows(event="request")) + 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_allowed_was_sent_before_the_verdict_and_passes_byte_for_byte(
    shell, log, stream
):
    before = len(log.rows(event="request"))
    body = request(shell.voice, f"Hello {next_request(log)}", stream=stream)

    answer = await shell.post(body, stream=stream)

    seen = log.rows(event="request")[before:]
    assert [row["sha256"] for row in seen] == [sha256(body).hexdigest()]
    assert answer.status == 200
    assert answer.headers["x-guardrail-action"] == "allow"
    assert answer.headers.get("x-guardrail-stream") == ("hold; race" if stream else None)


@pytest.mark.parametrize(
    ("model", "stream"), [("endless", True), ("plain", True), ("plain", False)]
)
async def test_a_block_shows_nothing_of_the_reply_that_was_under_way(shell, log, model, stream):
    before = len(log.rows(event="request"))

    answer = await shell.ask(f"a forbidden thing {next_request(log)}", model=model, stream=stream)

    assert len(log.rows(event="request")) == before + 1
    assert (answer.status, answer.refused) == (200, True)
    assert answer.text == "I can't help with this request."
    assert answer.headers["x-guardrail-action"] == "block"


async def test_a_block_cancels_the_upstream_call_at_once(shell, log):
    left = len(log.rows(event="client left", model="endless"))

    await shell.ask(f"a forbidden thing {next_request(log)}", model="endless", stream=True)

    async with asyncio.timeout(5):
        while len(log.rows(event="client left", model="endless")) == left:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_failing_upstream_is_told_only_to_a_client_that_was_allowed(shell, log):
    allowed = await shell.ask(f"Hello {next_request(log)}", model="failing")
    blocked = await shell.ask(f"a forbidden thing {next_request(log)}", model="failing")

    assert allowed.status == 500
    assert (blocked.status, blocked.refused) == (200, True)
