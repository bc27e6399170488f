"""What the drawn pages of a file say together: a sentence may be cut over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrail.detector import Pixels
from guardrail.types import Finding
from guardrail_detectors.ocr_injection import Scorer
from guardrail_detectors.ocr_injection.beside import Beside
from guardrail_detectors.ocr_injection.certainty import weight
from guardrail_detectors.ocr_injection.codes import read_codes
from guardrail_detectors.ocr_injection.joint import Said
from guardrail_detectors.ocr_injection.judging import EXCERPT, LEAST_SCORE
from guardrail_detectors.ocr_injection.layout import lay_out
from guardrail_detectors.ocr_injection.reading import Reading

EDGE = 500
"""Characters of a long page that are judged with its neighbours; the text model's window is about
twice as wide. Of 28 harmless files of long pages, seven were marked with all of each page's text,
one with these; of 48 with pages of 650 characters, three and four."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a drawn page says.

    Attributes:
        reading: Its letters.
        codes: Its QR codes and other barcodes.
    """

    reading: Reading
    codes: Beside

    def said(self, least: float = 0.0) -> Said:
        """Its codes, and its lines with at least this score."""
        kept = [[line for line in page.lines if line.score >= least] for page in self.reading.pages]
        reading = Reading(tuple(map(lay_out, kept)), ())
        return self.codes.added_to(Said(reading.text, reading.score))


def codes_of(pixels: Pixels) -> Beside:
    """The codes on one page."""
    return Beside(tuple(read_codes([pixels], 1)))


def judge_across(
    ref: str, drawn: Sequence[Drawn], found: Sequence[Finding], scorer: Scorer, certain: float
) -> Iterator[Finding]:
    """The findings in the pages' texts put together that score higher than those in any one page.

    What was read surely is also judged alone: a page that cannot be read makes no other doubtful.

    Args:
        ref: Of the file.
        drawn: Its pages.
        found: The findings in each of them.
        scorer: Judges texts.
        certain: The engine's.
    """
    runs = [run for least in (0.0, certain) for run in seams([one.said(least) for one in drawn])]
    runs = list(dict.fromkeys(runs))
    if not runs:
        return
    rows = scorer.scores([run.text for run in runs], [True] * len(runs))  # (runs, labels)
    weights = [weight(run.score, certain) for run in runs]
    for column, category in enumerate(scorer.labels):
        scores = [float(score) * one for score, one in zip(rows[:, column], weights, strict=True)]
        known = max((one.score for one in found if one.category == category), default=0.0)
        if max(scores) >= LEAST_SCORE and max(scores) > known:
            best = runs[scores.index(max(scores))].text
            yield Finding(ref, category, max(scores), excerpt=f"all pages: {best[:EXCERPT]}")


def seams(pages: Sequence[Said]) -> list[Said]:
    """The texts where pages meet, each as one; equal pages are one page.

    Of a long page the end is put before the next ones and the beginning after those before.
    """
    runs: list[list[Said]] = [[]]
    for page in {one.text: one for one in pages if one.text}.values():
        if len(page.text) > 2 * EDGE:
            runs[-1].append(page._replace(text=page.text[:EDGE]))
            runs.append([page._replace(text=page.text[-EDGE:])])
        else:
            runs[-1].append(page)
    return [_joined(run) for run in runs if len(run) > 1]


def _joined(run: Sequence[Said]) -> Said:
    many = sum(len(one.text) for one in run)
    score = sum(len(one.text) * one.score for one in run) / many
    return Said(" ".join(one.text for one in run), score)
