"""The proxy's own key goes where the policy in force forwards to, and nowhere else."""

from __future__ import annotations

from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from guardrail.proxy import Proxy
from guardrail.server import Settings
from guardrail.wire import Request
from tests.guardrail.test_reload import GOOD, edit, settle


@asynccontextmanager
async def recording(queries: list[str] | None = None):
    """A server's base URL, and what it was sent as ``authorization``; its queries in ``queries``."""
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("authorization"))
        if queries is not None:
            queries.append(request.query_string)
        return web.json_response({})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/"), seen


def policy(base_url: str) -> str:
    return GOOD.format(name="one") + f"upstream: {{base_url: '{base_url}'}}\n"


async def test_after_an_edit_the_key_goes_to_the_new_upstream_and_the_clients_does_not(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("THE_KEY", "ours")
    file = tmp_path / "p.yaml"
    client = Request("GET", "/v1/models", b"", ((b"authorization", b"Bearer theirs"),))
    async with recording() as (first, seen), recording() as (second, seen_later):
        file.write_text(policy(first))
        proxy = Proxy(Settings(policy=str(file), api_key_env="THE_KEY"))
        await proxy.upstream.send(client)
        edit(file, policy(second))
        assert await settle(proxy._watch) == [False, True]

        await proxy.upstream.send(client)

        await proxy.upstream.close()
        await proxy.guard.close()
    assert seen == ["Bearer ours"]
    assert seen_later == ["Bearer ours"]
