"""What was read uncertainly counts for less, and hides nothing that was read surely."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.context import ExchangeContext
from guardrail.types import Conversation, Part
from guardrail_detectors.ocr_injection import OcrInjection, OcrInjectionConfig, load_engine
from guardrail_detectors.ocr_injection.certainty import FALL, LEAST, weight
from guardrail_detectors.ocr_injection.easy import EasyEngine
from guardrail_detectors.ocr_injection.judging import judge
from guardrail_detectors.ocr_injection.layout import lay_out, mean_score
from guardrail_detectors.ocr_injection.reading import Reading
from tests.detectors.ocr_injection.drawing import line, page
from tests.detectors.ocr_injection.test_detector import BAD, Engine, Words, context, frame
from tests.kit import picture

CERTAIN = 0.9
ATTACK = BAD + BAD


class Sure(Engine):
    certain = CERTAIN


def scores(*lines, certain=CERTAIN):
    reading = Reading((lay_out(lines),), ())
    return max((one.score for one in judge("/a", reading, Words(), certain)), default=0.0)


@pytest.mark.parametrize(
    ("score", "certain", "expected"),
    [
        (0.95, 0.9, 1),
        (0.9, 0.9, 1),
        (0.855, 0.9, 0.86),
        (0.81, 0.9, LEAST),
        (0.1, 0.9, LEAST),
        (0.1, 0.0, 1),
    ],
)
def test_the_weight_falls_from_one_to_the_least(score, certain, expected):
    assert weight(score, certain) == pytest.approx(expected)
    assert (LEAST, FALL) == (0.72, 0.09)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_nobody_gains_by_being_read_worse(one, other, certain):
    low, high = sorted((one, other))

    assert 0 <= weight(low, certain) <= weight(high, certain) <= 1


def test_the_mean_is_over_characters():
    assert mean_score([line("abc", 0, 0, score=0.5), line("d", 0, 30, score=0.9)]) == pytest.approx(
        0.6
    )
    assert mean_score([]) == 1


def test_a_salad_of_letters_counts_for_less():
    assert scores(line(ATTACK, 10, 10, score=0.95)) == 1
    assert scores(line(ATTACK, 10, 10, score=0.855)) == pytest.approx(0.86)
    assert scores(line(ATTACK, 10, 10, score=0.55)) == pytest.approx(LEAST)
    assert scores(line(ATTACK, 10, 10, score=0.55), certain=0.0) == 1


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_unreadable_lines_between_hide_nothing(rows):
    """A sure line with others of guesses above and below it, in one paragraph or in several."""
    noise = [
        line("xq wv zt kj", 10, 10 + 24 * n, score=0.62) for n in range(2 * rows + 1) if n != rows
    ]
    attack = line(ATTACK, 10, 10 + 24 * rows, score=0.97)

    assert scores(attack, *noise) == 1


def test_all_lines_are_judged_together_still():
    """Half of the attack on a sure line, the other half on one that was read less surely."""
    first, second = line(BAD, 10, 10, score=0.97), line(BAD, 10, 40, score=0.85)

    together = lay_out([first, second]).groups(CERTAIN)

    assert {one.text for one in together} == {f"{BAD} {BAD}", BAD}
    whole = next(one for one in together if one.text == f"{BAD} {BAD}")
    assert whole.score == pytest.approx(0.91)


@pytest.mark.parametrize(("settings", "expected"), [({}, LEAST), ({"certainty": False}, 1.0)])
async def test_the_settings_say_whether_it_matters(settings, expected):
    salad = [line(ATTACK, 10, 10, score=0.55)]
    detector = OcrInjection(OcrInjectionConfig(**settings), engine=Sure(salad), scorer=Words())
    part = picture()

    found = await detector.inspect([part], context(frame()))

    assert max((one.score for one in found), default=0.0) == pytest.approx(expected)


@pytest.mark.parametrize(("settings", "share"), [({}, LEAST), ({"certainty": False}, 1.0)])
async def test_beside_words_it_counts_for_less_too(settings, share):
    salad = [line(ATTACK, 10, 10, score=0.74)]
    shown = replace(picture(), message=0)
    typed = Part("/t", "text", "user", "user", "what is it", message=0)
    detector = OcrInjection(OcrInjectionConfig(**settings), engine=Sure(salad), scorer=Words())
    asked = context(frame())
    asked = ExchangeContext("input", Conversation((shown, typed)), asked.decode, asked.asker)

    found = await detector.inspect_jointly([shown], asked)

    text = f"what is it\n{ATTACK}"
    assert found[0].score == pytest.approx(share * len(ATTACK) / len(text))


def test_print_is_read_surely_and_engines_whose_scores_say_nothing_count_in_full():
    engine = load_engine("rapidocr", ("en", "ch"), None, 2)
    detector = OcrInjection(OcrInjectionConfig(), engine=engine, scorer=Words())

    reading, found = detector.judge("/a", [page(ATTACK)], Event())

    assert reading.score > engine.certain
    assert max(one.score for one in found) == 1
    assert EasyEngine.certain.fget(None) == 0
