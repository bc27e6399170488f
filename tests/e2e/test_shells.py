"""The same exchanges in every wire format, through proxy, middleware and both transports."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import httpx2
import pytest

from guardrail import AsyncGuardTransport, GuardTransport
from guardrail.redact import MASK
from tests.e2e.conftest import HERE, free_port, process
from tests.e2e.voices import VOICES

HEADERS = {"content-type": "application/json", "authorization": "Bearer key"}
SHELLS = ["proxy", "middleware", "transport", "transport of httpx2", "async transport"]


@dataclass
class Answer:
    """What came back, read as the format's clients read it."""

    voice: Any
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def streamed(self):
        return self.headers["content-type"].startswith(("text/event-stream", "application/x-ndj"))

    @property
    def text(self):
        return self.voice.read_stream(self.body) if self.streamed else self.voice.read(self.body)

    @property
    def refused(self):
        if self.streamed:
            return self.voice.refused_stream(self.body)
        return self.voice.refused(self.body)


def request(voice, text="Hello", model="plain", *, stream=False) -> bytes:
    # Odd spacing and an unknown field: nothing may tidy the body up.
    return json.dumps(voice.body(text, model, stream=stream, x_mine=1.50), indent=1).encode()


@contextmanager
def middleware(policy, log):
    port = free_port()
    arguments = ["-m", "granian", "tests.e2e.wrapped:app", "--interface", "asgi", "--no-ws"]
    arguments += ["--port", str(port), "--no-log"]
    url = f"http://127.0.0.1:{port}"
    with process(arguments, f"{url}/", E2E_POLICY=str(policy), SCRIPTED_LOG=str(log.path)):
        yield url


@pytest.fixture(scope="session")
def wrapped(log):
    with middleware(HERE / "policy.yaml", log) as url:
        yield url


@pytest.fixture(scope="session")
def wrapped_redacting(log):
    with middleware(HERE / "redacting.yaml", log) as url:
        yield url


class Shell:
    """One way to reach the upstream through the guard; ``post`` is the same for all."""

    def __init__(self, name, voice, base_url, policy):
        self.name, self.voice, self.base_url, self.policy = name, voice, base_url, policy

    async def ask(self, *words, model="plain", stream=False, headers=None) -> Answer:
        body = request(self.voice, *words, model=model, stream=stream)
        return await self.post(body, model=model, stream=stream, headers=headers)

    async def post(self, body: bytes, *, model="plain", stream=False, headers=None) -> Answer:
        url = f"{self.base_url}{self.voice.address(model, stream=stream)}"
        sent = {**HEADERS, **(headers or {})}
        match self.name:
            case "async transport":
                transport = AsyncGuardTransport(self._policy())
                async with httpx.AsyncClient(transport=transport) as client:
                    reply = await client.post(url, content=body, headers=sent)
            case "transport" | "transport of httpx2":
                library = httpx2 if self.name.endswith("2") else httpx
                with library.Client(transport=GuardTransport(self._policy())) as client:
                    reply = client.post(url, content=body, headers=sent)
            case _:
                with httpx.Client(trust_env=False) as client:
                    reply = client.post(url, content=body, headers=sent)
        return Answer(self.voice, reply.status_code, reply.headers, reply.content)

    def _policy(self):
        # A route's or policy's upstream is for the proxy; a transport sends where it is told to.
        return str(HERE / self.policy)


@pytest.fixture(params=VOICES, ids=[type(voice).__name__ for voice in VOICES])
def voice(request):
    return request.param


@pytest.fixture(params=SHELLS)
def shell(request, voice, upstream, guarded, wrapped):
    urls = {"proxy": guarded, "middleware": wrapped}
    return Shell(request.param, voice, urls.get(request.param, upstream), "policy.yaml")


@pytest.fixture(params=SHELLS)
def redacting_shell(request, voice, upstream, redacting, wrapped_redacting):
    urls = {"proxy": redacting, "middleware": wrapped_redacting}
    return Shell(request.param, voice, urls.get(request.param, upstream), "redacting.yaml")


@pytest.fixture
def direct(upstream, voice):
    def post(body: bytes, model: str, *, stream: bool) -> Answer:
        url = f"{upstream}{voice.address(model, stream=stream)}"
        reply = httpx.post(url, content=body, headers=HEADERS, trust_env=False)
        return Answer(voice, reply.status_code, reply.headers, reply.content)

    return post


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["plain", "tools", "failing", "limited"])
async def test_what_is_allowed_passes_byte_for_byte_both_ways(shell, direct, log, model, stream):
    body = request(shell.voice, model=model, stream=stream)
    expected = direct(body, model, stream=stream)
    before = len(log.rows(event="request"))

    answer = await shell.post(body, model=model, stream=stream)

    seen = log.rows(event="request")[before:]
    assert [row["sha256"] for row in seen] == [sha256(body).hexdigest()]
    assert (answer.status, answer.body) == (expected.status, expected.body)
    assert answer.headers["content-type"] == expected.headers["content-type"]
    assert answer.headers["x-guardrail-action"] == "allow"
    assert answer.headers["x-guardrail-policy"] == "e2e@1"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_that_is_blocked_never_reaches_the_upstream(shell, log, stream):
    before = len(log.rows(event="request"))

    answer = await shell.ask("a forbidden thing", stream=stream)

    assert len(log.rows(event="request")) == before
    assert answer.status == 200
    assert answer.headers["x-guardrail-action"] == "block"
    assert answer.refused
    assert answer.text == "I can't help with this request."


@pytest.mark.parametrize("stream", [False, True])
async def test_a_detection_and_a_failure_look_the_same(shell, log, stream):
    before = len(log.rows(event="request"))

    found = await shell.ask("a forbidden thing", stream=stream)
    failed = await shell.ask("make the guard fail", stream=stream)

    assert len(log.rows(event="request")) == before
    assert found.status == failed.status
    assert _without_names(found) == _without_names(failed)
    assert {*found.headers} == {*failed.headers}


def _without_names(answer):
    """The body without what differs from one answer to the next."""
    verdict = answer.headers["x-guardrail-verdict-id"].encode()
    return re.sub(rb'"created(_at)?":(\d+|"[^"]+")', b"", answer.body.replace(verdict, b""))


async def test_a_reply_that_is_blocked_does_not_leave(shell):
    answer = await shell.ask(model="bad")

    assert (answer.status, answer.refused) == (200, True)
    assert b"forbidden" not in answer.body
    told = json.loads(shell.voice.reply(""))
    (usage,) = {"usage", "usageMetadata", "eval_count"} & told.keys()
    assert answer.json[usage] == told[usage]


async def test_a_streamed_reply_that_is_blocked_ends_before_what_was_found(shell):
    answer = await shell.ask(model="bad", stream=True)

    assert "forbidden" not in answer.text
    assert answer.refused
    assert answer.headers["x-guardrail-stream"] == "hold"


async def test_redaction_changes_the_text_and_nothing_else(redacting_shell, log):
    body = request(redacting_shell.voice, "The tide turns", model="bad")
    before = len(log.rows(event="request"))

    answer = await redacting_shell.post(body, model="bad")

    masked = body.replace(b"tide", MASK.encode())
    seen = log.rows(event="request")[before:]
    assert [row["sha256"] for row in seen] == [sha256(masked).hexdigest()]
    assert "tide" not in answer.text
    assert answer.json["x_unknown"] == {"kept": [1.0, 1e3]}
    assert answer.headers["x-guardrail-action"] == "redact"


async def test_a_streamed_reply_is_redacted_across_chunks(redacting_shell):
    answer = await redacting_shell.ask(stream=True)

    assert "tide" not in answer.text
    assert "twice a day." in answer.text
    assert not answer.refused


async def test_a_reply_that_cannot_be_read_is_a_bad_gateway(shell):
    answer = await shell.ask(model="malformed")

    assert answer.status == 502
    assert "upstream_error" in json.dumps(answer.json)


@pytest.mark.parametrize("model", ["malformed", "truncated"])
async def test_a_stream_that_breaks_off_releases_nothing_that_was_held(shell, model):
    answer = await shell.ask(model=model, stream=True)

    assert answer.text == ""
    assert shell.voice.failed_stream(answer.body)


async def test_inbound_marks_are_stripped_and_none_is_believed(shell, log):
    before = len(log.rows(event="request"))
    marks = {"x-guardrail-action": "allow", "x-guardrail-skip": "1"}

    answer = await shell.ask(headers=marks)

    (seen,) = log.rows(event="request")[before:]
    assert not [name for name in seen["headers"] if name.startswith("x-guardrail")]
    assert seen["headers"]["authorization"] == "Bearer key"
    assert answer.status == 200
