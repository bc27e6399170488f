from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageSequence

from guardrail.paint import MARGIN, paint_over
from guardrail.types import Box, Image
from tests.guardrail.picture_files import noise as seeded


def noise(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(3).integers(1, 255, (40, 60, channels)).astype(np.uint8)


def image(media_type: str = "image/png") -> Image:
    return Image(b"", media_type, 60, 40, 1, "0")


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Pillow.open(io.BytesIO(data)))


def test_what_is_under_a_box_is_gone_and_the_rest_is_as_it_was():
    frame = noise()

    edit = paint_over(image(), [frame], [Box(20, 10, 30, 20)])

    painted = opened(edit.data)
    inside = np.zeros((40, 60), bool)
    inside[10 - MARGIN : 20 + MARGIN, 20 - MARGIN : 30 + MARGIN] = True
    assert edit.media_type == "image/png"
    assert (painted[inside] == 0).all()
    assert np.array_equal(painted[~inside], frame[~inside])


def test_painting_twice_paints_nothing_new():
    boxes = [Box(1, 1, 9, 9), Box(30, 5, 50, 39)]
    once = opened(paint_over(image(), [noise()], boxes).data)

    assert np.array_equal(opened(paint_over(image(), [once], boxes).data), once)


@pytest.mark.parametrize(
    "box", [Box(-5, -5, 3, 3), Box(55, 35, 500, 500), Box(0, 0, 60, 40), Box(100, 100, 120, 120)]
)
def test_a_box_beyond_the_edge_is_clipped(box):
    painted = opened(paint_over(image(), [noise()], [box]).data)

    assert painted.shape == (40, 60, 3)
    assert (painted[max(box.top, 0) : box.bottom, max(box.left, 0) : box.right] == 0).all()


def test_paint_is_opaque_on_a_transparent_picture():
    painted = opened(paint_over(image(), [noise(4)], [Box(10, 10, 20, 20)]).data)

    assert painted[15, 15].tolist() == [0, 0, 0, 255]


def test_a_jpeg_stays_one_and_nothing_of_the_text_shines_through():
    frame = np.full((40, 60, 3), 255, np.uint8)
    frame[16:24, 16:40:2] = 0

    edit = paint_over(image("image/jpeg"), [frame], [Box(16, 16, 40, 24)])

    assert edit.media_type == "image/jpeg"
    assert opened(edit.data)[16:24, 16:40].max() < 12


def test_of_an_animation_only_the_frame_that_is_named_is_painted():
    frames = [np.full((20, 20, 3), shade, np.uint8) for shade in (100, 150, 200)]

    edit = paint_over(
        image("image/gif"), frames, [Box(0, 0, 20, 20, frame=1), Box(0, 0, 5, 5, frame=7)]
    )

    animation = Pillow.open(io.BytesIO(edit.data))
    shades = []
    for index in range(animation.n_frames):
        animation.seek(index)
        shades.append(int(np.asarray(animation.convert("RGB"))[10, 10, 0]))
    assert edit.media_type == "image/png"
    assert shades == [100, 0, 200]


def test_metadata_is_left_behind():
    assert not Pillow.open(io.BytesIO(paint_over(image(), [noise()], []).data)).info


@pytest.mark.parametrize(
    "box",
    [
        Box(0, -30, 60, -10),
        Box(-30, 0, -10, 40),
        Box(20, 20, 10, 30),
        Box(10, 10, 10, 20),
        Box(0, 0, 60, 40, frame=-1),
        Box(0, 0, 60, 40, frame=1),
    ],
    ids=["above", "left of it", "inverted", "without width", "frame -1", "no such frame"],
)
def test_a_box_outside_of_the_picture_paints_nothing(box):
    frame = noise()

    assert np.array_equal(opened(paint_over(image(), [frame], [box]).data), frame)


@pytest.mark.parametrize("media_type", ["image/png", "image/gif", "image/webp", "image/tiff"])
def test_several_boxes_are_painted_and_every_other_pixel_stays(media_type):
    frame = noise(4)
    boxes = [Box(2, 2, 8, 8), Box(5, 5, 20, 12), Box(50, 30, 58, 38)]

    painted = opened(paint_over(image(media_type), [frame], boxes).data)

    expected = frame.copy()
    for box in boxes:
        area = np.s_[box.top - 2 : box.bottom + 2, box.left - 2 : box.right + 2]
        expected[area] = (0, 0, 0, 255)
    assert np.array_equal(painted, expected)


@pytest.mark.parametrize("channels", [3, 4])
def test_an_animation_keeps_each_frame_and_each_pixel_that_no_box_covers(channels):
    same = seeded(60, 40, channels, seed=1)
    frames = [same, same, seeded(60, 40, channels, seed=2), seeded(60, 40, channels, seed=3)]

    edit = paint_over(image("image/webp"), frames, [Box(10, 10, 20, 20, frame=2)])

    shown = frames_of(edit.data, channels)
    assert len(shown) == 4
    assert all(np.array_equal(shown[at], frames[at]) for at in (0, 1, 3))
    changed = (shown[2] != frames[2]).any(axis=2)
    assert changed[8:22, 8:22].all()
    assert changed.sum() == 14 * 14


def test_frames_with_and_without_alpha_go_together():
    frames = [seeded(60, 40, 3), seeded(60, 40, 4)]

    shown = frames_of(paint_over(image("image/png"), frames, []).data, 4)

    assert np.array_equal(shown[0][..., :3], frames[0])
    assert np.array_equal(shown[1], frames[1])


def test_the_frames_that_were_given_are_left_alone():
    frame = noise()
    frame.flags.writeable = False

    paint_over(image(), [frame], [Box(0, 0, 60, 40)])

    assert frame.min() > 0


def frames_of(data: bytes, channels: int) -> list[np.ndarray]:
    mode = "RGBA" if channels == 4 else "RGB"
    with Pillow.open(io.BytesIO(data)) as animation:
        return [np.asarray(frame.convert(mode)) for frame in ImageSequence.Iterator(animation)]
