from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from guardrail_training.clip.bank import CATEGORIES
from guardrail_training.clip.draw import nature
from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.draw.families import FAMILIES as KNOWN
from guardrail_training.clip.draw.families import FURTHER, LATER
from guardrail_training.clip.draw.pen import COLOURS, Hand, paint
from guardrail_training.clip.draw.scenes import SCENES

FAMILIES = (*KNOWN, *FURTHER, *LATER)
NAMED = {one.name: one for one in FAMILIES}
FAMILY = pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.name)
WORDS = {
    "weapons": {"pistols", "long guns", "knives", "swords", "axes", "grenades", "round bombs"}
    | {"land mines", "molotovs", "sea mines", "cannons", "bows"},
    "drugs": {"tablets", "syringes", "powder", "cannabis", "joints", "vials", "ampoules", "cigars"}
    | {"heated spoons", "tied arms", "tipped bottles", "blotters"},
    "fire": {"burning barrels", "burning towers", "torches", "gas rings", "fireplaces"},
    "hazard_sign": {
        "warning triangles",
        "hazard diamonds",
        "trefoils",
        "barrier tapes",
        "skull signs",
    },
    "graphic_violence": {"blood pools", "gashes", "fallen figures", "bandages", "bloody knives"},
    "": {"drills", "dryers", "wrenches", "pens", "jelly beans", "bare triangles", "lying people"},
}


def members(family, number):
    return [family.make(np.random.default_rng(seed)) for seed in range(number)]


def bare(caption):
    return re.sub(r"^(an?|the) ", "", caption)


def flat(drawn):
    return np.concatenate([one.points for one in drawn])


def test_there_are_families_of_every_category_and_most_drawings_are_harmless():
    families = Counter(one.category for one in FAMILIES)
    harmless = sum(one.category == "" for one in drawings())

    assert len(FAMILIES) > 250
    assert min(families.values()) > 10
    assert families[""] > 2 * max(families[name] for name in CATEGORIES)
    assert harmless > len(drawings()) / 2


def test_every_family_is_drawn_and_none_is_kept_aside():
    drawn = {one.name: one for one in drawings()}

    for family in FAMILIES:
        assert drawn[family.name].make is family.make
        assert drawn[family.name].share == family.share
        assert not family.aside


@pytest.mark.parametrize("category", WORDS)
def test_families_are_of_the_category_that_their_name_says(category):
    found = {one.name for one in FAMILIES if one.category == category}

    assert found >= WORDS[category]


def test_no_drawing_that_trains_has_a_caption_of_one_that_is_kept_aside():
    strange = {bare(caption) for one in drawings() if one.aside for caption in one.says}

    for one in drawings():
        assert one.aside or not strange & set(map(bare, one.says)), one.name


def test_no_caption_of_a_family_is_said_of_another_category():
    categories = {}
    for one in drawings():
        for caption in map(bare, one.says):
            categories.setdefault(caption, set()).add(one.category)

    assert not {caption for caption, found in categories.items() if len(found) > 1}


def test_stripes_and_awnings_never_have_the_colours_of_a_barrier_tape():
    tapes, stripes, awnings = (
        {frozenset(one.colour for one in drawn) for drawn in members(NAMED[name], 60)}
        for name in ("barrier tapes", "stripes", "awnings")
    )

    assert len(tapes) == 3
    assert not tapes & (stripes | awnings)


@pytest.mark.parametrize(("name", "strokes"), [("hearts", 1), ("stars", 1), ("batteries", 5)])
def test_what_is_said_of_one_shows_one_and_what_is_said_of_several_shows_several(name, strokes):
    one, several = (
        {len(drawn) / strokes for drawn in members(NAMED[which], 40)}
        for which in (f"single {name}", name)
    )

    assert one == {1}
    assert several == {2, 3, 4}


@pytest.mark.parametrize(("name", "bones"), [("skulls and bones", 2), ("skull signs", 0)])
def test_a_skull_and_crossbones_always_has_bones_and_a_skull_sign_never(name, bones):
    teeth = 3
    straight = {
        sum(one.kind == "line" and len(one.points) == 2 for one in drawn)
        for drawn in members(NAMED[name], 40)
    }

    assert straight == {teeth + bones}


def test_a_triangle_with_an_exclamation_mark_is_called_the_same_everywhere_and_nothing_else_is():
    marked = {"exclamations", "warning triangle", "red warning triangle"}
    said = {one.name: set(one.says) for one in drawings()}

    assert all(said[name] == {"a warning sign", "a caution sign"} for name in marked)
    assert {name for name in said if said[name] & said["exclamations"]} == marked


def test_a_bomb_has_no_colour_of_a_bauble_and_a_cannabis_leaf_is_green():
    first = {
        name: {drawn[0].colour for drawn in members(NAMED[name], 60)}
        for name in ("round bombs", "baubles", "cannabis")
    }

    assert not first["round bombs"] & first["baubles"]
    assert first["cannabis"] == {"green"}


def test_white_tablets_are_white_and_others_are_coloured():
    for drawn in members(NAMED["tablets"], 30):
        assert {one.colour for one in drawn} <= {"white", "grey"}
    for drawn in members(NAMED["coloured tablets"], 30):
        assert "white" not in {one.colour for one in drawn}


def test_the_blades_of_crossed_swords_cross():
    (family,) = [one for one in FAMILIES if one.name == "crossed swords"]
    for drawn in members(family, 12):
        one, other = drawn[0].points, drawn[len(drawn) // 2].points
        (a, b), (c, d) = ((blade[[0, 4]].mean(0), blade[2]) for blade in (one, other))
        along, across = np.linalg.solve(np.stack([b - a, c - d], 1), c - a)
        assert 0.1 < along < 0.9
        assert 0.1 < across < 0.9


def test_a_face_smiles():
    (family,) = [one for one in FAMILIES if one.name == "faces"]
    for rng in map(np.random.default_rng, range(12)):
        drawn = nature.face(rng)
        eyes, mouth = flat([drawn[2], drawn[4]]).mean(0), drawn[-1].points
        far = np.linalg.norm(mouth - eyes, axis=1)
        assert far[2] > max(far[0], far[-1])
    assert family.make is nature.face


def sides(drawn):
    """Lengths of all sides as parts of the longest: alike however a drawing is turned and scaled."""
    each = [np.linalg.norm(np.diff(one.points, axis=0), axis=1) for one in drawn]
    found = np.concatenate(each)
    return (found / found.max()).round(2).tobytes()


@FAMILY
def test_members_of_a_family_are_not_one_shape_turned_and_scaled(family):
    shapes = {sides(one) for one in members(family, 12)}

    assert len(shapes) >= 6


@FAMILY
def test_a_member_is_the_same_for_the_same_seed(family):
    one, other = (family.make(np.random.default_rng(7)) for _ in range(2))

    assert np.array_equal(flat(one), flat(other))


@FAMILY
def test_a_member_fills_the_square_and_stays_in_it(family):
    for drawn in members(family, 12):
        assert all(len(one.points) >= 2 for one in drawn)
        points = flat(drawn)
        assert np.isfinite(points).all()
        assert 0 <= points.min() < points.max() <= 100
        assert np.ptp(points, axis=0).max() > 40


@FAMILY
def test_a_member_can_be_seen_when_it_is_painted(family):
    for seed, drawn in enumerate(members(family, 4)):
        sprite = paint(drawn, Hand(), np.random.default_rng(seed))

        assert 0.008 < (sprite[..., 3] > 127).mean() < 0.99


@FAMILY
def test_colours_are_known_to_the_pen_and_blood_is_violence_alone(family):
    used = {one.colour for drawn in members(family, 12) for one in drawn}

    assert used <= set(COLOURS)
    if family.category != "graphic_violence":
        assert "blood" not in used


def test_violence_shows_blood():
    gore = [one for one in FAMILIES if one.category == "graphic_violence"]

    for family in gore:
        for drawn in members(family, 8):
            assert {one.colour for one in drawn} & {"blood", "red"}, family.name


def test_names_of_families_and_scenes_do_not_meet():
    assert not {one.name for one in FAMILIES} & {one.name for one in SCENES}
