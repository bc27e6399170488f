"""A model of a real architecture behind a real server: what the guard sends is what servers take.

Random weights say nothing worth moderating; whether requests, streams and usages are the ones that
a server which nobody scripted sends and accepts is what is tested.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import httpx
import pytest
from openai import OpenAI

from tests.e2e.conftest import PATHS, ROOT, free_port, process, proxy

NEEDED = ("torch", "transformers", "fastapi", "uvicorn")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"no server without {', '.join(MISSING)}"),
]

REVISING = """
version: 1
name: real
output:
  - detect: tests.e2e.detectors:Anything
    rules: [{category: "*", at_least: 0.5, action: revise}]
    revise: {rounds: 2, exhausted: flag}
    on_error: block
    timeout_s: 5
"""
ASKING = """
version: 1
name: real
output:
  - detect: self_moderation
    rules: [{category: "*", at_least: 0.5, action: revise}]
    on_error: ON_ERROR
    timeout_s: 60
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    subprocess.run(
        [sys.executable, "-m", "tests.e2e.tiny_model", str(folder)],
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": PATHS, "PATH": "", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
    )
    return str(folder)


@pytest.fixture(scope="module")
def server(model):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["-m", "transformers.cli.transformers", "serve", model, "--device", "cpu"]
    with process(
        [*arguments, "--port", str(port)], f"{url}/health", start_s=120, HF_HUB_OFFLINE="1"
    ):
        yield url


@pytest.fixture
def guarded(server, tmp_path):
    """A client of the guarded server under a policy, and the audit's lines."""
    clients = []

    def started(policy: str):
        file, audit = tmp_path / "policy.yaml", tmp_path / "audit.jsonl"
        file.write_text(policy)
        running = proxy(server, file, "--audit", str(audit))
        url, _ = running.__enter__()
        client = OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        clients.append((running, client))
        return client, lambda: [json.loads(line) for line in audit.read_text().splitlines()]

    yield started
    for running, client in clients:
        client.close()
        running.__exit__(None, None, None)


def asked(model: str, **more):
    messages = [{"role": "user", "content": "What is the weather like today?"}]
    return {"model": model, "messages": messages, "max_tokens": 6, "temperature": 0, **more}


def test_revisions_are_requests_that_the_server_takes(guarded, model):
    client, lines = guarded(REVISING)

    answer = client.chat.completions.create(**asked(model))

    (record,) = lines()
    assert (record["exhausted"], record["action"], len(record["rounds"])) == ("rounds", "FLAG", 2)
    used = [one["usage"] for one in record["rounds"]]
    assert used[0]["prompt_tokens"] < used[1]["prompt_tokens"]  # the draft and the critique
    assert answer.usage.completion_tokens == 18
    assert answer.usage.prompt_tokens > sum(one["prompt_tokens"] for one in used)
    assert answer.choices[0].message.content


def test_a_revised_stream_is_one_that_clients_read(guarded, model):
    client, lines = guarded(REVISING)

    chunks = list(client.chat.completions.create(**asked(model, stream=True)))

    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert chunks[-1].choices[0].finish_reason == "length"
    assert chunks[-1].usage.completion_tokens == 18
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert len(lines()[0]["rounds"]) == 2


@pytest.mark.parametrize(("on_error", "ended"), [("block", "blocked"), ("allow", "replied")])
def test_a_moderator_that_only_babbles_does_what_on_error_says(guarded, model, on_error, ended):
    client, lines = guarded(ASKING.replace("ON_ERROR", on_error))

    answer = client.chat.completions.create(**asked(model))

    (record,) = lines()
    assert record["ended"] == ended
    (question,) = record["asked"]
    assert question["usage"]["prompt_tokens"] > 500
    assert (answer.choices[0].finish_reason == "content_filter") == (on_error == "block")


def test_what_is_allowed_is_the_servers_own_reply(guarded, model, server):
    client, _ = guarded(REVISING.replace("at_least: 0.5", "at_least: 1.0"))
    body = asked(model)

    through = client.chat.completions.with_raw_response.create(**body).http_response.json()
    direct = httpx.post(
        f"{server}/v1/chat/completions", json=body, timeout=60, trust_env=False
    ).json()

    assert through["choices"] == direct["choices"]
    assert through["usage"] == direct["usage"]
