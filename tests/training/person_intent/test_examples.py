"""The examples: many, of both kinds, filled, and none of them held out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
import yaml

from guardrail_training.person_intent.examples import examples, filled

HELD_OUT = Path(__file__).resolve().parents[3] / "bench" / "data" / "person_intent.yaml"


def test_there_are_hundreds_of_both_kinds():
    counts = Counter(one.category for one in examples(24, 0))

    assert counts["identity"] + counts["ungrounded_inference"] >= 300
    assert min(counts["identity"], counts["ungrounded_inference"]) >= 150
    assert counts[""] >= 300


def test_every_slot_is_filled():
    assert [one.text for one in examples(24, 0) if "{" in one.text] == []


def test_the_same_seed_chooses_the_same_fillings():
    assert examples(5, 1) == examples(5, 1)
    assert examples(5, 1) != examples(5, 2)


def test_no_text_is_an_example_of_two_things():
    kinds = {}
    for one in examples(24, 0):
        kinds.setdefault(one.text, set()).add(one.category)

    assert {text for text, some in kinds.items() if len(some) > 1} == set()


def test_no_held_out_text_is_among_them():
    held = {one.lower() for some in yaml.safe_load(HELD_OUT.read_text()).values() for one in some}

    assert len(held) >= 110
    assert held & {one.text.lower() for one in examples(10_000, 0)} == set()


def test_a_slot_is_filled_in_as_many_ways_as_there_may_be():
    slots = {"a": ["1", "2", "3"], "b": ["x", "y"]}

    assert sorted(filled("{a}{b}{a}", slots, 99, Random(0)))[:2] == ["1x1", "1y1"]
    assert len(filled("{a}{b}", slots, 4, Random(0))) == 4
    assert filled("nothing to fill", slots, 4, Random(0)) == ["nothing to fill"]


def test_a_slot_that_nothing_fills_is_named():
    with pytest.raises(ValueError, match=r"no slot 'c'; there are: a"):
        filled("{c}", {"a": ["1"]}, 1, Random(0))
