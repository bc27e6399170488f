"""All drawings by name: those of the stroke files and the scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from guardrail_training.clip.draw.families import FAMILIES, FURTHER, LATER
from guardrail_training.clip.draw.pen import (
    Generator,
    Sprite,
    Stroke,
    any_hand,
    paint,
    strokes,
)
from guardrail_training.clip.draw.scenes import SCENES, Scene
from guardrail_training.clip.errors import ClipTrainingError

FOLDER = Path(__file__).parent

_APART = FOLDER / "unseen"

_FILES = ("weapons.yaml", "drugs.yaml", "hazard.yaml", "harmless.yaml")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Something that the project can draw, another way every time.

    Attributes:
        name: Of what it shows.
        category: "" for what is harmless.
        says: Captions.
        aside: Whether it is kept out of training, to measure on.
        make: Its strokes by chance.
        share: How many times as many sprites of it are painted as of fixed strokes.
        later: Whether the first cycle of training does without it.
    """

    name: str
    category: str
    says: tuple[str, ...]
    aside: bool
    make: Callable[[Generator], list[Stroke]]
    share: int = 1
    later: bool = False

    def sprite(self, rng: Generator) -> Sprite:
        """The drawing in a hand by chance."""
        coloured = self.category in {"fire", "graphic_violence"}
        return paint(self.make(rng), any_hand(rng, coloured=coloured), rng)


@cache
def drawings() -> tuple[Drawing, ...]:
    """Everything that the project draws.

    Raises:
        ClipTrainingError: A stroke file is wrong; its name and the drawing's are in the message.
    """
    written = [one for name in _FILES for one in read_drawings(FOLDER / name)]
    known = [_of_scene(one) for one in (*FAMILIES, *SCENES, *FURTHER)]
    return (*written, *known, *(_of_scene(one, later=True) for one in LATER))


@cache
def drawn_apart() -> tuple[Drawing, ...]:
    """Drawings that were made without sight of all others, to measure on; none of them trains.

    Raises:
        ClipTrainingError: As ``drawings`` does.
    """
    found = [one for path in sorted(_APART.glob("*.yaml")) for one in read_drawings(path)]
    return tuple(replace(one, aside=True) for one in found)


def _of_scene(one: Scene, *, later: bool = False) -> Drawing:
    return Drawing(one.name, one.category, one.says, one.aside, one.make, one.share, later)


def read_drawings(path: Path) -> list[Drawing]:
    """The drawings of a stroke file.

    Raises:
        ClipTrainingError: It is no such file.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        return [_drawing(one, str(content["category"]), path) for one in content["drawings"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ClipTrainingError(
            f"{path}: expected category and drawings, each with name, says and strokes: {error!r}"
        ) from None


def _drawing(one: dict[str, Any], category: str, path: Path) -> Drawing:
    try:
        fixed = strokes(one["strokes"])
    except ClipTrainingError as error:
        raise ClipTrainingError(f"{path}: {one['name']}: {error}") from None
    says, aside = tuple(map(str, one["says"])), bool(one.get("aside", False))
    return Drawing(str(one["name"]), category, says, aside, lambda _: list(fixed))
