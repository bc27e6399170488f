"""Weapons in hands, on belts and strapped on, of another shape every time."""

from __future__ import annotations

from typing import Any

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, burst, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    METALS,
    SKINS,
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

_SLEEVES = "dark dark blue green grey red white"


def fist(rng: Generator, wide: float, step: float) -> Strokes:
    """Four fingers around a handle at the origin, and an arm that comes from the left."""
    skin, long = one_of(rng, SKINS), some(rng, 24, 44)
    found = [bar(skin, (-6, step * 1.4), (-long, step * 2.6), step * 3.4, step * 2.6)]
    found.append(
        bar(one_of(rng, _SLEEVES), (-long + 5, step * 2.4), (-long - 34, step * 3.6), 26, 34)
    )
    found.append(curved(skin, [(-12, -4), (4, -5), (5, step * 3.6), (-12, step * 3.6)], 1))
    for n in range(4):
        y = n * step
        found.append(line("grip", step * 0.98, [(-3, y), (wide, y)]))
        found.append(line(skin, step * 0.84, [(-3, y), (wide, y)]))
    return found


def gun_in_hand(rng: Generator) -> Strokes:
    """A hand that holds a pistol or a revolver, the finger at its trigger."""
    iron, long, deep = one_of(rng, "dark dark metal steel"), some(rng, 44, 66), some(rng, 12, 18)
    found = fist(rng, some(rng, 10, 14), some(rng, 9, 11))
    gun = [bar(iron, (2, -8), (-4, 40), 15, 17)]
    if maybe(rng, 0.55):
        gun += [box(iron, -14, -10 - deep, long + 14, deep), box("grey", -10, -10 - deep, 12, 5)]
        gun += [line("grey", 1.4, [(4, -13), (long, -13)]), box(iron, long - 6, -14 - deep, 4, 5)]
    else:
        drum = some(rng, 9, 12)
        gun += [
            box(iron, 10, -8 - deep, long - 6, deep * 0.55),
            box(iron, -10, -9 - deep, 36, deep),
        ]
        gun += [disc("metal" if iron == "dark" else "dark", 12, -3 - deep, drum + 2, drum)]
        gun += [line("grey", 1.6, [(4, -3 - deep + n), (20, -3 - deep + n)]) for n in (-4, 3)]
        gun += [line(iron, 5, [(-9, -10 - deep), (-16, -18 - deep)])]
    gun.append(ring(iron, 3, 19, -4, 9, 7))
    if maybe(rng, 0.3):
        tip = burst(rng, long + 14, -5 - deep, 15, 7)
        gun += [filled("orange", tip), disc("yellow", long + 12, -5 - deep, 6)]
    return posed(rng, [*gun, *found], 0.15, 0.0)


def knife_in_hand(rng: Generator) -> Strokes:
    """A fist around a knife, its blade up or down."""
    long, wide, step = some(rng, 44, 72), some(rng, 11, 18), some(rng, 9, 11)
    iron, hand = one_of(rng, "steel steel grey metal"), one_of(rng, "dark wood grip red")
    kind = count(rng, 0, 2)
    base = [(-wide / 2, 0), (-wide / 2, -long * 0.62)]
    if kind == 0:
        blade = [*base, (0, -long), (wide / 2, -long * 0.7), (wide / 2, 0)]
    elif kind == 1:
        blade = [*base, (-wide / 2, -long), (wide / 2, -long * 0.72), (wide / 2, 0)]
    else:
        blade = [(-wide * 0.3, 0), (-wide * 0.7, -long * 0.7), (0, -long), (wide / 2, -long * 0.6)]
        blade.append((wide * 0.3, 0))
    knife = [filled(iron, blade), box(hand, -wide * 0.65, -2, wide * 1.3, 5)]
    knife += [line("white", 1.2, [(wide * 0.15, -5), (wide * 0.1, -long * 0.7)])]
    grip = step * 4 + some(rng, 5, 14)
    if maybe(rng, 0.4):
        whole = [*moved(knife, 2, grip - 10, turn=np.pi), bar(hand, (2, -10), (2, grip), 11, 10)]
    else:
        whole = [*moved(knife, 2, -9), bar(hand, (2, -9), (2, grip), 10, 11)]
    return posed(rng, [*whole, *fist(rng, some(rng, 9, 13), step)], 0.3, 0.1)


def holster(rng: Generator) -> Strokes:
    """A holster on a belt with the grip of a gun that looks out of it."""
    hide, iron = one_of(rng, "wood wood grip dark gold"), one_of(rng, "dark dark metal")
    wide, long, end = some(rng, 34, 46), some(rng, 56, 84), some(rng, 14, 24)
    gun = [bar(iron, (4, 4), (-26, -24), 17, 20), box(iron, -8, -12, wide - 2, 22)]
    gun += [line("dark", 5, [(-6, -12), (-14, -18)]), ring(iron, 3, -4, 14, 9, 9)]
    gun.append(bar(one_of(rng, "wood grip metal"), (-10, -8), (-24, -22), 10, 13))
    belt = [box(hide, -34, -10 + some(rng, 12, 24), wide + 72, some(rng, 12, 18))]
    body = [(0, 0), (wide, -4), (wide - 2, long * 0.5), (wide * 0.75, long)]
    body += [(wide * 0.75 - end, long), (2, long * 0.42)]
    found = belt if maybe(rng, 0.6) else []
    found += [*gun, curved(hide, body, 1), line("dark", 1.6, [(5, 6), (wide - 5, 3)])]
    stitch = [(5, 8), (7, long * 0.42), (wide * 0.75 - end + 4, long - 5)]
    found += [line("gold" if hide != "gold" else "grip", 1.4, stitch)]
    if maybe(rng, 0.6):
        found += [bar("dark", (wide * 0.7, 14), (4, -14), 9, 7), disc("gold", wide * 0.7, 14, 3)]
    return posed(rng, found, 0.15, 0.0)


def gun_magazine(rng: Generator) -> Strokes:
    """One to three magazines of a gun, straight or bent, cartridges at their mouths."""
    long, wide, bend = some(rng, 60, 90), some(rng, 24, 36), some(rng, 0, 34)
    case, tip = one_of(rng, METALS + " wood green"), one_of(rng, "gold wood metal red")
    ribs, found = count(rng, 2, 5), Strokes()
    for n in range(count(rng, 1, 3)):
        at = np.linspace(0, 1, 7)
        left = [(float(bend * t * t), float(long * t)) for t in at]
        right = [(x + wide, y + bend * 0.25 * y / long - 2) for x, y in reversed(left)]
        one = Strokes()
        for y in (-3, -10):
            one += [bar("gold", (3, y), (wide - 9, y - 2), 7, 7)]
            one += [bar(tip, (wide - 9, y - 2), (wide + 4, y - 3), 6.6, 2)]
        one += [filled(case, [*left, *right])]
        shade = "grey" if case == "dark" else "dark"
        for part in np.linspace(0.2, 0.9, ribs).tolist():
            x, y = bend * part * part, long * part
            one.append(line(shade, 1.8, [(x + 4, y), (x + wide - 4, y - 2)]))
        one.append(bar("dark", (bend - 2, long), (bend + wide + 2, long + bend * 0.25), 6, 6))
        found += moved(one, n * (wide + 12), some(rng, -4, 4))
    return posed(rng, found, 0.2, 0.1)


def _grenade(rng: Generator, colour: str, size: float) -> Strokes:
    found = [box("metal", -size * 0.3, -size * 1.5, size * 0.6, size * 0.7)]
    found += [line("steel", 2.4, [(0, -size * 1.5), (size, -size * 1.3), (size * 1.15, 0)])]
    found += [ring("gold", 1.6, -size * 0.7, -size * 1.3, size * 0.4)]
    found.append(disc(colour, 0, 0, size, size * some(rng, 1.1, 1.3)))
    found += [
        line("dark", 1.4, [(-size * 0.8, size * at), (size * 0.8, size * at)])
        for at in (-0.4, 0.1, 0.6)
    ]
    return [
        *found,
        *(line("dark", 1.4, [(x * size, -size), (x * size, size)]) for x in (-0.3, 0.3)),
    ]


def grenade_belt(rng: Generator) -> Strokes:
    """A belt from which grenades hang, or on which cartridges are."""
    hide, buckle = one_of(rng, "wood grip dark green gold"), one_of(rng, "gold steel metal")
    long, high, bow = some(rng, 90, 120), some(rng, 10, 16), some(rng, 0, 26)
    at = np.linspace(0, 1, 15)
    path = np.stack([long * at, bow * np.sin(np.pi * at)], 1)
    found = [line(hide, high, path)]
    number, size = count(rng, 2, 4), some(rng, 11, 15)
    colour = one_of(rng, "green green grip dark metal")
    for part in np.linspace(0.14, 0.86, number).tolist():
        x, y = long * part, bow * float(np.sin(np.pi * part))
        one = _grenade(rng, colour, min(size, long / number * 0.4))
        found += moved(one, x, y + high + size * 0.5)
        found.append(box("dark", x - 4, y - high * 0.5, 8, high + 3))
    found += [box(buckle, -5, -high * 0.6, 9, high * 1.2), disc(hide, 0, 0, 2)]
    return posed(rng, found, 0.2, 0.05)


def cartridge_belt(rng: Generator) -> Strokes:
    """A belt of many cartridges side by side, hanging in a bow or lying in a wave."""
    number, gap, long = count(rng, 6, 10), some(rng, 10, 12), some(rng, 38, 56)
    case, tip, link = one_of(rng, "gold gold wood"), one_of(rng, "metal wood red"), "dark"
    at = np.arange(number) * gap
    bow, turns = some(rng, 4, 16), 0.5 if maybe(rng, 0.6) else 1.0
    path = wave(0, 0, float(at[-1]), bow, turns, number)
    found = Strokes()
    slopes: Any = np.gradient(path, axis=0)
    for (x, y), (dx, dy) in zip(path.tolist(), slopes.tolist(), strict=True):
        one = [box(case, -gap * 0.38, -long * 0.4, gap * 0.76, long * 0.6)]
        one += [bar(tip, (0, long * 0.2), (0, long * 0.6), gap * 0.62, 1)]
        one.append(box("metal", -gap * 0.42, -long * 0.46, gap * 0.84, 3))
        found += moved(one, x, y, turn=-float(np.arctan2(dy, dx)))
    found += [line(link, 2.6, np.add(path, (0, long * shift))) for shift in (-0.16, 0.06)]
    return posed(rng, found, 0.4, 0.2)


def bomb_vest(rng: Generator) -> Strokes:
    """A vest with explosive charges, wires and maybe a switch on a cable."""
    cloth, wide, high = (
        one_of(rng, "green grip dark gold grey"),
        some(rng, 34, 42),
        some(rng, 74, 96),
    )
    hole, tube = some(rng, 8, 13), one_of(rng, "red red wood gold steel")
    half = [(-wide, high), (-wide, high * 0.45), (-wide + hole, high * 0.25), (-wide + hole, 0)]
    half += [(-hole, 0), (-2, high * 0.3), (-2, high)]
    found = [filled(cloth, half), filled(cloth, [(-x, y) for x, y in half])]
    number, size = count(rng, 3, 4), some(rng, 24, 36)
    top = high * 0.45
    thick = (wide - 6) / number
    for way in (-1, 1):
        for n in range(number):
            x = way * (4 + (n + 0.5) * thick)
            found.append(box(tube, x - thick * 0.42, top, thick * 0.84, size))
            wire = [(x, top), (x, top - 6), (way * 3, top - some(rng, 8, 15))]
            found.append(line(one_of(rng, "yellow blue white"), 1.6, wire))
    found += [
        line("dark", 3.4, [(-wide + 2, y), (wide - 2, y)])
        for y in (top + size * 0.2, top + size * 0.72)
    ]
    found += [box("dark", -6, top - 18, 12, 9), disc("red", 0, top - 13, 2)]
    if maybe(rng, 0.6):
        cable = [
            (6, top - 12),
            (wide + 8, top - 20),
            (wide + 15, top + 10),
            (wide + 13, high * 0.8),
        ]
        found += [line("red", 2, cable), box("dark", wide + 8, high * 0.8, 10, 18)]
        found.append(disc("red", wide + 13, high * 0.8, 3.5))
    return posed(rng, found, 0.07, 0.0)


def canister_bomb(rng: Generator) -> Strokes:
    """A petrol canister or a gas bottle made into a bomb: charges taped on, wires, a fuse."""
    colour, wide, high = (
        one_of(rng, "red green blue metal orange"),
        some(rng, 40, 58),
        some(rng, 56, 76),
    )
    half = wide / 2
    if maybe(rng, 0.45):
        half, wide, high = half * 0.76, wide * 0.76, high * 1.15
        found = [box(colour, -half, 0, wide, high, 2), box("metal", -5, -9, 10, 12)]
        found += [line("dark", 3, [(-12, 2), (-12, -14), (12, -14), (12, 2)])]
    else:
        body = [(-half, 8), (-half + 8, 0), (half - 14, 0), (half, 12), (half, high), (-half, high)]
        found = [bar("dark", (half - 8, 6), (half + 6, -10), 10, 9), filled(colour, body)]
        found += [line(colour, 5, [(-half + 12, 0), (-half + 14, -9), (4, -9), (8, 0)])]
        found += [line("dark", 1.6, [(-half + 8, 10), (half - 8, high - 8)])]
        found += [line("dark", 1.6, [(half - 8, 14), (-half + 8, high - 8)])]
    number, thick = count(rng, 2, 4), some(rng, 8, 10)
    low, left = high * some(rng, 0.22, 0.4), -number * thick / 2 + some(rng, -6, 6)
    stick = "orange" if colour == "red" else "red"
    found += [box(stick, left + n * thick, low, thick - 1, high * 0.5) for n in range(number)]
    found += [
        line("dark", 4, [(-half, low + high * at), (half, low + high * at)]) for at in (0.12, 0.36)
    ]
    x = left + number * thick / 2
    for name in ("yellow", "blue"):
        bow = wave(x, low, some(rng, 18, 40), some(rng, 4, 9), 1)
        found.append(line(name, 1.8, bow))
    end = (x + some(rng, -26, 4), -some(rng, 16, 30))
    found += [line("wood", 2.6, [(x, low), (x - 4, low - 12), end])]
    found += [filled("orange", burst(rng, *end, 11, 7)), filled("yellow", burst(rng, *end, 6, 5))]
    return posed(rng, found, 0.07, 0.0)


def mortar_round(rng: Generator) -> Strokes:
    """One to three rounds of a mortar: drops with a thin tail and fins."""
    colour, tip = one_of(rng, "green green gold metal dark"), one_of(rng, "gold steel red")
    wide, long, tail = some(rng, 11, 17), some(rng, 40, 62), some(rng, 18, 34)
    found = Strokes()
    for n in range(count(rng, 1, 3)):
        one = [bar("dark", (0, long * 0.9), (0, long + tail), 6, 6)]
        for x in (-11, 0, 11):
            foot = long + tail
            one.append(bar("metal", (0, foot - 13), (x, foot + 2), 4, 4))
        one.append(box("metal", -12, long + tail - 3, 24, 7))
        side = [(3, -6), (wide * 0.75, long * 0.14), (wide, long * 0.36), (wide * 0.8, long * 0.62)]
        side += [(4, long)]
        one.append(curved(colour, [*((-x, y) for x, y in reversed(side)), *side], 1))
        one += [filled(tip, [(-6, 4), (-3, -12), (3, -12), (6, 4)])]
        one.append(box("yellow", -wide * 0.93, long * 0.3, wide * 1.86, 4))
        found += moved(one, n * (wide * 2 + 8), some(rng, -4, 4))
    return posed(rng, found, 0.3, 0.2)


GUN_GEAR: tuple[Scene, ...] = tuple(
    Scene(name, "weapons", captions, make, share=2)
    for name, captions, make in (
        ("guns in hands", ("a hand with a gun", "a hand that aims a weapon"), gun_in_hand),
        (
            "knives in hands",
            ("a hand with a knife", "a fist with a blade, a weapon"),
            knife_in_hand,
        ),
        ("holsters", ("a gun in a holster", "a holster with a weapon"), holster),
        ("magazines", ("a gun magazine", "ammunition of a weapon"), gun_magazine),
        ("grenade belts", ("a belt with grenades", "grenades, weapons on a belt"), grenade_belt),
        ("cartridge belts", ("a belt of ammunition", "many cartridges of a gun"), cartridge_belt),
        ("bomb vests", ("an explosive vest", "a suicide vest, a weapon"), bomb_vest),
        ("canister bombs", ("a canister made into a bomb", "a homemade explosive"), canister_bomb),
        ("mortar rounds", ("a mortar round", "ammunition of a mortar, a weapon"), mortar_round),
    )
)
"""Weapons that are held and worn."""
