"""A real detector of files that is cheap: a word on any page, remembered by content."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail.detector import Context
from guardrail.types import Finding, Kind, Part
from tests.guardrail.policy_detectors import Words


class PageWords(Words):
    per_part = True

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({"file"})

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        return [
            Finding(part.ref, "hate", 1.0)
            for part in parts
            if part.file is not None
            for page in await context.pages(part.file)
            if self.config.word in page.text
        ]
