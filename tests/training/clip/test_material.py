"""What a run learns from, and what counts as strange to it."""

from __future__ import annotations

import pytest

from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.draw.families import NEWER
from guardrail_training.clip.icons import Icon
from guardrail_training.clip.material import Places, gathered, planned
from tests.training.clip.tiny import data_folder, icon_folder, settings


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("material")
    return Places(icon_folder(folder / "icons"), data_folder(folder / "data"), folder / "out")


def test_newer_drawings_are_learnt_where_the_settings_say_so(places):
    before, after = (gathered(settings(newer_drawings=one), places) for one in (False, True))

    assert {one.name for one in after.drawings} - {one.name for one in before.drawings} == {
        one.name for one in NEWER
    }
    assert len(before.drawings) == 444
    assert not any(one.aside for one in after.drawings)
    assert planned(settings(), after)["drawings"] == len(after.drawings)


def test_newer_drawings_come_last_so_that_version_4_is_made_as_it_was():
    order = [one.newer for one in drawings()]

    assert order == sorted(order)


def test_an_icon_is_strange_when_no_drawing_that_is_learnt_has_its_name(places):
    (vase,) = [one for one in drawings() if one.name == "vases"]
    icons = [
        Icon(name, "mdi", aside=True, categories=(), svg="")
        for name in (vase.says[0].removeprefix("a "), "hammer", "unheard")
    ]
    before, after = (gathered(settings(newer_drawings=one), places) for one in (False, True))

    assert [one.concept for one in before.strange(icons)] == ["vase", "unheard"]
    assert [one.concept for one in after.strange(icons)] == ["unheard"]
