"""How the proxy is run."""

from __future__ import annotations

import pytest

from guardrail.errors import PolicyError
from guardrail.server import Settings


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
