"""The settings: those of pictures that mean something for files, and one of their own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from guardrail_detectors.document_injection.config import DocumentInjectionConfig


@pytest.mark.parametrize(
    ("name", "value"), [("joint", True), ("metadata", False), ("max_frames", 9)]
)
def test_what_means_nothing_for_files_is_refused_even_with_its_default(name, value):
    with pytest.raises(ValidationError, match=f"{name} is of pictures and means nothing for files"):
        DocumentInjectionConfig(**{name: value})


def test_what_says_how_pages_are_read_is_taken():
    config = DocumentInjectionConfig(codes=False, certainty=False, max_side=1024)

    assert (config.codes, config.certainty, config.max_side, config.look) == (
        False, False, 1024, True,
    )  # fmt: skip
