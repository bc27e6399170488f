"""Every strategy against an upstream that acts well and badly, in every format, over every shell."""

from __future__ import annotations

import asyncio
import json
import re
import time
from base64 import b64encode
from io import BytesIO

import pytest
from PIL import Image

from tests.e2e.conftest import proxy
from tests.e2e.moderated import GOOD, REFUSAL
from tests.e2e.test_shells import SHELLS, Shell, middleware
from tests.e2e.voices import VOICES, Chat

NO = "I can't help with this request."

POLICY = """
version: 1
name: {name}
output:
  - detect: tests.e2e.detectors:Words
    name: words
    rules: [{{category: "*", at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 5
  - detect: self_moderation
    with: {{{settings}}}
    rules: [{{category: "*", at_least: 0.5, action: revise}}]
    revise: {{rounds: 2, max_seconds: {seconds}}}
    on_error: block
    timeout_s: 5
{routes}
"""
ROUTES = """
routes:
  - match: {model: "judge-*"}
    policy: judge.yaml
  - match: {model: "eyes-*"}
    policy: eyes.yaml
  - match: {model: "*-slow"}
    policy: slow.yaml
"""


@pytest.fixture(scope="session")
def policies(tmp_path_factory, upstream):
    """The policy ``ask``, which routes to the others by the model's name."""
    folder = tmp_path_factory.mktemp("moderated")
    judge = f"strategy: judge, judge: {{base_url: '{upstream}', model: judge-x}}"
    for name, settings, seconds, routes in (
        ("ask", "strategy: ask", 20, ROUTES),
        ("judge", judge, 20, ""),
        ("eyes", "strategy: eyes_closed", 20, ""),
        ("slow", "strategy: ask", 0.4, ""),
    ):
        text = POLICY.format(name=name, settings=settings, seconds=seconds, routes=routes)
        (folder / f"{name}.yaml").write_text(text)
    return folder / "ask.yaml"


@pytest.fixture(scope="session")
def records(tmp_path_factory):
    return tmp_path_factory.mktemp("moderated-audit") / "audit.jsonl"


@pytest.fixture(scope="session")
def moderating(upstream, policies, records):
    with proxy(upstream, policies, "--audit", str(records)) as (url, _):
        yield url


@pytest.fixture(scope="session")
def moderating_app(policies, log):
    with middleware(policies, log) as url:
        yield url


@pytest.fixture(params=VOICES, ids=[type(voice).__name__ for voice in VOICES])
def voice(request):
    return request.param


@pytest.fixture
def through_proxy(voice, moderating, policies):
    return Shell("proxy", voice, moderating, policies)


@pytest.fixture(params=SHELLS)
def shell(request, voice, upstream, moderating, moderating_app, policies):
    urls = {"proxy": moderating, "middleware": moderating_app}
    return Shell(request.param, voice, urls.get(request.param, upstream), policies)


def record_of(records, answer):
    """The audit record; it is written when the reply has ended, a moment later."""
    wanted = answer.headers["x-guardrail-verdict-id"]
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for line in records.read_text().splitlines():
            if wanted in line:
                return json.loads(line)
        time.sleep(0.02)
    raise AssertionError(f"no record of {wanted}")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_bad_draft_never_reaches_the_client_and_a_better_one_does(shell, stream):
    answer = await shell.ask(model="ask-unsafe", stream=stream)

    assert b"wyrmwood" not in answer.body
    assert (answer.status, answer.text) == (200, "".join(GOOD))
    assert not answer.refused
    if not stream:
        assert answer.headers["x-guardrail-action"] == "revise"


ENDINGS = {
    # strategy, what the upstream acts out: text, drafts replaced, bound, action
    "ask-safe": ("".join(GOOD), 0, None, "ALLOW"),
    "ask-refusing": ("".join(REFUSAL), 0, None, "ALLOW"),
    "ask-worse": (NO, 1, None, "BLOCK"),
    "ask-stubborn": (NO, 2, "rounds", "BLOCK"),
    "ask-babbling": (NO, 0, None, "BLOCK"),
    "ask-slow": (NO, 0, "seconds", "BLOCK"),
    "ask-hangs": (NO, 0, "upstream", "BLOCK"),
    "judge-unsafe": ("".join(GOOD), 1, None, "REVISE"),
    "judge-safe": ("".join(GOOD), 0, None, "ALLOW"),
    "judge-refusing": ("".join(REFUSAL), 0, None, "ALLOW"),
    "judge-stubborn": (NO, 2, "rounds", "BLOCK"),
    "eyes-unsafe": ("".join(GOOD), 1, None, "REVISE"),
    "eyes-refusing": ("".join(REFUSAL), 0, None, "ALLOW"),
    "eyes-stubborn": (NO, 2, "rounds", "BLOCK"),
    "eyes-babbling": (NO, 0, None, "BLOCK"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ENDINGS)
async def test_every_strategy_ends_as_it_should_and_the_record_tells(
    through_proxy, records, model, stream
):
    text, rounds, bound, action = ENDINGS[model]

    answer = await through_proxy.ask(model=model, stream=stream)

    assert not re.search(rb"wyrmwood|forbidden", answer.body)
    assert (answer.status, answer.text) == (200, text)
    assert answer.refused == (text == NO)
    record = record_of(records, answer)
    assert record["action"] == action
    assert len(record.get("rounds", ())) == rounds
    assert record.get("exhausted") == bound
    if model.endswith("refusing"):
        assert "asked" not in record


async def test_the_usage_told_is_that_of_both_drafts(through_proxy, voice):
    once = json.loads(voice.reply(""))
    answer = await through_proxy.ask(model="ask-unsafe")

    (name,) = {"usage", "usageMetadata", "eval_count"} & once.keys()
    told, single = answer.json[name], once[name]
    if isinstance(single, dict):
        numbers = [key for key, value in single.items() if isinstance(value, int)]
        told, single = [told[key] for key in numbers], [single[key] for key in numbers]
    assert told == ([2 * value for value in single] if isinstance(single, list) else 2 * single)


async def test_a_slow_revision_is_given_up_and_the_upstream_is_told(through_proxy, log):
    before = len(log.rows(event="client left", model="ask-slow"))
    started = time.monotonic()

    await through_proxy.ask(model="ask-slow", stream=True)

    assert time.monotonic() - started < 4
    deadline = time.monotonic() + 5
    while len(log.rows(event="client left", model="ask-slow")) == before:
        assert time.monotonic() < deadline, "the upstream was never cancelled"
        await asyncio.sleep(0.02)


async def test_with_eyes_closed_the_second_answer_is_asked_without_the_picture(
    moderating, policies, log, records
):
    shell = Shell("proxy", Chat(), moderating, policies)
    out = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    url = f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"
    content = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    body = {"model": "eyes-unsafe", "messages": [{"role": "user", "content": content}]}
    before = len(log.rows(event="request"))

    answer = await shell.post(json.dumps(body).encode(), model="eyes-unsafe")

    assert answer.text == "".join(GOOD)
    assert b"wyrmwood" not in answer.body
    assert len(log.rows(event="request")) - before == 5  # answer, review, caption, answer, review
    assert len(record_of(records, answer)["asked"]) == 3
