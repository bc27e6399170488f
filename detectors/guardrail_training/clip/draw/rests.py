"""People at rest and what they wear, none of them hurt, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    PLASTICS,
    SKINS,
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
)


def scarf(rng: Generator) -> Strokes:
    """A knitted scarf: it hangs from a loop, with stripes and fringes."""
    colour, band = one_of(rng, "red red orange green blue"), one_of(rng, "white yellow dark")
    wide, found = some(rng, 13, 19), Strokes()
    for side, long in ((-1, some(rng, 34, 64)), (1, some(rng, 30, 64))):
        tail = [box(colour, -wide / 2, 0, wide, long)]
        tail += [
            box(band, -wide / 2, long * part, wide, 4)
            for part in (0.45, 0.65, 0.85)[: count(rng, 0, 3)]
        ]
        tail += [
            line(colour, 1.8, [(x, long), (x, long + 8)])
            for x in np.linspace(1 - wide / 2, wide / 2 - 1, 5)
        ]
        found += moved(tail, side * wide * 0.55, 10, side * -some(rng, -0.05, 0.35))
    found.append(ring(colour, wide * 0.8, 0, 0, some(rng, 20, 26), some(rng, 11, 16)))
    return posed(rng, [*found, curved(colour, [(-11, 4), (11, 4), (9, 22), (-9, 22)])], 0.15, 0.05)


def _head(rng: Generator) -> tuple[Strokes, float, float]:
    """Shoulders and a bare face around the origin, with its half width and half height."""
    skin, wide, high = one_of(rng, SKINS), some(rng, 22, 27), some(rng, 26, 32)
    found = [box(one_of(rng, PLASTICS), -34, high + 10, 68, 22, 2), box(skin, -8, high - 6, 16, 22)]
    found += [disc(skin, side * wide, 0, 5, 7) for side in (-1, 1)]
    return [*found, disc(skin, 0, 0, wide, high)], wide, high


def _eyes(wide: float) -> Strokes:
    return [disc("dark", side * wide * 0.42, -4, 3) for side in (-1, 1)]


def portrait(rng: Generator) -> Strokes:
    """A face with orange or red hair, short or long."""
    found, wide, high = _head(rng)
    hair, low, part = one_of(rng, "orange orange red"), some(rng, 4, 44), some(rng, -10, 10)
    back = [(-wide - 9, low), (-wide - 8, -high), (0, -high - 16), (wide + 8, -high)]
    front = [(-wide, -4), (-wide, -high), (0, -high - 8), (wide, -high), (wide, -4)]
    found.insert(0, curved(hair, [*back, (wide + 9, low)], 2))
    found += [*_eyes(wide), curved(hair, [*front, (part, -high * 0.6)], 1)]
    smile = [(-10, high * 0.42), (0, high * some(rng, 0.5, 0.65)), (10, high * 0.42)]
    if maybe(rng, 0.3):
        found += [ring("dark", 2, side * wide * 0.42, -4, 7) for side in (-1, 1)]
    found += [
        disc("wood", some(rng, -14, 14), some(rng, 4, 11), 1) for _ in range(count(rng, 0, 6))
    ]
    return posed(rng, [*found, line("grip", 2.2, smile)], 0.05, 0.0)


def clown(rng: Generator) -> Strokes:
    """A face with a red nose, a painted mouth and woolly hair; maybe with a hat."""
    found, wide, high = _head(rng)
    hair, size = one_of(rng, "orange green blue red pink"), some(rng, 9, 13)
    found += [disc(hair, s * (wide + 3), y, size) for s in (-1, 1) for y in (-18, -4)]
    found += [disc("white", side * wide * 0.42, -5, 8, 10) for side in (-1, 1)] + _eyes(wide)
    mouth = [(-11, high * 0.42), (0, high * some(rng, 0.55, 0.7)), (11, high * 0.42)]
    found += [line("white", 9, mouth), line("red", 4, mouth), disc("red", 0, 4, some(rng, 6, 9))]
    if maybe(rng, 0.5):
        tip, top = some(rng, -6, 6), -high - some(rng, 18, 30)
        found.append(filled(one_of(rng, PLASTICS), [(-15, 3 - high), (15, 3 - high), (tip, top)]))
        found.append(disc("yellow", tip, top, 4))
    return posed(rng, found, 0.06, 0.0)


def _garment(rng: Generator) -> tuple[Strokes, float]:
    """A towel, a shirt or trousers that hang on two pegs, and its width."""
    colour, wide, high = one_of(rng, PLASTICS + " red red"), some(rng, 13, 20), some(rng, 22, 38)
    shoulder = [(0, 0), (wide, 0)]
    sleeves = [(wide + 6, 10), (wide, 12), (wide, high), (0, high), (0, 12), (-6, 10)]
    legs = [(wide, high), (wide * 0.6, high), (wide / 2, 10), (wide * 0.4, high), (0, high)]
    lower = ([(wide, high), (0, high)], sleeves, legs)[count(rng, 0, 2)]
    pegs = [line("wood", 2.2, [(part * wide, -3), (part * wide, 3)]) for part in (0.2, 0.8)]
    return [filled(colour, [*shoulder, *lower]), *pegs], wide


def washing_line(rng: Generator) -> Strokes:
    """Clothes on a line between two posts."""
    sag, x, found = some(rng, 2, 7), 12.0, Strokes()
    while x < 76:
        garment, wide = _garment(rng)
        found += moved(garment, x, 12 + sag * 0.8)
        x += wide + some(rng, 7, 12)
    posts = [line("wood", 4, [(at, 6), (at, some(rng, 70, 92))]) for at in (4, 96)]
    rope = line("dark", 1.4, [(4, 12), (50, 12 + sag), (96, 12)])
    return posed(rng, [*posts, rope, *found], 0.03, 0.0)


def bed_from_above(rng: Generator) -> Strokes:
    """A person who sleeps in a bed, seen from above."""
    wide, long, x = some(rng, 24, 34), some(rng, 70, 90), some(rng, -6, 6)
    skin, cover = one_of(rng, SKINS), one_of(rng, PLASTICS + " red red")
    found = [box("wood", -wide, -8, 2 * wide, long + 8)]
    found += [box("grey", 2 - wide, 0, 2 * wide - 4, long - 4), box("white", x - 16, 3, 32, 18, 1)]
    found += [disc(one_of(rng, "dark wood gold orange"), x, 12, 8.5, 9), disc(skin, x, 14, 7, 8)]
    found += [line("dark", 1, [(x + s - 1.5, 14), (x + s + 1.5, 14)]) for s in (-3, 3)]
    found.append(box(cover, 2 - wide, 26, 2 * wide - 4, long - 30))
    return posed(rng, [*found, box("white", 2 - wide, 23, 2 * wide - 4, 6)], 0.15, 0.1)


def bed_from_the_side(rng: Generator) -> Strokes:
    """A person who sleeps in a bed, seen from the side."""
    rise, skin = some(rng, 10, 18), one_of(rng, SKINS)
    found = [line("wood", 6, [(-44, 40), (-44, -some(rng, 10, 22))])]
    found += [line("wood", 6, [(46, 40), (46, 6)]), box("wood", -44, 24, 90, 8)]
    found += [box("white", -42, 12, 86, 14), box("white", -42, 3, 26, 11, 1)]
    found += [disc(one_of(rng, "dark wood gold orange"), -28, -3, 9), disc(skin, -26, -2, 8)]
    hump = [(-20, 12), (-14, 12 - rise), (0, 10 - rise), (18, 12 - rise * 0.6)]
    hump += [(38, 6 - rise * 0.5), (44, 14), (44, 22), (-20, 22)]
    found.append(curved(one_of(rng, PLASTICS + " red red"), hump, 2))
    return posed(rng, [*found, line("dark", 1.2, [(-27, -6), (-25, -6)])], 0.03, 0.0)


def stretcher(rng: Generator) -> Strokes:
    """A person who stretches on a mat: a bridge of the body, or a bow to the feet."""
    skin, top, legs = one_of(rng, SKINS), one_of(rng, PLASTICS), one_of(rng, "dark blue purple red")
    found = [box(one_of(rng, "purple green blue red pink"), -50, 30, 100, some(rng, 4, 7))]
    high, hair = some(rng, -28, -12), disc(one_of(rng, "dark wood orange"), -2, -2, 8)
    if maybe(rng, 0.5):
        found += [
            line(skin, 6, [(-18, high + 14), (-42, 27)]),
            line(legs, 8, [(0, high), (36, 27)]),
        ]
        found += [line(top, 11, [(-20, high + 16), (0, high)]), disc(skin, -14, high + 32, 7)]
        return posed(rng, [*found, *moved([hair], -14, high + 33, size=0.6)], 0.04, 0.0)
    found += [
        line(legs, 8, [(-30, 25), (38, 25), (40, 14)]),
        line(skin, 6, [(-4, high + 14), (34, 14)]),
    ]
    found += [line(top, 11, [(-28, 22), (-8, high + 14)]), *moved([hair], 2, high + 6)]
    return posed(rng, [*found, disc(skin, 4, high + 7, 7)], 0.04, 0.0)


RESTS: tuple[Scene, ...] = (
    Scene("scarves", "", ("a scarf", "a knitted scarf"), scarf),
    Scene("portraits", "", ("a portrait", "a person with red hair"), portrait),
    Scene("clowns", "", ("a clown", "a person with a clown nose"), clown, share=2),
    Scene("washing lines", "", ("clothes on a line",), washing_line),
    Scene("beds from above", "", ("a person asleep in a bed",), bed_from_above, share=2),
    Scene("beds from the side", "", ("a person who sleeps in a bed",), bed_from_the_side, share=2),
    Scene("stretchers", "", ("a person who stretches on a mat",), stretcher, share=2),
)
