"""What a picture says beside its letters: in codes, and in its file around the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guardrail.detector import Pixels
from guardrail.types import Finding, Image
from guardrail_detectors.ocr_injection.codes import read_codes
from guardrail_detectors.ocr_injection.joint import Said
from guardrail_detectors.ocr_injection.judging import EXCERPT, LEAST_SCORE, Scorer
from guardrail_detectors.ocr_injection.layout import Group
from guardrail_detectors.ocr_injection.metadata import texts_beside

_ALONE = 64  # runs of metadata that are judged apart from the others


@dataclass(frozen=True, slots=True)
class Beside:
    """What was found.

    Attributes:
        codes: Texts of QR codes and other barcodes, with their places.
        notes: Texts of the file around the pixels; they have no place.
    """

    codes: tuple[Group, ...] = ()
    notes: tuple[Group, ...] = ()

    def added_to(self, said: Said) -> Said:
        """``said`` and what the codes say, which a prompt beside the picture may mean."""
        codes = [group.text for group in self.codes if group.box]
        text = "\n".join(one for one in (said.text, *codes) if one)
        unsure = len(said.text) / len(text) * (1 - said.score) if text else 0.0
        return Said(text, 1 - unsure)


def look_beside(
    image: Image, frames: Sequence[Pixels], *, max_frames: int, codes: bool, metadata: bool
) -> Beside:
    """The texts of ``image`` that are no letters in it.

    Args:
        image: With its bytes.
        frames: Its frames, as displayed.
        max_frames: Frames on which codes are looked for.
        codes: Whether they are.
        metadata: Whether the file's texts are read.

    Raises:
        ImageError: The file carries more text than any honest one has.
    """
    found = read_codes(frames, max_frames) if codes else []
    notes = texts_beside(image.data, image.media_type) if metadata else []
    groups = [Group(text, None) for text in sorted(notes, key=len, reverse=True)[:_ALONE]]
    if len(notes) > 1:
        groups.append(Group("\n".join(notes), None))
    return Beside(tuple(found), tuple(groups))


def judge_beside(ref: str, beside: Beside, scorer: Scorer) -> list[Finding]:
    """The findings: for each category each code, and of the notes the one that scores highest."""
    groups = [*beside.codes, *beside.notes]
    if not groups:
        return []
    rows = scorer.scores([group.text for group in groups], [True] * len(groups))
    found: list[Finding] = []
    for column, category in enumerate(scorer.labels):
        scored = list(zip(groups, rows[:, column].tolist(), strict=True))
        kept = scored[: len(beside.codes)]
        kept += sorted(scored[len(beside.codes) :], key=lambda pair: -pair[1])[:1]
        found += [
            Finding(ref, category, score, None, group.box, group.text[:EXCERPT])
            for group, score in kept
            if score >= LEAST_SCORE
        ]
    return found
