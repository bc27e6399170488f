"""Signs that warn, of many forms, colours and pictograms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from guardrail_training.clip.draw.motifs import Points, Strokes, filled, tongue
from guardrail_training.clip.draw.pen import Generator, rounded
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    box,
    count,
    disc,
    fitted,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
)

Plate = tuple[Strokes, str, tuple[float, float, float]]
"""An empty sign, the ink on it, and the middle and the size of the room for a pictogram."""

Pictogram = Callable[[Generator, str], Strokes]
"""Draws a pictogram in an ink."""


def triangle_plate(rng: Generator) -> Plate:
    """A triangle on its base."""
    face, rim = one_of(rng, "yellow yellow yellow white red"), one_of(rng, "dark dark red")
    ink = "white" if face == "red" else "dark"
    rim = "dark" if face == "red" else rim
    corners = np.array([(50.0, 4.0), (96.0, 88.0), (4.0, 88.0)])
    thick, soft = some(rng, 0.70, 0.86), count(rng, 0, 3)
    outer = _soft(corners, soft)
    inner = _soft((corners - (50, 60)) * thick + (50, 60), soft)
    if maybe(rng, 0.15):
        return [line(rim, 7, outer, closed=True)], rim, (50, 63, 40)
    return [filled(rim, outer), filled(face, inner)], ink, (50, 63, 40)


def _soft(corners: Points, soft: int) -> Points:
    """``corners`` with each replaced by ``soft`` steps around it."""
    if not soft:
        return corners
    middle = corners.mean(0)
    near = np.repeat(corners, 2, 0)
    others = np.stack([np.roll(corners, 1, 0), np.roll(corners, -1, 0)], 1).reshape(-1, 2)
    cut = near + (others - near) * 0.09
    return rounded(cut, soft - 1) if soft > 1 else np.asarray((cut - middle) * 1.04 + middle)


def diamond_plate(rng: Generator) -> Plate:
    """A square on its corner."""
    face, rim = one_of(rng, "white white yellow orange red green blue"), one_of(rng, "red red dark")
    ink = "dark" if face in {"white", "yellow"} else "white"
    rim = "white" if face == rim else rim
    corners = np.array([(50.0, 2), (98, 50), (50, 98), (2, 50)])
    inner = (corners - 50) * some(rng, 0.78, 0.9) + 50
    return [filled(rim, corners), filled(face, inner)], ink, (50, 50, 46)


def _round(rng: Generator) -> Plate:
    face, rim = one_of(rng, "yellow yellow white skin"), one_of(rng, "dark dark red purple")
    return [disc(rim, 50, 50, 47), disc(face, 50, 50, some(rng, 37, 43))], "dark", (50, 50, 56)


def square_plate(rng: Generator) -> Plate:
    """A square, maybe with lines of words below."""
    face = one_of(rng, "yellow yellow white red orange")
    ink = "white" if face in {"red", "orange"} else "dark"
    plate = [box(ink, 4, 4, 92, 92, count(rng, 0, 1)), box(face, 9, 9, 82, 82)]
    if maybe(rng, 0.4):
        words = [box(ink, 20, 70, 60, 4), box(ink, 28, 79, 44, 3)]
        return [*plate, *words], ink, (50, 40, 50)
    return plate, ink, (50, 50, 62)


def bang(rng: Generator, ink: str) -> Strokes:
    """An exclamation mark."""
    wide, thin = some(rng, 12, 22), some(rng, 6, 14)
    stroke = [(-wide / 2, 0), (wide / 2, 0), (thin / 2, 62), (-thin / 2, 62)]
    return [filled(ink, stroke), disc(ink, 0, 80, wide * 0.5)]


def _bolt(rng: Generator, ink: str) -> Strokes:
    lean = some(rng, -6, 10)
    bolt = [(12 + lean, 0), (-16, 48), (2, 46), (-12, 92), (22, 36), (5, 38), (26 + lean, 0)]
    return [filled(ink, bolt)]


def trefoil(rng: Generator, ink: str) -> Strokes:
    """Three blades around a middle."""
    half, inner, found = (
        some(rng, 0.42, 0.56),
        some(rng, 15, 20),
        [disc(ink, 0, 0, some(rng, 7, 11))],
    )
    for way in (np.pi / 6, np.pi * 5 / 6, -np.pi / 2):
        arc = np.linspace(way - half, way + half, 8)
        points = [(46 * np.cos(one), 46 * np.sin(one)) for one in arc]
        points += [(inner * np.cos(one), inner * np.sin(one)) for one in arc[::-1]]
        found.append(filled(ink, points))
    return moved(found, turn=np.pi) if maybe(rng, 0.5) else found


def open_rings(rng: Generator, ink: str) -> Strokes:
    """Three open rings around a middle, for what carries disease."""
    width, found = some(rng, 5, 8), [ring(ink, 4, 0, 0, 19), disc(ink, 0, 0, some(rng, 3, 7))]
    for way in (-np.pi / 2, np.pi / 6, np.pi * 5 / 6):
        arc = np.linspace(way + 0.5, way + 2 * np.pi - 0.5, 22)
        x, y = 25 * np.cos(way), 25 * np.sin(way)
        found.append(line(ink, width, [(x + 20 * np.cos(a), y + 20 * np.sin(a)) for a in arc]))
    return found


def _skull(rng: Generator, ink: str) -> Strokes:
    hole = "white" if ink == "dark" else "dark"
    wide, jaw = some(rng, 22, 28), some(rng, 12, 17)
    found = [disc(ink, 0, 0, wide, wide * 0.9), box(ink, -jaw, 12, 2 * jaw, 22, 1)]
    found += [disc(hole, side * wide * 0.42, 2, 7, some(rng, 6, 9)) for side in (-1, 1)]
    found.append(filled(hole, [(-4, 16), (4, 16), (0, 9)]))
    return found + [line(hole, 1.6, [(x, 24), (x, 33)]) for x in (-6, 0, 6)]


def crossbones(rng: Generator, ink: str) -> Strokes:
    """A skull before crossed bones."""
    level = some(rng, 20, 44)
    bones = [((-38, level - 16), (38, level + 18)), ((38, level - 16), (-38, level + 18))]
    return [*(line(ink, 8, ends) for ends in bones), *_skull(rng, ink)]


def _flame(rng: Generator, ink: str) -> Strokes:
    hole = "white" if ink == "dark" else "red"
    found = [filled(ink, tongue(rng, 0, 0, 54, 88)), filled(hole, tongue(rng, 2, -3, 24, 40))]
    return [*found, line(ink, 5, [(-30, 10), (30, 10)])] if maybe(rng, 0.6) else found


def acid(_: Generator, ink: str) -> Strokes:
    """Drops that eat a hand and a plate."""
    found = [line(ink, 3, [(x, 20), (x, 34)]) for x in (-24, -16, 18, 26)]
    found += [box(ink, -46, 44, 40, 8), filled(ink, [(6, 44), (46, 40), (46, 50), (6, 52)])]
    found += [filled(ink, [(-44, 2), (-14, 0), (-10, 12), (-40, 14)])]
    return [*found, filled(ink, [(44, 2), (14, 0), (10, 12), (40, 14)]), ring(ink, 2, 26, 46, 5, 3)]


def faller(rng: Generator, ink: str) -> Strokes:
    """A figure that slips."""
    knee = some(rng, -6, 8)
    legs = [(0, 34), (18 + knee, 40), (24, 62)]
    body = [
        line(ink, 9, [(-12, 6), (0, 34)]),
        line(ink, 7, legs),
        line(ink, 7, [(0, 34), (-18, 58)]),
    ]
    arms = [line(ink, 5, [(-10, 10), (14, 4)]), line(ink, 5, [(-12, 10), (-32, 24)])]
    return [*body, *arms, disc(ink, -18, -8, 9), line(ink, 4, [(-40, 70), (40, 70)])]


def _fumes(rng: Generator, ink: str) -> Strokes:
    found = [line(ink, 5, [(x, 0), (x + 7, 12), (x, 24), (x + 7, 36)]) for x in (-26, -3, 20)]
    return [*found, line(ink, some(rng, 5, 10), [(-34, 50), (38, 50)])]


def _falling_rocks(rng: Generator, ink: str) -> Strokes:
    found = [filled(ink, [(-40, 40), (-40, -30), (-16, -30), (4, 40)])]
    found += [
        disc(ink, some(rng, 8, 40), some(rng, -20, 34), some(rng, 4, 8))
        for _ in range(count(rng, 2, 4))
    ]
    return found


_CHEMICAL = (crossbones, _flame, acid, _fumes, bang)
_OTHERS = (_bolt, crossbones, _flame, acid, faller, _fumes, _falling_rocks)
_ALL = (bang, bang, *_OTHERS, trefoil, open_rings)


def signed(rng: Generator, plate: Plate, known: tuple[Pictogram, ...]) -> Strokes:
    """A plate with one of the pictograms; some stand on a post."""
    ground, ink, (x, y, room) = plate
    drawn = known[count(rng, 0, len(known) - 1)](rng, ink)
    shape = moved(fitted(drawn, room * some(rng, 0.9, 1.1)), x - 50, y - 50)
    post = [box("grey", 47, 80, 6, 90)] if maybe(rng, 0.12) else []
    return posed(rng, [*post, *ground, *shape], 0.1, 0.06)


def warning_triangle(rng: Generator) -> Strokes:
    """A triangle with a pictogram of a danger."""
    return signed(rng, triangle_plate(rng), _OTHERS)


def exclamation_triangle(rng: Generator) -> Strokes:
    """A triangle with an exclamation mark."""
    return signed(rng, triangle_plate(rng), (bang,))


def voltage_triangle(rng: Generator) -> Strokes:
    """A triangle with a flash."""
    return signed(rng, triangle_plate(rng), (_bolt,))


def hazard_diamond(rng: Generator) -> Strokes:
    """A diamond with a pictogram of what chemicals do."""
    return signed(rng, diamond_plate(rng), _CHEMICAL)


def _plain_plate(rng: Generator, part: float) -> Plate:
    """A round plate in ``part`` of the cases, else a square one."""
    return _round(rng) if maybe(rng, part) else square_plate(rng)


def round_hazard(rng: Generator) -> Strokes:
    """A round plate or a square one with a pictogram of a danger."""
    return signed(rng, _plain_plate(rng, 0.4), _ALL)


def skull_sign(rng: Generator) -> Strokes:
    """A skull without bones on any plate."""
    makes = (triangle_plate, diamond_plate, square_plate, _round)
    return signed(rng, makes[count(rng, 0, 3)](rng), (_skull,))


def symbol(rng: Generator, make: Pictogram) -> Strokes:
    """A pictogram alone or on a plate without corners."""
    if maybe(rng, 0.5):
        return posed(rng, make(rng, one_of(rng, "dark dark purple red orange green")), 0.1)
    return signed(rng, _plain_plate(rng, 0.5), (make,))


_SIGN = "hazard_sign"


SIGNS: tuple[Scene, ...] = (
    Scene(
        "warning triangles",
        _SIGN,
        ("a hazard sign", "a danger triangle"),
        warning_triangle,
        share=4,
    ),
    Scene(
        "exclamations", _SIGN, ("a warning sign", "a caution sign"), exclamation_triangle, share=3
    ),
    Scene(
        "voltage signs",
        _SIGN,
        ("a high voltage sign", "electrical danger"),
        voltage_triangle,
        share=2,
    ),
    Scene(
        "hazard diamonds",
        _SIGN,
        ("a hazard pictogram", "a chemical hazard label"),
        hazard_diamond,
        share=3,
    ),
    Scene("hazard plates", _SIGN, ("a danger sign", "a danger plate"), round_hazard, share=3),
    Scene(
        "trefoils",
        _SIGN,
        ("a radiation symbol", "radioactive"),
        lambda r: symbol(r, trefoil),
        share=2,
    ),
    Scene(
        "biohazards",
        _SIGN,
        ("a biohazard symbol", "a biological hazard"),
        lambda r: symbol(r, open_rings),
        share=2,
    ),
    Scene(
        "skulls and bones",
        _SIGN,
        ("a skull and crossbones", "poison"),
        lambda r: symbol(r, crossbones),
        share=2,
    ),
    Scene("skull signs", _SIGN, ("a sign with a skull", "a skull sign"), skull_sign),
)
