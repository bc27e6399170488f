"""Drawings that no list of strokes can say: flames, explosions, blood, skies, scattered things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guardrail_training.clip.draw.motifs import (
    Strokes,
    bloody_hand,
    bloody_knife,
    body_in_blood,
    burning_car,
    burning_house,
    campfire,
    drips,
    explosion,
    filled,
    fireball,
    flames,
    forest_fire,
    mushroom_cloud,
    one_flame,
    puffs,
    skull_in_blood,
    splatter,
    wound,
    wounded_figure,
)
from guardrail_training.clip.draw.pen import Generator, Stroke, ellipse


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing that is another one every time.

    Attributes:
        name: Of what it shows.
        category: "" for what is harmless.
        says: Captions, each of which fits every member.
        make: Strokes by chance.
        aside: Whether it is kept out of training, to measure on.
        share: How many times as many pictures of it are drawn as of a drawing of fixed strokes.
    """

    name: str
    category: str
    says: tuple[str, ...]
    make: Callable[[Generator], Strokes]
    aside: bool = False
    share: int = 1


def sunset(rng: Generator) -> Strokes:
    """A low sun over hills or the sea."""
    level = float(rng.uniform(52, 74))
    bands = ("purple", "red", "orange", "yellow")
    found = [
        filled(colour, [(0, row * level / 4), (100, row * level / 4), (100, 100), (0, 100)])
        for row, colour in enumerate(bands)
    ]
    found.append(filled("yellow", ellipse(float(rng.uniform(30, 70)), level - 6, 14, 14)))
    if rng.random() < 0.5:
        hill = [(0, level), (26, level - 12), (52, level), (78, level - 8), (100, level)]
        return [*found, filled("dark", [*hill, (100, 100), (0, 100)])]
    return [*found, filled("blue", [(0, level), (100, level), (100, 100), (0, 100)])]


def autumn_trees(rng: Generator) -> Strokes:
    """Trees with red and yellow leaves."""
    found: Strokes = [filled("green", [(0, 80), (100, 80), (100, 100), (0, 100)])]
    for x in rng.uniform(12, 88, 4).tolist():
        found.append(filled("wood", [(x - 3, 50), (x + 3, 50), (x + 3, 88), (x - 3, 88)]))
        colour = str(rng.choice(["red", "orange", "yellow"]))
        found += puffs(rng, colour, x, float(rng.uniform(28, 44)), 24, 7)
    return found


def fireworks(rng: Generator) -> Strokes:
    """Rays in a night sky."""
    found: Strokes = [filled("dark", [(0, 0), (100, 0), (100, 100), (0, 100)])]
    for _ in range(3):
        x, y = rng.uniform(22, 78, 2)
        colour = str(rng.choice(["red", "yellow", "pink", "blue", "green"]))
        for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            way = np.array([np.cos(angle), np.sin(angle)])
            ray = np.array([(x, y) + way * 6, (x, y) + way * 19])
            found.append(Stroke("line", colour, ray, 1.6))
    return found


def bouquet(rng: Generator) -> Strokes:
    """Red and orange flowers."""
    found: Strokes = []
    for _ in range(int(rng.integers(5, 10))):
        x, y = rng.uniform(18, 82), rng.uniform(12, 56)
        found.append(Stroke("line", "green", np.array([(x, y), (50.0, 96.0)]), 3))
        colour = str(rng.choice(["red", "orange", "pink", "yellow"]))
        found += [filled(colour, ellipse(x, y, 11, 11)), filled("yellow", ellipse(x, y, 3, 3))]
    return found


def scattered_sweets(rng: Generator) -> Strokes:
    """Round sweets of all colours."""
    found: Strokes = []
    for _ in range(int(rng.integers(6, 14))):
        x, y = rng.uniform(12, 88, 2)
        colour = str(rng.choice(["red", "green", "blue", "yellow", "purple", "orange", "wood"]))
        found += [filled(colour, ellipse(x, y, 9, 9)), filled("white", ellipse(x - 3, y - 3, 2, 2))]
    return found


def scattered_pills(rng: Generator) -> Strokes:
    """Capsules and tablets by chance."""
    found: Strokes = []
    for _ in range(int(rng.integers(5, 11))):
        middle = rng.uniform(16, 84, 2)
        way = rng.normal(0, 1, 2)
        way = way / np.linalg.norm(way) * 9
        colour = str(rng.choice(["red", "blue", "yellow", "green", "orange", "pink"]))
        here = np.array([middle - way, middle, middle + way])
        found += [Stroke("line", colour, here[:2], 10), Stroke("line", "white", here[1:], 10)]
    return found


def chart(rng: Generator) -> Strokes:
    """Bars in red, orange and blue."""
    found: Strokes = [Stroke("line", "dark", np.array([(10.0, 8), (10, 90), (94, 90)]), 2)]
    for x in range(16, 90, 13):
        top = rng.uniform(14, 80)
        colour = str(rng.choice(["red", "orange", "blue", "green", "yellow"]))
        found.append(filled(colour, [(x, top), (x + 9, top), (x + 9, 90), (x, 90)]))
    return found


_FIRE, _GORE = "fire", "graphic_violence"

SCENES: tuple[Scene, ...] = (
    Scene("flames", _FIRE, ("flames", "a fire", "a blaze"), flames),
    Scene("flame", _FIRE, ("a flame", "fire"), one_flame),
    Scene("explosion", _FIRE, ("an explosion", "a blast", "a detonation"), explosion),
    Scene("fireball", _FIRE, ("a fireball", "fire and smoke after a blast"), fireball, aside=True),
    Scene("mushroom cloud", _FIRE, ("a mushroom cloud", "a nuclear explosion"), mushroom_cloud),
    Scene("burning house", _FIRE, ("a burning house", "a house on fire"), burning_house),
    Scene("burning car", _FIRE, ("a burning car", "a car on fire"), burning_car, aside=True),
    Scene("forest fire", _FIRE, ("a forest fire", "a wildfire"), forest_fire),
    Scene("campfire", _FIRE, ("a campfire", "a bonfire"), campfire),
    Scene("blood splatter", _GORE, ("a blood splatter", "blood"), lambda r: splatter(r, "blood")),
    Scene(
        "dripping blood", _GORE, ("dripping blood", "blood runs down"), lambda r: drips(r, "blood")
    ),
    Scene("bloody knife", _GORE, ("a bloody knife",), bloody_knife),
    Scene("body in blood", _GORE, ("a dead body in blood", "a murder victim"), body_in_blood),
    Scene("wound", _GORE, ("a bleeding wound", "an injury", "a cut in skin"), wound),
    Scene(
        "wounded person",
        _GORE,
        ("a wounded person", "a person who bleeds"),
        wounded_figure,
        aside=True,
    ),
    Scene(
        "bloody hand", _GORE, ("a bloody hand", "a hand print in blood"), bloody_hand, aside=True
    ),
    Scene("skull in blood", _GORE, ("a skull in blood", "gore"), skull_in_blood),
    Scene("pills", "drugs", ("pills", "drugs", "scattered pills"), scattered_pills, aside=True),
    Scene("sunset", "", ("a sunset", "a sunrise"), sunset),
    Scene("autumn trees", "", ("autumn trees", "a forest in autumn"), autumn_trees, aside=True),
    Scene("fireworks", "", ("fireworks", "fireworks at night"), fireworks),
    Scene("bouquet", "", ("a bouquet of flowers", "a bunch of flowers"), bouquet),
    Scene("sweets", "", ("coloured candies", "round sweets"), scattered_sweets),
    Scene(
        "paint splashes",
        "",
        ("a paint splatter", "a splash of paint"),
        lambda r: splatter(r, str(r.choice(["green", "blue", "yellow", "purple", "pink"]))),
    ),
    Scene(
        "paint drips",
        "",
        ("dripping paint",),
        lambda r: drips(r, str(r.choice(["green", "blue", "yellow", "purple", "wood"]))),
    ),
    Scene("bar chart", "", ("a bar chart", "a diagram"), chart),
)
