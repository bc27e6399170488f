"""How the proxy is run."""

from __future__ import annotations

import pytest

from guardrail.errors import PolicyError
from guardrail.policy import load_policy
from guardrail.presets import PRESETS
from guardrail.server import Settings, announced


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("authorization", ("authorization", "Bearer k")),
        ("Authorization", ("authorization", "Bearer k")),
        ("X-Api-Key", ("x-api-key", "k")),
    ],
)
def test_the_key_is_sent_in_the_header_that_the_provider_wants(monkeypatch, header, sent):
    monkeypatch.setenv("THE_KEY", "k")

    assert Settings(api_key_env="THE_KEY", api_key_header=header).credential() == sent


def test_without_a_variable_the_clients_key_is_passed_on(monkeypatch):
    monkeypatch.setenv("THE_KEY", "")

    assert Settings().credential() is None
    with pytest.raises(PolicyError, match="THE_KEY is not set"):
        Settings(api_key_env="THE_KEY").credential()


@pytest.mark.parametrize(
    ("upstream", "base_url", "header"),
    [
        ("openai", "https://api.openai.com", "authorization"),
        ("anthropic", "https://api.anthropic.com", "x-api-key"),
        ("gemini", "https://generativelanguage.googleapis.com", "x-goog-api-key"),
        ("ollama", "http://127.0.0.1:11434", "authorization"),
        ("http://10.0.0.1:9000/base", "http://10.0.0.1:9000/base", "authorization"),
    ],
)
def test_an_upstream_can_be_named(monkeypatch, upstream, base_url, header):
    monkeypatch.setenv("THE_KEY", "k")
    settings = Settings(upstream=upstream, api_key_env="THE_KEY")

    assert settings.upstream_rules(load_policy("default")).base_url == base_url
    assert settings.credential()[0] == header


@pytest.mark.parametrize("upstream", ["opnai", "localhost:8000", "api.openai.com"])
def test_what_is_neither_a_name_nor_a_url_is_refused(upstream):
    with pytest.raises(PolicyError, match="neither a base URL nor a name"):
        Settings(upstream=upstream).upstream_rules(load_policy("default"))


@pytest.mark.parametrize("name", PRESETS)
def test_every_named_endpoint_is_one_that_a_policy_could_name(name):
    rules = Settings(upstream=name).upstream_rules(load_policy("default"))

    assert rules.base_url.startswith(("https://", "http://127.0.0.1:"))


@pytest.mark.parametrize(
    ("upstream", "written"),
    [
        ("localhost:11434", "http://localhost:11434"),
        ("localhost", "http://localhost"),
        ("10.0.0.1:9000/base", "http://10.0.0.1:9000/base"),
        ("api.openai.com", "https://api.openai.com"),
        ("api.openai.com:443", "https://api.openai.com:443"),
    ],
)
def test_a_host_without_its_scheme_is_told_how_to_write_it(upstream, written):
    with pytest.raises(PolicyError, match=f"write '{written}'"):
        Settings(upstream=upstream).upstream_rules(load_policy("default"))


def test_a_misspelt_name_is_told_the_nearest_one_and_no_url():
    with pytest.raises(PolicyError, match=r"nor a name; did you mean 'openai'\? known: "):
        Settings(upstream="opnai").upstream_rules(load_policy("default"))


def test_the_start_says_what_passes_unread(tmp_path):
    written = tmp_path / "mine.yaml"
    written.write_text("""
version: 1
name: mine
unguarded_paths: [/v1/models, /v1/files]
input:
  - detect: unicode_smuggling
    timeout_s: 1
    on_error: block
    rules: [{category: "*", at_least: 0.5, action: block}]
routes:
  - {match: {model: m}, upstream: {base_url: "http://10.0.0.1:8123"}}
""")

    first, *rest = announced(load_policy(str(written)), "http://up", Settings(port=81))

    assert first.startswith("policy mine before http://up, listening on http://127.0.0.1:81;")
    assert rest == [
        "1 routes of it have rules of their own",
        "forwarded unread (unguarded_paths): /v1/models, /v1/files",
    ]


def test_a_policy_that_reads_everything_says_no_more():
    assert len(list(announced(load_policy("strict"), "http://up", Settings()))) == 1
