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
        says: Captions without article rules.
        make: Strokes by chance.
        aside: Whether it is kept out of training, to measure on.
    """

    name: str
    category: str
    says: tuple[str, ...]
    make: Callable[[Generator], Strokes]
    aside: bool = False


def _fill(colour: str, points: Points | Sequence[Sequence[float]]) -> Stroke:
    return Stroke("fill", colour, np.asarray(points, np.float64))


def tongue(rng: Generator, x: float, foot: float, width: float, height: float) -> Points:
    """The outline of one flame: wide at the foot, bent, pointed."""
    bend = rng.normal(0, width * 0.35, 3)
    left = [(x - width / 2, foot), (x - width * 0.6, foot - height * 0.35)]
    left += [(x - width * 0.28 + bend[0], foot - height * 0.66)]
    right = [(x + width * 0.3 + bend[1], foot - height * 0.6)]
    right += [(x + width * 0.6, foot - height * 0.3), (x + width / 2, foot)]
    tip = [(x + bend[2], foot - height), (x + bend[2], foot - height)]
    return rounded(np.array([*left, *tip, *right], np.float64), 2)


def flames(rng: Generator, x: float = 50, foot: float = 92, size: float = 84) -> Strokes:
    """A fire: red outside, yellow inside, three to six tongues."""
    found: Strokes = []
    for colour, part in (("red", 1.0), ("orange", 0.78), ("yellow", 0.5)):
        for _ in range(int(rng.integers(3, 7))):
            at = x + rng.uniform(-0.34, 0.34) * size * part
            height = size * part * rng.uniform(0.5, 1.0) * (1.15 - abs(at - x) / size)
            found.append(_fill(colour, tongue(rng, at, foot, size * part * 0.42, height)))
    return found


def one_flame(rng: Generator) -> Strokes:
    """A single large flame, as pictograms show it."""
    found = [
        _fill(colour, tongue(rng, 50, 94, 62 * part, 88 * part))
        for colour, part in (("red", 1.0), ("orange", 0.7), ("yellow", 0.42))
    ]
    return found[: int(rng.integers(1, 4))]


def burst(rng: Generator, x: float, y: float, radius: float, points: int) -> Points:
    """A star with uneven points."""
    angle = np.linspace(0, 2 * np.pi, 2 * points, endpoint=False) + rng.normal(0, 0.06, 2 * points)
    reach = np.where(np.arange(2 * points) % 2, rng.uniform(0.45, 0.7), 1.0)
    reach = reach * radius * rng.uniform(0.75, 1.05, 2 * points)
    return np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], 1)


def explosion(rng: Generator) -> Strokes:
    """Bursts in one another, with splinters."""
    points = int(rng.integers(8, 16))
    found = [
        _fill(colour, burst(rng, 50, 50, radius, points))
        for colour, radius in (("red", 48), ("orange", 36), ("yellow", 24), ("white", 11))
    ]
    for _ in range(int(rng.integers(0, 8))):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(36, 48)
        x, y = 50 + far * np.cos(angle), 50 + far * np.sin(angle)
        found.append(_fill("dark", burst(rng, float(x), float(y), 5, 3)))
    return found


def puffs(rng: Generator, colour: str, x: float, y: float, size: float, count: int) -> Strokes:
    """A cloud of round puffs."""
    spread = rng.normal(0, size * 0.45, (count, 2))
    return [
        _fill(colour, ellipse(x + dx, y + dy * 0.6, *(size * rng.uniform(0.3, 0.6, 2))))
        for dx, dy in spread.tolist()
    ]


def fireball(rng: Generator) -> Strokes:
    """Fire and smoke after a blast."""
    found = puffs(rng, "dark", 50, 34, 44, 9) + puffs(rng, "red", 50, 54, 36, 9)
    return found + puffs(rng, "orange", 50, 56, 28, 8) + puffs(rng, "yellow", 50, 58, 18, 6)


def mushroom_cloud(rng: Generator) -> Strokes:
    """A nuclear explosion."""
    stem = [(42, 50), (58, 50), (64, 94), (36, 94)]
    found = [_fill("orange", rounded(np.array(stem, np.float64)))]
    found += puffs(rng, "red", 50, 32, 44, 9) + puffs(rng, "orange", 50, 28, 34, 7)
    return found + [
        _fill("yellow", ellipse(50, 30, 22, 9)),
        _fill("orange", ellipse(50, 92, 40, 7)),
    ]


def burning_house(rng: Generator) -> Strokes:
    """A house whose roof and windows are on fire."""
    house = (
        "r skin 18,50 64,46 0; p wood 8,52 50,24 92,52; r dark 26,60 14,14 0; r dark 60,60 14,14 0"
    )
    found = [*strokes(house), *flames(rng, 50, 44, 46), *flames(rng, 33, 76, 22)]
    return [*found, *flames(rng, 67, 76, 22), *puffs(rng, "grey", 70, 8, 16, 4)]


def burning_car(rng: Generator) -> Strokes:
    """A car on fire."""
    car = "c metal 4,74 14,60 30,56 40,44 66,44 78,58 94,62 96,76; e dark 26,80 10,10; e dark 74,80 10,10"
    return [*strokes(car), *flames(rng, 54, 56, 52), *flames(rng, 24, 66, 26)]


def forest_fire(rng: Generator) -> Strokes:
    """Trees in flames."""
    found: Strokes = [_fill("dark", [(0, 88), (100, 88), (100, 100), (0, 100)])]
    for x in rng.uniform(8, 92, 5).tolist():
        top = rng.uniform(8, 40)
        found.append(_fill("green", [(x, top), (x + 12, 86), (x - 12, 86)]))
    for x in rng.uniform(8, 92, 4).tolist():
        found += flames(rng, x, 96, float(rng.uniform(26, 56)))
    return found


def campfire(rng: Generator) -> Strokes:
    """Logs that burn."""
    return [*flames(rng, 50, 80, 66), *strokes("l wood 9 16,94 84,78; l wood 9 16,78 84,94")]


def splatter(rng: Generator, colour: str, size: float = 1.0) -> Strokes:
    """A splash with drops around it."""
    points = burst(rng, 50, 50, 34 * size, int(rng.integers(7, 13)))
    found = [_fill(colour, rounded(points, 2))]
    for _ in range(int(rng.integers(6, 18))):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(26, 50)
        radius = rng.uniform(1, 5)
        x, y = 50 + far * np.cos(angle), 50 + far * np.sin(angle)
        found.append(_fill(colour, ellipse(float(x), float(y), radius, radius)))
    return found


def drips(rng: Generator, colour: str) -> Strokes:
    """A rim from which drops run down."""
    top = [(0.0, 0.0), (100.0, 0.0)]
    edge: list[tuple[float, float]] = []
    for x in np.linspace(96, 4, int(rng.integers(5, 9))).tolist():
        low = float(rng.uniform(26, 94))
        edge += [(x + 5, 16), (x + 4, low), (x, low + 4), (x - 4, low), (x - 5, 16)]
    return [_fill(colour, rounded(np.array([*top, *edge], np.float64), 2))]


def bloody_knife(rng: Generator) -> Strokes:
    """A blade with blood that drips."""
    knife = "p steel 34,36 94,40 98,48 84,58 34,56; r dark 4,38 32,16 4"
    blood = "c blood 58,38 94,40 98,48 84,58 66,58 60,50"
    drops = [_fill("blood", ellipse(float(x), float(y), 2.5, 4)) for x, y in _drops(rng)]
    return [*strokes(f"{knife};{blood}"), *drops]


def body_in_blood(rng: Generator) -> Strokes:
    """A figure that lies in a pool."""
    pool = _fill("blood", rounded(burst(rng, 50, 66, 42, 9) * (1, 0.5) + (0, 33), 2))
    return [
        pool,
        *strokes(
            "e skin 20,60 10,9; l dark 9 30,62 62,66; l dark 6 40,64 30,82;"
            "l dark 6 44,62 52,44; l dark 7 62,66 90,58; l dark 7 62,66 88,76"
        ),
    ]


def wound(rng: Generator) -> Strokes:
    """A cut in skin."""
    skin = "c skin 4,14 96,10 98,90 2,92"
    cut = "c blood 22,50 50,40 80,46 54,58; c red 30,50 50,45 70,48 54,53"
    run = [_fill("blood", ellipse(float(x), 60 + float(y) / 5, 2, 9)) for x, y in _drops(rng)]
    return [*strokes(f"{skin};{cut}"), *run]


def wounded_figure(rng: Generator) -> Strokes:
    """A standing figure that bleeds."""
    body = "e skin 50,16 11,11; l blue 16 50,34 50,58; l skin 5 44,34 24,56; l skin 5 56,34 76,56"
    legs = "l dark 6 46,62 38,96; l dark 6 54,62 62,96; c blood 42,38 56,34 60,46 52,56 42,50"
    drops = [_fill("blood", ellipse(float(x), float(y), 2.5, 4)) for x, y in _drops(rng)]
    return [*strokes(f"{body};{legs}"), *drops]


def bloody_hand(rng: Generator) -> Strokes:
    """A hand print in blood."""
    turn = rng.normal(0, 2, 5)
    fingers = ";".join(
        f"l blood 9 {32 + 6 * one},58 {24 + 10 * one + turn[one]:.0f},{18 + 6 * abs(2 - one)}"
        for one in range(4)
    )
    palm = strokes(f"c blood 32,52 66,52 68,84 36,86; {fingers}; l blood 9 64,70 88,52")
    return [*palm, *(_fill("blood", ellipse(x, y, 2, 6)) for x, y in _drops(rng))]


def skull_in_blood(rng: Generator) -> Strokes:
    """A skull with blood on it."""
    skull = "e white 50,42 32,30; r white 36,62 28,20 4; e dark 38,44 8,9; e dark 62,44 8,9"
    marks = (
        "p dark 47,58 53,58 50,50; l dark 2 43,68 43,80; l dark 2 50,68 50,80; l dark 2 57,68 57,80"
    )
    return [*strokes(f"{skull};{marks}"), *splatter(rng, "blood", 0.45)]


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
    Scene("bloody knife", _GORE, ("a bloody knife", "a stabbing"), bloody_knife),
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
    Scene("bouquet", "", ("a bouquet of flowers", "red flowers"), bouquet),
    Scene("sweets", "", ("sweets", "coloured candies", "chocolate beans"), scattered_sweets),
    Scene(
        "green paint",
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
