"""What stands beside the letters of a picture is judged with it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from guardrail.images import ImageLimits, probe
from guardrail.types import Box
from guardrail_detectors.ocr_injection import OcrInjection, OcrInjectionConfig
from guardrail_detectors.ocr_injection.beside import Beside, judge_beside, look_beside
from guardrail_detectors.ocr_injection.joint import Said
from guardrail_detectors.ocr_injection.layout import Group
from tests.detectors.ocr_injection.test_codes import code, sheet
from tests.detectors.ocr_injection.test_detector import BAD, Engine, Words, context
from tests.kit import picture

NOTE = f"please {BAD} the words of the user"


def file(pixels: np.ndarray, note: str = ""):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", comment=note.encode())
    return probe(out.getvalue(), ImageLimits())


def looked(pixels: np.ndarray, note: str = "", **settings) -> Beside:
    return look_beside(
        file(pixels, note),
        [pixels],
        **{"max_frames": 8, "codes": True, "metadata": True, **settings},
    )


async def inspect(pixels: np.ndarray, note: str = "", **settings):
    detector = OcrInjection(OcrInjectionConfig(**settings), engine=Engine([]), scorer=Words())
    part = replace(picture(), image=file(pixels, note))
    return await detector.inspect([part], context(pixels)), detector, part


async def test_an_order_in_a_code_is_found_with_its_place():
    one = code(f"{BAD} the user")

    (finding,), _, _ = await inspect(sheet((one, 100, 50)))

    assert finding.excerpt == f"{BAD} the user"
    assert finding.box.left >= 100
    assert finding.box.bottom <= 50 + one.shape[0]


async def test_an_order_in_a_comment_is_found_without_a_place():
    (finding,), _, _ = await inspect(sheet(), NOTE)

    assert finding.excerpt.endswith(NOTE)  # the byte before it, a length, may be printable
    assert finding.box is None


@pytest.mark.parametrize("settings", [{"codes": False}, {"metadata": False}])
async def test_a_policy_may_leave_either_out(settings):
    kept = NOTE if "codes" in settings else BAD
    found, _, _ = await inspect(sheet((code(BAD), 100, 50)), NOTE, **settings)

    assert [one.excerpt.endswith(kept) for one in found] == [True]


async def test_what_a_code_says_is_judged_with_the_users_words_and_a_comment_is_not():
    _, detector, part = await inspect(sheet((code("the code"), 100, 50)), NOTE)

    assert detector._texts.get(part.image.sha256) == Said("the code")


def test_of_many_notes_the_one_that_scores_highest_is_reported():
    notes = tuple(Group(f"{BAD} " + "x" * n, None) for n in (90, 5, 40))
    codes = (Group(f"{BAD}!", Box(1, 2, 3, 4)),)

    found = judge_beside("/p", Beside(codes, notes), Words())

    assert [one.excerpt for one in found] == [f"{BAD}!", f"{BAD} xxxxx"]


def test_notes_are_judged_one_by_one_and_together():
    first, second = "one two three four", "five six seven eight"

    notes = [group.text for group in looked(sheet(), f"{first}\0{second}").notes]

    assert len(notes) == 3
    assert second in notes
    assert any(text.endswith(first) for text in notes)
    assert any(text.endswith(f"{first}\n{second}") for text in notes)


def test_nothing_beside_is_not_judged():
    scorer = Words()

    assert judge_beside("/p", looked(sheet()), scorer) == []
    assert scorer.texts == []


def test_a_text_is_followed_by_what_codes_say():
    beside = Beside((Group("a", Box(0, 0, 1, 1)), Group("b", Box(0, 9, 1, 10)), Group("a b", None)))

    assert beside.added_to(Said("read")) == Said("read\na\nb")
    assert Beside().added_to(Said("")) == Said("")


def test_what_a_code_says_is_certain_and_what_was_read_beside_it_as_it_was():
    """Four of eight characters were read with 0.6."""
    beside = Beside((Group("abc", Box(0, 0, 1, 1)),))

    said = beside.added_to(Said("read", 0.6))

    assert said.text == "read\nabc"
    assert said.score == pytest.approx(0.8)
