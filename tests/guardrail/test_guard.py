"""The object that users embed, without a network."""

from __future__ import annotations

import asyncio
import io
import json
from base64 import b64encode
from dataclasses import replace

import pytest
from PIL import Image

from guardrail import Action, Guard, PolicyError, Reply, Request, WireError
from guardrail.errors import ModelError
from guardrail.metrics import Metrics
from guardrail.policy import parse_policy
from guardrail.types import Coverage
from tests.attacks.files import encoded
from tests.guardrail.policy_detectors import Words
from tests.guardrail.revising import without_ids

HERE = "tests.guardrail.policy_detectors"
PATH = "/v1/chat/completions"
JSON = ((b"content-type", b"application/json"),)
REPLY = {
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "fine"}, "finish_reason": "stop"}
    ]
}


def policy(more: str = "", *, side: str = "input", action: str = "block", name: str = "p"):
    return parse_policy(f"""
version: 1
name: {name}
{side}:
  - detect: {HERE}:Words
    name: words
    rules: [{{category: hate, at_least: 0.5, action: {action}}}]
    on_error: block
    timeout_s: 5
{more}""")


class Upstream:
    def __init__(self, reply: dict | None = None) -> None:
        self.requests: list[Request] = []
        self.body = json.dumps(reply or REPLY).encode()

    async def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        return Reply(200, JSON, self.body)


def request(text: str = "hello", path: str = PATH, method: str = "POST", **more) -> Request:
    body = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    ).encode()
    return Request(method, path, b"", JSON, body)


def headers(reply: Reply) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in reply.headers}


async def handled(made, one: Request, upstream: Upstream | None = None, **options):
    records = []
    guard = Guard(made, observers=[records.append], **options)
    try:
        reply = await guard.handle(one, upstream or Upstream())
    finally:
        await guard.close()
    return reply, records


async def test_an_allowed_exchange_passes_the_very_objects():
    upstream, sent = Upstream(), request()

    reply, (record,) = await handled(policy(), sent, upstream)

    assert upstream.requests[0].body is sent.body
    assert reply.body is upstream.body
    assert (record.action, record.ended, record.status) == (Action.ALLOW, "replied", 200)


async def test_a_blocked_request_is_answered_without_the_upstream():
    upstream = Upstream()

    reply, (record,) = await handled(policy(), request("bad"), upstream)

    assert upstream.requests == []
    assert json.loads(reply.body)["choices"][0]["finish_reason"] == "content_filter"
    assert (record.action, record.ended) == (Action.BLOCK, "blocked")
    assert headers(reply)["x-guardrail-verdict-id"] == record.verdict_id


async def test_headers_name_schema_action_policy_and_time():
    reply, _ = await handled(policy(), request(), generation=7)

    found = headers(reply)
    assert found["x-guardrail-schema"] == "1"
    assert found["x-guardrail-action"] == "allow"
    assert found["x-guardrail-policy"] == "p@7"
    assert float(found["x-guardrail-duration-ms"]) >= 0


async def test_a_reply_that_is_blocked_is_replaced():
    bad = {
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "bad"},
                "finish_reason": "stop",
            }
        ]
    }

    reply, (record,) = await handled(policy(side="output"), request(), Upstream(bad))

    assert b"bad" not in without_ids(reply.body)
    assert record.sides["output"].action is Action.BLOCK


def png_of(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


def drawn(data: str) -> dict:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    message = {"role": "assistant", "content": "Here.", "images": [picture]}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


READS_PICTURES = parse_policy(f"""
version: 1
name: pictures
output:
  - detect: {HERE}:Pictures
    rules: [{{category: "*", at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 5
""")


@pytest.mark.parametrize(("colour", "action"), [("red", Action.BLOCK), ("teal", Action.ALLOW)])
async def test_pictures_of_a_reply_are_judged(colour, action):
    data = b64encode(png_of(colour)).decode()

    reply, (record,) = await handled(READS_PICTURES, request(), Upstream(drawn(data)))

    assert record.sides["output"].action is action
    assert (data.encode() in reply.body) == (action is Action.ALLOW)


async def test_a_picture_of_a_reply_that_is_none_is_the_upstreams_fault():
    reply, _ = await handled(READS_PICTURES, request(), Upstream(drawn("bm9uZQ==")))

    assert reply.status == 502
    assert b"a picture of the upstream's reply" in reply.body


@pytest.mark.parametrize(
    ("style", "status", "where"),
    [("native", 200, "choices"), ("message", 200, "choices"), ("error", 400, "error")],
)
async def test_the_policy_chooses_how_a_refusal_looks(style, status, where):
    reply, _ = await handled(
        policy(f"block: {{style: {style}, message: Not today.}}"), request("bad")
    )

    assert reply.status == status
    assert where in json.loads(reply.body)
    assert (b"Not today." in reply.body) == (style != "error") or style == "error"


async def test_an_upstream_that_fails_is_an_error_in_the_providers_envelope():
    async def failing(_: Request) -> Reply:
        raise WireError("the upstream cannot be reached", status=502)

    guard = Guard(policy())
    try:
        reply = await guard.handle(request(), failing)
    finally:
        await guard.close()

    assert reply.status == 502
    assert json.loads(reply.body)["error"]["code"] == "upstream_error"


@pytest.mark.parametrize(("method", "path"), [("GET", PATH), ("POST", "/v1/other"), ("POST", "/")])
async def test_what_no_adapter_reads_is_not_forwarded(method, path):
    upstream = Upstream()

    reply, records = await handled(policy(), request(path=path, method=method), upstream)

    assert reply.status == 501
    assert upstream.requests == []
    assert [(record.ended, record.status) for record in records] == [("refused", 501)]
    assert headers(reply)["x-guardrail-verdict-id"] == records[0].verdict_id


async def test_a_path_that_the_policy_lists_is_forwarded_as_it_is():
    upstream = Upstream()

    reply, _ = await handled(
        policy("unguarded_paths: [/v1/models]"), request(path="/v1/models", method="GET"), upstream
    )

    assert reply.body is upstream.body
    assert len(upstream.requests) == 1


async def test_an_unguarded_path_is_recorded_and_nobody_makes_up_the_guards_headers():
    marked = (b"x-guardrail-action", b"made up")

    class Marking(Upstream):
        async def __call__(self, request: Request) -> Reply:
            reply = await super().__call__(request)
            return replace(reply, headers=(*reply.headers, marked))

    upstream = Marking()
    asked = replace(request(path="/v1/models", method="GET"), headers=(*JSON, marked))
    reply, records = await handled(policy("unguarded_paths: [/v1/models]"), asked, upstream)

    assert [(record.ended, record.status) for record in records] == [("unguarded", 200)]
    assert upstream.requests[0].headers == JSON
    assert "x-guardrail-action" not in headers(reply)
    assert headers(reply)["x-guardrail-verdict-id"] == records[0].verdict_id


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_a_reply_that_is_no_success_is_told_as_unread(status):
    async def failing(asked: Request) -> Reply:
        return Reply(status, JSON, b'{"error": {"message": "bad words"}}')

    reply, (record,) = await handled(policy(side="output"), request(), failing)
    metrics = Metrics()
    metrics(record)

    assert (reply.status, record.ended) == (status, "replied")
    assert record.sides["output"].coverage == {
        "": Coverage("skipped", reason=f"the reply's status is {status}")
    }
    assert b'unscanned_parts_total{side="output",state="skipped"} 1.0' in metrics.expose()


@pytest.mark.parametrize("path", [PATH, "/v1/models"])
async def test_an_upstream_that_raises_leaves_a_record(path):
    records = []
    guard = Guard(policy("unguarded_paths: [/v1/models]"), observers=[records.append])

    async def broken(asked: Request) -> Reply:
        raise RuntimeError("the inner transport broke")

    with pytest.raises(RuntimeError):
        await guard.handle(request(path=path, method="POST"), broken)
    await guard.close()

    assert [record.ended for record in records] == ["failed"]
    assert records[0].error == "RuntimeError"


async def test_models_that_do_not_load_leave_a_record(monkeypatch):
    async def missing(self) -> None:
        raise ModelError("the weights are missing")

    monkeypatch.setattr(Words, "load", missing)
    records = []
    guard = Guard(policy(), observers=[records.append])

    with pytest.raises(ModelError):
        await guard.handle(request(), Upstream())
    await guard.close()

    assert [(record.ended, record.status) for record in records] == [("failed", 503)]
    assert "weights are missing" in records[0].error


async def test_a_body_over_the_limit_and_too_many_parts_are_refused():
    long, _ = await handled(policy("max_body_bytes: 100"), request("x" * 200))
    messages = [{"role": "user", "content": "x"}] * 9
    many, _ = await handled(policy("max_parts: 8"), request(messages=messages))

    assert long.status == many.status == 413
    assert b"9 parts; at most 8" in many.body


ROUTES = """
routes:
  - match: {model: "gpt-*"}
    policy: strict
  - match: {key: "team-a-*"}
    upstream: {base_url: "https://a.example"}
  - match: {path: /chat}
    adapter: openai_chat
"""


async def test_the_first_route_that_matches_chooses_the_policy():
    reply, _ = await handled(policy(ROUTES), request(model="gpt-4o"))

    assert headers(reply)["x-guardrail-policy"] == "strict@1"


async def test_a_route_by_key_chooses_the_upstream():
    upstream = Upstream()
    keyed = Request(
        "POST", PATH, b"", (*JSON, (b"authorization", b"Bearer team-a-1")), request().body
    )

    await handled(policy(ROUTES), keyed, upstream)

    assert upstream.requests[0].upstream == "https://a.example"


async def test_a_route_gives_a_path_of_ones_own_an_adapter():
    reply, _ = await handled(policy(ROUTES), request("bad", path="/chat"))

    assert headers(reply)["x-guardrail-action"] == "block"


async def test_a_system_prompt_is_added_and_the_callers_bytes_stay():
    upstream = Upstream()

    await handled(
        policy("system_prompt: {text: Be kind., insert: prepend}"), request("hello"), upstream
    )

    messages = json.loads(upstream.requests[0].body)["messages"]
    assert messages[0] == {"role": "system", "content": "Be kind."}
    assert messages[-1] == {"role": "user", "content": "hello"}


def test_plain_python_needs_no_event_loop():
    guard = Guard(policy())

    assert guard.check(text="hello").action is Action.ALLOW
    assert guard.check(text="bad").action is Action.BLOCK
    assert guard.check(messages=[{"role": "user", "content": "bad"}]).action is Action.BLOCK
    asyncio.run(guard.close())


async def test_a_synchronous_check_inside_a_loop_works_too():
    guard = Guard(policy())

    outcome = await asyncio.to_thread(guard.check, text="bad")
    await guard.close()

    assert outcome.action is Action.BLOCK


async def test_texts_pictures_and_messages_are_judged_together():
    guard = Guard(policy())

    outcome = await guard.acheck(
        text="hello", images=[encoded()], messages=[{"role": "user", "content": "hi"}]
    )
    await guard.close()

    assert set(outcome.coverage) == {"/text", "/images/0", "/messages/0/content"}
    assert outcome.coverage["/images/0"].state == "skipped"


async def test_a_reply_can_be_judged_alone():
    guard = Guard(policy(side="output"))

    fine, bad = await guard.acheck_reply("fine"), await guard.acheck_reply("bad")
    await guard.close()

    assert (fine.action, bad.action) == (Action.ALLOW, Action.BLOCK)


async def test_a_picture_that_is_none_is_refused():
    guard = Guard(policy())

    with pytest.raises(WireError, match="not a picture"):
        await guard.acheck(images=[b"hello"])
    await guard.close()


def test_an_unknown_policy_is_refused_with_the_nearest_name():
    with pytest.raises(PolicyError, match="did you mean 'strict'"):
        Guard.from_policy("strcit")


async def test_a_successor_shares_what_is_loaded():
    first = Guard(policy())
    await first.load()

    second = Guard(policy(name="q"), previous=first, generation=2)

    assert second.shared is first.shared
    assert not second.ready
    assert first.ready
    await first.close()


async def test_observers_see_every_exchange_once():
    records = []
    guard = Guard(policy(), observers=[records.append])

    for text in ("hello", "bad", "hello"):
        await guard.handle(request(text), Upstream())
    await guard.handle(Request("POST", PATH, b"", JSON, b"{"), Upstream())
    await guard.close()

    assert [record.ended for record in records] == ["replied", "blocked", "replied", "failed"]
    assert len({record.verdict_id for record in records}) == 4
