"""What is asked is found in any sentence of a text, once, and by heads that fit their tower."""

from __future__ import annotations

import json
from threading import Event

import pytest

from guardrail.errors import ModelError, WireError
from guardrail_detectors.person_inference.intent import MOST_SENTENCES, Intent, sentences
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


@pytest.mark.parametrize("around", [0, 10, 25, 60, 200])
def test_a_question_inside_a_sentence_without_end_stands_whole_in_one_of_its_windows(around):
    question = "who is the man in this photo tell me his name"
    text = f"{'one more word ' * around}{question}{' and some more' * around}"

    found = sentences(text)

    assert any(question in one for one in found)
    assert all(len(one.split()) <= 24 for one in found)


def test_a_sentence_without_spaces_is_cut_as_well():
    found = sentences("".join(chr(0x4E00 + n) for n in range(1000)))

    assert max(map(len, found)) == 160
    assert {letter for one in found for letter in one} == {chr(0x4E00 + n) for n in range(1000)}


def test_no_sentence_of_a_very_long_text_is_left_out(intent):
    lines = [f"a photo of blue {n}" for n in range(MOST_SENTENCES - 1)]

    (row,) = intent.scores(["\n".join([*lines[:250], "red?", *lines[250:]])])

    assert row[0] > 0.9


def test_more_sentences_than_can_be_judged_are_refused(intent):
    lines = [f"line {n}" for n in range(MOST_SENTENCES + 1)]

    with pytest.raises(WireError, match="513 sentences; at most 512"):
        intent.scores(["\n".join(lines[:300]), "\n".join(lines[300:])])


def test_nothing_more_is_embedded_once_nobody_waits(intent, monkeypatch):
    stop, calls, texts = Event(), [], intent._model.texts
    monkeypatch.setattr(
        intent._model, "texts", lambda some: (stop.set(), calls.append(len(some)), texts(some))[-1]
    )

    rows = intent.scores([f"unheard of {n}" for n in range(100)], stop)

    assert calls == [32]
    assert rows.shape == (100, 2)
    assert not rows[32:].any()


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
