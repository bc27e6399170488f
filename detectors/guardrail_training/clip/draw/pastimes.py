"""Harmless things with sticks, ropes and handles to play and walk with, another shape each time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
    COLOURED,
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


def pool_cue(rng: Generator) -> Strokes:
    """One or two cues for billiards and balls."""
    long, butt = some(rng, 95, 120), one_of(rng, "dark wood red blue green grip")
    cue = [bar("skin", (0, 0), (long, 0), 3, 6), bar(butt, (long * 0.6, 0), (long, 0), 5.4, 7.5)]
    cue += [box("white", -2, -1.6, 5, 3.2), box("gold", long * 0.6, -3.2, 4, 6.4)]
    found = Strokes()
    if maybe(rng, 0.5):
        lean = some(rng, 0.25, 0.5)
        found += moved(cue, 0, 0, turn=lean)
        found += moved(cue, some(rng, -8, 8), -long * some(rng, 0.35, 0.5), turn=-lean)
    else:
        found += cue
    size = some(rng, 8, 11)
    for n in range(count(rng, 1, 5)):
        colour = "white" if n == 0 else one_of(rng, COLOURED + " dark")
        x, y = -size * 1.6 - (n + 1) // 2 * size * 2, (n % 3 - 1) * size * 1.6 * (n > 0)
        found += [disc(colour, x, y, size), disc("white", x - 2, y - 2, size * 0.4)]
        found.append(ring("dark", 1, x, y, size))
    return posed(rng, found, 0.3, 0.15)


def drum(rng: Generator) -> Strokes:
    """A drum with two drumsticks."""
    half, high, flat = some(rng, 28, 40), some(rng, 22, 52), some(rng, 0.22, 0.4)
    colour, rim = one_of(rng, "red blue green orange wood purple"), one_of(rng, "gold white steel")
    found = [disc(colour, 0, high, half, half * flat), box(colour, -half, 0, half * 2, high)]
    number = count(rng, 3, 6)
    at = np.linspace(-half, half, number * 2 + 1).tolist()
    edge = [(x, 8 if n % 2 else high - 2) for n, x in enumerate(at)]
    found += [line("white" if rim != "white" else "gold", 1.8, edge)]
    found += [line(rim, 4, [(-half, high), (half, high)]), disc("white", 0, 0, half, half * flat)]
    found.append(ring(rim, 4, 0, 0, half, half * flat))
    long = some(rng, 44, 66)
    for way in (-1, 1):
        lean = some(rng, 0.5, 1.1)
        end = (way * (8 + long * float(np.sin(lean))), -long * float(np.cos(lean)))
        found += [bar("wood", (way * 6, -2), end, 3, 4.6), disc("wood", way * 6, -2, 3.6)]
    return posed(rng, found, 0.1, 0.0)


def violin(rng: Generator) -> Strokes:
    """A violin and its bow."""
    wide, waist, high = some(rng, 19, 25), some(rng, 10, 14), some(rng, 54, 66)
    wood, neck = one_of(rng, "wood wood orange red grip"), some(rng, 34, 48)
    side = [(3, 0), (wide * 0.8, 1), (wide * 0.85, high * 0.25), (waist, high * 0.42)]
    side += [(waist, high * 0.55), (wide, high * 0.7), (wide, high * 0.95), (4, high)]
    found = [curved(wood, [*side, *((-x, y) for x, y in reversed(side))], 2)]
    found += [
        bar("dark", (0, -neck), (0, high * 0.5), 5, 8),
        bar("dark", (0, high * 0.75), (0, high), 8, 4),
    ]
    found += [line("white", 0.9, [(x, -neck), (x * 2, high * 0.8)]) for x in (-1.2, 1.2)]
    found += [box("skin", -8, high * 0.64, 16, 3.4), disc(wood, 0, -neck - 4, 6, 7)]
    found += [line("dark", 3, [(-9, -neck + y), (9, -neck + y)]) for y in (0, 6)]
    found += [line("dark", 1.8, [(x, high * 0.5), (x * 1.2, high * 0.68)]) for x in (-9, 9)]
    bow, x = some(rng, 84, 104), wide + some(rng, 8, 16)
    bent = [(x, -neck), (x + 6, -neck + bow * 0.5), (x + 2, -neck + bow)]
    stick = [
        line("wood", 2.8, bent),
        line("white", 1.4, [(x - 3, -neck + 2), (x - 3, -neck + bow - 3)]),
    ]
    stick += [
        box("dark", x - 4, -neck + bow - 10, 7, 8),
        line("wood", 2.4, [(x, -neck), (x - 3, -neck + 2)]),
    ]
    return posed(rng, [*found, *stick], 0.35, 0.2)


def crutch(rng: Generator) -> Strokes:
    """One or two crutches."""
    long, wide = some(rng, 84, 104), some(rng, 8, 13)
    rod, pad = one_of(rng, "steel wood grey metal"), one_of(rng, "dark grey blue grip")
    if maybe(rng, 0.5):
        one = [line(rod, 3.2, [(-wide, 0), (-wide * 0.9, long * 0.5), (0, long * 0.76), (0, long)])]
        one += [line(rod, 3.2, [(wide, 0), (wide * 0.9, long * 0.5), (0, long * 0.76)])]
        one += [curved(pad, [(-wide - 4, 3), (-wide - 2, -6), (wide + 2, -6), (wide + 4, 3)], 1)]
        one.append(line(pad, 5.5, [(-wide, long * 0.36), (wide, long * 0.36)]))
    else:
        one = [
            line(rod, 4, [(0, long * 0.24), (0, long)]),
            line(rod, 4, [(0, long * 0.24), (-7, 0)]),
        ]
        one += [line(pad, 6.5, [(-2, long * 0.26), (17, long * 0.24)])]
        one.append(line(pad, 5, [(-12, 8), (-14, 0), (-6, -5), (6, -3), (8, 5)]))
    one += [box("dark", -4, long - 2, 8, 8, 1)]
    one += [disc("dark", 0, long * at, 1.2) for at in (0.82, 0.87, 0.92)]
    if maybe(rng, 0.5):
        return posed(rng, [*one, *moved(one, wide * 2 + 18, some(rng, -5, 5))], 0.12, 0.0)
    return posed(rng, one, 0.4, 0.2)


def walking_stick(rng: Generator) -> Strokes:
    """A walking stick in one piece, with a crook, a straight grip or four feet."""
    long, thick = some(rng, 70, 96), some(rng, 5, 7.5)
    wood, kind = one_of(rng, "wood wood grip dark"), count(rng, 0, 2)
    found = [bar(wood, (0, 0), (0, long), thick, thick * 0.8)]
    if kind == 0:
        size = some(rng, 8, 14)
        turn = np.linspace(np.pi, 2.2 * np.pi, 14)
        crook = np.stack([-size * np.cos(turn) - size, size * np.sin(turn)], 1)
        found.append(line(wood, thick, crook))
    elif kind == 1:
        found.append(curved(wood, [(-8, -5), (24, -7), (30, -1), (24, 3), (-8, 3)], 1))
    else:
        found.append(line("dark", 7, [(-4, 0), (18, -3)]))
        for x in (-15, -6, 6, 15):
            found += [
                line("steel", 2.6, [(0, long - 12), (x, long - 8), (x, long + 3)]),
                disc("dark", x, long + 4, 3),
            ]
    found.append(box("dark", -thick * 0.55, long - 2, thick * 1.1, 7, 1))
    for _ in range(count(rng, 0, 3)):
        found.append(disc("dark", some(rng, -1, 1), long * some(rng, 0.2, 0.8), 1.6))
    return posed(rng, found, 0.4, 0.25)


def megaphone(rng: Generator) -> Strokes:
    """A megaphone with a handle, maybe with lines of sound."""
    long, wide, narrow = some(rng, 46, 70), some(rng, 20, 32), some(rng, 6, 10)
    colour, trim = one_of(rng, BRIGHT), one_of(rng, "red grey blue orange")
    trim = "dark" if trim == colour else trim
    found = [bar("dark", (2, narrow * 0.5), (-2, narrow + 24), 9, 8)]
    found += [filled(colour, [(0, -narrow), (long, -wide), (long, wide), (0, narrow)])]
    found += [
        box(trim, -14, -narrow - 2, 18, narrow * 2 + 4, 1),
        box("dark", -20, -narrow * 0.6, 7, narrow * 1.2),
    ]
    found += [
        disc(trim, long, 0, wide * some(rng, 0.2, 0.35), wide),
        disc("dark", long, 0, 4, wide * 0.5),
    ]
    if maybe(rng, 0.5):
        start = long + wide * 0.5
        found += [line("dark", 2.6, [(start, y), (start + 18, y * 1.7)]) for y in (-14, 0, 14)]
    if maybe(rng, 0.3):
        found.append(line("dark", 2, [(-10, narrow), (12, narrow + 22), (long * 0.6, wide * 0.7)]))
    return posed(rng, found, 0.2, 0.05)


def bicycle_pump(rng: Generator) -> Strokes:
    """A floor pump for bicycles with a hose."""
    long, thick, rod = some(rng, 56, 80), some(rng, 9, 15), some(rng, 8, 28)
    colour, grip = one_of(rng, BRIGHT + " metal steel dark"), some(rng, 15, 24)
    found = [line("dark", 3, np.concatenate([wave(thick / 2, long - 8, some(rng, 18, 30), 5, 0.7),
             [(some(rng, 26, 36), long * 0.3)]]))]  # fmt: skip
    found += [box("steel", -2.4, -rod, 5, rod + 3), box(colour, -thick / 2, 0, thick, long)]
    found += [
        line("dark", 7, [(-grip, -rod), (grip, -rod)]),
        box("dark", -thick * 0.6, -3, thick * 1.2, 7),
    ]
    found += [line("metal", 6, [(-22, long + 2), (22, long + 2)])]
    x, size = some(rng, 0, 6), some(rng, 8, 11)
    if maybe(rng, 0.6):
        found += [disc("white", x, long - size, size), ring("dark", 2, x, long - size, size)]
        found.append(line("red", 1.8, [(x, long - size), (x + 4, long - size * 1.5)]))
    return posed(rng, found, 0.08, 0.0)


def tongs(rng: Generator) -> Strokes:
    """Tongs for the barbecue or for salad, open, maybe with a sausage."""
    long, gape = some(rng, 76, 104), some(rng, 0.12, 0.3)
    iron, grip = one_of(rng, "steel metal grey wood"), one_of(rng, "dark red wood grip blue")
    found = Strokes()
    for way in (-1, 1):
        arm = [
            bar(iron, (0, 0), (long, 0), 5, 7),
            bar(grip, (long * 0.1, 0), (long * 0.5, 0), 8, 8),
        ]
        arm.append(disc(iron, long, 0, 9, some(rng, 5, 8)))
        arm += [line(iron, 2.4, [(long + n, 0), (long + n + 2, -way * 7)]) for n in (-5, 0, 5)]
        found += moved(arm, turn=way * gape)
    found += [disc(iron, 0, 0, 6), ring("dark", 2, -8, 0, 5)]
    if maybe(rng, 0.5):
        x = long * 0.98
        found.append(line("orange", 12, [(x, -14), (x + 4, 0), (x, 14)]))
    return posed(rng, found, 0.5, 0.3)


def skipping_rope(rng: Generator) -> Strokes:
    """A skipping rope with two handles."""
    wide, deep, grip = some(rng, 26, 46), some(rng, 46, 80), some(rng, 20, 28)
    rope, hand = one_of(rng, COLOURED + " white"), one_of(rng, BRIGHT + " wood")
    turn = np.linspace(np.pi, 0, 22)
    bow = np.stack([wide * np.cos(turn) * (1 + 0.3 * np.sin(turn)), deep * np.sin(turn)], 1)
    found = [line(rope, 3, bow)]
    if maybe(rng, 0.5):
        loop = wave(-wide * 0.8, deep + 6, wide * 1.6, 7, 1.5)
        found = [line(rope, 3, np.concatenate([bow[:1], loop, bow[-1:]]))]
    for x in (-wide, wide):
        found += [bar(hand, (x, 0), (x, -grip), 7, 9), disc(hand, x, -grip, 5, 4)]
        found += [box("white", x - 4, -grip * at, 8, 2.4) for at in (0.4, 0.7)]
    return posed(rng, found, 0.2, 0.1)


def skittles(rng: Generator) -> Strokes:
    """One to four bowling pins, maybe with a ball."""
    high, wide = some(rng, 60, 78), some(rng, 11, 15)
    stripe, found = one_of(rng, "red red blue green"), Strokes()
    neck = some(rng, 4, 6)
    side = [(neck * 0.8, 0), (neck * 1.4, high * 0.1), (neck, high * 0.3), (wide, high * 0.6)]
    side += [(wide * 0.9, high * 0.8), (wide * 0.6, high)]
    number = count(rng, 1, 4)
    for n in range(number):
        body = curved("white", [*side, *((-x, y) for x, y in reversed(side))], 2)
        one = [body, line("grey", 1.2, body.points, closed=True)]
        one += [line(stripe, 3, [(-neck, high * at), (neck, high * at)]) for at in (0.25, 0.33)]
        found += moved(one, n * wide * 2.2, (n % 2) * some(rng, 2, 8), turn=some(rng, -0.12, 0.12))
    if maybe(rng, 0.5):
        x, size = some(rng, -30, -22), some(rng, 15, 20)
        found.append(disc(one_of(rng, "blue purple red green"), x, high - size, size))
        found += [
            disc("white", x + dx, high - size + dy, 2) for dx, dy in ((-4, -6), (3, -8), (2, -1))
        ]
    return posed(rng, found, 0.15, 0.05)


def shuttlecock(rng: Generator) -> Strokes:
    """One to three shuttlecocks of feathers."""
    wide, high, found = some(rng, 17, 26), some(rng, 34, 50), Strokes()
    cork, band = one_of(rng, "white red yellow wood"), one_of(rng, "red blue green")
    for n in range(count(rng, 1, 3)):
        one, feathers = Strokes(), count(rng, 4, 7)
        for x in np.linspace(-1, 1, feathers).tolist():
            top, half = -high - (1 - x * x) * 6, wide / feathers * 1.1
            one.append(
                filled("white", [(x * 5, 0), (x * wide - half, top), (x * wide + half, top)])
            )
            one.append(line("grey", 1.4, [(x * 5, 0), (x * wide, top)]))
        for at in (0.3, 0.5):
            one.append(
                line("grey", 1.6, [(-wide * at - 2, -high * at), (wide * at + 2, -high * at)])
            )
        one += [disc(cork, 0, 5, 8.5, 10), box(band, -8.5, -3, 17, 5)]
        found += moved(one, n * wide * 2.6, some(rng, -8, 8), some(rng, -0.5, 0.5))
    return posed(rng, found, 0.5, 0.4)


PASTIMES: tuple[Scene, ...] = tuple(
    Scene(name, "", captions, make, share=2)
    for name, captions, make in (
        ("shuttlecocks", ("a shuttlecock", "badminton shuttles, for sport"), shuttlecock),
        ("pool cues", ("a pool cue and balls", "billiards, a game"), pool_cue),
        ("drums", ("a drum with drumsticks", "a drum to make music"), drum),
        ("violins", ("a violin and a bow", "a violin to make music"), violin),
        ("crutches", ("crutches", "a crutch to walk with"), crutch),
        ("walking sticks", ("a walking stick", "a cane to walk with"), walking_stick),
        ("megaphones", ("a megaphone", "a loudspeaker with a handle"), megaphone),
        ("bicycle pumps", ("a bicycle pump", "an air pump with a hose"), bicycle_pump),
        ("tongs", ("kitchen tongs", "tongs to turn food"), tongs),
        ("skipping ropes", ("a skipping rope", "a jump rope with two handles"), skipping_rope),
        ("bowling pins", ("bowling pins", "skittles of a game"), skittles),
    )
)
"""Things to play and to walk with."""
