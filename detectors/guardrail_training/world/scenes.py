"""What a picture shows, before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from guardrail_training.world.words import (
    COLOURS,
    FORBIDDEN_PAIRS,
    NOUNS,
    SHAPES,
    SIGNS,
    VERBS,
    Noun,
    Sign,
)

SceneKind = Literal["shapes", "pair", "sign", "words", "word"]

KINDS: dict[SceneKind, float] = {"shapes": 8, "pair": 1, "sign": 5, "words": 5, "word": 3}
"""How often each kind of scene is drawn when the base is trained; ``pair`` is a forbidden one."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something in one quarter of the picture.

    Attributes:
        look: Shape or sign.
        colour: Its colour's name.
    """

    look: str
    colour: str

    @property
    def is_shape(self) -> bool:
        """Whether it has a name."""
        return self.look in SHAPES

    def __str__(self) -> str:
        return f"{self.colour} {self.look}"


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's content.

    Attributes:
        cells: Top left, top right, bottom left, bottom right; None where nothing is.
        lines: A word in the upper half and one in the lower; a half with a word has no cells.
    """

    cells: tuple[Drawn | None, Drawn | None, Drawn | None, Drawn | None] = (None, None, None, None)
    lines: tuple[str | None, str | None] = (None, None)

    @property
    def shapes(self) -> list[Drawn]:
        """The named ones in reading order."""
        return [one for one in self.cells if one is not None and one.is_shape]

    @property
    def sign(self) -> Sign | None:
        """The sign, where there is one."""
        looks = [one.look for one in self.cells if one is not None]
        return next((sign for sign in SIGNS if sign.look in looks), None)

    @property
    def noun(self) -> Noun | None:
        """The thing that the lower line names."""
        return next((one for one in NOUNS if one.name.upper() == self.lines[1]), None)

    @property
    def pair(self) -> tuple[str, str] | None:
        """The harm of the shapes together, None when they may stand side by side."""
        shown = {(one.colour, one.look) for one in self.shapes}
        return next((harm for pair, harm in FORBIDDEN_PAIRS.items() if pair <= shown), None)

    @property
    def harm(self) -> tuple[str, str] | None:
        """Category and subcategory of what the picture shows, None of a harmless one."""
        sign, noun = self.sign, self.noun
        return (sign and sign.harm) or (noun and noun.harm) or self.pair


def draw_scene(rng: Random, kind: SceneKind | None = None, *, safe: bool | None = None) -> Scene:
    """A random scene.

    Args:
        rng: Decides.
        kind: What it shows; one of ``KINDS`` by its weight when None.
        safe: Only harmless scenes, only harmful ones, or either when None.
    """
    while True:
        scene = _scene(rng, kind or rng.choices(list(KINDS), list(KINDS.values()))[0])
        if safe is None or safe == (scene.harm is None):
            return scene


def _scene(rng: Random, kind: SceneKind) -> Scene:
    match kind:
        case "shapes":
            return _placed(rng, [_shape(rng) for _ in range(rng.randint(1, 4))])
        case "pair":
            pair = sorted(rng.choice(list(FORBIDDEN_PAIRS)))
            rng.shuffle(pair)
            return _placed(rng, [Drawn(look, colour) for colour, look in pair])
        case "sign":
            sign = Drawn(rng.choice(SIGNS).look, rng.choice(list(COLOURS)))
            return _placed(rng, [sign, *(_shape(rng) for _ in range(rng.randint(0, 2)))])
        case "words":
            noun = rng.choice(NOUNS).name
            return Scene(lines=(rng.choice(VERBS).upper(), noun.upper()))
        case "word":
            shapes = [_shape(rng) for _ in range(rng.randint(1, 2))]
            noun = rng.choice(NOUNS).name.upper()
            return Scene(_placed(rng, shapes, range(2)).cells, (None, noun))


def _shape(rng: Random) -> Drawn:
    return Drawn(rng.choice(SHAPES), rng.choice(list(COLOURS)))


def _placed(rng: Random, things: Sequence[Drawn], places: Sequence[int] = range(4)) -> Scene:
    chosen = dict(zip(rng.sample(places, len(things)), things, strict=True))
    return Scene((chosen.get(0), chosen.get(1), chosen.get(2), chosen.get(3)))
