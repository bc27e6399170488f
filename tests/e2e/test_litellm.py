"""A real LiteLLM proxy asks the guard, by its generic guardrail contract."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time

import httpx
import pytest
import yaml

from tests.e2e.conftest import HERE, answers, free_port, proxy

KEY = "sk-3f1c9a6be27d40d8b5e0c4a1972f8d63"
LITELLM = os.environ.get("LITELLM", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not LITELLM,
        reason="set LITELLM to the program of an environment of its own: pip install "
        "'litellm[proxy]' pins versions that are not ours",
    ),
]


@pytest.fixture(scope="module")
def checking(upstream):
    with proxy(upstream, HERE / "policy.yaml", "--checks") as (url, _):
        yield url


@pytest.fixture(scope="module")
def litellm(upstream, checking, tmp_path_factory):
    def model(name):
        params = {"model": f"openai/{name}", "api_base": f"{upstream}/v1", "api_key": "k"}
        return {"model_name": name, "litellm_params": params}

    guard = {"guardrail": "generic_guardrail_api", "api_base": checking, "default_on": True}
    config = {
        "model_list": [model("plain"), model("bad")],
        "guardrails": [
            {
                "guardrail_name": "ours",
                "litellm_params": {**guard, "mode": ["pre_call", "post_call"]},
            }
        ],
    }
    file = tmp_path_factory.mktemp("litellm") / "config.yaml"
    config["general_settings"] = {"master_key": KEY}
    file.write_text(yaml.safe_dump(config))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with tempfile.TemporaryFile("w+") as log:
        running = subprocess.Popen(
            [LITELLM, "--config", str(file), "--port", str(port), "--host", "127.0.0.1"],
            env=environment, cwd=file.parent, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 120
            while not answers(f"{url}/health/liveliness"):
                log.seek(0)
                assert running.poll() is None, log.read()
                assert time.monotonic() < deadline, log.read()
                time.sleep(0.5)
            yield url
        finally:
            running.terminate()
            running.wait(timeout=30)


def ask(url, text="Hello", model="plain", **more):
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    headers = {"authorization": f"Bearer {KEY}"}
    return httpx.post(
        f"{url}/v1/chat/completions", json=body, headers=headers, timeout=60, trust_env=False
    )


def test_what_is_harmless_passes(litellm):
    answer = ask(litellm)

    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == "Hello é 😀"


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_what_the_guard_blocks_is_not_passed_on(litellm, model, text):
    answer = ask(litellm, text, model)

    assert answer.status_code == 400, answer.text
    assert "I can't help with this request." in answer.text
    assert "forbidden today" not in answer.text
