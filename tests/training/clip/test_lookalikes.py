from __future__ import annotations

import re

import numpy as np
import pytest

from guardrail_training.clip.draw import frills, glows, notices, rests
from guardrail_training.clip.draw.bits import BITS
from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.draw.devices import DEVICES
from guardrail_training.clip.draw.families import FAMILIES
from guardrail_training.clip.draw.glows import GLOWS
from guardrail_training.clip.draw.handhelds import HANDHELDS
from guardrail_training.clip.draw.notices import NOTICES
from guardrail_training.clip.draw.produce import PRODUCE
from guardrail_training.clip.draw.rests import RESTS
from guardrail_training.clip.draw.shapes import disc

LOOKALIKES = (*HANDHELDS, *DEVICES, *PRODUCE, *BITS, *GLOWS, *RESTS, *NOTICES)
ASIDE = ("glue gun", "scanner", "rolling pin", "marker pen", "felt", "chocolate", "cupcake", "fern")
ASIDE += ("lantern", "tomato", "football", "perfume", "cauliflower", "parking", "direction")


def rngs(number=12):
    return [np.random.default_rng(seed) for seed in range(number)]


def of(drawn, colour):
    return [one for one in drawn if one.colour == colour]


def middle(stroke):
    return stroke.points.mean(0)


def test_lookalikes_are_harmless_and_all_of_them_are_families():
    assert {one.category for one in LOOKALIKES} == {""}
    assert set(LOOKALIKES) <= set(FAMILIES)


@pytest.mark.parametrize("family", LOOKALIKES, ids=lambda one: one.name)
def test_a_lookalike_says_what_nothing_else_says_and_nothing_kept_aside(family):
    others = [one for one in drawings() if one.name != family.name]
    said = {re.sub("^(an?|the) ", "", caption) for one in others for caption in one.says}

    for caption in family.says:
        assert re.sub("^(an?|the) ", "", caption) not in said
        assert not any(word in caption for word in ASIDE)


@pytest.mark.parametrize("waves", [4, 7])
def test_a_frilled_edge_has_as_many_waves_as_asked_for(waves):
    points = frills.frilled(np.random.default_rng(1), "green", 20, waves, 0.3).points

    reach = np.hypot(*points.T)
    peaks = (reach > np.roll(reach, 1)) & (reach >= np.roll(reach, -1))
    assert peaks.sum() == waves


def test_strewn_things_lie_three_in_a_row_and_apart():
    places = [frills.strewn(rng, [disc("red", 0, 0, 1)], n, 40) for n, rng in enumerate(rngs(6))]

    middles = np.array([middle(one) for (one,) in places])
    assert np.abs(middles - [(n % 3 * 40, n // 3 * 40) for n in range(6)]).max() < 5


def test_the_number_of_a_speed_limit_is_read_from_left_to_right():
    for rng in rngs():
        digits = [middle(one)[0] for one in of(notices.speed_limit(rng), "dark")]

        assert digits == sorted(digits)


def test_a_sun_over_water_is_partly_above_the_water_and_never_wholly_below():
    for rng in rngs():
        drawn = glows.evening_sea(rng)
        sun, water = of(drawn, "yellow")[-1], of(drawn, "blue")[-1]

        assert sun.points[:, 1].min() < water.points[:, 1].min()


def test_wine_leaves_the_upper_part_of_its_glass_empty():
    for rng in rngs():
        drawn = glows.wine_glass(rng)
        glass, wine = drawn[0].points, of(drawn, "red")[0].points

        assert glass[:, 1].min() + 5 < wine[:, 1].min()
        assert wine[:, 1].max() < glass[:, 1].max()


def test_the_nose_of_a_clown_is_round_and_between_the_eyes_and_the_mouth():
    for rng in rngs():
        drawn = rests.clown(rng)
        eyes = [middle(one)[1] for one in of(drawn, "dark") if one.kind == "fill"]
        nose = [one for one in of(drawn, "red") if len(one.points) == 28][-1]
        mouth = [one for one in of(drawn, "red") if one.kind == "line"][-1]

        assert min(eyes) < middle(nose)[1] < middle(mouth)[1]


def test_a_sleeper_shows_a_head_above_the_cover():
    for rng in rngs():
        drawn = rests.bed_from_the_side(rng)
        head, cover = drawn[-3], drawn[-2]

        assert middle(head)[1] < middle(cover)[1]


def test_clothes_hang_below_their_line():
    for rng in rngs():
        drawn = rests.washing_line(rng)
        rope, clothes = drawn[2], [one for one in drawn[3:] if one.kind == "fill"]

        assert len(clothes) >= 2
        assert all(middle(one)[1] > middle(rope)[1] for one in clothes)
