"""What the network is shown equals what open_clip's own transform would show it."""

from __future__ import annotations

import numpy as np
import pytest
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image as Pillow
from pydantic import ValidationError

from guardrail_detectors.clip import Preprocess

SHAPES = [
    (40, 40),
    (64, 48),
    (37, 211),
    (500, 31),
    (224, 224),
    (225, 224),
    (9, 7),
    (1, 1),
    (440, 9),
]


def settings(resize, interpolation="bicubic", size=56, **more):
    given = {
        "size": size,
        "resize": resize,
        "interpolation": interpolation,
        "mean": (0.48145466, 0.4578275, 0.40821073),
        "std": (0.26862954, 0.26130258, 0.27577711),
        **more,
    }
    return Preprocess.model_validate(given)


def picture(height, width):
    """Edges, gradients and noise: what filters treat differently."""
    rng = np.random.default_rng(height * 1000 + width)
    rows, columns = np.mgrid[:height, :width]
    base = np.stack([rows * 3 % 256, columns * 5 % 256, (rows // 4 + columns // 4) % 2 * 255], 2)
    return np.clip(base + rng.integers(-30, 30, (height, width, 3)), 0, 255).astype(np.uint8)


def by_open_clip(config, pixels):
    theirs = PreprocessCfg(
        size=config.size,
        mean=config.mean,
        std=config.std,
        interpolation=config.interpolation,
        resize_mode=config.resize,
        fill_color=config.fill,
    )
    return image_transform_v2(theirs, is_train=False)(Pillow.fromarray(pixels)).numpy()


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("resize", ["shortest", "squash", "longest"])
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_a_picture_is_prepared_as_open_clip_prepares_it(resize, interpolation, height, width):
    config, pixels = settings(resize, interpolation), picture(height, width)

    ours = config(pixels)

    # One grey level of 255, where the two round a half to different sides, is 0.015.
    assert ours.shape == (3, 56, 56)
    assert np.abs(ours - by_open_clip(config, pixels)).max() < 0.016
    assert np.abs(ours - by_open_clip(config, pixels)).mean() < 5e-4


@pytest.mark.parametrize("fill", [0, 114, 255])
def test_the_rest_of_a_padded_picture_has_the_colour_that_was_asked_for(fill):
    config, pixels = settings("longest", fill=fill), picture(20, 60)

    ours = config(pixels)

    assert np.allclose(ours[:, 0, 0], (fill / 255 - np.array(config.mean)) / np.array(config.std))
    assert np.abs(ours - by_open_clip(config, pixels)).max() < 0.016


def test_a_strip_that_open_clip_rounds_to_nothing_keeps_one_pixel():
    seen = settings("longest", mean=(0, 0, 0), std=(1, 1, 1))(np.full((640, 3, 3), 255, np.uint8))

    assert seen.sum(axis=(1, 2)).tolist() == [56, 56, 56]


def test_a_long_strip_takes_no_more_memory_than_what_is_seen_of_it():
    config = settings("shortest", size=224)

    seen = config(picture(10, 16_000))

    assert seen.shape == (3, 224, 224)


def test_what_is_prepared_lies_in_one_piece_of_memory():
    seen = settings("squash")(picture(30, 50))

    assert seen.flags.c_contiguous
    assert seen.dtype == np.float32


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"resize": "stretch"}, "shortest"),
        ({"interpolation": "lanczos"}, "bicubic"),
        ({"size": 0}, "greater than or equal to 16"),
        ({"size": 100_000}, "less than or equal to 1024"),
        ({"std": (0.5, 0.0, 0.5)}, "greater than 0"),
        ({"mean": (0.5, float("nan"), 0.5)}, "finite"),
        ({"mean": (0.5,)}, "required"),
        ({"fill": 256}, "less than or equal to 255"),
        ({"crop": 0.9}, "Extra inputs"),
    ],
)
def test_settings_that_mean_nothing_here_are_refused(fields, words):
    with pytest.raises(ValidationError, match=words):
        settings(**{"resize": "shortest", **fields})
