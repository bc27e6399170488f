"""Drugs as they are packed, carried and dealt, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Points, Strokes, burst, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
    COLOURED,
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
)


def _shard(rng: Generator, size: float) -> Strokes:
    """A splinter of crystal around the origin, lit on one side."""
    colour = one_of(rng, "white white steel blue")
    top, low = some(rng, 0.6, 1.0) * size, some(rng, 0.5, 0.9) * size
    half = size * some(rng, 0.22, 0.45)
    tip, foot = (some(rng, -3, 3), -top), (some(rng, -3, 3), low)
    outline = [tip, (half, -top * 0.4), (half * 0.8, low * 0.5), foot, (-half, low * 0.3)]
    outline.append((-half * 0.8, -top * 0.5))
    found = [filled(colour, outline)]
    found.append(filled("grey" if colour == "white" else "white", [tip, outline[1], foot]))
    return [*found, line("metal", 1, [*outline, tip])]


def crystal_bag(rng: Generator) -> Strokes:
    """A clear bag with a seal, full of splinters of crystal."""
    wide, high, seal = some(rng, 60, 84), some(rng, 70, 104), one_of(rng, "red blue green")
    found = [box("grey", 0, 0, wide, high, count(rng, 0, 1))]
    found += [box("steel", 0, 0, wide, 14), line(seal, 3, [(1, 10), (wide - 1, 10)])]
    for _ in range(count(rng, 8, 14)):
        x, y = some(rng, 16, wide - 16), high - 16 - some(rng, 0, high * 0.45)
        found += moved(_shard(rng, some(rng, 10, 16)), x, y, some(rng, -1.6, 1.6))
    found.append(line("white", 2, [(6, 22), (6, high - 10)]))
    found.append(line("metal", 1.4, [(0, 0), (wide, 0), (wide, high), (0, high), (0, 0)]))
    for n in range(count(rng, 0, 3)):
        found += moved(_shard(rng, 11), 10 + n * 24, high + 14, some(rng, 0.9, 2.1))
    return posed(rng, found, 0.15, 0.05)


def hashish(rng: Generator) -> Strokes:
    """One to three slabs of dark resin with a stamp, maybe broken, crumbs beside them."""
    number, wide, high, deep = count(rng, 1, 3), some(rng, 58, 84), some(rng, 34, 48), 12.0
    brown = one_of(rng, "grip wood wood gold")
    side = "dark" if brown == "grip" else "grip"
    found = Strokes()
    for n in range(number):
        x, y, cut = some(rng, -8, 8), -n * (deep + 5), wide * some(rng, 0.7, 1.0)
        edge = [(cut - 5, 0), (cut + 4, high * 0.3), (cut - 6, high * 0.6), (cut + 2, high)]
        top = [(6.0, 0.0), *edge, (0.0, high)]
        slab = [
            filled(side, [(0, high), (0, high + deep), (cut + 2, high + deep), (cut + 2, high)])
        ]
        slab += [filled(side, [(cut - 6, 0), (cut + 8, deep), (cut + 2, high + deep), (cut, high)])]
        slab.append(filled(brown, top))
        if n == number - 1:
            middle = (cut * 0.45, high * 0.5)
            slab += [ring("gold" if brown != "gold" else "grip", 2.4, *middle, 15, 11)]
            star = burst(rng, *middle, 9, count(rng, 5, 7))
            slab.append(filled("gold" if brown != "gold" else "grip", star))
        found += moved(slab, x, y)
    for _ in range(count(rng, 3, 9)):
        x, y = some(rng, 0, wide * 1.15), high + deep + some(rng, 5, 18)
        found.append(filled(brown, burst(rng, x, y, some(rng, 3, 8), 4)))
    if maybe(rng, 0.5):
        blade = [(0, 0), (30, -3), (36, 2), (30, 7), (0, 6)]
        knife = [filled("steel", blade), line("dark", 9, [(0, 3), (-26, 3)])]
        found += moved(knife, wide * 0.6, high + deep + 14, some(rng, -0.2, 0.2))
    return posed(rng, found, 0.1, 0.0)


def _brick(rng: Generator, wide: float, high: float, paper: str, tape: str) -> Strokes:
    """The front and top of a parcel bound with tape, its upper left front corner at the origin."""
    lift, slide = high * 0.45, wide * 0.16
    top = [(0, 0), (wide, 0), (wide + slide, -lift), (slide, -lift)]
    found = [filled(paper, top), box(paper, 0, 0, wide, high, count(rng, 0, 1))]
    end = [(wide, 0), (wide + slide, -lift), (wide + slide, high - lift), (wide, high)]
    found += [filled("grip" if paper != "grip" else "dark", end)]
    for at in (0.28, 0.68) if maybe(rng, 0.5) else (0.45,):
        x = wide * at
        found += [box(tape, x, 0, wide * 0.12, high)]
        found += [filled(tape, [(x, 0), (x + wide * 0.12, 0), (x + wide * 0.12 + slide, -lift),
                                (x + slide, -lift)])]  # fmt: skip
    found.append(box(tape, 0, high * 0.4, wide, high * 0.2))
    return [*found, line("dark", 1.2, [(0, high), (0, 0), (wide, 0), (wide, high), (0, high)])]


def taped_bricks(rng: Generator) -> Strokes:
    """A stack of parcels bound with tape, the uppermost mostly cut open over white powder."""
    wide, high = some(rng, 46, 64), some(rng, 18, 28)
    paper, tape = one_of(rng, "wood gold skin grip dark"), one_of(rng, "metal grey yellow red")
    rows = count(rng, 1, 3)
    columns = count(rng, 1, 2) if rows > 1 else 2
    found = Strokes()
    for row in range(rows):
        for column in range(columns):
            one = _brick(rng, wide, high, paper, tape)
            found += moved(one, column * wide * 1.2 + some(rng, -3, 3), -row * (high + 2))
    if maybe(rng, 0.75):
        x, y = wide * some(rng, 0.3, 0.6), -(rows - 1) * (high + 2) + high * 0.4
        rip = burst(rng, 0, 0, high * 0.62, 6) * (1.5, 0.9)
        found += moved([filled("dark", rip * 1.15), filled("white", rip)], x, y)
        spill = [(x - 14, high), (x, high * 0.8), (x + 18, high * 0.9), (x + 26, high + 9)]
        found.append(curved("white", [*spill, (x - 20, high + 9)], 1))
        found.append(line("white", 4, [(x, y), (x + 2, high)]))
    return posed(rng, found, 0.06, 0.0)


def gel_tabs(rng: Generator) -> Strokes:
    """A strip or a sheet of small raised coloured pyramids or domes."""
    columns, rows, side = count(rng, 3, 7), count(rng, 1, 3), some(rng, 15, 20)
    colour, light = one_of(rng, "purple blue orange pink green red"), one_of(rng, "white yellow")
    pointed = maybe(rng, 0.5)
    wide, high = columns * side, rows * side
    found = [box("steel", -4, -4, wide + 8, high + 8, count(rng, 0, 1))]
    for row, column in np.ndindex(rows, columns):
        x, y, half = (column + 0.5) * side, (row + 0.5) * side, side * 0.46
        found.append(box(colour, x - half, y - half, half * 2, half * 2, 0 if pointed else 2))
        if pointed:
            found.append(filled(light, [(x - half, y - half), (x + half, y - half), (x, y)]))
            found += [line("dark", 0.9, [(x - half, y - way * half), (x + half, y + way * half)])
                      for way in (-1, 1)]  # fmt: skip
        else:
            found += [ring("dark", 1, x, y, half * 0.75), disc(light, x - 2, y - 2, half * 0.3)]
    if maybe(rng, 0.6):
        thumb = some(rng, 8, 11)
        found += [line("skin", thumb * 1.8, [(wide + 26, high / 2 - 3), (wide - 6, high / 2)])]
        found += [disc("pink", wide - 6, high / 2, thumb * 0.6, thumb * 0.45)]
        found += [bar("skin", (wide + 22, high / 2), (wide + 58, high / 2 + 20), 32, 34)]
    return posed(rng, found, 0.3, 0.15)


def stamped_tablet(rng: Generator, size: float, colour: str, kind: int) -> Strokes:
    """A thick tablet of an outline of its own with a pressed logo, around the origin."""
    ink = "white" if colour in {"purple", "blue", "red"} else "grip"
    outline: Points = np.array([(-1.0, -0.7), (1, -0.7), (1, 0.7), (-1, 0.7)])
    if kind == 0:
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        outline = np.stack([np.cos(turn), np.sin(turn)], 1)
    elif kind == 1:
        outline = np.array([(0, 1.0), (-1, -0.1), (-0.6, -0.8), (0, -0.4), (0.6, -0.8), (1, -0.1)])
    elif kind == 2:
        outline = np.array([(-0.7, -1.0), (0.7, -1), (1, 0), (0.5, 1), (-0.5, 1), (-1, 0)])
    found = [filled("grey", outline * size + (0, size * 0.25)), filled(colour, outline * size)]
    reach = size * some(rng, 0.36, 0.46)
    if maybe(rng, 0.5):
        found.append(filled(ink, burst(rng, 0, 0, reach, 5)))
    else:
        found += [ring(ink, size * 0.1, 0, 0, reach)]
        found += [line(ink, size * 0.1, [(0, -reach), (0, reach)])]
        found += [
            line(ink, size * 0.1, [(0, 0), (way * reach * 0.7, reach * 0.7)]) for way in (-1, 1)
        ]
    return found


def falling_tablets(rng: Generator) -> Strokes:
    """A tilted hand from which coloured tablets with pressed logos fall."""
    skin, kind = one_of(rng, "skin skin wood"), count(rng, 0, 3)
    colours, sleeve = one_of(rng, COLOURED), one_of(rng, f"{BRIGHT} grey")
    thick = some(rng, 20, 28)
    hand = [bar(sleeve, (-84, 7), (-62, 4), thick * 1.5, thick * 1.3)]
    hand += [bar(skin, (-68, 4), (-34, 0), thick * 0.9, thick)]
    hand += [curved(skin, [(-42, -thick / 2), (-8, -thick * 0.5), (0, 6), (-12, 14), (-42, 13)], 1)]
    hand += [line(skin, 8, [(-10, y), (some(rng, 22, 32), y * 0.6 + 6)]) for y in (-8, -1, 6)]
    hand += [line(skin, 9, [(-30, -thick * 0.4), (-12, -thick - some(rng, 0, 6))])]
    found = moved(hand, turn=some(rng, -0.5, -0.2), size=some(rng, 0.8, 1.0))
    for n in range(count(rng, 4, 8)):
        size, row = some(rng, 11, 15), n // 3
        colour = colours if maybe(rng, 0.6) else one_of(rng, COLOURED)
        x, y = -6 + (n % 3) * 31 + some(rng, -4, 4), 38 + row * 31 + some(rng, -4, 4)
        found += moved(stamped_tablet(rng, size, colour, kind), x, y, some(rng, -0.6, 0.6))
    return posed(rng, found, 0.06, 0.0)


def _pinch(rng: Generator) -> Strokes:
    """A hand from the left that holds something between thumb and finger at the origin."""
    skin, sleeve, thick = one_of(rng, SKINS), one_of(rng, f"{BRIGHT} grey"), some(rng, 19, 27)
    found = [bar(sleeve, (-84, 5), (-58, 2), thick * 1.7, thick * 1.4)]
    found += [bar(skin, (-64, 2), (-36, 0), thick * 0.9, thick)]
    palm = [(-46, -13), (-26, -15), (-12, -6), (-14, 11), (-28, 17), (-46, 12)]
    found += [curved(skin, palm, 1), line(skin, 8, [(-26, -10), (-10, -11), (2, -2)])]
    found += [line(skin, 7, [(-18, 2 + n * 6), (-8 - n * 2, 6 + n * 6)]) for n in range(2)]
    return [*found, line(skin, 8, [(-28, 8), (-12, 8), (2, 3)])]


def dealing(rng: Generator) -> Strokes:
    """A hand that passes a small bag to another, open hand."""
    wide, high = some(rng, 36, 50), some(rng, 46, 64)
    what, seal = one_of(rng, "white white green"), one_of(rng, "red blue")
    x = -wide / 2 + 4
    bag = [box("grey", x, -6, wide, high), line(seal, 4, [(x, 2), (x + wide, 2)])]
    content = [(x, high - 6), (x, high * 0.4), (x + wide / 2, high * 0.3), (x + wide, high * 0.45)]
    bag += [curved(what, [*content, (x + wide, high - 6)], 1)]
    skin, sleeve = one_of(rng, "skin skin wood grip"), one_of(rng, BRIGHT)
    low, far = high - 2 + some(rng, 4, 12), some(rng, 72, 84)
    open_hand = [bar(sleeve, (far, low + 18), (far - 30, low + 12), 36, 30)]
    open_hand += [bar(skin, (far - 28, low + 12), (40, low + 8), 20, 20)]
    open_hand += [disc(skin, 32, low + 7, 18, 10)]
    open_hand += [line(skin, 7, [(24, low + n * 5), (-10, low - 2 + n * 6)]) for n in range(3)]
    open_hand += [line(skin, 7, [(34, low), (22, low - 12)])]
    return posed(rng, [*bag, *moved(_pinch(rng), 2, -4), *open_hand], 0.1, 0.0)


STASHES: tuple[Scene, ...] = (
    Scene(
        "bags of crystals",
        "drugs",
        ("crystal meth in a bag", "a bag of crystals of an illegal drug"),
        crystal_bag,
        share=2,
    ),
    Scene("hashish", "drugs", ("hashish", "hashish in a slab, a drug"), hashish, share=2),
    Scene(
        "taped parcels",
        "drugs",
        ("bricks of cocaine wrapped with tape", "smuggled drug parcels"),
        taped_bricks,
        share=2,
    ),
    Scene("gel tabs", "drugs", ("LSD gel tabs", "a strip of LSD gel, a drug"), gel_tabs, share=2),
    Scene(
        "falling tablets",
        "drugs",
        ("ecstasy tablets that fall from a hand", "tablets of an illegal drug with logos"),
        falling_tablets,
        share=2,
    ),
    Scene(
        "drug deals",
        "drugs",
        ("a hand that passes a small bag of drugs", "a drug deal"),
        dealing,
        share=2,
    ),
)
