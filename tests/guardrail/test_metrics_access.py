"""Who may read the metrics, and what strangers are told of the models."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from guardrail.errors import PolicyError, WireError
from guardrail.metrics_access import check_reader
from guardrail.proxy import create_app
from guardrail.server import Settings
from tests.guardrail.policy_detectors import Words

LOCAL = ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"]
ELSEWHERE = ["10.0.0.7", "192.0.2.1", "2001:db8::1", "::ffff:10.0.0.7", "0.0.0.0", "", "unix:"]
RELAYED = ["forwarded", "x-forwarded-for", "x-real-ip"]


class Broken(Words):
    def load(self):
        raise FileNotFoundError("/srv/models/secret-name/weights.onnx")


def served(tmp_path, detector: str = "tests.guardrail.policy_detectors:Words", **settings):
    path = tmp_path / "policy.yaml"
    path.write_text(
        f"version: 1\nname: p\ninput:\n  - {{detect: '{detector}', rules: [{{category: hate, "
        "at_least: 0.5, action: block}], on_error: block, timeout_s: 5}\n"
    )
    return create_app(
        Settings(policy=str(path), upstream="http://127.0.0.1:9", reload=False, **settings)
    )


def client_at(address: str, app):
    async def from_there(scope, receive, send):
        if scope["type"] == "http":
            scope["client"] = (address, 50_000)
        await app(scope, receive, send)

    return TestClient(from_there)


@pytest.mark.parametrize("peer", LOCAL)
def test_without_a_key_this_machine_reads_the_metrics(peer):
    check_reader(peer, {}, "")


@pytest.mark.parametrize("peer", ELSEWHERE)
def test_without_a_key_other_machines_do_not_read_the_metrics(peer):
    with pytest.raises(WireError, match="--metrics-key-env NAME") as refused:
        check_reader(peer, {}, "")

    assert refused.value.status == 403


@pytest.mark.parametrize("header", RELAYED)
def test_what_a_reverse_proxy_on_this_machine_relays_is_not_of_this_machine(header):
    with pytest.raises(WireError, match="own machine"):
        check_reader("127.0.0.1", {header: "203.0.113.9"}, "")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.1"])
def test_the_key_opens_the_metrics_to_any_machine(peer, scheme):
    check_reader(peer, {"authorization": f"{scheme} k"}, "k")


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Basic k", "k", "Bearer kk", "Bearer é"]
)
def test_where_there_is_a_key_nobody_reads_the_metrics_without_it(sent):
    with pytest.raises(WireError, match="Authorization: Bearer KEY") as refused:
        check_reader("127.0.0.1", {"authorization": sent}, "k")

    assert refused.value.status == 401


def test_the_proxy_shows_its_metrics_to_its_own_machine_alone(tmp_path):
    app = served(tmp_path)

    with client_at("127.0.0.1", app) as near:
        shown = near.get("/metrics")
    with client_at("192.0.2.1", app) as far:
        refused = far.get("/metrics")

    assert (shown.status_code, refused.status_code) == (200, 403)
    assert "guardrail_actions_total" in shown.text
    assert "guardrail_" not in refused.text
    assert "--metrics-key-env" in refused.text


def test_the_proxy_asks_for_the_key_that_its_variable_holds(tmp_path, monkeypatch):
    monkeypatch.setenv("READ_KEY", "k")

    with client_at("192.0.2.1", served(tmp_path, metrics_key_env="READ_KEY")) as client:
        bare = client.get("/metrics")
        keyed = client.get("/metrics", headers={"authorization": "Bearer k"})

    assert (bare.status_code, bare.headers["www-authenticate"]) == (401, "Bearer")
    assert keyed.status_code == 200


def test_a_variable_without_a_key_is_refused_at_the_start(tmp_path):
    with pytest.raises(PolicyError, match="READ_KEY is not set; it should hold the metrics' key"):
        served(tmp_path, metrics_key_env="READ_KEY")


def test_readyz_says_that_models_failed_and_not_where_they_lie(tmp_path, caplog):
    app = served(tmp_path, "tests.guardrail.test_metrics_access:Broken")
    with client_at("192.0.2.1", app) as client:
        told = client.get("/readyz")
        for _ in range(200):
            if "loading" not in told.text:
                break
            told = client.get("/readyz")

    assert told.status_code == 503
    assert told.json()["reason"] == "the models cannot be loaded; the proxy's log says why"
    assert "secret-name" in caplog.text
