"""Blades and what explodes, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, burst, filled
from guardrail_training.clip.draw.pen import Generator, ellipse
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    bar,
    box,
    count,
    curved,
    disc,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
    wave,
)

_STEELS = "steel steel metal grey white dark"
_HANDLES = "dark grip wood metal green red"


def _blade(rng: Generator, kind: str, long: float, high: float) -> list[tuple[float, float]]:
    """The outline of a blade that points to the right and cuts downwards, from (0, 0)."""
    if kind == "clip":
        return [
            (0, 0), (long * 0.65, 0), (long * 0.8, high * 0.3), (long, high * 0.35),
            (long * 0.88, high * 0.8), (long * 0.7, high), (0, high),
        ]  # fmt: skip
    if kind == "chef":
        return [
            (0, 0), (long * 0.6, high * 0.06), (long, high * 0.5), (long * 0.7, high * 0.85),
            (long * 0.3, high), (0, high),
        ]  # fmt: skip
    if kind == "tanto":
        return [(0, 0), (long * 0.98, 0), (long, 2), (long * 0.8, high), (0, high)]
    if kind == "curved":
        bend = some(rng, 0.3, 0.9) * high
        return [
            (0, 0), (long * 0.5, -bend * 0.3), (long, -bend), (long * 0.85, high * 0.5),
            (long * 0.5, high), (0, high),
        ]  # fmt: skip
    return [(0, 0), (long * 0.7, 0), (long, high * 0.5), (long * 0.75, high * 0.9), (0, high)]


def upright_knife(rng: Generator) -> Strokes:
    """A knife that points to the right, not posed."""
    long, high, kind = (
        some(rng, 42, 95),
        some(rng, 11, 24),
        one_of(rng, "clip chef tanto curved drop"),
    )
    steel, handle = one_of(rng, _STEELS), one_of(rng, _HANDLES)
    found = [filled(steel, _blade(rng, kind, long, high))]
    if maybe(rng, 0.5):
        found.append(line("metal" if steel != "metal" else "white", 1.5, [(4, 4), (long * 0.6, 4)]))
    if maybe(rng, 0.25):
        found += [
            filled(steel, [(x, 1), (x + 2, -4), (x + 5, 1)]) for x in np.arange(6, long * 0.5, 6)
        ]
    grip, thick = some(rng, 28, 48), high * some(rng, 0.55, 0.95)
    top = (high - thick) * some(rng, 0, 0.8)
    shape = [(0, top), (-grip * 0.5, top + some(rng, -2, 3)), (-grip, top - 1)]
    shape += [(-grip - 3, top + thick * 0.6), (-grip, top + thick + 2), (0, top + thick)]
    found.append(curved(handle, shape, count(rng, 0, 2)))
    if maybe(rng, 0.55):
        wide = some(rng, 3, 10)
        found.append(box(one_of(rng, "metal gold dark"), -3, -wide, 5, high + 1.6 * wide))
    found += [
        disc("steel", -grip * (0.25 + 0.25 * x), top + thick / 2, 1.8)
        for x in range(count(rng, 0, 3))
    ]
    return found


def knife(rng: Generator) -> Strokes:
    """A knife."""
    return posed(rng, upright_knife(rng), 0.5, 0.4)


def machete(rng: Generator) -> Strokes:
    """A long knife that is wider towards its end, or a cleaver."""
    long, wide = some(rng, 40, 90), some(rng, 14, 30)
    narrow = wide * some(rng, 0.5, 0.95)
    outline = [(0, 0), (long * 0.9, -2), (long, wide * 0.3), (long * 0.92, wide), (0, narrow)]
    grip = some(rng, 24, 38)
    found = [curved(one_of(rng, _STEELS), outline, count(rng, 0, 1))]
    found.append(box(one_of(rng, _HANDLES), -grip, 0, grip + 2, min(narrow, 11), 1))
    found += [disc("dark", long * 0.88, wide * 0.25, 2.5)] if maybe(rng, 0.4) else []
    found += [disc("steel", -grip * part, 5, 1.6) for part in (0.3, 0.7)]
    return posed(rng, found, 0.5, 0.4)


def upright_sword(rng: Generator) -> Strokes:
    """A straight sword that points upwards, not posed."""
    long, wide = some(rng, 60, 110), some(rng, 5, 13)
    tip = some(rng, 6, 22)
    blade = [(-wide / 2, 0), (-wide / 2 * some(rng, 0.6, 1), -long), (0, -long - tip)]
    blade += [(wide / 2 * some(rng, 0.6, 1), -long), (wide / 2, 0)]
    found = [filled(one_of(rng, _STEELS), blade)]
    found += [line("metal", 1.5, [(0, -4), (0, -long * 0.9)])] if maybe(rng, 0.6) else []
    reach, droop, metal = some(rng, 12, 24), some(rng, -7, 7), one_of(rng, "gold metal dark wood")
    found.append(line(metal, some(rng, 4, 7), [(-reach, droop), (0, 0), (reach, droop)]))
    grip = some(rng, 16, 28)
    found += [
        box(one_of(rng, _HANDLES), -3.2, 2, 6.4, grip),
        disc(metal, 0, grip + 4, some(rng, 3, 6)),
    ]
    return found


def sword(rng: Generator) -> Strokes:
    """A straight sword."""
    return posed(rng, upright_sword(rng), 0.5, 0.5)


def crossed_swords(rng: Generator) -> Strokes:
    """Two swords across each other."""
    along = moved(upright_sword(rng), 0, some(rng, 34, 46))
    one = moved(along, turn=some(rng, 0.5, 0.9))
    return posed(rng, [*one, *moved(one, mirrored=True)], 0.1, 0.05)


def sabre(rng: Generator) -> Strokes:
    """A broad curved sword with a guard around the hand."""
    long, wide, bend = some(rng, 70, 100), some(rng, 8, 18), some(rng, 14, 34)
    at = np.linspace(0, 1, 12)
    back = np.stack([long * at, -bend * at**2 * 1.4], 1)
    thick = wide * (0.6 + 0.8 * at * (1 - at) * some(rng, 0.4, 2.0)) * (1 - at**6)
    edge = back + np.stack([np.zeros(12), thick], 1)
    found = [filled(one_of(rng, _STEELS), np.concatenate([back, edge[::-1]]))]
    found.append(box(one_of(rng, _HANDLES), -24, 0, 25, wide * 0.6, 1))
    guard = [(0, -3), (2, wide), (-12, wide + 9), (-26, wide * 0.5)]
    found.append(line(one_of(rng, "gold metal"), 3, guard))
    return posed(rng, found, 0.5, 0.4)


def axe(rng: Generator) -> Strokes:
    """An axe with one edge or two."""
    long, reach, wide = some(rng, 70, 110), some(rng, 20, 38), some(rng, 26, 54)
    neck, beard = some(rng, 10, 18), some(rng, 0.5, 1.1)
    head = [(0, 8), (reach * 0.7, 8 - (wide - neck) * 0.4), (reach, 4 - (wide - neck) * 0.5)]
    head += [(reach * 1.15, 8 + neck / 2), (reach, 8 + neck + (wide - neck) * beard * 0.6)]
    head += [(reach * 0.6, 8 + neck + 3), (0, 8 + neck)]
    steel = one_of(rng, "steel metal grey dark red")
    wood = one_of(rng, "wood wood dark grip yellow")
    shaft = [line(wood, some(rng, 5, 8), [(0, 0), (some(rng, -4, 4), long)])]
    blade = [curved(steel, head, 1)]
    blade += [line("white", 1.5, [head[2], head[3], head[4]])] if maybe(rng, 0.5) else []
    back = moved(blade, mirrored=True) if maybe(rng, 0.4) else [box(steel, -7, 9, 8, neck - 2)]
    return posed(rng, [*blade, *back, *shaft] if maybe(rng, 0.5) else [*shaft, *blade, *back], 0.5)


def spear(rng: Generator, kind: int) -> Strokes:
    """A spear (0) or a halberd (1)."""
    long, wide, tip = some(rng, 80, 120), some(rng, 8, 16), some(rng, 18, 34)
    steel = one_of(rng, _STEELS)
    head = [(0, -tip), (wide / 2, -tip * 0.4), (2, 4), (-2, 4), (-wide / 2, -tip * 0.4)]
    found = [line(one_of(rng, "wood grip dark"), 4, [(0, 0), (0, long)]), filled(steel, head)]
    if kind == 1:
        side = [(2, 8), (16, 2), (20, 16), (15, 28), (2, 22)]
        found += [curved(steel, side, 1), filled(steel, [(-2, 10), (-14, 15), (-2, 20)])]
    return posed(rng, found, 0.6, 0.4)


def throwing_star(rng: Generator) -> Strokes:
    """A throwing star."""
    points, inner = count(rng, 3, 8), some(rng, 8, 18)
    angle = np.arange(2 * points) * np.pi / points
    reach = np.where(np.arange(2 * points) % 2, inner, 46.0)
    angle = angle + np.where(np.arange(2 * points) % 2, some(rng, -0.2, 0.2), 0)
    star = np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1)
    hole = disc("white", 0, 0, some(rng, 2, inner * 0.5))
    return posed(rng, [filled(one_of(rng, "metal dark steel"), star), hole], 1.0)


def flail(rng: Generator, kind: int) -> Strokes:
    """A ball of spikes on a stick (0) or on a chain (1)."""
    size, spikes = some(rng, 14, 22), count(rng, 7, 12)
    metal = one_of(rng, "metal dark steel")
    ball = [filled(metal, _spikes(size, spikes)), disc(metal, 0, 0, size)]
    links = count(rng, 3, 6) * kind
    start = size * 1.4 if links else size
    chain = [ring("grey", 2.5, 0, start + 5 + 8 * row, 3, 5) for row in range(links)]
    start += 8 * links
    stick = bar(one_of(rng, "wood dark"), (0, start), (0, start + some(rng, 40, 80)), 6, 8)
    return posed(rng, [stick, *chain, *ball], 0.6, 0.4)


def _spikes(size: float, spikes: int) -> list[tuple[float, float]]:
    reach = [(size * 1.5, 0.0), (size * 0.95, 0.5)]
    return [
        (far * np.cos(2 * np.pi * (n + off) / spikes), far * np.sin(2 * np.pi * (n + off) / spikes))
        for n in range(spikes)
        for far, off in reach
    ]


def grenade(rng: Generator) -> Strokes:
    """A hand grenade: egg, pineapple or can, with lever and ring."""
    wide, high = some(rng, 20, 32), some(rng, 26, 40)
    body = one_of(rng, "green green dark metal grip")
    can = maybe(rng, 0.3)
    found = [box(body, -wide, 0, 2 * wide, 2 * high) if can else disc(body, 0, high, wide, high)]
    for row in range(count(rng, 0, 4) if not can else 0):
        level = high * (0.4 + 0.35 * row)
        half = wide * np.sqrt(max(0.0, 1 - (level / high - 1) ** 2))
        found.append(line("dark", 2, [(-half, level), (half, level)]))
    upright = (-0.4, 0.0, 0.4) if len(found) > 2 else ()
    found += [line("dark", 2, [(x * wide, high * 0.2), (x * wide, high * 1.8)]) for x in upright]
    found += [box("yellow", -wide, high, 2 * wide, 5)] if can and maybe(rng, 0.6) else []
    found.append(box("metal", -8, -12, 16, 15))
    lever = [(2, -12), (wide * 0.7, -10), (wide * 1.15, high * 0.4), (wide * 1.1, high)]
    found.append(line(one_of(rng, "metal steel green"), 5, lever))
    found += [ring("gold", 2.5, -18, -8, some(rng, 6, 9)), line("gold", 2, [(-10, -8), (0, -8)])]
    return posed(rng, found, 0.3)


def round_bomb(rng: Generator) -> Strokes:
    """A round bomb with a fuse."""
    size, tall = some(rng, 26, 36), some(rng, 6, 12)
    body = one_of(rng, "dark dark metal grip")
    fuse = wave(0, 0, some(rng, 20, 40), some(rng, 3, 9), some(rng, 0.5, 1.3))
    found = [disc(body, 0, 0, size), box(body, -9, -size - tall + 3, 18, tall)]
    found += [disc("white", -size * 0.4, -size * 0.4, 5, 7)] if maybe(rng, 0.6) else []
    found += moved([line("wood", 3, fuse)], 0, -size - tall + 3, some(rng, -1.3, -0.3))
    spark = found[-1].points[-1]
    if maybe(rng, 0.75):
        found.append(filled("yellow", burst(rng, float(spark[0]), float(spark[1]), 11, 7)))
    return posed(rng, found, 0.3)


def sticks(rng: Generator) -> Strokes:
    """Sticks of dynamite."""
    wide, long, number = some(rng, 11, 18), some(rng, 40, 75), count(rng, 1, 6)
    found = [box("red", n * wide * 1.05, 0, wide, long, 1) for n in range(number)]
    full = number * wide * 1.05
    found += [
        box("dark", -1, long * level, full + 1, 6) for level in (0.25, 0.7)[: count(rng, 0, 2)]
    ]
    bow = wave(0, 0, some(rng, 20, 36), 5, some(rng, 0.5, 1.2))
    found += moved([line("grey", 2.5, bow)], full / 2, 2, some(rng, -1.4, -0.6))
    if maybe(rng, 0.6):
        x, y = found[-1].points[-1]
        found.append(filled("yellow", burst(rng, float(x), float(y), 9, 7)))
    return posed(rng, found, 0.25)


def air_bomb(rng: Generator) -> Strokes:
    """A bomb that is dropped: a drop with fins."""
    wide, long = some(rng, 14, 22), some(rng, 34, 52)
    body = one_of(rng, "green dark metal grey")
    fins = [
        (-wide * 0.5, long * 0.7),
        (-wide, long + 20),
        (wide, long + 20),
        (wide * 0.5, long * 0.7),
    ]
    shell = ellipse(0, 0, wide, long)
    found = [filled("metal", fins), filled(body, shell), box(body, -5, long - 8, 10, 24)]
    found.append(box("yellow", -wide * 0.97, some(rng, -14, 4), wide * 1.94, 5))
    return posed(rng, moved(found, turn=np.pi), 0.5)


BLADES: tuple[Scene, ...] = (
    Scene("knives", "weapons", ("a knife", "a big knife", "a blade"), knife, share=4),
    Scene("machetes", "weapons", ("a machete", "a broad knife"), machete, share=2),
    Scene("swords", "weapons", ("a sword", "a long blade"), sword, share=3),
    Scene("crossed swords", "weapons", ("crossed swords", "two swords"), crossed_swords, share=2),
    Scene("sabres", "weapons", ("a sabre", "a scimitar"), sabre, share=2),
    Scene("axes", "weapons", ("an axe", "a hatchet"), axe, share=3),
    Scene("spears", "weapons", ("a spear", "a lance"), lambda r: spear(r, 0)),
    Scene("halberds", "weapons", ("a halberd",), lambda r: spear(r, 1)),
    Scene("throwing stars", "weapons", ("a throwing star", "a shuriken"), throwing_star, share=2),
    Scene("maces", "weapons", ("a spiked mace",), lambda r: flail(r, 0)),
    Scene("flails", "weapons", ("a flail", "a spiked ball on a chain"), lambda r: flail(r, 1)),
    Scene("grenades", "weapons", ("a hand grenade", "a grenade"), grenade, share=4),
    Scene("round bombs", "weapons", ("a bomb", "a bomb with a fuse"), round_bomb, share=3),
    Scene("dynamite sticks", "weapons", ("dynamite", "explosives"), sticks, share=2),
    Scene("air bombs", "weapons", ("an air-dropped bomb", "an aerial bomb"), air_bomb, share=2),
)
