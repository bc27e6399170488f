"""The coverage table of the README is what the recordings say."""

from __future__ import annotations

import pytest

from guardrail.registry import PATHS
from tests.adapters.coverage import README, RECORDINGS, seen, table, written


def test_the_table_in_the_readme_is_that_of_the_recordings():
    text = README.read_text()

    assert table() in text
    assert written(text) == text


def test_every_adapter_of_a_path_has_recordings():
    assert {*PATHS.values()} - {*RECORDINGS} == {"anthropic_count_tokens"}  # the same requests


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("direction", ["request", "reply"])
def test_recordings_hold_what_they_are_there_for(name, direction):
    kinds = {kind for kind, _ in seen(name, direction)}

    assert kinds or (name, direction) in {
        ("openai_embeddings", "reply"),
        ("ollama_embed", "reply"),
    }
