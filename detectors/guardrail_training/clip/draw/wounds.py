"""Blood and wounds, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.blades import upright_knife, upright_sword
from guardrail_training.clip.draw.motifs import Points, Strokes, filled, splatter
from guardrail_training.clip.draw.pen import Generator, rounded
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    SKINS,
    box,
    count,
    curved,
    disc,
    fitted,
    line,
    maybe,
    moved,
    one_of,
    posed,
    some,
)

_BLOOD = "blood blood red"


def blot(rng: Generator, x: float, y: float, wide: float, high: float) -> Points:
    """The outline of a puddle: uneven, but without points."""
    angle = np.linspace(0, 2 * np.pi, count(rng, 8, 13), endpoint=False)
    reach = rng.uniform(0.72, 1.05, angle.shape)
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1)
    return rounded(points * (wide, high) + (x, y), 3)


def drop(rng: Generator, colour: str, x: float, y: float, size: float) -> Strokes:
    """A drop that hangs or falls."""
    long = size * some(rng, 1.4, 2.4)
    outline = [(x, y - long), (x, y - long), (x - size, y), (x - size * 0.8, y + size)]
    outline += [(x, y + size * 1.3), (x + size * 0.8, y + size), (x + size, y)]
    return [curved(colour, outline)]


def runs(rng: Generator, colour: str, x: float, y: float, wide: float, number: int) -> Strokes:
    """Blood that runs down from a level, with drops at its ends."""
    found = Strokes()
    for at in rng.uniform(x - wide / 2, x + wide / 2, number):
        end, thick = y + some(rng, 6, 34), some(rng, 2, 5)
        found += [line(colour, thick, [(at, y), (at, end)])]
        found += drop(rng, colour, float(at), end + 8, thick * 0.8) if maybe(rng, 0.4) else []
    return found


def blood_drops(rng: Generator) -> Strokes:
    """Drops of blood that fall."""
    colour, found = one_of(rng, _BLOOD), Strokes()
    for n in range(count(rng, 2, 6)):
        found += drop(rng, colour, n * some(rng, 14, 22), some(rng, 0, 40), some(rng, 5, 11))
    return posed(rng, found, 0.1, 0.0)


def blood_pool(rng: Generator) -> Strokes:
    """A puddle of blood with drops or a trail."""
    colour = one_of(rng, _BLOOD)
    found = [filled(colour, blot(rng, 50, 50, some(rng, 28, 44), some(rng, 14, 34)))]
    for _ in range(count(rng, 3, 12)):
        x, y = rng.normal(50, 30), rng.normal(50, 22)
        found.append(disc(colour, float(x), float(y), some(rng, 1, 6), some(rng, 1, 4)))
    if maybe(rng, 0.3):
        found.append(filled("red", blot(rng, 46, 47, 12, 6)))
    return posed(rng, found, 0.4, 0.3)


def blood_trail(rng: Generator) -> Strokes:
    """Footprints or drag marks in blood."""
    colour, found = one_of(rng, _BLOOD), Strokes()
    for n in range(count(rng, 4, 7)):
        side = -9 if n % 2 else 9
        foot = [disc(colour, 0, 0, 6, 9), disc(colour, 0, 14, 4.5, 5.5)]
        found += moved(foot, 50 + side + some(rng, -2, 2), n * 24, some(rng, -0.3, 0.3))
    if maybe(rng, 0.4):
        found += [filled(colour, blot(rng, 50, 0, 24, 14))]
    return posed(rng, found, 0.6)


def _stained(rng: Generator, drawn: Strokes, part: float) -> Strokes:
    """``drawn``, which points upwards, with blood on its upper ``part`` and drops below it."""
    shape = fitted(drawn, 90)
    low = 5 + 90 * part
    stain = [filled("blood", blot(rng, 50, (5 + low) / 2, some(rng, 5, 9), (low - 5) * 0.48))]
    spots = [
        disc("blood", some(rng, 30, 70), some(rng, 6, 94), some(rng, 1, 3.5)) for _ in range(6)
    ]
    return [*shape, *stain, *runs(rng, "blood", 50, low - 6, 10, count(rng, 2, 4)), *spots]


def bloody_blade(rng: Generator, kind: int) -> Strokes:
    """A knife (0) or a sword (1) with blood on it."""
    blade = upright_sword(rng) if kind == 1 else moved(upright_knife(rng), turn=-np.pi / 2)
    found = _stained(rng, blade, some(rng, 0.3, 0.5))
    if maybe(rng, 0.5):
        found = [filled("blood", blot(rng, 50, 84, 40, 12)), *found]
    return posed(rng, found, 0.7, 0.3)


def bloody_axe(rng: Generator, kind: int) -> Strokes:
    """An axe (0) or a saw (1) with blood on it."""
    if kind == 0:
        head = [(50, 10), (74, 2), (84, 22), (76, 42), (50, 32)]
        tool = [line("wood", 6, [(48, 4), (some(rng, 44, 52), 96)]), curved("steel", head, 1)]
        edge = [(74, 2), (84, 22), (76, 42), (66, 36), (68, 10)]
    else:
        teeth = [(x, 40 + 5 * (n % 2)) for n, x in enumerate(range(92, 26, -5))]
        tool = [filled("steel", [(26, 18), (94, 26), *teeth]), box("wood", 2, 14, 26, 28, 2)]
        edge = [(56, 30), (94, 27), (90, 44), (60, 46)]
    found = [*tool, curved("blood", edge, 1), *runs(rng, "blood", 76, 40, 16, count(rng, 2, 4))]
    return posed(rng, found, 0.4, 0.2)


def gash(rng: Generator, kind: int) -> Strokes:
    """Skin with slashes (0), a bullet hole (1) or an open cut (2) that bleed."""
    skin = one_of(rng, SKINS)
    found = [filled(skin, [(4, 8), (96, some(rng, 2, 14)), (96, 92), (4, some(rng, 86, 98))])]
    if kind == 0:
        for n in range(count(rng, 2, 4)):
            start = np.array([(20 + 16 * n, 18), (28 + 16 * n, 40), (24 + 16 * n, 64)])
            found.append(line("blood", some(rng, 3, 6), start + rng.normal(0, 2, (3, 2))))
            found += runs(rng, "red", 26 + 16 * n, 50, 6, 1)
    elif kind == 1:
        x, y = some(rng, 36, 64), some(rng, 30, 50)
        found += [filled("blood", blot(rng, x, y, 20, 17)), disc("dark", x, y, some(rng, 5, 8))]
        found += runs(rng, "blood", x, y + 6, 20, count(rng, 2, 5))
    else:
        open_cut = [
            (12, 46),
            (40, some(rng, 26, 38)),
            (70, some(rng, 28, 40)),
            (90, 50),
            (50, some(rng, 50, 64)),
        ]
        inside = (np.array(open_cut) - (51, 45)) * (0.8, 0.6) + (51, 45)
        found += [curved("blood", open_cut), curved("red", inside)]
        found += runs(rng, "blood", 52, 54, 46, count(rng, 2, 6))
    return posed(rng, found, 0.3, 0.2)


def shot_at_wall(rng: Generator) -> Strokes:
    """Blood on a wall or on tiles, splashed and running down."""
    wall = one_of(rng, "white grey steel skin blue")
    found = [box(wall, 0, 0, 100, 100)]
    if maybe(rng, 0.5):
        found += [
            line("grey" if wall != "grey" else "white", 1, [(0, y), (100, y)]) for y in (25, 50, 75)
        ]
    found += moved(
        splatter(rng, "blood", some(rng, 0.5, 0.9)), some(rng, -14, 14), some(rng, -24, 0)
    )
    return fitted([*found, *runs(rng, "blood", 50, some(rng, 40, 52), 44, count(rng, 3, 7))], 96)


_GORE = "graphic_violence"


WOUNDS: tuple[Scene, ...] = (
    Scene("blood drops", _GORE, ("drops of blood", "blood"), blood_drops, share=2),
    Scene("blood pools", _GORE, ("a pool of blood", "a blood stain"), blood_pool, share=3),
    Scene("blood trails", _GORE, ("footprints in blood", "a trail of blood"), blood_trail, share=2),
    Scene("bloody knives", _GORE, ("a bloody knife",), lambda r: bloody_blade(r, 0), share=2),
    Scene("bloody swords", _GORE, ("a bloody sword",), lambda r: bloody_blade(r, 1)),
    Scene("bloody axes", _GORE, ("a bloody axe",), lambda r: bloody_axe(r, 0)),
    Scene("bloody saws", _GORE, ("a bloody saw",), lambda r: bloody_axe(r, 1)),
    Scene("slashes", _GORE, ("bleeding slashes", "bleeding cuts"), lambda r: gash(r, 0)),
    Scene("bullet wounds", _GORE, ("a gunshot wound", "a bullet wound"), lambda r: gash(r, 1)),
    Scene("gashes", _GORE, ("a bleeding wound", "a deep cut"), lambda r: gash(r, 2), share=2),
    Scene("bloody walls", _GORE, ("blood on a wall", "a blood splatter"), shot_at_wall, share=2),
)
