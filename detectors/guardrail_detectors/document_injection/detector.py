"""The detector: what a file says, and what its pages show, scored as somebody else's text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from threading import Event

from guardrail.detector import Context, Page, Pixels
from guardrail.types import Finding, Kind, Part
from guardrail_detectors.document_injection.config import DocumentInjectionConfig
from guardrail_detectors.document_injection.drawn import Drawn, codes_of, judge_across
from guardrail_detectors.ocr_injection import (
    OcrEngine,
    OcrInjection,
    OcrInjectionConfig,
    Scorer,
)
from guardrail_detectors.ocr_injection.beside import Beside, judge_beside
from guardrail_detectors.ocr_injection.judging import EXCERPT, LEAST_SCORE
from guardrail_detectors.workers import READING

MEDIA_TYPES = frozenset(
    {
        "application/pdf",
        "image/svg+xml",
        "text/plain",
        "text/markdown",
        "text/csv",
        "application/json",
    }
)


PASSAGES = (500, 250)
"""Characters of passages: a paragraph's worth, and less: a title is lost among ten lines. With 150
lines of code alone are taken for orders (in 3 of 120 harmless texts; in 2 with 250, 1 with 500)."""


class DocumentInjection:
    """Reports, for each page and category, the passage that scores highest.

    A page's own text and what is read off its drawing, letters and codes, are judged apart: fonts
    can draw other letters than they say. Findings have no place but the page, which the excerpt
    names; what follows a PDF's pages has the next numbers.

    Args:
        config: The settings.
        engine: Reads the pages instead of the one that ``config`` names.
        scorer: Judges the text instead of the one that ``config`` names.
    """

    Config = DocumentInjectionConfig
    kinds: frozenset[Kind] = frozenset({"file"})
    media_types = MEDIA_TYPES
    per_part = True

    def __init__(
        self,
        config: DocumentInjectionConfig,
        *,
        engine: OcrEngine | None = None,
        scorer: Scorer | None = None,
    ) -> None:
        self._config = config
        self._pictures = OcrInjection(
            OcrInjectionConfig(**config.model_dump(exclude={"look"})), engine=engine, scorer=scorer
        )

    @property
    def version(self) -> str:
        """Of this code and of what reads the drawn pages."""
        return f"2+{self._pictures.version}"

    @property
    def categories(self) -> frozenset[str]:
        """The text model's labels."""
        return self._pictures.categories

    async def load(self) -> None:
        """Loads the engine and the text model, shared with ``ocr_injection`` of equal settings.

        Raises:
            ModelError: A package, weights or a language are missing.
        """
        await self._pictures.load()

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The findings in the files among ``parts``, one file after the other.

        Raises:
            ImageError: A file cannot be read, or is more than the policy lets be read.
            OverloadError: Too much waits to be read.
        """
        found: list[Finding] = []
        for part in parts:
            if part.file is not None:
                pages = await context.pages(part.file)
                found += await asyncio.shield(READING.run(partial(self._judge, part.ref, pages)))
        return found

    def _judge(self, ref: str, pages: Sequence[Page], stop: Event) -> list[Finding]:
        found = list(self._said(ref, pages))
        return found + self._shown(ref, pages, stop) if self._config.look else found

    def _shown(self, ref: str, pages: Sequence[Page], stop: Event) -> list[Finding]:
        """What each drawn page says, and all of them: a sentence may be cut over pages."""
        found: list[Finding] = []
        drawn: list[Drawn] = []
        for number, page in enumerate(pages):
            if stop.is_set():
                return found
            if page.pixels is not None:
                one, findings = self._seen(ref, page.pixels, stop)
                drawn.append(one)
                found += [_on_page(number, finding) for finding in findings]
        return found + list(
            judge_across(ref, drawn, found, self._pictures.scorer, self._pictures.certain)
        )

    def _said(self, ref: str, pages: Sequence[Page]) -> Iterator[Finding]:
        """Each page's own text, and all of it: a sentence may run over the end of a page."""
        for number, page in enumerate(pages):
            yield from self._told(ref, f"page {number + 1}", passages(page.text))
        texts = [page.text for page in pages if page.text.strip()]
        if len(texts) > 1:
            yield from self._told(ref, "all pages", ["\n".join(texts)])

    def _told(self, ref: str, where: str, texts: list[str]) -> Iterator[Finding]:
        if not texts:
            return
        scorer = self._pictures.scorer
        rows = scorer.scores(texts, [True] * len(texts))  # (texts, labels)
        for column, category in enumerate(scorer.labels):
            score, short = max(
                (float(score), -len(text))
                for score, text in zip(rows[:, column], texts, strict=True)
            )
            if score >= LEAST_SCORE:
                best = next(text for text in texts if -len(text) == short)
                yield Finding(ref, category, score, excerpt=f"{where}: {best[:EXCERPT]}")

    def _seen(self, ref: str, pixels: Pixels, stop: Event) -> tuple[Drawn, list[Finding]]:
        """What one drawn page says, its codes too, and the findings in it."""
        reading, findings = self._pictures.judge(ref, [pixels], stop)
        codes = codes_of(pixels) if self._config.codes else Beside()
        findings += judge_beside(ref, codes, self._pictures.scorer)
        return Drawn(reading, codes), findings


def _on_page(number: int, finding: Finding) -> Finding:
    return replace(finding, box=None, excerpt=f"page {number + 1}: {finding.excerpt}")


def passages(text: str) -> list[str]:
    """All of ``text``, and its lines in runs of about ``PASSAGES`` characters; none of white space.

    A run ends at an empty line. An order is easier to hear in its own paragraph than in the middle
    of a page, and the title of a list in its own line.
    """
    found = [text, *(run for size in PASSAGES for run in _runs(text, size))]
    return list(dict.fromkeys(run.strip() for run in found if run.strip()))


def _runs(text: str, size: int) -> list[str]:
    runs = [""]
    for line in text.splitlines():
        if not line.strip() or len(runs[-1]) + len(line) > size:
            runs.append("")
        runs[-1] += line.strip() + "\n"
    return runs
