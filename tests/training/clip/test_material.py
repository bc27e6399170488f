"""What a run learns from, and what counts as strange to it."""

from __future__ import annotations

import pytest

from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.icons import Icon
from guardrail_training.clip.material import Places, gathered, planned
from tests.training.clip.tiny import data_folder, icon_folder, settings


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("material")
    return Places(icon_folder(folder / "icons"), data_folder(folder / "data"), folder / "out")


def test_drawings_that_are_kept_aside_are_not_learnt(places):
    material = gathered(settings(), places)
    names = {one.name for one in material.drawings}

    assert not any(one.aside for one in material.drawings)
    assert {"pistols", "hookahs"} <= names
    assert not {"bong", "glue gun"} & names
    assert planned(settings(), material)["drawings"] == len(material.drawings)


def test_later_drawings_are_learnt_where_a_cycle_says_so(places):
    first = [{"steps": 2, "rate": 1e-3, "drawings": "first"}]
    without, with_them = (
        gathered(settings(cycles=cycles), places)
        for cycles in (first, [*first, {"steps": 2, "rate": 1e-3}])
    )

    later = {one.name for one in drawings() if one.later}
    assert {one.name for one in with_them.drawings} - {
        one.name for one in without.drawings
    } == later


def test_an_icon_is_strange_when_no_drawing_that_is_learnt_has_its_name(places):
    (vase,) = [one for one in drawings() if one.name == "vases"]
    icons = [
        Icon(name, "mdi", aside=True, categories=(), svg="")
        for name in (vase.says[0].removeprefix("a "), "hammer", "unheard")
    ]

    assert [one.concept for one in gathered(settings(), places).strange(icons)] == ["unheard"]
