"""What of a picture is looked at: all of it, within a budget."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from guardrail.types import Box
from guardrail_detectors.unsafe_image.views import pictures, squared, tiles


def covered(width, height, boxes):
    seen = np.zeros((height, width), bool)
    for box in boxes:
        seen[box.top : box.bottom, box.left : box.right] = True
    return seen.mean()


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1920, 1080), (300, 2000), (500, 500)])
@pytest.mark.parametrize("most", [5, 12, 64])
def test_tiles_are_squares_inside_the_picture_and_within_the_budget(size, most):
    found = tiles(*size, 224, most)

    assert len(found) <= most
    for box in found:
        assert box.right - box.left == box.bottom - box.top or len(found) == most
        assert 0 <= box.left < box.right <= size[0]
        assert 0 <= box.top < box.bottom <= size[1]


@pytest.mark.parametrize("size", [(1600, 400), (400, 1600), (9000, 100), (100, 9000), (3, 1)])
def test_a_long_picture_is_covered_to_its_ends(size):
    assert covered(*size, tiles(*size, 224, 5)) == 1


def test_a_part_that_is_still_too_long_is_squashed_to_a_square():
    part = np.zeros((100, 1800, 3), np.uint8)
    part[:, 1700:] = 255

    square = squared(part)

    assert square.shape == (100, 100, 3)
    assert square[:, -1].mean() > 250
    assert squared(square) is square
    assert squared(part[:2]).shape == (64, 64, 3)


def test_each_layer_covers_the_picture():
    found = tiles(1000, 1000, 224, 64)

    halves = [box for box in found if box.right - box.left == 600]
    small = [box for box in found if box.right - box.left == 400]
    assert covered(1000, 1000, halves) == covered(1000, 1000, small) == 1
    assert (len(halves), len(small)) == (4, 9)


def test_neighbours_share_a_fifth_of_a_side():
    lefts = sorted({box.left for box in tiles(1600, 400, 224, 64) if box.right - box.left == 400})

    assert max(b - a for a, b in pairwise(lefts)) <= 320


def test_a_layer_that_does_not_fit_is_left_out_as_a_whole():
    assert len(tiles(1000, 1000, 224, 5)) == 4
    assert tiles(1000, 1000, 224, 3) == []


def test_a_small_picture_is_not_cut_into_what_shows_nothing_new():
    assert tiles(150, 150, 224, 64) == []


def test_no_tiles_when_none_are_asked_for():
    assert tiles(1600, 400, 224, 0) == []


def test_a_strip_of_one_pixel_has_no_more_tiles_than_the_budget():
    assert len(tiles(5000, 1, 224, 64)) == 64
    assert tiles(1, 1, 224, 5) == []


def test_frames_are_chosen_and_equal_neighbours_are_looked_at_once():
    frames = [np.full((4, 4, 3), value, np.uint8) for value in (0, 0, 9, 9, 5)]

    assert [number for number, _ in pictures(frames, 64)] == [0, 2, 4]
    assert [number for number, _ in pictures(frames, 2)] == [0, 4]


def test_a_transparent_picture_is_seen_as_each_reader_would_show_it():
    frame = np.zeros((4, 4, 4), np.uint8)
    frame[:2] = (200, 0, 0, 255)
    frame[2:] = (0, 200, 0, 0)

    shown = [picture[3, 0].tolist() for _, picture in pictures([frame], 1)]

    assert sorted(shown) == [[0, 0, 0], [0, 200, 0], [255, 255, 255]]


def test_boxes_are_plain_values():
    assert tiles(400, 800, 224, 5)[0] == Box(0, 0, 400, 400)
