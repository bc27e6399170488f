"""Shell equivalence: the same exchanges through proxy, middleware and both transports."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

import httpx
import httpx2
import pytest

from guardrail import AsyncGuardTransport, GuardTransport
from guardrail.redact import MASK
from tests.e2e.conftest import HERE, free_port, process

PATH = "/v1/chat/completions"
HEADERS = {"content-type": "application/json", "authorization": "Bearer key"}
SHELLS = ["proxy", "middleware", "transport", "transport of httpx2", "async transport"]


@dataclass
class Answer:
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def chunks(self):
        events = self.body.decode().split("\n\n")
        values = [event.removeprefix("data: ") for event in events if event.startswith("data: ")]
        return [json.loads(value) for value in values if value != "[DONE]"]

    @property
    def text(self):
        pieces = (
            one["choices"][0]["delta"].get("content") for one in self.chunks if "choices" in one
        )
        return "".join(piece or "" for piece in pieces)


def request(text="Hello", model="plain", *, stream=False, **more) -> bytes:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    # Odd spacing and an unknown field: nothing may tidy the body up.
    return json.dumps(
        {**body, "x_mine": 1.50, **({"stream": True} if stream else {})}, indent=1
    ).encode()


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

    def __init__(self, name, base_url, policy):
        self.name, self.base_url, self.policy = name, base_url, policy

    async def post(self, body: bytes, **headers: str) -> Answer:
        url, sent = f"{self.base_url}{PATH}", {**HEADERS, **headers}
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
        return Answer(reply.status_code, reply.headers, reply.content)

    def _policy(self):
        # A route's or policy's upstream is for the proxy; a transport sends where it is told to.
        return str(HERE / self.policy)


@pytest.fixture(params=SHELLS)
def shell(request, upstream, guarded, wrapped):
    urls = {"proxy": guarded, "middleware": wrapped}
    return Shell(request.param, urls.get(request.param, upstream), "policy.yaml")


@pytest.fixture(params=SHELLS)
def redacting_shell(request, upstream, redacting, wrapped_redacting):
    urls = {"proxy": redacting, "middleware": wrapped_redacting}
    return Shell(request.param, urls.get(request.param, upstream), "redacting.yaml")


@pytest.fixture
def direct(upstream):
    def post(body: bytes) -> Answer:
        reply = httpx.post(f"{upstream}{PATH}", content=body, headers=HEADERS, trust_env=False)
        return Answer(reply.status_code, reply.headers, reply.content)

    return post


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["plain", "tools", "failing", "limited"])
async def test_what_is_allowed_passes_byte_for_byte_both_ways(shell, direct, log, model, stream):
    body = request(model=model, stream=stream)
    expected = direct(body)
    before = len(log.rows(event="request"))

    answer = await shell.post(body)

    seen = log.rows(event="request")[before:]
    assert [row["sha256"] for row in seen] == [sha256(body).hexdigest()]
    assert (answer.status, answer.body) == (expected.status, expected.body)
    assert answer.headers["content-type"] == expected.headers["content-type"]
    assert answer.headers["x-guardrail-action"] == "allow"
    assert answer.headers["x-guardrail-policy"] == "e2e@1"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_that_is_blocked_never_reaches_the_upstream(shell, log, stream):
    before = len(log.rows(event="request"))

    answer = await shell.post(request("a forbidden thing", stream=stream))

    assert len(log.rows(event="request")) == before
    assert answer.status == 200
    assert answer.headers["x-guardrail-action"] == "block"
    last = answer.chunks[-1] if stream else answer.json
    assert last["choices"][0]["finish_reason"] == "content_filter"
    assert b"forbidden" not in answer.body


@pytest.mark.parametrize("stream", [False, True])
async def test_a_detection_and_a_failure_look_the_same(shell, log, stream):
    before = len(log.rows(event="request"))

    found = await shell.post(request("a forbidden thing", stream=stream))
    failed = await shell.post(request("make the guard fail", stream=stream))

    assert len(log.rows(event="request")) == before
    assert found.status == failed.status
    assert _without_names(found, stream) == _without_names(failed, stream)
    assert {*found.headers} == {*failed.headers}


def _without_names(answer, stream):
    values = answer.chunks if stream else [answer.json]
    return [{key: one[key] for key in one if key not in {"id", "created"}} for one in values]


async def test_a_reply_that_is_blocked_does_not_leave(shell):
    answer = await shell.post(request(model="bad"))

    assert answer.status == 200
    assert answer.json["choices"][0]["finish_reason"] == "content_filter"
    assert b"forbidden" not in answer.body
    assert answer.json["usage"]["total_tokens"] == 8


async def test_a_streamed_reply_that_is_blocked_ends_before_what_was_found(shell):
    answer = await shell.post(request(model="bad", stream=True))

    assert "forbidden" not in answer.text
    assert answer.chunks[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert answer.headers["x-guardrail-stream"] == "hold"


async def test_redaction_changes_the_text_and_nothing_else(redacting_shell, log):
    body = request("The tide turns", model="bad")
    before = len(log.rows(event="request"))

    answer = await redacting_shell.post(body)

    masked = body.replace(b"tide", MASK.encode())
    seen = log.rows(event="request")[before:]
    assert [row["sha256"] for row in seen] == [sha256(masked).hexdigest()]
    assert "tide" not in answer.json["choices"][0]["message"]["content"]
    assert answer.json["x_unknown"] == {"kept": [1.0, 1e3]}
    assert answer.headers["x-guardrail-action"] == "redact"


async def test_a_streamed_reply_is_redacted_across_chunks(redacting_shell):
    answer = await redacting_shell.post(request("Hello", model="plain", stream=True))

    assert "tide" not in answer.text
    assert "twice a day." in answer.text
    assert answer.chunks[-1]["choices"][0]["finish_reason"] == "stop"


async def test_a_reply_that_cannot_be_read_is_a_bad_gateway(shell):
    answer = await shell.post(request(model="malformed"))

    assert answer.status == 502
    assert answer.json["error"]["code"] == "upstream_error"


@pytest.mark.parametrize("model", ["malformed", "truncated"])
async def test_a_stream_that_breaks_off_releases_nothing_that_was_held(shell, model):
    answer = await shell.post(request(model=model, stream=True))

    assert answer.text == ""
    assert "error" in answer.chunks[-1]


async def test_inbound_marks_are_stripped_and_none_is_believed(shell, log):
    before = len(log.rows(event="request"))

    answer = await shell.post(request(), **{"x-guardrail-action": "allow", "x-guardrail-skip": "1"})

    (seen,) = log.rows(event="request")[before:]
    assert not [name for name in seen["headers"] if name.startswith("x-guardrail")]
    assert seen["headers"]["authorization"] == "Bearer key"
    assert answer.status == 200
