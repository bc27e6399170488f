"""Helpfulness data, and that leaving it out must be meant."""

from __future__ import annotations

import pytest
from PIL import Image

from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.mixing import HELPFUL, mixed, read_helpful
from guardrail_training.vlguard.records import Example
from tests.training.vlguard.sets import write

SAFETY = [Example(None, f"s{n}", "no", "unsafe") for n in range(6)]
KIND = [Example(None, f"h{n}", "yes", "helpful") for n in range(10)]


def conversation(**changed):
    turns = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A cat."}]
    return {"image": "a.png", "conversations": turns} | changed


def read(tmp_path, *entries):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    return read_helpful(write(tmp_path, list(entries), "helpful.json"), tmp_path)


def test_the_first_exchange_is_read_without_the_mark_of_the_picture(tmp_path):
    later = [{"from": "human", "value": "And?"}, {"from": "gpt", "value": "No more."}]
    entry = conversation()

    (found,) = read(tmp_path, entry | {"conversations": entry["conversations"] + later})

    assert found == Example(
        tmp_path / "a.png", "What is it?", "A cat.", "helpful", name="a.png"
    )  # fmt: skip


def test_an_instruction_without_a_picture_is_read_too(tmp_path):
    entry = conversation()
    del entry["image"]

    assert read(tmp_path, entry)[0].image is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"conversations": []}, "entry 1: field 'conversations' must start with"),
        ({"conversations": [{"from": "gpt", "value": "x"}]}, "must start with a turn from 'human'"),
        ({"conversations": ["x", "y"]}, "must start with"),
        (
            {"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": ""}]},
            "entry 1: conversations 1: field 'value' must be a text",
        ),
        (
            {
                "conversations": [
                    {"from": "human", "value": "<image>"},
                    {"from": "gpt", "value": "x"},
                ]
            },
            "entry 1: conversations 0: field 'value' asks nothing",
        ),
        ({"image": None}, "entry 1: field 'image' must be a text"),
        ({"image": "../x.png"}, "entry 1: field 'image': '../x.png' leads out"),
    ],
)
def test_a_wrong_conversation_is_named_by_index_and_field(tmp_path, changed, said):
    with pytest.raises(DataError) as error:
        read(tmp_path, conversation(), conversation(**changed))

    assert said in str(error.value)


def test_post_hoc_draws_as_many_as_are_asked_for_and_mixed_takes_all():
    post_hoc = mixed(SAFETY, KIND, count=4, seed=0)
    whole = mixed(SAFETY, KIND, count=None, seed=0)

    assert sum(one.subset == "helpful" for one in post_hoc) == 4
    assert len(post_hoc) == 10
    assert sorted(one.instruction for one in whole) == sorted(
        one.instruction for one in [*SAFETY, *KIND]
    )


def test_the_default_is_the_papers_five_thousand():
    assert HELPFUL == 5000
    assert pytest.approx(1.68, abs=0.01) == HELPFUL / 2977


def test_the_mixture_is_shuffled_by_its_seed():
    first, again, other = (mixed(SAFETY, KIND, count=4, seed=seed) for seed in (1, 1, 2))

    assert first == again != other
    assert {one.subset for one in first[:6]} == {"unsafe", "helpful"}


def test_no_helpfulness_needs_force():
    with pytest.raises(DataError, match="--force"):
        mixed(SAFETY, KIND, count=0, seed=0)

    assert len(mixed(SAFETY, KIND, count=0, seed=0, force=True)) == len(SAFETY)


def test_an_empty_instruction_set_is_none_too():
    with pytest.raises(DataError, match="--force"):
        mixed(SAFETY, [], count=None, seed=0)


def test_more_than_there_are_is_said_so():
    with pytest.raises(DataError, match="11 examples are asked for, but there are 10"):
        mixed(SAFETY, KIND, count=11, seed=0)
