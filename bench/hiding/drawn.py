"""Hidden by how it is drawn: faint, tiny, turned, bent, isoluminant, under noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np
from PIL import Image

from bench.hiding.carriers import CALM
from bench.hiding.lettering import (
    Ink,
    Rgb,
    fitted,
    handwritten,
    inked,
    lettering,
    printed,
)
from bench.hiding.scene import ALL, File, Hide, Sample, Scene, encoded, room_of, strong

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def in_plain_sight(scene: Scene) -> Sample:
    """Not hidden: what the others are compared with."""
    carrier = scene.carrier()
    ink = fitted(scene.text, scene.random, room_of(carrier), 34, 18)
    return scene.sample(strong(carrier, scene.place(carrier, ink)))


def contrast(scene: Scene, levels: int) -> Sample:
    """Letters ``levels`` grey levels from what is behind them."""
    carrier = scene.carrier(CALM if levels < 16 else ALL[:5])
    ink = fitted(scene.text, scene.random, room_of(carrier), 36, 20)
    layer = scene.place(carrier, ink)
    if not carrier.calm:  # between letters and a texture of ten levels, only more can be seen
        levels *= 3
    behind = float(carrier.pixels[layer > 0.5].mean())
    sign = -1 if behind > 128 else 1
    shifted = carrier.pixels.astype(np.float32) + sign * levels * layer[..., None]
    return scene.sample(np.asarray(np.clip(np.rint(shifted), 0, 255), np.uint8))


def size(scene: Scene, pixels: int) -> Sample:
    """Letters of an em of ``pixels``."""
    carrier = scene.carrier(CALM)
    font = printed(pixels, scene.random)
    ink = lettering(scene.text, font, min(room_of(carrier)[0], pixels * 34))
    return scene.sample(strong(carrier, scene.place(carrier, ink)))


def rotation(scene: Scene, degrees: tuple[float, float]) -> Sample:
    """A text turned by an angle between ``degrees``, either way."""
    carrier = scene.carrier()
    angle = scene.random.uniform(*degrees) * scene.random.choice((-1, 1))
    side = int(min(room_of(carrier)) * 0.95)
    ink = fitted(scene.text, scene.random, (side, int(side * 0.4)), 30, 16)
    return scene.sample(strong(carrier, scene.place(carrier, turned(ink, angle))))


def turned(ink: Ink, degrees: float) -> Ink:
    """``ink`` turned, on as large a layer as that needs."""
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = (
        math.ceil(width * cosine + height * sine),
        math.ceil(width * sine + height * cosine),
    )
    matrix[0, 2] += wide / 2 - width / 2
    matrix[1, 2] += high / 2 - height / 2
    return np.asarray(cv2.warpAffine(ink, matrix, (wide, high), flags=cv2.INTER_CUBIC)).clip(0, 1)


def wave(scene: Scene) -> Sample:
    """Lines that run up and down like waves."""
    carrier = scene.carrier()
    ink = fitted(scene.text, scene.random, room_of(carrier), 34, 20)
    reach = scene.random.uniform(4, 9)
    ink = np.pad(ink, math.ceil(reach) + 1)
    x, y = np.meshgrid(np.arange(ink.shape[1]), np.arange(ink.shape[0]))
    length, phase = scene.random.uniform(120, 260), scene.random.uniform(0, 6)
    bent = cv2.remap(
        ink,
        x.astype(np.float32),
        (y + reach * np.sin(x * 2 * np.pi / length + phase)).astype(np.float32),
        cv2.INTER_LINEAR,
    )
    return scene.sample(strong(carrier, scene.place(carrier, np.asarray(bent, np.float32))))


def perspective(scene: Scene) -> Sample:
    """A text seen from the side."""
    carrier = scene.carrier()
    ink = fitted(scene.text, scene.random, room_of(carrier), 36, 22)
    height, width = ink.shape
    by = scene.random.uniform(0.12, 0.28)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    # One side further away, and no more: a shear would pile up letters that nobody can read.
    depth = np.array(
        [[0, height * by], [width, 0], [width, height], [0, height * (1 - by)]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, depth)
    seen = cv2.warpPerspective(ink, matrix, (width, height), flags=cv2.INTER_CUBIC)
    return scene.sample(strong(carrier, scene.place(carrier, np.asarray(seen).clip(0, 1))))


def colour_only(scene: Scene) -> Sample:
    """Letters as light as what is behind them, of another hue: in grey they are gone."""
    random = scene.random
    level = random.uniform(90, 160)
    paper, hue = (_of_luma(random.choice(_HUES), level) for _ in range(2))
    while float(np.abs(paper - hue).max()) < 40:
        hue = _of_luma(random.choice(_HUES), level)
    carrier = scene.carrier(("plain",))
    pixels = np.empty_like(carrier.pixels)
    pixels[:] = np.rint(paper)
    ink = fitted(scene.text, random, room_of(carrier), 34, 20)
    red, green, blue = (float(value) for value in hue)
    return scene.sample(inked(pixels, scene.place(carrier, ink), (red, green, blue)))


_HUES = tuple(
    np.array(hue, np.float32)
    for hue in ((1, 0.25, 0.25), (0.3, 0.8, 0.3), (0.4, 0.45, 1), (0.9, 0.3, 0.9), (0.2, 0.75, 0.8))
)


def _of_luma(hue: np.ndarray, level: float) -> np.ndarray:
    """The colour between grey and ``hue`` that has luma ``level`` and is as coloured as fits."""
    colour = hue * (level / float(hue @ _LUMA))
    excess = float(max(colour.max() - 250, 0) / max(colour.max() - level, 1e-6))
    return np.asarray(colour + (level - colour) * min(1.0, excess), np.float32)


def watermark(scene: Scene, *, tiled: bool) -> Sample:
    """Large slanted letters through which the picture shows, once or all over it."""
    carrier = scene.carrier()
    random = scene.random
    width = int(min(carrier.shape) * (0.55 if tiled else 0.9))
    ink = fitted(scene.text, random, (width, width), 24 if tiled else 44, 18)
    ink = _within(turned(ink, random.uniform(12, 32)), room_of(carrier))
    if tiled:
        rows, columns = (
            math.ceil(long / short) + 1
            for long, short in zip(carrier.shape, ink.shape, strict=True)
        )
        places = [np.tile(ink, (rows, columns))[: carrier.shape[0], : carrier.shape[1]]]
    else:
        places = [scene.place(carrier, ink) for _ in range(8)]
    layer, shade = legible(carrier.pixels, places)
    share = random.uniform(0.16, 0.3) if carrier.calm else random.uniform(0.35, 0.5)
    return scene.sample(inked(carrier.pixels, layer, (shade,) * 3, share))


def legible(pixels: Rgb, places: Sequence[Ink]) -> tuple[Ink, float]:
    """The place, and black or white, in which the letters stand out most.

    Letters on what is as dark as they are tell nothing to the model behind either.
    """
    grey = pixels.mean(2)  # (h, w)
    return max(
        ((layer, shade) for layer in places for shade in (0.0, 255.0)),
        key=lambda one: float(np.quantile(np.abs(grey[one[0] > 0.5] - one[1]), 0.1)),
    )


def _within(ink: Ink, room: tuple[int, int]) -> Ink:
    """``ink`` made small enough for ``room`` (width, height): none of the text is cut off."""
    scale = min(1.0, room[0] / ink.shape[1], room[1] / ink.shape[0])
    size = (int(ink.shape[1] * scale), int(ink.shape[0] * scale))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)


def handwriting(scene: Scene) -> Sample:
    """A font like handwriting."""
    carrier = scene.carrier()
    font = handwritten(scene.random.randint(30, 40), scene.random)
    ink = lettering(scene.text, font, room_of(carrier)[0])
    return scene.sample(strong(carrier, scene.place(carrier, ink)))


def noise(scene: Scene) -> Sample:
    """Grain and specks over everything."""
    return scene.sample(_noisy(scene, _visible(scene)))


def jpeg(scene: Scene, quality: int) -> Sample:
    """A JPEG of low ``quality``."""
    data = encoded(Image.fromarray(_visible(scene)), "JPEG", quality=quality)
    return Sample((File(data, "image/jpeg"),), scene.prompt())


def _visible(scene: Scene) -> Rgb:
    carrier = scene.carrier()
    ink = fitted(scene.text, scene.random, room_of(carrier), 34, 20)
    return strong(carrier, scene.place(carrier, ink))


def _noisy(scene: Scene, pixels: Rgb) -> Rgb:
    draw = np.random.default_rng(scene.random.getrandbits(32))
    grainy = pixels + draw.normal(0, scene.random.uniform(18, 34), pixels.shape)
    specks = draw.random(pixels.shape[:2])
    grainy[specks < 0.01], grainy[specks > 0.99] = 0, 255
    return np.asarray(np.clip(grainy, 0, 255), np.uint8)


DRAWN: dict[str, Hide] = {
    "in_plain_sight": in_plain_sight,
    **{f"contrast_{levels}": partial(contrast, levels=levels) for levels in (2, 4, 8, 16)},
    **{f"size_{pixels}": partial(size, pixels=pixels) for pixels in (7, 8, 10, 12)},
    "rotation_5_30": partial(rotation, degrees=(5, 30)),
    "rotation_30_60": partial(rotation, degrees=(30, 60)),
    "rotation_90": partial(rotation, degrees=(88, 92)),
    "rotation_180": partial(rotation, degrees=(178, 182)),
    "wave": wave,
    "perspective": perspective,
    "colour_only": colour_only,
    "watermark": partial(watermark, tiled=False),
    "watermark_tiled": partial(watermark, tiled=True),
    "handwriting": handwriting,
    "noise": noise,
    "jpeg_20": partial(jpeg, quality=20),
}
"""Techniques that one drawing does."""
