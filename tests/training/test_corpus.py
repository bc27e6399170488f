"""The texts written for this project, and that none of them is one it is judged by."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from bench.quality_sets import OWN, own_cases
from guardrail.taxonomy import categories
from guardrail_training.text_guard.corpus import CORPUS, categories_of, written
from guardrail_training.text_guard.encoder.pool import HAZARDS

FILES = sorted(CORPUS.glob("*.jsonl"))
LABELS = {"benign", "harmful", "injection", "jailbreak"}


def words(text):
    return " ".join("".join(char if char.isalnum() else " " for char in text.lower()).split())


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_line_is_one_labelled_text(path):
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        row = json.loads(line)

        assert {*row} <= {"text", "label", "style", "categories", "attack"}, number
        assert row["label"] in LABELS, number
        assert row["text"].strip(), number
        assert isinstance(row["style"], str), number
        assert row.get("attack", "") in row["text"], number


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_no_text_stands_twice(path):
    texts = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]

    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_harmful_texts_name_categories_of_the_taxonomy():
    harmful = [record for record in written() if record.label == "harmful"]

    assert harmful
    for record in harmful:
        assert categories_of(record) <= {*categories()}, record.text
        assert categories_of(record) & {*HAZARDS}, record.text


def test_no_text_that_is_trained_on_is_one_that_is_measured_on():
    measured = {words(case.text) for case in own_cases()}

    assert len(measured) > 1000
    assert [record.text for record in written() if words(record.text) in measured] == []


def test_what_is_measured_on_is_labelled_and_stands_once():
    texts = [case.text for case in own_cases()]

    assert {case.label for case in own_cases()} == LABELS
    assert len(set(texts)) == len(texts)
    assert OWN.read_text("utf-8").endswith("\n")


def test_an_attack_within_a_text_is_known_to_the_trainer():
    within = [record for record in written() if record.attack]

    assert all(record.attack in record.text for record in within)
