from __future__ import annotations

import numpy as np
import pytest

from guardrail_detectors.ocr_injection.views import (
    OVERLAP,
    TILE_PIXELS,
    View,
    choose_frames,
    flatten,
    native,
    prepared,
    raise_contrast,
)
from tests.detectors.ocr_injection.drawing import canvas, line, pixels, write


def noise(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (height, width, channels)).astype(np.uint8)


@pytest.mark.parametrize(
    ("count", "limit", "chosen"),
    [
        (1, 8, [0]),
        (8, 8, list(range(8))),
        (9, 1, [0]),
        (100, 3, [0, 50, 99]),
        (10, 4, [0, 3, 6, 9]),
    ],
)
def test_frames_are_chosen_evenly_with_the_first_and_the_last(count, limit, chosen):
    assert choose_frames(count, limit) == chosen


def test_an_ordinary_picture_is_shown_once_at_its_own_size():
    (view,) = native(noise(600, 800), 2048)

    assert (view.pixels.shape, view.scale) == ((600, 800, 3), 1.0)


def test_a_small_picture_is_shown_at_twice_its_size_and_padded():
    (view,) = native(noise(20, 100), 2048)

    assert view.scale == 2
    assert prepared(view.pixels).shape == (64, 200, 3)


@pytest.mark.parametrize(("height", "width"), [(1500, 400), (900, 2500), (3000, 3000)])
def test_tiles_of_a_large_picture_cover_it_and_overlap(height, width):
    side = 640
    covered = np.zeros((height, width), int)

    views = [*native(noise(height, width), side)]
    for view in views[1:]:
        bottom = round(view.top + view.pixels.shape[0] / view.scale)
        right = round(view.left + view.pixels.shape[1] / view.scale)
        covered[round(view.top) : bottom, round(view.left) : right] += 1

    assert max(views[0].pixels.shape) == side
    assert covered.min() >= 1
    assert covered.max() >= 2
    assert all(max(view.pixels.shape) <= side for view in views)
    assert sum(view.pixels[..., 0].size for view in views[1:]) <= 3 * TILE_PIXELS * side * side
    assert OVERLAP >= 64


def test_what_a_view_reads_is_placed_on_the_displayed_picture():
    view = View("v", noise(8, 8), 0, scale=0.5, left=100, top=40)

    placed = view.place(line("a", 10, 20, 30, 10))

    assert placed.quad == ((120, 80), (180, 80), (180, 100), (120, 100))


def test_a_transparent_picture_is_shown_as_every_reader_of_alpha_sees_it():
    frame = noise(100, 100, 4)

    names = [name for name, _ in flatten(frame)]

    assert names == ["on white", "on black", "without alpha"]


def test_equal_readings_of_alpha_are_shown_once():
    frame = noise(100, 100, 4)
    frame[..., 3] = 255

    assert [name for name, _ in flatten(frame)] == ["opaque"]


def test_contrast_is_left_alone_when_it_is_not_to_be_raised():
    faint = canvas(colour=(120, 120, 120))
    write(faint, "faint", colour=(126, 126, 126))

    assert np.ptp(prepared(pixels(faint), raised=False)) <= 6
    assert np.ptp(prepared(pixels(faint))) > 60


def test_faint_letters_are_made_strong_and_strong_ones_left():
    faint, strong = canvas(colour=(120, 120, 120)), canvas()
    write(faint, "faint", colour=(126, 126, 126))
    write(strong, "strong")

    raised, kept = raise_contrast(pixels(faint)), raise_contrast(pixels(strong))

    assert np.ptp(raised) > 10 * np.ptp(pixels(faint))
    assert np.abs(kept[30:45, 20:90].astype(int) - pixels(strong)[30:45, 20:90]).mean() < 40
