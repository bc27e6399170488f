"""The address that the proxy listens on, and upstreams that are the proxy itself."""

from __future__ import annotations

import socket

import pytest

from guardrail.errors import PolicyError
from guardrail.listener import check_address, check_upstreams
from guardrail.server import Settings, serve


@pytest.mark.parametrize(
    ("host", "upstream"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("127.0.0.1", "http://127.0.0.1:8000/base"),
        ("127.0.0.1", "http://localhost:8000"),
        ("127.0.0.1", "http://0.0.0.0:8000"),
        ("localhost", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://localhost:8000"),
        ("0.0.0.0", "http://127.3.2.1:8000"),
        ("::", "http://127.0.0.1:8000"),
    ],
)
def test_an_upstream_that_is_the_listener_is_refused_with_the_remedy(host, upstream):
    with pytest.raises(PolicyError, match=r"itself listens on.*another --port"):
        check_upstreams(host, 8000, ["https://192.0.2.1", upstream])


@pytest.mark.parametrize(
    ("host", "upstream"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001"),
        ("127.0.0.1", "http://127.0.0.2:8000"),
        ("127.0.0.1", "http://192.0.2.1:8000"),
        ("0.0.0.0", "http://192.0.2.1:8000"),
        ("0.0.0.0", "http://127.0.0.1"),
        ("127.0.0.1", "https://127.0.0.1"),
    ],
)
def test_another_port_or_another_machine_is_no_listener(host, upstream):
    check_upstreams(host, 8000, [upstream])


@pytest.mark.parametrize(("upstream", "port"), [("http://127.0.0.1", 80), ("https://[::1]", 443)])
def test_an_upstream_without_a_port_is_at_that_of_its_scheme(upstream, port):
    with pytest.raises(PolicyError, match="itself listens on"):
        check_upstreams("::1" if "::1" in upstream else "127.0.0.1", port, [upstream])


def test_a_host_that_nobody_knows_is_left_to_the_first_request(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    check_upstreams("127.0.0.1", 8000, ["http://model.internal:8000"])


def test_serve_starts_no_proxy_before_itself():
    with pytest.raises(
        PolicyError, match=r"http://127\.0\.0\.1:8000 is the address that the proxy"
    ):
        serve(Settings(upstream="vllm"))


def test_a_route_cannot_lead_back_to_the_proxy_either(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: 1\nname: p\ninput:\n  - {detect: unicode_smuggling, rules: [{category: "
        "hidden_text, at_least: 0.5, action: block}], on_error: block, timeout_s: 5}\n"
        "routes: [{match: {model: m}, upstream: {base_url: 'http://127.0.0.1:8123'}}]\n"
    )

    with pytest.raises(PolicyError, match="itself listens on"):
        serve(Settings(policy=str(policy), upstream="openai", port=8123))


def test_an_address_in_use_is_told_with_the_remedy():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PolicyError, match=rf"127\.0\.0\.1:{port}.*another --host or --port"):
            check_address("127.0.0.1", port)
