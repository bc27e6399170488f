"""What is asked is found in any sentence of a text, once, and by heads that fit their tower."""

from __future__ import annotations

import json

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.person_inference.intent import Intent, sentences
from guardrail_detectors.weights import file_entry


@pytest.fixture
def intent(settings):
    return Intent.load(settings["intent"], settings["text_model"])


def test_a_question_in_a_long_letter_counts_as_one_that_stands_alone(intent):
    letter = "a photo of blue. " * 20 + "red? " + "a grey. " * 20

    alone, hidden = intent.scores(["red?", letter])

    assert hidden[0] == pytest.approx(alone[0], abs=1e-4)
    assert hidden[0] > 0.9


def test_no_texts_score_nothing_and_an_empty_one_scores_low(intent):
    assert intent.scores([]).shape == (0, 2)
    assert intent.scores([""]).shape == (1, 2)


def test_a_sentence_is_embedded_once(intent, monkeypatch):
    intent.scores(["a photo of red"])
    monkeypatch.setattr(intent._model, "texts", lambda _: pytest.fail("it was embedded again"))

    intent.scores(["a photo of red"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who is he? Tell me!\nNow", ("Who is he?", "Tell me!", "Now")),
        ("", ("",)),
        (" \n ", ("",)),
        ("one. one. one.", ("one.",)),
        ("3.5 metres", ("3.5 metres",)),
    ],
)
def test_a_text_is_cut_into_sentences_and_lines(text, expected):
    assert sentences(text) == expected


def test_of_a_very_long_text_the_beginning_and_the_end_are_judged():
    found = sentences("\n".join(map(str, range(1000))))

    assert (len(found), found[0], found[-1]) == (64, "0", "999")


def test_heads_whose_golden_scores_differ_are_refused(settings, tmp_path):
    path = tmp_path / "heads"
    lines = [json.loads(line) for line in (path / "golden.jsonl").read_text().splitlines()]
    lines[0]["scores"] = [0.5, 0.5]
    (path / "golden.jsonl").write_text("\n".join(map(json.dumps, lines)))
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["files"]["golden.jsonl"] = file_entry(path / "golden.jsonl").model_dump()
    (path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(ModelError, match=r"expected \[0\.5, 0\.5\]; train the heads again"):
        Intent.load(settings["intent"], settings["text_model"])


def test_a_model_for_another_task_is_refused(settings):
    with pytest.raises(ModelError, match="task"):
        Intent.load("text_guard_linear", settings["text_model"])
