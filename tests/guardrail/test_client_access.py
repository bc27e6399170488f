"""Who may spend the proxy's own key."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from guardrail.client_access import check_client
from guardrail.errors import PolicyError, WireError
from guardrail.proxy import Proxy, create_app
from guardrail.server import Settings
from guardrail.wire import Request
from tests.guardrail.test_metrics_access import served
from tests.guardrail.test_proxy_key import policy, recording

PATH = "/v1/chat/completions"
BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize(
    "headers",
    [
        ((b"authorization", b"Bearer k"),),
        ((b"authorization", b"bearer k"),),
        ((b"x-api-key", b"k"), (b"origin", b"https://elsewhere.example")),
        ((b"x-goog-api-key", b"k"),),
    ],
)
def test_the_key_is_taken_wherever_an_sdk_puts_it(headers):
    check_client(headers, "k")


@pytest.mark.parametrize("sent", [b"", b"Bearer", b"Bearer x", b"Basic k", b"Bearer \xe9", b"kk"])
def test_nobody_spends_the_proxys_key_without_the_clients(sent):
    with pytest.raises(WireError, match="--client-key-env names") as refused:
        check_client(((b"authorization", sent),), "k")

    assert refused.value.status == 401


@pytest.mark.parametrize(
    "headers",
    [
        ((b"host", b"127.0.0.1:8000"), (b"origin", b"https://elsewhere.example")),
        ((b"host", b"127.0.0.1:8000"), (b"origin", b"http://127.0.0.1:3000")),
        ((b"host", b"127.0.0.1:8000"), (b"origin", b"null")),
        ((b"origin", b"http://127.0.0.1:8000"),),
        ((b"sec-fetch-site", b"cross-site"),),
        ((b"sec-fetch-site", b"same-site"),),
    ],
)
def test_without_a_key_no_page_of_another_site_spends_the_proxys(headers):
    with pytest.raises(WireError, match="a page of another site asks") as refused:
        check_client(headers, "")

    assert refused.value.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"host", b"Proxy.example:8000"), (b"origin", b"http://proxy.example:8000")),
        ((b"sec-fetch-site", b"same-origin"),),
        ((b"sec-fetch-site", b"none"),),
    ],
)
def test_programs_and_the_proxys_own_pages_are_let_through(headers):
    check_client(headers, "")


def test_the_proxy_asks_for_the_clients_key_on_every_path_that_it_forwards(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "secret")
    monkeypatch.setenv("THEIRS", "client")
    app = served(tmp_path, api_key_env="OURS", client_key_env="THEIRS")
    with TestClient(app) as client:
        asked = [client.post(PATH, json=BODY), client.get("/v1/models")]
        known = client.post(PATH, json=BODY, headers={"x-api-key": "client"})
        open_to_all = client.get("/healthz")

    assert [one.status_code for one in asked] == [401, 401]
    assert "--client-key-env" in asked[0].text
    assert "secret" not in asked[0].text
    assert known.status_code == 502  # the upstream is not there
    assert open_to_all.status_code == 200


def test_where_the_clients_own_key_passes_through_pages_may_ask(tmp_path, monkeypatch):
    foreign = {"origin": "https://elsewhere.example"}
    with TestClient(served(tmp_path)) as client:
        passed = client.post(PATH, json=BODY, headers=foreign)
    monkeypatch.setenv("OURS", "secret")
    with TestClient(served(tmp_path, api_key_env="OURS")) as client:
        refused = client.post(PATH, json=BODY, headers=foreign)

    assert (passed.status_code, refused.status_code) == (502, 403)


def test_a_clients_key_without_one_of_the_proxys_is_refused_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("THEIRS", "client")

    with pytest.raises(PolicyError, match="--client-key-env is for a proxy with a key of its own"):
        served(tmp_path, client_key_env="THEIRS")


async def test_the_clients_key_does_not_reach_the_upstream(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "secret")
    async with recording(queries := []) as (base_url, seen):
        file = tmp_path / "p.yaml"
        file.write_text(policy(base_url))
        proxy = Proxy(Settings(policy=str(file), api_key_env="OURS", api_key_header="x-api-key"))
        sent = ((b"authorization", b"Bearer client"),)

        await proxy.upstream.send(Request("GET", "/v1/models", b"key=client&a=b", sent))

        await proxy.upstream.close()
        await proxy.guard.close()
    assert seen == [None]
    assert queries == ["a=b"]


def test_a_clients_key_that_is_not_set_is_named_before_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "secret")
    monkeypatch.delenv("THEIRS", raising=False)
    path = tmp_path / "p.yaml"
    path.write_text(policy("http://127.0.0.1:9"))

    with pytest.raises(PolicyError, match="THEIRS is not set; it should hold the clients' key"):
        create_app(Settings(policy=str(path), api_key_env="OURS", client_key_env="THEIRS"))
