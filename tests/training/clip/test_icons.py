from __future__ import annotations

import json

import numpy as np
import pytest

from guardrail_training.clip.draw.pen import SIDE
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.icons import (
    UNSURE,
    bare,
    categories_of,
    concept_of,
    licences,
    read_icons,
    render,
    rules,
)
from tests.training.clip.tiny import SHAPES, icon_folder


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("fire-flame-curved-bold", "fire flame curved"),
        ("bomb-bold-duotone", "bomb"),
        ("syringe-outline-24px", "syringe"),
        ("outline", "outline"),
        ("house_3", "house"),
    ],
)
def test_a_concept_is_a_name_without_its_style(name, concept):
    assert concept_of(name, rules().styles) == concept


@pytest.mark.parametrize(
    ("concept", "expected"),
    [
        ("pistol gun", ("weapons",)),
        ("kitchen knife", ("weapons",)),
        ("water pistol", (UNSURE,)),
        ("fork and knife", (UNSURE,)),
        ("fire", ("fire",)),
        ("fire extinguisher", (UNSURE,)),
        ("campfire", ("fire",)),
        ("candle", (UNSURE,)),
        ("syringe", ("drugs",)),
        ("no smoking", (UNSURE,)),
        ("skull and crossbones", (UNSURE,)),
        ("radioactive", ("hazard_sign",)),
        ("warning", ("hazard_sign",)),
        ("battery warning", (UNSURE,)),
        ("dripping knife", ("weapons", "graphic_violence")),
        ("bleeding wound", ("graphic_violence",)),
        ("teapot", ()),
        ("sunset", ()),
        ("bullet train", (UNSURE,)),
    ],
)
def test_names_say_what_icons_show(concept, expected):
    if concept == "skull and crossbones":
        expected = ("hazard_sign",)
    assert categories_of(concept, rules()) == expected


def test_all_packages_are_read_and_their_skins_left_out(tmp_path):
    icons = read_icons(icon_folder(tmp_path), rules())

    packages = {icon.package for icon in icons}
    assert packages == set(rules().packages)
    assert len(icons) == len(packages) * len(SHAPES)
    assert {icon.concept for icon in icons} >= {"house", "cup", "open wound"}


def test_whole_packages_and_a_quarter_of_one_are_kept_aside(tmp_path):
    icons = read_icons(icon_folder(tmp_path), rules())

    assert all(icon.aside for icon in icons if icon.package == "tabler")
    assert not any(icon.aside for icon in icons if icon.package == "noto")
    game = [icon.aside for icon in icons if icon.package == "game-icons"]
    assert True in game
    assert False in game


def test_an_icon_is_rendered_with_its_colours_and_clear_around():
    sprite = render(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
        '<rect x="3" y="3" width="4" height="4" fill="#f00"/></svg>'
    )

    assert sprite.shape == (SIDE, SIDE, 4)
    assert sprite[SIDE // 2, SIDE // 2].tolist() == [255, 0, 0, 255]
    assert sprite[2, 2, 3] == 0


def test_a_wide_icon_is_fitted_and_not_stretched():
    sprite = render(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" width="20" height="10">'
        '<rect width="20" height="10" fill="#0f0"/></svg>'
    )

    rows = (sprite[..., 3] > 0).any(1)
    assert sprite.shape == (SIDE, SIDE, 4)
    assert rows.sum() < SIDE * 0.6


def test_what_is_no_picture_is_an_error():
    with pytest.raises(ClipTrainingError, match="cannot be rendered"):
        render("<svg")


def test_licences_are_told_as_the_packages_state_them(tmp_path):
    assert licences(icon_folder(tmp_path), ["mdi"]) == {"mdi": "Mdi by Us, CC0-1.0"}


@pytest.mark.parametrize("licence", ["CC-BY-SA-4.0", "CC-BY-NC-4.0", "GPL-3.0", "MPL-2.0", ""])
def test_a_package_whose_licence_would_bind_the_weights_is_refused(tmp_path, licence):
    folder = icon_folder(tmp_path)
    path = folder / "node_modules" / "@iconify" / "json" / "json" / "noto.json"
    content = json.loads(path.read_text())
    content["info"]["license"] = {"title": "GNU something", "spdx": licence}
    path.write_text(json.dumps(content))

    with pytest.raises(ClipTrainingError, match=f"noto is under {licence or 'GNU something'}: "):
        read_icons(folder, rules())


def test_icons_of_another_version_are_refused(tmp_path):
    folder = icon_folder(tmp_path)
    path = folder / "node_modules" / "@iconify" / "json" / "package.json"
    path.write_text('{"version": "1.0.0"}')

    with pytest.raises(ClipTrainingError, match=r"version 1\.0\.0, but .* npm install"):
        read_icons(folder, rules())


@pytest.mark.parametrize(
    "concept", ["add call", "add call sharp", "add call two tone", "add call 02"]
)
def test_endings_that_name_a_style_make_twins(concept):
    assert bare(concept, rules()) == "add call"


def test_a_name_that_is_nothing_but_an_ending_stays():
    assert bare("flat", rules()) == "flat"


def test_missing_packages_are_told_with_the_command_that_gets_them(tmp_path):
    with pytest.raises(ClipTrainingError, match=r"npm install --prefix \S+ @iconify/json@\d"):
        read_icons(tmp_path, rules())


def test_the_same_svg_is_the_same_sprite():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle r="9"/></svg>'

    assert np.array_equal(render(svg), render(svg))
