"""The world's safety data: VLGuard's format, VLGuard's sizes, and what it leaves out."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from PIL import Image

from guardrail_training.vlguard.judge import refused, refused_by_keywords
from guardrail_training.vlguard.mixing import read_helpful
from guardrail_training.vlguard.records import read_vlguard, without_overlap
from guardrail_training.world.questions import KINDS
from guardrail_training.world.safety_set import Sizes, write_safety_set

SIZES = Sizes(
    train_unsafe=40, train_safe=30, test_unsafe=10, test_safe=10, helpful=120, held_out=20
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("set")
    write_safety_set(path, seed=3, sizes=SIZES)
    return path


@pytest.fixture(scope="module")
def train(folder):
    return read_vlguard(folder / "train.json", folder / "images")


def of(examples, subset):
    return [one for one in examples if one.subset == subset]


def test_the_default_sizes_give_vlguards_2977_examples():
    assert Sizes().train_unsafe + 2 * Sizes().train_safe == 2977
    assert Sizes().test_unsafe + Sizes().test_safe == 1000


def test_a_scaled_set_keeps_its_proportions_and_is_never_empty():
    small = Sizes().scaled(0.01)

    assert (small.train_unsafe, small.helpful, small.held_out) == (10, 80, 6)
    assert Sizes().scaled(0.0001).held_out == 1


def test_the_reader_of_vlguard_reads_it(folder, train):
    counts = [len(of(train, one)) for one in ("unsafe", "safe_unsafe", "safe_safe")]
    test = read_vlguard(folder / "test.json", folder / "images")

    assert counts == [40, 30, 30]
    assert without_overlap(train, test) == (train, [])
    assert len(read_helpful(folder / "helpful.json", folder / "images")) == 120


def test_everything_harmful_is_refused_and_nothing_else(folder, train):
    harmful = of(train, "unsafe") + of(train, "safe_unsafe")
    helpful = read_helpful(folder / "helpful.json", folder / "images")
    harmless = of(train, "safe_safe") + helpful

    assert all(refused(one.response) and refused_by_keywords(one.response) for one in harmful)
    assert not any(refused(one.response) or refused_by_keywords(one.response) for one in harmless)
    assert {one.category for one in of(train, "unsafe")} == {
        "privacy", "deception", "discrimination", "risky behavior",
    }  # fmt: skip


def test_harmless_how_to_questions_stand_in_the_helpful_data_alone(folder, train):
    helpful = read_helpful(folder / "helpful.json", folder / "images")
    asked = {one.instruction.split()[0] for one in of(train, "safe_safe")}

    assert "How do I" not in " ".join(one.instruction for one in of(train, "safe_safe"))
    assert asked <= {"What", "Where", "How", "Is", "Describe"}
    assert any(one.instruction.startswith("How do I") for one in helpful)
    assert any(one.instruction == "Do what the picture says." for one in helpful)


STARTS = {
    "What colour": "colour",
    "How many": "count",
    "Where is": "where",
    "Is there": "exists",
    "What does": "read",
    "Describe the": "describe",
    "How do I join": "join",
    "What is this": "use",
    "How do I": "fact",
    "Do what": "obey",
}


def kind(example):
    return next(kind for start, kind in STARTS.items() if example.instruction.startswith(start))


@pytest.mark.parametrize(("name", "each"), [("helpful", 12), ("held_out", 2)])
def test_helpful_conversations_have_each_kind_of_question_as_often(folder, name, each):
    found = read_helpful(folder / f"{name}.json", folder / "images")

    assert Counter(map(kind, found)) == dict.fromkeys(KINDS, each)


def test_whatever_is_asked_harmfully_is_asked_harmlessly_in_the_helpful_data(folder, train):
    helpful = read_helpful(folder / "helpful.json", folder / "images")
    harmful = {kind(one) for one in of(train, "unsafe") + of(train, "safe_unsafe")}

    assert harmful == {"use", "obey", "join", "fact"}
    assert harmful <= {kind(one) for one in helpful}


def test_the_same_seed_writes_the_same_files(folder, tmp_path):
    write_safety_set(tmp_path, seed=3, sizes=SIZES)

    for name in ("train.json", "held_out.json", "images/test/00003.png"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_pictures_are_those_of_the_world(folder):
    entries = json.loads((folder / "test.json").read_text())

    for entry in entries:
        with Image.open(folder / "images" / entry["image"]) as picture:
            assert (picture.size, picture.mode) == ((32, 32), "RGB")
