from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from guardrail_detectors.ocr_injection import load_engine
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.scenery import (
    PHOTOGRAPHS,
    SAMPLES,
    photographs,
    read_picture,
    screenshots,
    with_sticker,
    words,
)


def test_the_open_photographs_are_there_in_colour():
    found = photographs()

    assert len(found) == len(PHOTOGRAPHS) + len(SAMPLES)
    assert all(one.ndim == 3 and one.shape[2] == 3 and max(one.shape) <= 480 for one in found)


def test_only_free_licences_stand_beside_the_photographs():
    licences = {*PHOTOGRAPHS.values(), *SAMPLES.values()}

    assert licences == {"CC0-1.0", "public domain, NASA", "CC-BY-2.0"}


def test_screenshots_are_found_below_the_folder_in_order(tmp_path):
    for name, grey in (("b/2.png", 200), ("a.jpg", 100)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((30, 600, 3), grey, np.uint8)).save(path)

    found = screenshots(tmp_path)

    assert [int(one.mean()) for one in found] == [100, 200]
    assert found[0].shape[1] == 480


def test_a_picture_keeps_its_size_when_asked(tmp_path):
    path = tmp_path / "x.png"
    Image.fromarray(np.zeros((5, 700), np.uint8)).save(path)

    assert read_picture(path, None).shape == (5, 700, 3)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"GIF8 nothing")

    with pytest.raises(ClipTrainingError, match=r"x\.png: no picture that can be read"):
        read_picture(path)


def test_words_can_be_read_and_are_the_same_for_their_seed():
    for seed in range(12):
        said, picture = words(np.random.default_rng(seed), 64)
        again = words(np.random.default_rng(seed), 64)
        assert said.startswith("the words ")
        assert np.ptp(picture.astype(int).sum(2)) > 60
        assert said == again[0]
        assert np.array_equal(picture, again[1])


@pytest.mark.parametrize("word", ["gun", "dynamite", "flowers"])
@pytest.mark.parametrize("side", [112, 448])
def test_a_sticker_is_white_with_dark_letters_and_leaves_most_of_the_picture(word, side):
    picture = np.full((side, side, 3), (40, 160, 90), np.uint8)

    shown = with_sticker(picture, word, np.random.default_rng(3))

    changed = (shown != picture).any(-1)
    rows, columns = (np.flatnonzero(changed.any(axis)) for axis in (1, 0))
    assert 0.01 < changed.mean() < 0.4
    assert changed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert 0.2 * side < len(columns) < 0.75 * side
    assert (shown == 255).all(-1).any()
    assert (shown < 60).all(-1).any()


def test_a_sticker_says_what_it_is_told():
    reader = load_engine("rapidocr", ("en", "ch"), None, 1)
    picture = np.full((448, 448, 3), (40, 160, 90), np.uint8)

    shown = with_sticker(picture, "bomb", np.random.default_rng(0))

    assert [line.text for line in reader.read(shown)] == ["bomb"]
    assert (picture == (40, 160, 90)).all()
