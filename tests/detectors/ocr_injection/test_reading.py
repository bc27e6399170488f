from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from guardrail.errors import ImageError
from guardrail_detectors.ocr_injection import read_pages
from guardrail_detectors.ocr_injection.reading import MOST_LINES
from tests.detectors.ocr_injection.drawing import line


class Engine:
    """Reads one line that names how often it was asked."""

    languages = ("en",)
    certain = 0.0

    def __init__(self, stop=None, stop_at=0):
        self.shown, self.stop, self.stop_at = [], stop, stop_at

    def read(self, pixels):
        self.shown.append(pixels.shape)
        if len(self.shown) == self.stop_at:
            self.stop.set()
        return (line(f"reading {len(self.shown)}", 10, 10),)


def frame(seed, height=400, width=500, channels=3):
    return np.random.default_rng(seed).integers(0, 255, (height, width, channels)).astype(np.uint8)


def read(frames, engine, stop=None, max_side=1024, max_frames=8):
    return read_pages(frames, engine, max_side=max_side, max_frames=max_frames, stop=stop)


def test_the_text_of_frames_is_parted_by_empty_lines():
    reading = read([frame(0), frame(1)], Engine())

    assert reading.text == "reading 1\n\nreading 2"


def test_a_frame_that_repeats_is_read_once_and_has_its_own_page():
    engine = Engine()

    reading = read([frame(0), frame(0), frame(1), frame(0)], engine)

    assert [page.frame for page in reading.pages] == [0, 1, 2, 3]
    assert [page.text for page in reading.pages] == [
        "reading 1",
        "reading 1",
        "reading 2",
        "reading 3",
    ]


def test_boxes_of_a_page_name_its_frame():
    reading = read([frame(0), frame(0)], Engine())

    assert [page.box(0, 5).frame for page in reading.pages] == [0, 1]


def test_a_still_picture_has_no_text_across_frames():
    assert read([frame(0)], Engine()).across() is None


def test_frames_that_say_the_same_have_no_text_across_them():
    assert read([frame(0), frame(0)], Engine()).across() is None


def test_frames_that_say_different_things_are_one_text_without_a_box():
    across = read([frame(0), frame(1)], Engine()).across()

    assert (across.text, across.box) == ("reading 1 reading 2", None)


def test_a_picture_without_frames_says_nothing():
    reading = read([], Engine())

    assert (reading.pages, reading.text, reading.across()) == ((), "", None)


def test_frames_left_out_are_named_by_their_own_number():
    reading = read([frame(seed) for seed in range(9)], Engine(), max_frames=3)

    assert [page.frame for page in reading.pages] == [0, 4, 8]


def test_all_views_of_a_large_picture_are_read():
    engine = Engine()

    reading = read([frame(0, 1500, 700)], engine)

    assert len(engine.shown) == len(reading.views) == 3
    assert reading.views[0].startswith("frame 0: opaque, all at 0.68")


def test_reading_ends_between_two_views_once_it_is_told_to_stop():
    stop = Event()
    engine = Engine(stop, stop_at=2)

    reading = read([frame(0, 1500, 700), frame(1)], engine, stop)

    assert len(engine.shown) == 2
    assert reading.pages == ()


def test_pages_read_before_it_was_told_to_stop_are_kept():
    stop = Event()
    engine = Engine(stop, stop_at=1)

    reading = read([frame(0), frame(1)], engine, stop)

    assert [page.text for page in reading.pages] == ["reading 1"]


def test_a_frame_with_more_lines_than_are_read_is_refused():
    class Wordy:
        languages = ("en",)
        certain = 0.0

        def read(self, pixels):
            return tuple(line("a", 0, 20 * n) for n in range(MOST_LINES // 2 + 1))

    picture = np.zeros((64, 3000, 3), np.uint8)
    picture[:, ::7] = 200

    with pytest.raises(ImageError, match="more than 2000 lines of text"):
        read_pages([picture], Wordy(), max_side=2048, max_frames=1)
