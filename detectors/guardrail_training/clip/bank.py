"""All that pictures are composed of: sprites with their captions and categories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from guardrail_training.clip.draw.catalogue import Drawing
from guardrail_training.clip.draw.pen import SIDE, Generator, Sprite
from guardrail_training.clip.icons import UNSURE, Icon

CATEGORIES = ("weapons", "fire", "drugs", "hazard_sign", "graphic_violence")
"""The heads of the embedded model, in order."""

_HELD_BACK = 40
"""One concept in so many is shown to nobody in training: what zero-shot prompts are measured on."""

_CALIBRATING = 20
"""One harmless concept in so many is kept from training to calibrate."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Sprites and what is known of each.

    Attributes:
        sprites: Shape (n, SIDE, SIDE, 4).
        things: Captions without template, each once.
        thing: Number of the caption of each sprite in ``things``, shape (n,).
        labels: 1 for what it shows, 0 for what not, NaN for neither, shape (n, categories).
        family: Package or ``drawing`` of each sprite.
    """

    sprites: NDArray[np.uint8]
    things: tuple[str, ...]
    thing: NDArray[np.int64]
    labels: NDArray[np.float32]
    family: tuple[str, ...]

    def harmless(self) -> NDArray[np.int64]:
        """Numbers of sprites that show nothing of any category."""
        return np.flatnonzero((self.labels == 0).all(1))

    def first(self, count: int) -> Bank:
        """The first ``count`` sprites, with their captions."""
        things = int(self.thing[:count].max()) + 1  # captions stand in the order of their sprites
        return Bank(
            self.sprites[:count],
            self.things[:things],
            self.thing[:count],
            self.labels[:count],
            self.family[:count],
        )

    def shows(self, category: str) -> NDArray[np.int64]:
        """Numbers of sprites that show ``category``."""
        return np.flatnonzero(self.labels[:, CATEGORIES.index(category)] == 1)


def held_back(icon: Icon) -> bool:
    """Whether nobody is shown the icon's concept in training, by any package."""
    return not icon.categories and crc32(icon.concept.encode()) % _HELD_BACK == 0


def calibrates(icon: Icon) -> bool:
    """Whether the icon's concept is kept from training to take thresholds from."""
    return not icon.categories and crc32(icon.concept.encode()) % _CALIBRATING == 7


def of_icons(icons: Sequence[Icon], cache: Path | None, step: Callable[[], None]) -> Bank:
    """Icons, rendered.

    Args:
        icons: Any.
        cache: Folder that keeps rendered icons for the next run.
        step: Called for each.
    """
    digest = sha256("".join(icon.svg for icon in icons).encode()).hexdigest()[:16]
    kept = cache / f"icons-{digest}.npy" if cache else None
    if kept and kept.is_file():
        sprites = np.load(kept)
    else:
        sprites = np.zeros((len(icons), SIDE, SIDE, 4), np.uint8)
        for number, icon in enumerate(icons):
            sprites[number] = icon.sprite()
            step()
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, sprites)
    rows = [(icon.concept, icon.categories, icon.package) for icon in icons]
    return _bank(sprites, rows)


def of_drawings(drawings: Sequence[Drawing], each: int, rng: Generator) -> Bank:
    """Every drawing ``each`` times its share, in other hands, its captions taking turns."""
    sprites: list[Sprite] = []
    rows = []
    for drawing in drawings:
        category = (drawing.category,) if drawing.category else ()
        for number in range(each * drawing.share):
            sprites.append(drawing.sprite(rng))
            rows.append((drawing.says[number % len(drawing.says)], category, "drawing"))
    return _bank(np.stack(sprites), rows)


def joined(banks: Sequence[Bank]) -> Bank:
    """All sprites of ``banks``."""
    things = tuple(dict.fromkeys(thing for bank in banks for thing in bank.things))
    number = {thing: place for place, thing in enumerate(things)}
    numbers = [[number[bank.things[one]] for one in bank.thing] for bank in banks]
    return Bank(
        np.concatenate([bank.sprites for bank in banks]),
        things,
        np.concatenate([np.array(one, np.int64) for one in numbers]),
        np.concatenate([bank.labels for bank in banks]),
        tuple(name for bank in banks for name in bank.family),
    )


def _bank(sprites: NDArray[np.uint8], rows: Sequence[tuple[str, tuple[str, ...], str]]) -> Bank:
    things = tuple(dict.fromkeys(thing for thing, _, _ in rows))
    number = {thing: place for place, thing in enumerate(things)}
    return Bank(
        sprites,
        things,
        np.array([number[thing] for thing, _, _ in rows], np.int64),
        np.array([_labels(one) for _, one, _ in rows], np.float32).reshape(-1, len(CATEGORIES)),
        tuple(family for _, _, family in rows),
    )


def _labels(categories: Sequence[str]) -> list[float]:
    if UNSURE in categories:
        return [float("nan")] * len(CATEGORIES)
    return [float(name in categories) for name in CATEGORIES]
