from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.labelled import categories_of, read_labelled


def picture(path, colour=(9, 9, 9)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((20, 24, 3), colour, np.uint8)).save(path)
    return path


def entry(image, safe, sub="violence"):
    more = {} if safe else {"harmful_category": "risky", "harmful_subcategory": sub}
    return {"id": image, "image": image, "safe": safe, "instr-resp": [], **more}


def write(folder, entries):
    path = folder / "train.json"
    path.write_text(json.dumps(entries))
    return path


def test_folders_name_categories_and_sources(tmp_path):
    picture(tmp_path / "weapons" / "shop" / "1.png")
    picture(tmp_path / "weapons" / "2.JPG")
    picture(tmp_path / "harmless" / "web" / "deep" / "3.webp")
    (tmp_path / "weapons" / "notes.txt").write_text("no picture")

    found = read_labelled(tmp_path)

    assert [(one.path.name, sorted(one.categories), one.source) for one in found] == [
        ("3.webp", [], "web"),
        ("2.JPG", ["weapons"], "unnamed"),
        ("1.png", ["weapons"], "shop"),
    ]
    assert categories_of(found) == ["weapons"]


def test_vlguards_names_become_ours(tmp_path):
    path = write(
        tmp_path,
        [
            entry("hateful/1.png", safe=False),
            entry("ads/2.png", safe=True),
            entry("3.png", safe=True),
        ],
    )

    found = read_labelled(path)

    assert [(sorted(one.categories), one.source) for one in found] == [
        (["graphic_violence"], "hateful"),
        ([], "ads"),
        ([], "unnamed"),
    ]
    assert found[0].path == tmp_path / "hateful" / "1.png"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({}, "a list of VLGuard's entries"),
        ([{"image": "1.png"}], "entry 0: image, safe and"),
        ([{"image": "1.png", "safe": False}], "harmful_subcategory were expected"),
        (
            [entry("1.png", safe=False, sub="violent")],
            "entry 0: harmful_subcategory: vlguard has no",
        ),
        ([entry("../1.png", safe=True)], "lies outside"),
        (["1.png"], "entry 0"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, entries, said):
    with pytest.raises(ClipTrainingError, match=said):
        read_labelled(write(tmp_path, entries))


def test_a_file_that_is_no_json_is_named(tmp_path):
    (tmp_path / "train.json").write_text("{")

    with pytest.raises(ClipTrainingError, match=r"train\.json: no JSON"):
        read_labelled(tmp_path / "train.json")


def test_a_folder_that_is_no_category_is_named(tmp_path):
    picture(tmp_path / "Weapons!" / "1.png")

    with pytest.raises(ClipTrainingError, match=r"Weapons!: a category is named in small letters"):
        read_labelled(tmp_path)


@pytest.mark.parametrize("folders", [("weapons",), ("harmless",), ()])
def test_both_kinds_of_pictures_are_needed(tmp_path, folders):
    for name in folders:
        picture(tmp_path / name / "1.png")

    with pytest.raises(ClipTrainingError, match="and harmless ones are needed"):
        read_labelled(tmp_path)
