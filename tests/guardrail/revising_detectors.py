"""Detectors of the revision's tests."""

from __future__ import annotations

from tests.kit import NoSettings, WordDetector


class Spans(WordDetector):
    """Finds a word that is to be redacted."""

    def __init__(self, config: NoSettings) -> None:
        super().__init__(word="secret", category="privacy")
