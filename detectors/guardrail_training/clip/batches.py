"""Batches of freshly composed pictures, drawn in a fixed mixture."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrail_training.clip.bank import CATEGORIES, Bank
from guardrail_training.clip.compose import Palette, Picture, background, compose, crop, spoil
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.scenery import with_sticker, words

NOTHING = -1
"""Caption of a picture that no caption is learnt for."""

_WORDS = 100  # on stickers: that many names of dangerous things, and of harmless ones
_SHARES = {"unsafe": 0.34, "lookalike": 0.18, "icon": 0.28, "scenery": 0.15, "words": 0.05}


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures with what is known of them.

    Attributes:
        pictures: RGB, shape (n, size, size, 3).
        thing: Number of the caption in the bank's ``things`` or ``NOTHING``, shape (n,).
        labels: Shape (n, categories), NaN where unknown.
    """

    pictures: NDArray[np.uint8]
    thing: NDArray[np.int64]
    labels: NDArray[np.float32]


class Mixture:
    """Draws pictures: dangerous, looking alike, icons, photographs and screenshots, words.

    Args:
        bank: Sprites; those of the family ``drawing`` are the project's own.
        palette: Backgrounds.
        size: Of pictures.
        stickers: Share of the pictures with a subject that bear another one's name on a sticker,
            and are learnt as what the name says.
    """

    def __init__(self, bank: Bank, palette: Palette, size: int, stickers: float = 0.0) -> None:
        self._bank, self.size, self._stickers = bank, size, stickers
        self._named = named(bank)
        harmless = bank.harmless()
        drawn = np.array([family == "drawing" for family in bank.family])
        self._lookalike = harmless[drawn[harmless]]
        self._icons = np.flatnonzero(~drawn)
        self._unsafe = [
            [part for part in (shown[drawn[shown]], shown[~drawn[shown]]) if len(part)]
            for shown in map(bank.shows, CATEGORIES)
        ]
        self._unsafe = [one for one in self._unsafe if one]
        some = harmless[:: max(1, len(harmless) // 400)]
        self.palette = Palette(palette.scenery, list(bank.sprites[some]))

    def of_size(self, size: int) -> Mixture:
        """The same mixture of pictures of another size."""
        other = copy(self)
        other.size = size
        return other

    def batch(self, count: int, rng: Generator, plain: float = 0.0) -> Batch:
        """``count`` new pictures, a share of them with a large, upright, unspoilt subject."""
        kinds = rng.choice(list(_SHARES), count, p=list(_SHARES.values()))
        rows = [self._one(str(kind), rng, plain=rng.random() < plain) for kind in kinds]
        return Batch(
            np.stack([picture for picture, _, _ in rows]),
            np.array([thing for _, thing, _ in rows], np.int64),
            np.stack([labels for _, _, labels in rows]),
        )

    def of_sprite(self, number: int, rng: Generator, *, plain: bool = False) -> Picture:
        """A picture of one sprite of the bank."""
        return compose(self._bank.sprites[number], self.palette, self.size, rng, plain=plain)

    def scene(self, rng: Generator) -> Picture:
        """A crop of the scenery, or a background, with nothing in front."""
        scenery = self.palette.scenery
        if scenery and rng.random() < 0.8:
            chosen = scenery[int(rng.integers(len(scenery)))]
            return spoil(crop(chosen, self.size, rng), rng)
        return spoil(background(self.palette, self.size, rng), rng)

    def _one(
        self, kind: str, rng: Generator, *, plain: bool
    ) -> tuple[Picture, int, NDArray[np.float32]]:
        nothing = np.zeros(len(CATEGORIES), np.float32)
        if kind == "scenery":
            return self.scene(rng), NOTHING, nothing
        if kind == "words":
            return spoil(words(rng, self.size)[1], rng), NOTHING, nothing
        number = self._number(kind, rng)
        picture = self.of_sprite(number, rng, plain=plain)
        if self._stickers and rng.random() < self._stickers:
            number = int(rng.choice(self._named))
            picture = with_sticker(picture, self._bank.things[self._bank.thing[number]], rng)
        return picture, int(self._bank.thing[number]), self._bank.labels[number]

    def _number(self, kind: str, rng: Generator) -> int:
        if kind == "unsafe" and self._unsafe:
            parts = self._unsafe[int(rng.integers(len(self._unsafe)))]
            return int(rng.choice(parts[int(rng.integers(len(parts)))]))
        if kind == "lookalike" and len(self._lookalike):
            return int(rng.choice(self._lookalike))
        pool = self._icons if len(self._icons) else np.arange(len(self._bank.sprites))
        return int(rng.choice(pool))


def named(bank: Bank) -> NDArray[np.int64]:
    """Sprites whose caption is a word of three to eight letters, one for each word.

    As many of dangerous things as there are, and as many of harmless ones, a hundred at most.
    """
    words = [one.isalpha() and one.isascii() and 3 <= len(one) <= 8 for one in bank.things]
    short = np.array(words, bool)[bank.thing]
    first = np.zeros(len(bank.thing), bool)
    first[np.unique(bank.thing, return_index=True)[1]] = True
    some = np.flatnonzero(short & first)
    dangerous = some[(bank.labels[some] == 1).any(1)][:_WORDS]
    harmless = some[(bank.labels[some] == 0).all(1)]
    step = max(1, len(harmless) // max(1, len(dangerous)))
    return np.concatenate([dangerous, harmless[::step][: len(dangerous)]])


def ahead(
    mixture: Mixture, steps: range, size: int, seed: int, plain: float = 0.0
) -> Iterator[Batch]:
    """A batch of ``size`` pictures for each of ``steps``; the next is composed while one is used.

    The pictures depend on ``seed`` and the step alone, so that a run that was cut off goes on with
    those that it would have seen.
    """
    if not steps:
        return

    def composed(step: int) -> Batch:
        return mixture.batch(size, np.random.default_rng([seed, step]), plain)

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(composed, steps[0])
        for step in steps[1:]:
            batch, following = following.result(), pool.submit(composed, step)
            yield batch
        yield following.result()
