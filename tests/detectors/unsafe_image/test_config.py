"""The settings of ``unsafe_image``: what a policy author may write, and what comes of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from guardrail.errors import ModelError
from guardrail_detectors.unsafe_image import Category, UnsafeImageConfig
from guardrail_detectors.unsafe_image.prompts import NEGATIVES, SHIPPED, ensemble


def settings(**given):
    return UnsafeImageConfig.model_validate(given)


def test_without_settings_the_shipped_categories_are_judged_by_heads_where_there_are_some():
    trained, written = settings().judged(("weapons", "smoke"))

    assert trained == ("weapons", "smoke")
    assert set(written) == SHIPPED.keys() - {"weapons"}
    assert written["fire"].negatives == SHIPPED["fire"].negatives


def test_a_category_is_written_as_sentences_alone_or_with_its_look_alikes():
    config = settings(
        categories={
            "protest": ["a photo of a protest sign"],
            "toys": {"prompts": ["a photo of a toy gun"], "negatives": ["a photo of a gun"]},
        }
    )

    _, written = config.judged(())

    assert written["protest"] == Category(prompts=("a photo of a protest sign",))
    assert written["toys"].negatives == ("a photo of a gun",)


def test_sentences_of_ones_own_take_the_place_of_a_trained_head():
    trained, written = settings(categories={"weapons": ["a photo of a sword"]}).judged(("weapons",))

    assert trained == ()
    assert written["weapons"].prompts == ("a photo of a sword",)


@pytest.mark.parametrize(
    ("shipped", "expected"), [([], set()), (["fire"], {"fire"}), (None, set(SHIPPED))]
)
def test_the_shipped_categories_can_be_chosen(shipped, expected):
    assert set(settings(shipped=shipped).judged(())[1]) == expected


def test_a_shipped_category_that_does_not_exist_is_refused_with_those_there_are():
    with pytest.raises(ModelError, match=r"no shipped category 'wepons'; there are: .*weapons"):
        settings(shipped=["wepons"]).judged(())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"categories": {"weapons": []}}, "at least 1 item"),
        ({"categories": {"weapons": ["  "]}}, "weapons"),
        ({"categories": {"weapons": ["x" * 301]}}, "at most 300"),
        ({"categories": {"Weapons!": ["a gun"]}}, "pattern"),
        ({"categories": {"weapons": {"prompts": ["a gun"], "negative": []}}}, "negative"),
        ({"negatives": []}, "at least 1 item"),
        ({"tiles": -1}, "greater than or equal to 0"),
        ({"variant": "int4"}, "'fp32', 'fp16' or 'int8'"),
        ({"device": "gpu"}, "'auto', 'cpu' or 'cuda'"),
        ({"model": ""}, "at least 1 character"),
        ({"prompts": ["a gun"]}, "Extra inputs"),
    ],
)
def test_what_means_nothing_is_refused(given, words):
    with pytest.raises(ValidationError, match=words):
        settings(**given)


def test_a_thing_is_said_in_several_ways_and_a_sentence_stands_alone():
    ways = ensemble("a photo of a gun.")

    assert len(set(ways)) == len(ways) >= 5
    assert all("a gun" in way and ".." not in way for way in ways)
    assert ensemble("somebody aims at the camera") == ("somebody aims at the camera",)
    assert ensemble("A picture of a dog") == ensemble("a photo of a dog")


def test_every_shipped_category_is_weighed_against_what_looks_like_it():
    assert len(NEGATIVES) >= 20
    assert all(len(one.prompts) >= 3 and len(one.negatives) >= 3 for one in SHIPPED.values())
    both = {sentence for one in SHIPPED.values() for sentence in one.prompts}
    assert not both & set(NEGATIVES)
