"""Text is found and painted over; what is no text stays as it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from guardrail_detectors.unsafe_image.text_regions import TextRegions, without_text


@pytest.fixture(scope="module")
def regions():
    return TextRegions(2)


def sticker(words, size=(500, 400), colour=(60, 90, 160), at=(120, 150), points=48):
    picture = Pillow.new("RGB", size, colour)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(points)
    box = draw.textbbox(at, words, font)
    draw.rectangle((box[0] - 12, box[1] - 12, box[2] + 12, box[3] + 12), fill="white")
    draw.text(at, words, fill="black", font=font)
    return np.array(picture), box


def test_words_are_found_where_they_stand(regions):
    picture, (left, top, right, bottom) = sticker("a pizza")

    mask = regions(picture).read

    assert mask.shape == picture.shape[:2]
    assert mask[top:bottom, left:right].mean() > 0.9
    outside = mask.copy()
    outside[top - 25 : bottom + 25, left - 25 : right + 25] = False
    assert not outside.any()


def test_words_in_a_large_picture_are_found_at_its_own_scale(regions):
    picture, (left, top, right, bottom) = sticker("WEAPON", (2000, 1600), at=(700, 700), points=160)

    mask = regions(picture).read

    assert mask[top:bottom, left:right].mean() > 0.9


@pytest.mark.parametrize("shape", [(300, 300), (1, 1), (7, 900), (900, 7)])
def test_a_picture_without_text_has_no_mask(regions, shape):
    ramp = np.linspace(60, 160, shape[1], dtype=np.uint8)[None, :, None]
    picture = np.ascontiguousarray(np.broadcast_to(ramp, (*shape, 3)))

    assert regions(picture) is None


def pebbles(seed):
    """Blobs in a row on a plain ground: to a detection network a line of text."""
    rng = np.random.default_rng(seed)
    picture = np.full((500, 400, 3), 200, np.uint8)
    for x in range(60, 340, 22):
        axes = (int(rng.integers(4, 16)), int(rng.integers(10, 40)))
        angle = float(rng.uniform(0, 90))
        colour = tuple(int(one) for one in rng.integers(20, 90, 3))
        cv2.ellipse(picture, (x, 140), axes, angle, 0, 360, colour, -1)
    return picture


def bent(word, script=cv2.FONT_HERSHEY_SCRIPT_COMPLEX):
    """A white sticker with ``word`` in waves: people and models read it, the reader does not."""
    picture, _ = sticker("", (500, 500))
    cv2.rectangle(picture, (40, 180), (460, 330), (255, 255, 255), -1)
    cv2.putText(picture, word, (60, 280), script, 3.2, (0, 0, 0), 8, cv2.LINE_AA)
    rows = [np.roll(row, int(10 * np.sin(y / 6)), axis=0) for y, row in enumerate(picture)]
    return np.stack(rows)


def test_what_looks_like_a_line_and_says_nothing_is_told_apart(regions):
    rows = [regions(pebbles(seed)) for seed in range(12)]
    found = [text for text in rows if text is not None]

    assert len(found) >= 6
    assert sum(text.unread.any() for text in found) >= len(found) / 2
    assert not any((text.read & text.unread).any() for text in found)


def band(seed):
    """A long row of blobs with a word on its middle, and a place at each end."""
    rng = np.random.default_rng(seed)
    picture = np.full((300, 500, 3), 200, np.uint8)
    for x in [*range(60, 206, 16), *range(294, 440, 16)]:
        axes = (int(rng.integers(3, 11)), int(rng.integers(7, 18)))
        colour = tuple(int(one) for one in rng.integers(20, 90, 3))
        cv2.ellipse(picture, (x, 140), axes, float(rng.uniform(0, 90)), 0, 360, colour, -1)
    shown = Pillow.fromarray(picture)
    ImageDraw.Draw(shown).text((210, 122), "fresh", "black", ImageFont.load_default(32))
    return np.array(shown), np.s_[138:142, [80, 130, 370, 420]]


def test_a_word_on_the_middle_of_a_thing_does_not_make_it_a_line(regions):
    found = []
    for seed in range(48):
        picture, beside = band(seed)
        text = regions(picture)
        if text is not None and (text.read | text.unread)[beside].mean() > 0.9:
            found.append(bool(text.read[beside].any()))

    assert len(found) >= 6  # with all of it in one line
    assert sum(found) <= len(found) / 2


def test_a_word_that_cannot_be_read_is_not_lost(regions):
    text = regions(bent("puppy"))

    assert text is not None
    assert (text.read | text.unread)[200:300, 80:400].mean() > 0.5


def test_a_find_larger_than_a_line_is_not_taken_for_read(regions):
    picture = Pillow.new("RGB", (480, 480), "white")
    for row in (0, 150, 300):
        ImageDraw.Draw(picture).text(
            (40, row), "RED", "red", ImageFont.load_default(150), stroke_width=16, stroke_fill="red"
        )

    text = regions(np.array(picture))

    assert text.unread.mean() > 0.25


def test_small_words_beside_large_shapes_are_still_found(regions):
    picture, _ = sticker("gun", (900, 700), at=(40, 600), points=40)
    for number in range(4):
        top = 20 + 140 * number
        picture[top : top + 100, 480:880] = cv2.resize(pebbles(number)[90:190], (400, 100))

    text = regions(picture)

    assert text is not None
    assert (text.read | text.unread)[600:640, 40:110].mean() > 0.7


def test_painting_over_takes_the_words_and_nothing_else(regions):
    picture, (left, top, right, bottom) = sticker("a pizza")
    mask = regions(picture).read

    bare = without_text(picture, mask)

    words = np.s_[top:bottom, left:right]
    assert bare[words].std(axis=(0, 1)).max() < picture[words].std(axis=(0, 1)).max() / 3
    assert np.array_equal(bare[~mask], picture[~mask])


def test_a_word_is_filled_with_the_colour_around_it():
    picture = np.full((60, 60, 3), (10, 200, 30), np.uint8)
    picture[20:40, 20:40] = 0
    mask = np.zeros((60, 60), bool)
    mask[20:40, 20:40] = True

    left = without_text(picture, mask).astype(int) - (10, 200, 30)
    assert np.abs(left).max() <= 3


def test_a_picture_that_is_all_text_becomes_plain():
    picture = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)

    assert without_text(picture, np.ones((10, 10), bool)).std() == 0


def test_the_picture_itself_is_left_alone():
    picture, _ = sticker("a pizza")
    before = picture.copy()

    without_text(picture, cv2.inRange(picture, (0, 0, 0), (40, 40, 40)).astype(bool))

    assert np.array_equal(picture, before)
