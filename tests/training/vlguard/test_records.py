"""VLGuard's metadata: read strictly, pictures looked up in one folder and nowhere else."""

from __future__ import annotations

import pytest
from PIL import Image

from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.records import Example, read_vlguard, without_overlap
from tests.training.vlguard.sets import entry, write


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png"):
        Image.new("RGB", (4, 4)).save(folder / name)
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    return folder


def read(tmp_path, images, *entries):
    return read_vlguard(write(tmp_path, list(entries)), images)


def test_each_instruction_becomes_an_example_of_its_subset(tmp_path, images):
    both = [
        {"safe_instruction": "What is it?", "response": "A cat."},
        {"unsafe_instruction": "Hurt it?", "response": "No."},
    ]
    safe = {"id": "b", "image": "sub/b.png", "safe": True, "instr-resp": both}

    found = read(tmp_path, images, entry(), safe)

    assert [(one.subset, one.instruction, one.response) for one in found] == [
        ("unsafe", "Who is it?", "I cannot say."),
        ("safe_safe", "What is it?", "A cat."),
        ("safe_unsafe", "Hurt it?", "No."),
    ]
    assert [(one.image, one.category) for one in found[:2]] == [
        (images / "a.png", "privacy"),
        (images / "sub" / "b.png", ""),
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"safe": "yes"}, "entry 1: field 'safe' must be true or false, not 'yes'"),
        ({"image": 3}, "entry 1: field 'image' must be a text"),
        ({"image": " "}, "entry 1: field 'image' must be a text"),
        ({"instr-resp": []}, "entry 1: field 'instr-resp' must be a list"),
        ({"instr-resp": {}}, "entry 1: field 'instr-resp' must be a list"),
        ({"instr-resp": ["x"]}, "entry 1: instr-resp 0: must be an object"),
        ({"instr-resp": [{"instruction": "x"}]}, "entry 1: instr-resp 0: must be an object"),
        (
            {"instr-resp": [{"instruction": "x", "safe_instruction": "y", "response": "z"}]},
            "entry 1: instr-resp 0: must be an object of 'response' and one of",
        ),
        (
            {"instr-resp": [{"instruction": "", "response": "z"}]},
            "entry 1: instr-resp 0: field 'instruction' must be a text",
        ),
        ({"safe": True}, "field 'instruction' does not belong to a picture that is safe"),
        ({"instr-resp": [{"safe_instruction": "x", "response": "z"}]}, "that is unsafe"),
        ({"harmful_category": 7}, "entry 1: field 'harmful_category' must be a string"),
        ({"colour": "red"}, "entry 1: unknown field 'colour'"),
    ],
)
def test_a_wrong_entry_is_named_by_index_and_field(tmp_path, images, changed, said):
    with pytest.raises(DataError) as error:
        read(tmp_path, images, entry(), entry(**changed))

    assert said in str(error.value)
    assert "train.json" in str(error.value)


@pytest.mark.parametrize("field", ["id", "image", "safe", "instr-resp"])
def test_a_missing_field_is_named(tmp_path, images, field):
    wrong = entry()
    del wrong[field]

    with pytest.raises(DataError, match=f"entry 0: lacks the field '{field}'"):
        read(tmp_path, images, wrong)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "sub/../../secret.png", "a\\b"])
def test_a_path_out_of_the_folder_is_refused(tmp_path, images, name):
    with pytest.raises(DataError, match=r"entry 0: field 'image'.*leads out"):
        read(tmp_path, images, entry(image=name))


def test_a_link_out_of_the_folder_is_refused(tmp_path, images):
    (images / "link.png").symlink_to(tmp_path / "secret.png")

    with pytest.raises(DataError, match="leads out"):
        read(tmp_path, images, entry(image="link.png"))


def test_missing_pictures_are_counted_and_named(tmp_path, images):
    wrong = [entry(image=f"gone{n}.png") for n in range(5)]

    with pytest.raises(DataError, match=r"5 of 6 pictures are missing, e\.g\. .*gone0\.png"):
        read(tmp_path, images, entry(), *wrong)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"{}", "must hold a list"),
        (b"[]", "at least one"),
        (b"[3]", "entry 0: must be an object"),
    ],
)
def test_a_file_that_is_no_list_of_entries_is_refused(tmp_path, images, content, said):
    path = tmp_path / "train.json"
    path.write_bytes(content)

    with pytest.raises(DataError, match=said):
        read_vlguard(path, images)


def test_a_file_that_is_not_there_is_said_so(tmp_path, images):
    with pytest.raises(DataError, match=r"none\.json: cannot be read: No such file"):
        read_vlguard(tmp_path / "none.json", images)


def test_pictures_of_the_test_are_dropped_from_training_and_named():
    train = [Example(None, "x", "y", "unsafe", name=name) for name in ("a", "b", "b", "c", "")]
    test = [Example(None, "x", "y", "unsafe", name=name) for name in ("b", "d", "")]

    kept, dropped = without_overlap(train, test)

    assert [one.name for one in kept] == ["a", "c", ""]
    assert dropped == ["b"]
