"""Pictures from sprites: placed on backgrounds, half hidden, blurred, noisy, compressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from guardrail_training.clip.draw.pen import Generator, Sprite

Picture = NDArray[np.uint8]
"""RGB, shape (size, size, 3)."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What pictures are composed from besides their subject.

    Attributes:
        scenery: Photographs and screenshots that crops are taken from, RGB, larger than a picture.
        clutter: Harmless sprites that lie around.
    """

    scenery: Sequence[NDArray[np.uint8]] = ()
    clutter: Sequence[Sprite] = field(default_factory=tuple)


def compose(
    sprite: Sprite | None, palette: Palette, size: int, rng: Generator, *, plain: bool = False
) -> Picture:
    """One picture with ``sprite`` in it, or nothing but its background for None.

    Args:
        sprite: The subject.
        palette: Backgrounds and clutter.
        size: Of the picture's sides.
        rng: All that is left to chance.
        plain: Whether the subject is large and upright, alone and unspoilt.
    """
    if plain and sprite is not None:
        ground = background(palette, size, rng).astype(np.float32)
        shown = place(
            ground, _recoloured(sprite, ground, rng), rng, _LARGE, middle=True, turned=0.08
        )
        return np.asarray(np.clip(shown, 0, 255), np.uint8)
    picture = background(palette, size, rng).astype(np.float32)
    for _ in range(int(rng.choice([0, 0, 0, 1, 2])) if palette.clutter else 0):
        one = palette.clutter[int(rng.integers(len(palette.clutter)))]
        picture = place(picture, one, rng, (0.15, 0.4), middle=False)
    if sprite is not None:
        picture = place(picture, _recoloured(sprite, picture, rng), rng, (0.45, 1.05), middle=True)
        if rng.random() < 0.12:
            picture = _hidden(picture, rng)
    return spoil(np.clip(picture, 0, 255).astype(np.uint8), rng)


def background(palette: Palette, size: int, rng: Generator) -> Picture:
    """Plain, graded, striped, cloudy, or a crop of the scenery."""
    kind = rng.choice(["plain", "graded", "striped", "cloudy", "scenery"], p=_BACKGROUNDS)
    if kind == "scenery" and palette.scenery:
        return crop(palette.scenery[int(rng.integers(len(palette.scenery)))], size, rng)
    one, other = _colour(rng), _colour(rng)
    if kind == "graded":
        angle = rng.uniform(0, 2 * np.pi)
        grid = np.linspace(0, 1, size)
        ramp = np.cos(angle) * grid[None] + np.sin(angle) * grid[:, None]
        return _mixed(one, other, (ramp - ramp.min()) / (np.ptp(ramp) + 1e-6))
    if kind == "striped":
        width = int(rng.integers(3, 20))
        across, down = np.meshgrid(np.arange(size), np.arange(size))
        checked = (across // width + (down // width) * int(rng.integers(0, 2))) % 2
        return _mixed(one, (np.array(one) + rng.normal(0, 40, 3)).clip(0, 255), checked)
    if kind == "cloudy":
        return _mixed(one, other, _clouds(size, rng))
    plain = (250, 250, 250) if rng.random() < 0.45 else one
    return np.full((size, size, 3), plain, np.uint8)


_LARGE = (0.75, 1.0)  # parts of a picture that a plainly shown subject takes
_BENT = 0.35  # part of all sprites that are bent
_BOLD = 0.2  # part of icons in one colour whose lines are made thicker
_BACKGROUNDS = (0.36, 0.12, 0.08, 0.16, 0.28)


def crop(scenery: NDArray[np.uint8], size: int, rng: Generator) -> Picture:
    """A square part of ``scenery``, at any scale that its size allows, maybe mirrored."""
    height, width = scenery.shape[:2]
    side = int(min(height, width) * rng.uniform(0.15, 1.0))
    side = max(2, side)
    top, left = (int(rng.integers(0, most - side + 1)) for most in (height, width))
    part = scenery[top : top + side, left : left + side]
    shrunk = cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(shrunk[:, ::-1] if rng.random() < 0.5 else shrunk).astype(np.uint8)


def place(
    picture: NDArray[np.float32],
    sprite: Sprite,
    rng: Generator,
    scales: tuple[float, float],
    *,
    middle: bool,
    turned: float | None = None,
) -> NDArray[np.float32]:
    """``picture`` with ``sprite`` turned, skewed and scaled to a part of it.

    Args:
        picture: Shape (size, size, 3), in [0, 255].
        sprite: What is put on it.
        rng: For all that is left to chance.
        scales: The least and most part of the picture's side.
        middle: Whether the sprite stays near the middle, whole or nearly so.
        turned: Standard deviation of its angle in radians; None for any, mostly small.
    """
    size, side = picture.shape[0], sprite.shape[0]
    scale = rng.uniform(*scales)
    turn = rng.normal(0, turned) if turned is not None else _turn(rng)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    skew = rng.normal(0, 0.08)
    around = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = around @ np.array([[mirror, skew], [0, rng.uniform(0.8, 1.2)]])
    matrix = matrix * scale * size / side
    play = 0.5 * max(0.04, 1 - scale) if middle else 0.55
    at = size * (0.5 + rng.uniform(-play, play, 2))
    shift = at - matrix @ np.array([side / 2, side / 2])
    affine = np.hstack([matrix, shift[:, None]])
    shape = bent(sprite, rng) if rng.random() < _BENT else sprite
    shrunk = cv2.GaussianBlur(shape, (0, 0), 0.4) if scale * size < side * 0.6 else shape
    laid = cv2.warpAffine(shrunk, affine, (size, size), flags=cv2.INTER_LINEAR)
    alpha = laid[..., 3:].astype(np.float32) / 255
    shown = laid[..., :3].astype(np.float32)
    return np.asarray(picture * (1 - alpha) + shown * alpha, np.float32)


def bent(sprite: Sprite, rng: Generator) -> Sprite:
    """``sprite`` as if on rubber that was pulled here and there: the same size, other lengths.

    Source: Simard et al. 2003, "Best Practices for Convolutional Neural Networks", section 3; here
    with a field of 4 by 4 shifts only, so that straight lines bend but do not fray.
    """
    side = sprite.shape[0]
    shifts = rng.normal(0, side * rng.uniform(0.01, 0.05), (4, 4, 2)).astype(np.float32)
    field: Any = cv2.resize(shifts, (side, side), interpolation=cv2.INTER_CUBIC)
    at = np.arange(side, dtype=np.float32)
    across, down = field[..., 0] + at[None], field[..., 1] + at[:, None]
    return np.asarray(cv2.remap(sprite, across, down, cv2.INTER_LINEAR), np.uint8)


def _turn(rng: Generator) -> float:
    wild = rng.random() >= 0.85
    return float(rng.uniform(-np.pi, np.pi) if wild else rng.normal(0, 0.22))


def spoil(picture: Picture, rng: Generator) -> Picture:
    """``picture`` after what happens to pictures: light, blur, noise, compression."""
    values: Any = picture.astype(np.float32)
    if rng.random() < 0.5:
        values = (values - 128) * rng.uniform(0.6, 1.25) + 128 + rng.normal(0, 16)
        values *= rng.normal(1, 0.06, 3)
    if rng.random() < 0.05:
        values = np.repeat(values.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.3:
        values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.3, 1.4))
    if rng.random() < 0.3:
        values += rng.normal(0, rng.uniform(2, 16), values.shape)
    found = np.asarray(np.clip(values, 0, 255), np.uint8)
    if rng.random() < 0.35:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))]
        coded = cv2.imencode(".jpg", found, quality)[1]
        found = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return found


def _recoloured(sprite: Sprite, picture: NDArray[np.float32], rng: Generator) -> Sprite:
    """A sprite without colours of its own in one that stands out, any other as it is."""
    colours = sprite[..., :3]
    if np.ptp(colours) > 0:
        return sprite
    ground = picture.mean((0, 1))
    candidates = rng.integers(0, 256, (6, 3)).astype(np.float64)
    if rng.random() < 0.4:
        candidates = np.array([[20.0, 20, 24], [245, 245, 245]])
    chosen = candidates[np.argmax(np.abs(candidates - ground).sum(1))]
    painted = sprite.copy()
    painted[..., :3] = chosen.astype(np.uint8)
    if rng.random() < _BOLD:
        painted[..., 3] = cv2.dilate(painted[..., 3], np.ones((3, 3), np.uint8))
    return painted


def _hidden(picture: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """``picture`` with one plain box over a part of it."""
    size = picture.shape[0]
    width, height = (rng.uniform(0.1, 0.35, 2) * size).astype(int)
    left, top = (int(rng.integers(0, size - side)) for side in (width, height))
    picture[top : top + height, left : left + width] = _colour(rng)
    return picture


def _clouds(size: int, rng: Generator) -> NDArray[np.float64]:
    """Noise of several scales in [0, 1], as skies, walls and lawns have it."""
    total = np.zeros((size, size))
    for cells in (2, 4, 9, 20):
        noise = rng.random((cells, cells))
        wide = cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC)
        total += wide * rng.uniform(0.2, 1.0) / np.sqrt(cells)
    return np.asarray((total - total.min()) / (np.ptp(total) + 1e-9))


def _colour(rng: Generator) -> NDArray[np.float64]:
    return rng.integers(0, 256, 3).astype(np.float64)


def _mixed(one: object, other: object, part: NDArray[np.floating] | NDArray[np.integer]) -> Picture:
    blend = np.asarray(part, np.float64)[..., None]
    mixed = np.asarray(one, np.float64) * (1 - blend) + np.asarray(other, np.float64) * blend
    return np.clip(mixed, 0, 255).astype(np.uint8)
