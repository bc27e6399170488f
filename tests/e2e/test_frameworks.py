"""The middleware around applications of three frameworks."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import FastAPI
from fastapi import Request as FastApiRequest
from litestar import Litestar, Request, post
from litestar import get as litestar_get
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from guardrail import GuardMiddleware
from tests.e2e.conftest import HERE
from tests.e2e.voices import BAD_WORDS, REPLY, WORDS, Chat

PATH = "/v1/chat/completions"
SEEN: list[bytes] = []


def fastapi() -> FastAPI:
    app = FastAPI()

    @app.post(PATH)
    async def chat(request: FastApiRequest):
        return answer(await request.body())

    @app.get("/health")
    async def health():
        return {"ok": True}

    app.add_middleware(GuardMiddleware, policy=str(HERE / "policy.yaml"))
    return app


def starlette() -> Starlette:
    async def chat(request):
        return answer(await request.body())

    async def health(request):
        return JSONResponse({"ok": True})

    app = Starlette(routes=[Route(PATH, chat, methods=["POST"]), Route("/health", health)])
    app.add_middleware(GuardMiddleware, policy=str(HERE / "policy.yaml"))
    return app


def litestar() -> GuardMiddleware:
    @post(PATH, status_code=200)
    async def chat(request: Request) -> dict:
        SEEN.append(await request.body())
        return REPLY

    @litestar_get("/health")
    async def health() -> dict:
        return {"ok": True}

    return GuardMiddleware(Litestar([chat, health]), policy=str(HERE / "policy.yaml"))


def answer(body: bytes):
    SEEN.append(body)
    request = json.loads(body)
    if request.get("stream"):
        words = BAD_WORDS if request["model"] == "bad" else WORDS
        return StreamingResponse(iter(Chat().events(words)), media_type="text/event-stream")
    return JSONResponse(REPLY)


def client(app) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.test")


def body(text: str, **more) -> bytes:
    return json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": text}], **more}, indent=2
    ).encode()


@pytest.fixture(params=[fastapi, starlette, litestar], ids=["fastapi", "starlette", "litestar"])
def app(request):
    SEEN.clear()
    return request.param()


async def test_an_allowed_request_reaches_the_application_byte_for_byte(app):
    async with client(app) as web:
        reply = await web.post(PATH, content=body("Hello"))

    assert [body("Hello")] == SEEN
    assert reply.json()["choices"] == REPLY["choices"]
    assert reply.headers["x-guardrail-action"] == "allow"


async def test_a_blocked_request_does_not_reach_it(app):
    async with client(app) as web:
        reply = await web.post(PATH, content=body("a forbidden thing"))

    assert SEEN == []
    assert reply.json()["choices"][0]["finish_reason"] == "content_filter"


async def test_other_paths_are_the_applications_own(app):
    async with client(app) as web:
        reply = await web.get("/health")

    assert reply.json() == {"ok": True}
    assert "x-guardrail-action" not in reply.headers


@pytest.mark.parametrize("make", [fastapi, starlette])
async def test_a_stream_of_the_application_is_held_and_ended(make):
    async with client(make()) as web:
        fine = await web.post(PATH, content=body("Hello", stream=True))
        bad = await web.post(PATH, content=body("Hello", stream=True, model="bad"))

    assert fine.content == b"".join(Chat().events(WORDS))
    assert "forbidden" not in bad.text
    assert '"content_filter"' in bad.text
