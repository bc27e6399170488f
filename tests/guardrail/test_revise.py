"""Revision: a better answer is asked for and judged, within bounds, whole and streamed."""

from __future__ import annotations

import json

import pytest

from guardrail import Reply, WireError
from guardrail.audit import as_json
from guardrail.metrics import Metrics
from guardrail.revise import strictest
from guardrail.stage import Revise
from guardrail.types import Action
from tests.guardrail.revising import (
    EVENTS,
    JSON,
    USAGE,
    Upstream,
    chunked,
    chunks,
    exchanged,
    late,
    policy,
    request,
    said,
    stream,
    whole,
    without_ids,
)

NO = "I can't help with this request."
both = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


def asked(*, streamed: bool, **more):
    options = {"stream": True, "stream_options": {"include_usage": True}} if streamed else {}
    return request(**options, **more)


def usage_of(body: bytes):
    if body.startswith(b"data:"):
        return next((one["usage"] for one in chunks(body) if one.get("usage")), None)
    return json.loads(body)["usage"]


@both
async def test_a_bad_answer_is_replaced_by_a_better_one_in_the_callers_form(streamed):
    upstream = Upstream(["it is bad this", "it is good"])

    body, headers, record = await exchanged(policy(), upstream, asked(streamed=streamed))

    assert b"bad" not in without_ids(body)
    assert said(body) == "it is good"
    assert record.action is Action.REVISE
    assert (record.ended, len(record.rounds), record.exhausted) == ("replied", 1, "")
    if streamed:
        assert body.endswith(b"data: [DONE]\n\n")
        assert headers["x-guardrail-stream"] == "buffer"
    else:
        assert headers["x-guardrail-action"] == "revise"


@both
async def test_a_good_answer_is_untouched_byte_for_byte(streamed):
    upstream = Upstream(["it is good"])

    body, _, record = await exchanged(policy(), upstream, asked(streamed=streamed))

    assert body == (stream("it is good") if streamed else whole("it is good"))
    assert (len(upstream.sent), record.action, record.rounds) == (1, Action.ALLOW, [])


@both
async def test_the_upstream_is_asked_with_everything_that_the_caller_wanted(streamed):
    upstream = Upstream(["bad", "good"])
    wishes = {
        "response_format": {"type": "json_object"},
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "temperature": 0.25,
        "x_mine": [1.50],
    }
    prompt = "system_prompt: {insert: prepend, text: Be good.}"

    await exchanged(policy(top=prompt), upstream, asked(streamed=streamed, **wishes))

    first, second = upstream.sent
    assert second["messages"][:-2] == first["messages"]
    assert {**second, "messages": 0} == {**first, "messages": 0}
    draft, critique = second["messages"][-2:]
    assert (draft["role"], draft["content"]) == ("assistant", "bad")
    assert critique["role"] == "user"
    assert "hate: Demeaning or dehumanising" in critique["content"]
    assert upstream.requests[1].headers == upstream.requests[0].headers


@both
async def test_the_usage_told_is_that_of_all_drafts(streamed):
    body, _, record = await exchanged(
        policy("rounds: 3"), Upstream(["bad", "bad", "good"]), asked(streamed=streamed)
    )

    assert usage_of(body) == {key: 3 * value for key, value in USAGE.items()}
    assert [one.usage for one in record.rounds] == [USAGE, USAGE]


@both
async def test_an_answer_that_never_gets_better_is_refused_after_the_rounds(streamed):
    upstream = Upstream(["bad one", "bad two", "bad three", "good"])

    body, _, record = await exchanged(policy("rounds: 2"), upstream, asked(streamed=streamed))

    assert len(upstream.sent) == 3
    assert b"bad" not in without_ids(body)
    assert said(body) == NO
    assert (record.action, record.ended, record.exhausted) == (Action.BLOCK, "blocked", "rounds")
    assert usage_of(body) == {key: 3 * value for key, value in USAGE.items()}


@both
async def test_a_refusal_after_revisions_is_a_whole_reply_of_the_format(streamed):
    body, _, _ = await exchanged(policy("rounds: 1"), Upstream(["bad"]), asked(streamed=streamed))

    if streamed:
        first, *_, last = [one for one in chunks(body) if one["choices"]]
        assert first["choices"][0]["delta"]["role"] == "assistant"
        assert last["choices"][0]["finish_reason"] == "content_filter"
    else:
        assert json.loads(body)["choices"][0]["finish_reason"] == "content_filter"


@both
async def test_exhausted_flag_lets_the_last_answer_through_marked(streamed):
    bounds = "rounds: 1, exhausted: flag"

    body, _, record = await exchanged(
        policy(bounds), Upstream(["bad one", "bad two"]), asked(streamed=streamed)
    )

    assert said(body) == "bad two"
    assert (record.action, record.ended, record.exhausted) == (Action.FLAG, "replied", "rounds")


BLOCKING = """
  - detect: tests.guardrail.policy_detectors:Words
    name: worst
    with: {word: worst}
    rules: [{category: hate, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 5
"""


@both
async def test_a_revision_that_another_stage_blocks_is_blocked_whatever_would_come(streamed):
    upstream = Upstream(["bad", "the worst", "good"])

    body, _, record = await exchanged(
        policy("rounds: 5, exhausted: flag", BLOCKING), upstream, asked(streamed=streamed)
    )

    assert len(upstream.sent) == 2
    assert said(body) == NO
    assert b"worst" not in body
    assert (record.action, record.ended) == (Action.BLOCK, "blocked")


@both
async def test_a_draft_that_is_blocked_at_once_is_not_revised(streamed):
    upstream = Upstream(["bad and worst", "good"])

    body, _, record = await exchanged(policy(more=BLOCKING), upstream, asked(streamed=streamed))

    assert (len(upstream.sent), said(body), record.rounds) == (1, NO, [])


@both
async def test_a_revision_that_takes_too_long_is_given_up(streamed):
    upstream = Upstream(["bad", late])

    body, _, record = await exchanged(
        policy("rounds: 5, max_seconds: 0.05"), upstream, asked(streamed=streamed)
    )

    assert (said(body), record.exhausted, record.action) == (NO, "seconds", Action.BLOCK)


@both
async def test_a_revision_that_costs_too_much_is_given_up(streamed):
    upstream = Upstream(["bad"])

    body, _, record = await exchanged(
        policy("rounds: 9, max_tokens: 31"), upstream, asked(streamed=streamed)
    )

    assert len(upstream.sent) == 4  # the first, and 3 of 15 tokens each
    assert (said(body), record.exhausted) == (NO, "tokens")


async def test_tokens_are_guessed_where_the_upstream_counts_none():
    uncounted = [Reply(200, JSON, whole("bad" * 40, usage=None))]

    _, _, record = await exchanged(policy("rounds: 9, max_tokens: 60"), Upstream(uncounted))

    assert (len(record.rounds), record.exhausted) == (2, "tokens")


async def hung_up():
    raise WireError("the upstream hung up before it answered", status=502)


@both
@pytest.mark.parametrize(
    "answer",
    [
        Reply(500, JSON, b'{"error": "down"}'),
        Reply(200, JSON, b'{"choices": ['),
        Reply(200, EVENTS, b'data: {"choices":\n\n'),
        Reply(200, (*JSON, (b"content-encoding", b"gzip")), b"?"),
        hung_up,
    ],
    ids=["status", "broken", "cut", "encoded", "hung up"],
)
async def test_an_upstream_that_fails_at_a_revision_leaves_the_draft_refused(streamed, answer):
    body, _, record = await exchanged(
        policy("rounds: 5"), Upstream(["bad", answer]), asked(streamed=streamed)
    )

    assert b"bad" not in without_ids(body)
    assert said(body) == NO
    assert (record.exhausted, record.ended) == ("upstream", "blocked")
    assert record.error


async def test_a_revised_stream_that_ends_early_releases_nothing_of_it():
    cut = stream("good so far")[:-40]

    body, _, record = await exchanged(
        policy(), Upstream(["bad", Reply(200, EVENTS, chunked(cut))]), asked(streamed=True)
    )

    assert said(body) == NO
    assert record.exhausted == "upstream"


async def test_a_format_without_a_conversation_is_refused_at_once():
    def completion(text):
        choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
        return Reply(200, JSON, json.dumps({"choices": [choice]}).encode())

    upstream = Upstream([completion("bad"), completion("good")])
    one = request()
    body = json.dumps({"model": "m", "prompt": "hello"}).encode()
    sent = type(one)(one.method, "/v1/completions", b"", one.headers, body)

    told, _, record = await exchanged(policy(), upstream, sent)

    assert b"bad" not in without_ids(told)
    assert (len(upstream.sent), record.exhausted) == (1, "format")


REDACTING = """
  - detect: tests.guardrail.revising_detectors:Spans
    rules: [{category: privacy, at_least: 0.5, action: redact}]
    on_error: block
    timeout_s: 5
"""


@both
async def test_what_is_redacted_in_a_revised_answer_is_redacted(streamed):
    body, _, _ = await exchanged(
        policy(more=REDACTING), Upstream(["bad", "a secret here"]), asked(streamed=streamed)
    )

    assert b"secret" not in body
    assert said(body) == "a [redacted] here"
    assert usage_of(body) == {key: 2 * value for key, value in USAGE.items()}


@both
async def test_every_round_is_in_the_audit_record(streamed):
    _, _, record = await exchanged(
        policy("rounds: 2"), Upstream(["bad 1", "bad 2", "good"]), asked(streamed=streamed)
    )

    told = as_json(record)
    assert [one["action"] for one in told["rounds"]] == ["REVISE", "REVISE"]
    assert all(one["usage"] == USAGE and one["ms"] >= 0 for one in told["rounds"])
    assert told["rounds"][0]["stages"][0]["findings"][0]["category"] == "hate"
    assert told["sides"]["output"]["action"] == "ALLOW"
    assert "exhausted" not in told


async def test_an_exchange_without_revision_has_no_rounds_in_its_record():
    _, _, record = await exchanged(policy(), Upstream(["good"]))

    assert not {"rounds", "exhausted", "asked", "refused"} & as_json(record).keys()


async def test_rounds_are_counted():
    metrics = Metrics()
    for bounds, answers in (("rounds: 2", ["bad", "good"]), ("rounds: 2", ["bad"])):
        metrics((await exchanged(policy(bounds), Upstream(answers)))[2])

    text = metrics.expose().decode()
    assert 'guardrail_revision_rounds_total{exhausted="",policy="p"} 1.0' in text
    assert 'guardrail_revision_rounds_total{exhausted="rounds",policy="p"} 2.0' in text


async def test_a_stage_with_when_judges_the_revised_answer_too():
    gated = """
  - detect: tests.guardrail.policy_detectors:Words
    name: gated
    with: {word: worst}
    when: {any_score_at_least: 0.5}
    rules: [{category: hate, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 5
"""

    body, _, record = await exchanged(policy(more=gated), Upstream(["bad", "the worst"]))

    assert (said(body), record.action) == (NO, Action.BLOCK)


async def test_a_stream_that_is_revised_is_kept_alive():
    top = "stream: {keep_alive_s: 0.01}"
    upstream = Upstream(["bad", late])

    body, _, _ = await exchanged(
        policy("max_seconds: 0.2", top=top), upstream, asked(streamed=True)
    )

    assert body.startswith(b": keep-alive\n\n")
    assert body.count(b": keep-alive") >= 3
    assert b"bad" not in without_ids(body)


async def test_of_several_choices_the_worst_is_the_draft():
    choices = [
        {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for i, text in enumerate(["fine", "bad"])
    ]
    upstream = Upstream([Reply(200, JSON, json.dumps({"choices": choices}).encode()), "good"])

    await exchanged(policy(), upstream, request(n=2))

    assert upstream.sent[1]["messages"][-2]["content"] == "bad"
    assert upstream.sent[1]["n"] == 2


async def test_a_call_of_a_tool_is_told_in_words():
    call = {
        "id": "1",
        "type": "function",
        "function": {"name": "mail", "arguments": '{"to":"bad"}'},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    upstream = Upstream([Reply(200, JSON, json.dumps({"choices": [choice]}).encode()), "good"])

    await exchanged(policy(), upstream)

    draft = upstream.sent[1]["messages"][-2]
    assert draft == {"role": "assistant", "content": '(calls mail with {"to":"bad"})'}


def test_of_several_bounds_the_strictest_hold():
    one, other = Revise(3, 10.0, 500, Action.FLAG), Revise(2, 20.0, 400, Action.BLOCK)

    assert strictest([one, other]) == Revise(2, 10.0, 400, Action.BLOCK)
    assert strictest([one]) == one
    assert strictest([]) == Revise()


@both
async def test_a_refusal_of_the_models_own_is_not_revised(streamed):
    refusal = "I can't help with that, it is bad and illegal."
    upstream = Upstream([refusal])

    body, _, record = await exchanged(policy(), upstream, asked(streamed=streamed))

    assert len(upstream.sent) == 1
    assert "illegal" in said(body)
    assert (record.action, record.refused, record.rounds) == (Action.FLAG, True, [])
    assert as_json(record)["refused"] is True


@both
async def test_a_refusal_followed_by_an_answer_is_revised(streamed):
    upstream = Upstream(["I can't help with that. First mix the bad stuff.", "good"])

    body, _, record = await exchanged(policy(), upstream, asked(streamed=streamed))

    assert b"bad" not in without_ids(body)
    assert (len(upstream.sent), record.refused) == (2, False)


async def test_what_was_redacted_in_the_request_stays_so_in_a_revision():
    redacting = """
input:
  - detect: tests.guardrail.revising_detectors:Spans
    rules: [{category: privacy, at_least: 0.5, action: redact}]
    on_error: block
    timeout_s: 5
"""
    upstream = Upstream(["bad", "good"])

    await exchanged(policy(top=redacting), upstream, request("my secret plan"))

    assert [one["messages"][0]["content"] for one in upstream.sent] == ["my [redacted] plan"] * 2


@pytest.mark.parametrize("answer", [(500, JSON), (200, (*JSON, (b"content-encoding", b"gzip")))])
async def test_a_revised_reply_that_is_not_read_is_closed(answer):
    closed = []

    async def body():
        try:
            yield b"{}"
            yield b"{}"
        finally:
            closed.append(True)

    chunks = body()
    await anext(chunks)
    await exchanged(policy(), Upstream(["bad", Reply(*answer, chunks)]))

    assert closed == [True]


async def test_a_refusal_in_the_place_that_the_format_has_for_one_is_not_revised():
    message = {"role": "assistant", "content": None, "refusal": "Nothing bad from me."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    upstream = Upstream([Reply(200, JSON, json.dumps({"choices": [choice]}).encode())])
    delta = {"index": 0, "delta": {"refusal": "Nothing bad from me."}, "finish_reason": "stop"}
    event = b"data: " + json.dumps({"choices": [delta]}).encode() + b"\n\ndata: [DONE]\n\n"
    streaming = Upstream([Reply(200, EVENTS, chunked(event))])

    _, _, whole_record = await exchanged(policy(), upstream)
    body, _, stream_record = await exchanged(policy(), streaming, asked(streamed=True))

    assert (whole_record.refused, stream_record.refused) == (True, True)
    assert body == event


@pytest.mark.parametrize("size", [1, 2, 11, 64, 100_000])
async def test_however_a_revised_streams_bytes_are_split_the_same_leaves(size):
    def split(text):
        return Reply(200, EVENTS, chunked(stream(text), size))

    body, _, _ = await exchanged(
        policy(), Upstream([split("bad and so on"), split("it is good")]), asked(streamed=True)
    )

    once, other = chunks(stream("it is good")), chunks(body)
    assert [one["choices"] for one in other] == [one["choices"] for one in once]
    assert other[-1]["usage"] == {key: 2 * value for key, value in USAGE.items()}
