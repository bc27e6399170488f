from __future__ import annotations

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.loading import loaded


def test_what_was_loaded_is_given_back_be_it_empty():
    assert loaded([], "it sees") == []


def test_what_was_not_loaded_is_said_with_what_does_nothing_without_it():
    with pytest.raises(ModelError) as caught:
        loaded(None, "it sees")

    assert str(caught.value) == "it sees nothing before load(); await it first"
