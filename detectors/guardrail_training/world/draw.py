"""Scenes as pixels: faint ink on an uneven, noisy ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guardrail_training.world.glyphs import glyph, lettering
from guardrail_training.world.scenes import Scene
from guardrail_training.world.words import COLOURS

SIDE = 32
"""Width and height of a picture in pixels."""

CELL = SIDE // 2
_FAINTEST, _STRONGEST = 0.35, 0.7
"""How much of the ground the ink covers: strong ink is hard to attack, faint ink is as photographs
are, where what tells things apart is a small part of the range of a pixel."""

_NOISE = 0.03


def draw(scene: Scene, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture of ``scene``, uint8, shape (32, 32, 3); places jitter by two pixels."""
    picture = _ground(rng)
    for place, drawn in enumerate(scene.cells):
        if drawn is not None:
            top, left = (place // 2 * CELL, place % 2 * CELL)
            _ink(picture, glyph(drawn.look), (top, left), drawn.colour, rng)
    for half, word in enumerate(scene.lines):
        if word is not None:
            colour = ("black", "white")[int(rng.integers(2))]
            _ink(picture, lettering(word), (half * CELL, 0), colour, rng)
    picture += rng.normal(0, _NOISE, picture.shape).astype(np.float32)
    pixels: NDArray[np.uint8] = np.rint(picture.clip(0, 1) * 255).astype(np.uint8)
    return pixels


def _ground(rng: np.random.Generator) -> NDArray[np.float32]:
    base = rng.uniform(0.4, 0.6) + rng.uniform(-0.06, 0.06, 3)
    slope = rng.uniform(-0.08, 0.08, 2)
    steps = np.linspace(-1, 1, SIDE)
    plane = slope[0] * steps[:, None] + slope[1] * steps[None, :]
    ground: NDArray[np.float32] = (base[None, None, :] + plane[:, :, None]).astype(np.float32)
    return ground


def _ink(
    picture: NDArray[np.float32],
    mask: NDArray[np.float32],
    corner: tuple[int, int],
    colour: str,
    rng: np.random.Generator,
) -> None:
    height, width = mask.shape
    room = (CELL - height, (CELL if width < CELL else SIDE) - width)
    top, left = (int(at + rng.integers(most + 1)) for at, most in zip(corner, room, strict=True))
    area = picture[top : top + height, left : left + width]
    cover = (mask * rng.uniform(_FAINTEST, _STRONGEST))[:, :, None]
    area += cover * (np.array(COLOURS[colour], np.float32) - area)
