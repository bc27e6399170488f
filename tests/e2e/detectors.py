"""Detectors of the end-to-end policy: one that looks for a word, one that fails."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from guardrail.types import Finding
from tests.kit import NoSettings, WordDetector, occurrences

WORD = "forbidden"
SECRET = "tide"


class Words(WordDetector):
    def __init__(self, config: NoSettings) -> None:
        super().__init__(word=WORD, lookback=len(WORD))


class Secrets(WordDetector):
    """Finds a word that the policy redacts."""

    def __init__(self, config: NoSettings) -> None:
        super().__init__(word=SECRET, category="privacy", lookback=len(SECRET))


class Failing(WordDetector):
    """Raises whenever a text asks for it."""

    def __init__(self, config: NoSettings) -> None:
        super().__init__()

    async def inspect(self, parts, context):
        for part in parts:
            if occurrences(part.text, "make the guard fail"):
                raise RuntimeError(f"failed on {part.text!r}")
        return [Finding(part.ref, "hate", 0.0) for part in parts[:0]]


class AfterTheCall(Words):
    """Finds the word, but speaks only once the upstream was sent as many requests as the text ends
    with: this request is among them, if it is sent before the verdict."""

    async def inspect(self, parts, context):
        wanted = int(parts[-1].text.rpartition(" ")[2])
        while requests_seen() < wanted:  # noqa: ASYNC110 - another process writes the file
            await asyncio.sleep(0.005)
        return await super().inspect(parts, context)


def requests_seen() -> int:
    return Path(os.environ["SCRIPTED_LOG"]).read_text(encoding="utf-8").count('"event": "request"')


class Anything(WordDetector):
    """Finds something in every text."""

    def __init__(self, config: NoSettings) -> None:
        super().__init__()

    async def inspect(self, parts, context):
        return [Finding(part.ref, "hate", 0.9) for part in parts if part.text]
