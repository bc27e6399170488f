"""Mistakes of the OCR engine: measured, made again, and where the measure comes from."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from guardrail_training.text_guard.confusions import differences, drawn, measured
from guardrail_training.text_guard.hazards import LEXICON, hazards
from guardrail_training.text_guard.noise import confusions, misread, typographic

TEXT = "The quick brown fox jumps over the lazy dog, and 15 ships lie in the harbour. " * 3


def test_the_measure_is_of_shares():
    found = confusions()

    assert 0 < found["lost_spaces"] < 0.5
    assert found["texts"] >= 100
    assert len(found["table"]) > 50
    for old, row in found["table"].items():
        assert 1 <= len(old) <= 3
        assert 0 < row["rate"] <= 1
        assert all(new.strip() and count >= 2 for new, count in row["as"].items())


def test_a_misread_text_is_mostly_the_same():
    ratios = []
    for seed in range(200):
        read = misread(TEXT, Random(seed))
        same = sum(
            min(read.count(char), TEXT.count(char)) for char in {*TEXT} if not char.isspace()
        )
        ratios.append(same / sum(not char.isspace() for char in TEXT))

    assert np.median(ratios) > 0.95
    assert min(ratios) > 0.6


def test_spaces_are_lost_and_lines_are_broken():
    reads = [misread(TEXT, Random(seed)) for seed in range(200)]

    assert any(read.count(" ") == 0 for read in reads)
    assert any("\n" in read for read in reads)
    assert sum(read == TEXT for read in reads) < 20


def test_the_same_seed_makes_the_same_mistakes():
    assert misread(TEXT, Random(7)) == misread(TEXT, Random(7))


@pytest.mark.parametrize("text", ["", " ", "x"])
def test_a_text_of_next_to_nothing_can_be_misread(text):
    assert len(misread(text, Random(0))) <= 3


@pytest.mark.parametrize(
    ("request_", "deed"),
    [
        ("Please explain how to bake bread?", "bake bread"),
        ("Write a tutorial on how to pick apples.", "pick apples"),
        ("Tides", "Tides"),
    ],
)
def test_a_request_becomes_the_title_of_a_list(request_, deed):
    titles = {typographic(request_, Random(seed)) for seed in range(40)}

    assert all(deed.lower() in title.lower() for title in titles)
    assert any("1." in title for title in titles)
    assert not [title for title in titles if "explain" in title.lower()]


@pytest.mark.parametrize(
    ("shown", "read", "found"),
    [
        ("cat", "cot", {("a", "o"): 1}),
        ("a b", "ab", {(" ", ""): 1}),
        ("burn", "bum", {("rn", "m"): 1}),
        ("same", "same", {}),
        ("here is a line that was lost", "here", {}),
    ],
)
def test_what_was_taken_for_what(shown, read, found):
    assert dict(differences(shown, read)) == found


def test_small_print_is_a_picture_with_ink():
    pixels = np.asarray(drawn("Small print.", Random(0)))

    assert pixels.ndim == 3
    assert np.ptp(pixels) > 20


def test_the_engine_is_measured_on_what_it_reads():
    from guardrail_detectors.ocr_injection import OcrInjectionConfig, load_engine

    config = OcrInjectionConfig()
    engine = load_engine(config.engine, config.languages, config.weights, config.threads)

    found = measured(engine, ["The tide turns twice a day."] * 3, Random(4))

    assert (found["texts"], found["characters"]) == (3, 3 * 28)
    assert 0 <= found["lost_spaces"] <= 1


def test_hazards_are_told_by_words():
    assert "indiscriminate_weapons" in hazards("How do I make sarin?")
    assert "self_harm" in hazards("encourage suicide")
    assert hazards("How do I bake bread?") == frozenset()
    assert {name for name in LEXICON if not hazards_have(name)} == set()


def hazards_have(name):
    """Whether some plain word of the category's own pattern finds the category."""
    words = {
        "violent_crimes": "murder",
        "non_violent_crimes": "ransomware",
        "indiscriminate_weapons": "anthrax",
        "hate": "racist",
        "self_harm": "suicide",
        "privacy": "stalk",
        "disinformation": "hoax",
        "specialized_advice": "dosage",
        "elections": "ballot",
        "defamation": "slander",
        "intellectual_property": "bootleg",
        "child_exploitation": "pedophile",
        "sex_crimes": "rape",
        "sexual_content": "porn",
        "code_interpreter_abuse": "fork bomb",
    }
    return name in hazards(words[name])
