"""No spelling of a path, and no way of sending a key, goes around a route."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest

from guardrail import AsyncGuardTransport, Guard, GuardMiddleware, Reply
from guardrail.policy import parse_policy
from guardrail.respond import respond
from guardrail.wire import Request
from tests.guardrail.test_guard import JSON, REPLY, Upstream, request

PATH = "/v1/chat/completions"
RULES = """
  - detect: tests.guardrail.policy_detectors:Words
    rules: [{category: hate, at_least: 0.5, action: %s}]
    on_error: block
    timeout_s: 5
"""
SPELLINGS = [
    "/v1//chat/completions",
    "//v1/chat/completions",
    "/V1/chat/completions",
    "/v1/./chat/completions",
    "/x/../v1/chat/completions",
    "/x%2f..%2fv1/chat/completions",
    "/v1;a=b/chat/completions",
    "/v1%20/chat/completions",
    "/v1/Chat/Completions/",
]
STRAIGHT = {"/V1/chat/completions", "/v1%20/chat/completions"}
"""Forwarded as they are: their segments are those that were judged."""


@pytest.fixture
def guard(tmp_path):
    (tmp_path / "strict.yaml").write_text("version: 1\nname: strict\ninput:" + RULES % "block")
    path = tmp_path / "lax.yaml"
    path.write_text(
        "version: 1\nname: lax\nroutes:\n"
        f"  - {{match: {{path: {PATH}}}, policy: strict.yaml}}\ninput:" + RULES % "flag"
    )
    return Guard.from_policy(path)


@dataclass
class Inner:
    """What is guarded: an upstream, an application, or what is behind a transport."""

    paths: list[str] = field(default_factory=list)

    async def send(self, one: Request) -> Reply:
        self.paths.append(one.path)
        return Reply(200, JSON, json.dumps(REPLY).encode())

    async def app(self, scope, receive, send):
        self.paths.append(scope["raw_path"].decode())
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": list(JSON)})
        await send({"type": "http.response.body", "body": json.dumps(REPLY).encode()})

    async def handle_async_request(self, one: httpx.Request) -> httpx.Response:
        self.paths.append(one.url.raw_path.decode())
        return httpx.Response(200, json=REPLY)

    async def aclose(self):
        pass


def shells(guard: Guard, inner: Inner) -> dict[str, httpx.AsyncBaseTransport]:
    proxy = partial(respond, guard)

    async def app(scope, receive, send):
        await proxy(scope, receive, send, inner.send)

    return {
        "proxy": httpx.ASGITransport(app=app),
        "middleware": httpx.ASGITransport(app=GuardMiddleware(inner.app, guard)),
        "transport": AsyncGuardTransport(guard, inner),
    }


async def sent(transport, path: str, text: str = "hello") -> httpx.Response:
    async with httpx.AsyncClient(transport=transport) as client:
        raw = httpx.Request(
            "POST", "http://host.test", content=request(text).body, headers={"x": "y"}
        )
        raw.url = raw.url.copy_with(raw_path=path.encode() + b"?a=b")
        return await client.send(raw)


@pytest.mark.parametrize("shell", ["proxy", "middleware", "transport"])
@pytest.mark.parametrize("path", [PATH, *SPELLINGS])
async def test_the_routes_policy_judges_however_its_path_is_spelled(guard, shell, path):
    inner = Inner()

    reply = await sent(shells(guard, inner)[shell], path, "bad")

    assert reply.headers["x-guardrail-policy"] == "strict@1"
    assert reply.headers["x-guardrail-action"] == "block"
    assert inner.paths == []


@pytest.mark.parametrize(("shell", "query"), [("proxy", ""), ("transport", "?a=b")])
@pytest.mark.parametrize("path", [PATH, *SPELLINGS])
async def test_what_is_forwarded_is_the_path_that_was_judged(guard, shell, query, path):
    inner = Inner()

    await sent(shells(guard, inner)[shell], path)

    assert inner.paths == [(path if path in STRAIGHT else PATH) + query]


KEYED = f"""
version: 1
name: lax
routes:
  - {{match: {{key: "team-a-*"}}, policy: strict}}
input:{RULES % "flag"}"""


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([(b"authorization", b"Bearer team-a-1")], b""),
        ([(b"authorization", b"bearer team-a-1")], b""),
        ([(b"authorization", b"BEARER   team-a-1 ")], b""),
        ([(b"x-api-key", b"team-a-1")], b""),
        ([(b"api-key", b"team-a-1")], b""),
        ([(b"x-goog-api-key", b"team-a-1")], b"alt=sse&key=team%2Da-1"),
        ([], b"key=team-a-1"),
    ],
)
async def test_the_routes_policy_judges_wherever_its_key_is_sent(headers, query):
    guard = Guard(parse_policy(KEYED))
    one = Request("POST", PATH, query, (*JSON, *headers), request("hello").body)

    reply = await guard.handle(one, Upstream())
    await guard.close()

    assert dict(reply.headers)[b"x-guardrail-policy"] == b"strict@1"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([(b"authorization", b"Bearer x"), (b"x-api-key", b"team-a-1")], b""),
        ([(b"x-api-key", b"team-a-1"), (b"x-goog-api-key", b"x")], b""),
        ([(b"x-goog-api-key", b"x")], b"alt=sse&key=x&key=team%2Da-1"),
    ],
)
async def test_two_keys_lead_to_no_policy_at_all(headers, query):
    upstream = Upstream()
    one = Request("POST", PATH, query, (*JSON, *headers), request("hello").body)

    reply = await Guard(parse_policy(KEYED)).handle(one, upstream)

    assert reply.status == 400
    assert b"carries 2 API keys" in reply.body
    assert upstream.requests == []


@pytest.mark.parametrize("name", [b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"])
async def test_a_credential_that_is_sent_twice_is_refused(name):
    upstream = Upstream()
    twice = ((name, b"x"), (name, b"team-a-1"))
    one = Request("POST", PATH, b"", (*JSON, *twice), request("hello").body)

    reply = await Guard(parse_policy(KEYED)).handle(one, upstream)

    assert reply.status == 400
    assert b"more than once" in reply.body
    assert upstream.requests == []


async def test_a_route_with_an_adapter_is_found_however_its_path_is_spelled():
    route = "routes:\n  - {match: {path: /My%20Chat/}, adapter: openai_chat}\n"
    guard = Guard(parse_policy(f"version: 1\nname: p\n{route}input:{RULES % 'block'}"))

    for path in ("/My%20Chat/", "/my%20chat", "//my%20chat", "/MY CHAT"):
        reply = await guard.handle(request("bad", path), Upstream())

        assert dict(reply.headers)[b"x-guardrail-action"] == b"block"


@pytest.mark.parametrize(
    "path", ["/v1/models/../files", "/v1/models/%2e%2e/files", "/v1/models//../files", "/v1/x"]
)
async def test_a_path_does_not_lead_out_of_what_is_unguarded(path):
    listed = 'unguarded_paths: ["/v1/models/*"]\n'
    guard = Guard(parse_policy(f"version: 1\nname: p\n{listed}input:{RULES % 'block'}"))
    upstream = Upstream()

    refused = await guard.handle(Request("GET", path, b"", ()), upstream)
    passed = await guard.handle(Request("GET", "/v1/models/m", b"", ()), upstream)

    assert (refused.status, passed.status) == (501, 200)
    assert [one.path for one in upstream.requests] == ["/v1/models/m"]
