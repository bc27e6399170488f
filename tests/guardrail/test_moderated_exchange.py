"""Whole exchanges with self-moderation: what the moderator is asked, and what the client gets."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from PIL import Image

from guardrail import Guard, Reply
from guardrail.asking import ask_judge
from guardrail.audit import as_json
from guardrail.errors import PolicyError, WireError
from guardrail.judge import Judge
from guardrail.metrics import Metrics
from guardrail.policy import parse_policy
from guardrail.types import Action
from tests.detectors.self_moderation.moderators import CHECK, verdict
from tests.guardrail.revising import JSON, USAGE, Upstream, exchanged, request, said, whole

BAD = "no_dangerous_instructions"
NO = "I can't help with this request."
both = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


def policy(settings: str = "", revise: str = "rounds: 2", on_error: str = "block", action="revise"):
    bounds = f"revise: {{{revise}}}" if action == "revise" else ""
    return parse_policy(f"""
version: 1
name: moderated
output:
  - detect: self_moderation
    with: {{{settings}}}
    rules: [{{category: "*", at_least: 0.5, action: {action}}}]
    {bounds}
    on_error: {on_error}
    timeout_s: 5
""")


class Model(Upstream):
    """Answers from a list; asked to review, it finds harm where the draft says poison."""

    def __init__(self, answers, review=None):
        super().__init__(answers)
        self.review = review or self._honest
        self.reviews: list[str] = []
        self.captions: list[dict] = []

    async def __call__(self, one):
        body = json.loads(one.body)
        content = body["messages"][-1]["content"]
        text = content if isinstance(content, str) else content[0]["text"]
        if check := CHECK.search(text):
            self.reviews.append(text)
            told = self.review(text)
            if isinstance(told, dict):
                told = json.dumps({**told, "check": check[1]})
            return Reply(200, JSON, whole(told))
        if text.startswith("Describe what can be seen"):
            self.captions.append(body)
            return Reply(200, JSON, whole("A bottle with the word POISON on it."))
        return await super().__call__(one)

    @staticmethod
    def _honest(asked):
        draft = asked.partition("The answer to review")[2].partition("Everything between")[0]
        return verdict(BAD, 0.9, "It names poison.") if "poison" in draft else verdict()


def asked(*, streamed: bool, **more):
    return request("How?", **({"stream": True} if streamed else {}), **more)


@both
async def test_a_good_answer_costs_two_questions_and_stays_as_it_is(streamed):
    model = Model(["Plant the bulbs in autumn."])

    body, headers, record = await exchanged(policy(), model, asked(streamed=streamed))

    assert said(body) == "Plant the bulbs in autumn."
    assert (len(model.reviews), len(model.sent), record.action) == (2, 1, Action.ALLOW)
    assert [one.to for one in record.asked] == ["upstream", "upstream"]
    assert (headers.get("x-guardrail-stream") or "buffer") == "buffer"


@both
async def test_a_bad_answer_is_revised_and_judged_again(streamed):
    model = Model(["Mix the poison.", "Keep it locked away."])

    body, _, record = await exchanged(policy(), model, asked(streamed=streamed))

    assert b"poison" not in body
    assert said(body) == "Keep it locked away."
    assert (len(model.sent), len(model.reviews)) == (2, 4)
    critique = model.sent[1]["messages"][-1]["content"]
    assert "gives no steps, amounts or parts for explosives" in critique
    assert "It names poison." in critique
    assert record.action is Action.REVISE


@both
async def test_an_answer_that_stays_bad_is_refused(streamed):
    body, _, record = await exchanged(
        policy(revise="rounds: 1"), Model(["poison", "more poison"]), asked(streamed=streamed)
    )

    assert b"poison" not in body
    assert (said(body), record.exhausted) == (NO, "rounds")


@both
async def test_the_models_own_refusal_costs_no_question(streamed):
    model = Model(["I’m sorry, but I can’t help with making poison."])

    body, _, record = await exchanged(policy(), model, asked(streamed=streamed))

    assert said(body).startswith("I’m sorry")
    assert (model.reviews, record.asked, len(model.sent)) == ([], [], 1)


@both
@pytest.mark.parametrize(("on_error", "expected"), [("block", NO), ("allow", "Some poison.")])
async def test_a_moderator_that_says_nonsense_does_what_on_error_says(streamed, on_error, expected):
    model = Model(["Some poison."], review=lambda _: "verdict: safe")

    body, _, record = await exchanged(policy(on_error=on_error), model, asked(streamed=streamed))

    assert said(body) == expected
    assert record.sides["output"].verdicts[0].error == "error"


async def test_an_upstream_that_fails_at_a_question_is_a_failure_of_the_stage():
    class Failing(Model):
        async def __call__(self, one):
            if b"You review an answer" in one.body:
                return Reply(500, JSON, b"{}")
            return await super().__call__(one)

    body, _, record = await exchanged(policy(), Failing(["Some poison."]))

    assert said(body) == NO
    assert record.ended == "blocked"
    assert record.asked[0].error == "the upstream answered a question with 500"


async def test_a_moderator_that_is_talked_out_of_it_once_does_not_overturn():
    answers = iter([verdict(BAD), verdict(), verdict()])

    body, _, _ = await exchanged(
        policy(action="block"), Model(["Some poison."], review=lambda _: next(answers))
    )

    assert said(body) == NO


async def test_questions_are_in_the_audit_record_and_counted():
    metrics = Metrics()

    _, _, record = await exchanged(policy(), Model(["poison", "fine"]))
    metrics(record)

    told = as_json(record)["asked"]
    assert [one["to"] for one in told] == ["upstream"] * 4
    assert all(one["usage"] == USAGE for one in told)
    counted = 'guardrail_questions_total{failed="false",policy="moderated",to="upstream"} 4.0'
    assert counted in metrics.expose().decode()


def picture() -> str:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"


@both
async def test_with_eyes_closed_the_answer_comes_without_the_picture(streamed):
    model = Model(["Take the poison like so.", "It is a warning label."])
    content = [
        {"type": "text", "text": "What is in it?"},
        {"type": "image_url", "image_url": {"url": picture()}},
    ]
    options = {"stream": True} if streamed else {}
    one = request(**options, temperature=0.5)
    body = {**json.loads(one.body), "messages": [{"role": "user", "content": content}]}
    sent = type(one)(one.method, one.path, b"", one.headers, json.dumps(body).encode())

    told, _, record = await exchanged(policy("strategy: eyes_closed"), model, sent)

    assert said(told) == "It is a warning label."
    (asked_about,) = model.captions
    assert asked_about["messages"][0]["content"][1]["image_url"]["url"] == picture()
    assert "What is in it?" in asked_about["messages"][0]["content"][0]["text"]
    second = model.sent[1]
    assert "image_url" not in json.dumps(second)
    assert "POISON on it" in json.dumps(second["messages"])
    assert (second["temperature"], len(second["messages"])) == (0.5, 1)
    assert (len(model.reviews), len(record.rounds)) == (2, 1)


async def test_with_eyes_closed_a_request_without_pictures_is_revised_as_usual():
    model = Model(["poison", "fine"])

    await exchanged(policy("strategy: eyes_closed"), model)

    assert model.captions == []
    assert [one["role"] for one in model.sent[1]["messages"]] == ["user", "assistant", "user"]


async def test_the_second_revision_with_eyes_closed_still_has_no_picture():
    model = Model(["poison", "poison again", "fine"])
    image = {"type": "image_url", "image_url": {"url": picture()}}
    content = [{"type": "text", "text": "What?"}, image]
    one = request()
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
    sent = type(one)(one.method, one.path, b"", one.headers, body)

    told, _, _ = await exchanged(policy("strategy: eyes_closed"), model, sent)

    assert said(told) == "fine"
    assert len(model.captions) == 1
    assert [one["role"] for one in model.sent[2]["messages"]] == ["user", "assistant", "user"]
    assert "image_url" not in json.dumps(model.sent[2])


@contextmanager
def judge_server(answer, *, wait_s: float = 0.0, status: int = 200):
    """A judge that speaks chat completions or Messages, as the path says."""
    seen: list[tuple[str, dict, dict]] = []
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append((self.path, dict(self.headers.items()), body))
            text = body["messages"][-1]["content"]
            told = answer(text)
            if isinstance(told, dict):
                told = json.dumps({**told, "check": CHECK.search(text)[1]})
            release.wait(wait_s)
            data = whole(told)
            if self.path == "/v1/messages":
                block = {"type": "text", "text": told}
                data = json.dumps({"type": "message", "content": [block], "usage": {}}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        release.set()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("form", "path", "header", "value"),
    [
        ("openai_chat", "/v1/chat/completions", "authorization", "Bearer s3cret"),
        ("anthropic_messages", "/v1/messages", "x-api-key", "s3cret"),
    ],
)
async def test_a_judge_is_asked_in_its_format_with_its_own_key(
    monkeypatch, form, path, header, value
):
    monkeypatch.setenv("JUDGE_KEY", "s3cret")
    with judge_server(Model._honest) as (url, seen):
        settings = (
            f"strategy: judge, judge: {{base_url: '{url}', format: {form}, model: j, "
            "api_key_env: JUDGE_KEY}"
        )
        model = Model(["Mix the poison.", "Keep it locked away."])
        body, _, record = await exchanged(policy(settings), model)

    assert said(body) == "Keep it locked away."
    assert model.reviews == []
    assert len(seen) == 4
    where, headers, asked_of = seen[0]
    lower = {key.lower(): told for key, told in headers.items()}
    assert (where, lower[header], asked_of["model"]) == (path, value, "j")
    assert {one.to for one in record.asked} == {url}
    assert "s3cret" not in json.dumps(as_json(record, content=True))


async def test_a_judge_that_is_slow_is_given_up_in_its_own_time():
    with judge_server(Model._honest, wait_s=5) as (url, _):
        settings = f"strategy: judge, judge: {{base_url: '{url}', model: j, timeout_s: 0.05}}"
        started = time.monotonic()
        body, _, record = await exchanged(policy(settings), Model(["Mix the poison."]))
        took = time.monotonic() - started

    assert (said(body), record.ended) == (NO, "blocked")
    assert took < 4
    assert "took over 0.05 s" in record.asked[0].error


async def test_a_judge_that_fails_or_is_not_there_is_a_failure_of_the_stage():
    with judge_server(Model._honest, status=503) as (url, _):
        settings = f"strategy: judge, judge: {{base_url: '{url}', model: j}}"
        body, _, _ = await exchanged(policy(settings), Model(["Mix the poison."]))
        assert said(body) == NO

    body, _, record = await exchanged(policy(settings), Model(["Mix the poison."]))
    assert (said(body), record.ended) == (NO, "blocked")


async def test_a_judge_without_its_key_is_not_asked(monkeypatch):
    monkeypatch.delenv("JUDGE_KEY", raising=False)

    with pytest.raises(PolicyError, match=r"\$JUDGE_KEY is not set"):
        await ask_judge(Judge("http://127.0.0.1:1", "openai_chat", "j", "JUDGE_KEY"), "?")
    with pytest.raises(PolicyError, match="no judge speaks 'gemini'"):
        await ask_judge(Judge("http://127.0.0.1:1", "gemini", "j"), "?")
    with pytest.raises(WireError, match="cannot be reached"):
        await ask_judge(Judge("http://127.0.0.1:1", "openai_chat", "j"), "?")


async def test_a_check_of_a_reply_outside_an_exchange_asks_the_judge():
    with judge_server(Model._honest) as (url, seen):
        settings = f"strategy: judge, judge: {{base_url: '{url}', model: j}}"
        guard = Guard(policy(settings))
        outcome = await guard.acheck_reply("Mix the poison.")
        await guard.close()

    assert outcome.action is Action.REVISE
    assert len(seen) == 2


async def test_a_check_of_a_reply_without_anybody_to_ask_is_a_failure_of_the_stage():
    guard = Guard(policy())
    outcome = await guard.acheck_reply("Mix the poison.")
    await guard.close()

    assert (outcome.action, outcome.verdicts[0].error) == (Action.BLOCK, "error")


async def test_a_long_stream_is_reviewed_once_at_its_end():
    words = "Plant the bulbs in autumn, and water them. " * 40
    model = Model([words])

    body, headers, _ = await exchanged(policy(action="flag"), model, asked(streamed=True))

    assert said(body) == words
    assert len(model.reviews) == 2
    assert headers["x-guardrail-stream"] == "buffer"


async def test_with_eyes_closed_what_was_redacted_stays_so():
    redacting = """
input:
  - detect: tests.guardrail.revising_detectors:Spans
    rules: [{category: privacy, at_least: 0.5, action: redact}]
    on_error: block
    timeout_s: 5
output:
  - detect: self_moderation
    with: {strategy: eyes_closed}
    rules: [{category: "*", at_least: 0.5, action: revise}]
    on_error: block
    timeout_s: 5
"""
    model = Model(["poison", "fine"])
    image = {"type": "image_url", "image_url": {"url": picture()}}
    content = [{"type": "text", "text": "my secret plan"}, image]
    one = request()
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
    sent = type(one)(one.method, one.path, b"", one.headers, body)

    await exchanged(parse_policy(f"version: 1\nname: p\n{redacting}"), model, sent)

    first, second = (json.dumps(one["messages"]) for one in model.sent)
    assert "[redacted]" in first
    assert "[redacted]" in second
    assert "secret" not in first + second
    assert "image_url" not in second
