"""Weapons that a hand swings, thrusts or throws, of another shape every time."""

from __future__ import annotations

from typing import Any

import numpy as np

from guardrail_training.clip.draw.motifs import Points, Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    METALS,
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

_HAFT = "wood wood grip dark"


def claw(radius: float, wide: float, start: float, sweep: float) -> Points:
    """The outline of a bent blade that is ``wide`` at ``start`` radians and ends in a point."""
    at = np.linspace(0, 1, 14)
    turn = start + sweep * at
    way = np.stack([np.cos(turn), np.sin(turn)], 1)
    inner = radius - wide * (1 - at**1.6)
    return np.concatenate([way * radius, (way * inner[:, None])[::-1]])


def nail_club(rng: Generator) -> Strokes:
    """A bat with nails through it, maybe with barbed wire around it."""
    long, half, grip = some(rng, 72, 105), some(rng, 7, 12), some(rng, 0.2, 0.36)
    colour, reach = one_of(rng, "wood wood wood grip gold grey"), some(rng, 9, 16)
    found = Strokes()
    for n in range(count(rng, 7, 13)):
        x, way = long * some(rng, 0.5, 0.97), 1 if n % 2 else -1
        tip = (x + some(rng, -4, 4), way * (half + reach * some(rng, 0.7, 1.1)))
        found.append(bar("metal", (x, 0), tip, 3.4, 1))
        found.append(disc("dark", x, -way * half * some(rng, 0, 0.7), 1.8))
    dots = [one for one in found if len(one.points) > 4]
    found = [one for one in found if len(one.points) <= 4]
    for y in (-0.5, 0.5) if maybe(rng, 0.5) else ():
        found.append(bar("metal", (long - 5, y * half), (long + reach, y * half * 2.2), 3.4, 1))
    upper = [(0, -3), (long * grip, -3.6), (long * 0.62, -half * 0.9), (long * 0.93, -half)]
    upper.append((long, -half * 0.55))
    found.append(curved(colour, [*upper, *((x, -y) for x, y in reversed(upper))], 1))
    found += dots
    if maybe(rng, 0.35):
        places = np.arange(long * 0.5, long - 4, 5).tolist()
        zigzag = [(x, half * (1 if n % 2 else -1)) for n, x in enumerate(places)]
        found.append(line("steel", 1.6, zigzag))
    for x in np.arange(4, long * grip, 4.5).tolist() if maybe(rng, 0.5) else ():
        found.append(line("dark", 2, [(x, -3), (x + 2, 3)]))
    return posed(rng, [*found, disc(colour, 0, 0, 3.4, 5)], 0.5, 0.4)


def war_hammer(rng: Generator) -> Strokes:
    """A hammer for battle: a toothed face, a beak behind, mostly a spike on top."""
    long, head, deep = some(rng, 60, 95), some(rng, 14, 24), some(rng, 11, 19)
    haft, iron, beak = one_of(rng, _HAFT), one_of(rng, METALS), some(rng, 20, 36)
    drop, half = some(rng, 0, 14), deep / 2
    found = [bar(haft, (0, -4), (0, long), 6, 6.5)]
    found += [line("dark", 1.8, [(-3, long - n * 6), (3, long - n * 6 - 3)]) for n in range(5)]
    spike = [(-half * 0.5, -half), (0, -half - some(rng, 14, 34)), (half * 0.5, -half)]
    found += [filled(iron, spike)] if maybe(rng, 0.8) else []
    found.append(filled(iron, [(-4, -half), (-beak * 0.6, -half * 0.7 + drop * 0.2),
                 (-beak - 6, drop), (-beak * 0.5, half * 0.6), (-4, half)]))  # fmt: skip
    found += [box(iron, -6, -half, 12, deep), bar(iron, (4, 0), (head, 0), deep * 0.6, deep * 0.8)]
    found.append(box(iron, head - 2, -half - 1, 8, deep + 2))
    teeth = count(rng, 2, 4)
    for n in range(teeth):
        y, step = -half + n * deep / teeth, deep / teeth
        found.append(filled(iron, [(head + 5, y), (head + 12, y + step / 2), (head + 5, y + step)]))
    found += [bar("steel", (0, half), (0, half + 20), 8, 3)] if maybe(rng, 0.5) else []
    return posed(rng, [*found, disc(iron, 0, long, 5)], 0.4, 0.25)


def kukri(rng: Generator) -> Strokes:
    """A knife whose broad blade bends forward."""
    long, bend, belly = some(rng, 60, 85), some(rng, 10, 22), some(rng, 7, 13)
    wide, grip = some(rng, 8, 12), some(rng, 26, 36)
    blade = [(0, -wide / 2), (long * 0.36, -wide * 0.55), (long * 0.7, bend * 0.35)]
    blade += [(long, bend + belly), (long * 0.78, bend + belly * 1.25)]
    blade += [(long * 0.56, bend + belly * 0.6), (long * 0.34, wide * 0.6), (0, wide / 2)]
    iron, hand = one_of(rng, "steel steel grey metal"), one_of(rng, "wood grip dark")
    found = [curved(iron, blade, 1)]
    found.append(filled(iron, [blade[2], (long + 4, bend + belly + 3), blade[4]]))
    spine = [(x, y + 2.5) for x, y in blade[:3]]
    found += [line("white", 1.4, spine)] if maybe(rng, 0.5) else []
    handle = [(2, -wide * 0.5), (-grip * 0.5, -wide * 0.6), (-grip, -wide * 0.4)]
    handle += [(-grip - 5, wide * 0.8), (-grip * 0.5, wide * 0.45), (2, wide * 0.5)]
    found += [filled(hand, handle), box("gold", -2, -wide * 0.65, 5, wide * 1.3)]
    found += [disc("steel", -grip * at, 0, 1.6) for at in (0.35, 0.7)]
    return posed(rng, found, 0.6, 0.4)


def karambit(rng: Generator) -> Strokes:
    """A small knife with a blade like a claw and a ring at its end."""
    radius, wide, sweep = some(rng, 30, 42), some(rng, 11, 16), some(rng, 1.1, 1.8)
    hand, hole = one_of(rng, "dark dark wood grip metal green"), some(rng, 8, 11)
    long = some(rng, 30, 42)
    found = moved([filled(one_of(rng, "steel steel grey metal"), claw(radius, wide, -1.57, sweep))],
                  0, radius - wide / 2)  # fmt: skip
    handle = [(3, -wide * 0.55), (-long * 0.5, -wide * 0.3), (-long, wide * 0.25)]
    handle += [(-long, wide * 0.95), (-long * 0.5, wide * 0.55), (3, wide * 0.5)]
    found += [curved(hand, handle, 1), ring(hand, 5, -long - hole * 0.7, wide * 0.8, hole)]
    places = (0.25, 0.5, 0.75)
    found += [disc("steel", -long * at, wide * at * 0.5, 1.7) for at in places]
    found += [box("dark", -1, -wide * 0.6, 4, wide * 1.2)]
    return posed(rng, found, 0.6, 0.5)


def trident(rng: Generator) -> Strokes:
    """A long shaft with three barbed prongs."""
    long, wide, high = some(rng, 55, 95), some(rng, 14, 24), some(rng, 24, 40)
    shaft, iron = one_of(rng, "wood wood gold metal"), one_of(rng, "metal gold steel dark")
    found = [bar(shaft, (0, 0), (0, long), 4, 4.5), box(iron, -4, -4, 8, 12)]
    bend = [(-wide, -high * 0.75), (-wide, -high * 0.25), (-wide * 0.6, 0), (0, 2)]
    if maybe(rng, 0.4):
        bend = [(-wide, -high * 0.75), (-wide, 0), (0, 0)]
    found += [line(iron, 4, [*bend, *((-x, y) for x, y in reversed(bend))])]
    found.append(line(iron, 4, [(0, 2), (0, -high)]))
    barb, point = some(rng, 4, 7), some(rng, 12, 20)
    for x, y in ((-wide, -high * 0.72), (0.0, -high), (wide, -high * 0.72)):
        found.append(filled(iron, [(x - barb, y + 4), (x, y - point), (x + barb, y + 4), (x, y)]))
    if maybe(rng, 0.4):
        found.append(line("red", 2.6, wave(2, 14, 18, 4, 1)))
    return posed(rng, found, 0.4, 0.25)


def blowpipe(rng: Generator) -> Strokes:
    """A long tube to blow through and tufted darts."""
    long, thick = some(rng, 90, 120), some(rng, 4.5, 8)
    tube, tuft = one_of(rng, "wood wood grip gold"), one_of(rng, "red white orange yellow blue")
    found = [box(tube, 0, -thick / 2, long, thick)]
    found.append(bar(tube, (0, 0), (-9, 0), thick, thick * some(rng, 1.6, 2.4)))
    found += [
        box(one_of(rng, "dark red gold"), x, -thick / 2 - 0.6, 3.5, thick + 1.2)
        for x in np.linspace(12, long - 6, count(rng, 3, 6)).tolist()
    ]
    size, number = some(rng, 26, 40), count(rng, 1, 4)
    for n in range(number):
        dart = [line("dark", 2, [(0, 0), (size, 0)]), bar("dark", (size, 0), (size + 5, 0), 3, 0.3)]
        dart.append(filled(tuft, [(2, 0), (-9, -6), (-6, 0), (-9, 6)]))
        found += moved(dart, 8 + n * size * 0.3, 14 + n * 10, some(rng, -0.12, 0.12))
    if maybe(rng, 0.5):
        dart = [line("dark", 2, [(0, 0), (size, 0)]), filled(tuft, [(4, 0), (-7, -6), (-7, 6)])]
        found += moved(dart, long + 12)
    return posed(rng, found, 0.4, 0.2)


def ninja_claws(rng: Generator) -> Strokes:
    """A hand band with three to five long bent blades."""
    number, gap, long = count(rng, 3, 5), some(rng, 9, 12), some(rng, 38, 62)
    strap, iron, bent = one_of(rng, "dark dark grip red"), one_of(rng, METALS), some(rng, 0.7, 1.3)
    found = Strokes()
    for n in range(number):
        blade = [filled(iron, claw(long, some(rng, 6, 8), 0, -bent))]
        found += moved(blade, n * gap - long + 4, 0)
    wide = number * gap
    found.append(curved(strap, [(-6, -6), (wide, -6), (wide - 2, 26), (-3, 26)], 1))
    if maybe(rng, 0.6):
        arm = one_of(rng, "skin skin dark")
        found += [bar(arm, (wide / 2 - 2, 22), (wide / 2 - 2, 64), wide * 0.8, wide * 0.9)]
        found += [box(strap, -4, 30, wide + 1, 7), box(strap, -4, 44, wide + 1, 7)]
    found += [disc("steel", n * gap, 2, 1.8) for n in range(number)]
    return posed(rng, found, 0.3, 0.2)


def garrote(rng: Generator) -> Strokes:
    """Two handles with a barbed wire between them."""
    long, high, grip = some(rng, 70, 105), some(rng, 6, 24), some(rng, 24, 36)
    wood = one_of(rng, "wood grip dark red")
    wire = wave(0, 0, long, high, 1 if maybe(rng, 0.4) else 0.5, 24)
    found = [line(one_of(rng, "metal steel grey"), 2.2, wire)]
    for x, y in wire[2 : -2 : count(rng, 2, 3)].tolist():
        found += [line("metal", 1.8, [(x - 3, y - 4), (x + 3, y + 4)])]
        found += [line("metal", 1.8, [(x + 3, y - 4), (x - 3, y + 4)])]
    for end in (0, -1):
        x, y = wire[end].tolist()
        thick = some(rng, 8, 10)
        found.append(bar(wood, (x, y - grip / 2), (x, y + grip / 2), thick, thick))
        found += [disc(wood, x, y + way * grip / 2, thick * 0.65, 3) for way in (-1, 1)]
        found.append(box("steel", x - thick / 2 - 0.5, y - 2, thick + 1, 4))
    return posed(rng, found, 0.3, 0.2)


def cane_sword(rng: Generator) -> Strokes:
    """A walking cane that is a sheath, the thin blade half drawn from it."""
    long, gap, thick = some(rng, 36, 60), some(rng, 36, 60), some(rng, 8, 11)
    cane, knob = one_of(rng, "wood grip dark"), one_of(rng, "gold steel gold metal")
    found = [bar("steel", (-4, 0), (gap + 6, 0), thick * 0.62, thick * 0.62)]
    found.append(line("white", 1, [(0, -0.5), (gap, -0.5)]))
    found += [bar(cane, (gap, 0), (gap + long, 0), thick, thick * 0.7)]
    found += [box(knob, gap, -thick / 2 - 0.7, 5, thick + 1.4)]
    found += [box("dark", gap + long - 2, -thick * 0.4, 6, thick * 0.8)]
    found += [box(cane, -22, -thick / 2, 20, thick), box(knob, -5, -thick / 2 - 1, 5, thick + 2)]
    kind = count(rng, 0, 2)
    if kind == 0:
        found.append(disc(knob, -26, 0, thick * 0.95))
    elif kind == 1:
        hook = [(-20, 0), (-32, 0), (-40, 6), (-41, 16), (-35, 23), (-28, 21)]
        found.append(line(cane, thick, hook))
    else:
        found.append(curved(knob, [(-20, -5), (-30, -6), (-33, 24), (-26, 24), (-22, 6)], 1))
    return posed(rng, found, 0.5, 0.3)


def war_sickle(rng: Generator) -> Strokes:
    """One or two fighting sickles with a sharp blade across the handle, maybe on a chain."""
    long, radius, wide = some(rng, 55, 80), some(rng, 34, 50), some(rng, 10, 15)
    sweep = some(rng, 0.9, 1.6)
    haft, iron = one_of(rng, "wood dark red grip"), one_of(rng, "steel steel metal")
    one = [filled(iron, np.add(claw(radius, wide, -1.57, sweep), (-4, radius)))]
    one += [bar(haft, (0, -4), (0, long), 6, 7), box("dark", -5, -3, 9, 12)]
    one += [line("dark", 1.8, [(-3, long - n * 5), (3, long - n * 5 - 3)]) for n in range(5)]
    if maybe(rng, 0.45):
        lean, apart = some(rng, 0.4, 0.7), some(rng, 12, 20)
        pair = moved(one, apart, turn=lean)
        pair += moved(one, -apart, turn=-lean, mirrored=True)
        return posed(rng, pair, 0.1, 0.0)
    links: Any = (
        wave(2, long, some(rng, 40, 70), some(rng, 6, 12), 1, 12) if maybe(rng, 0.5) else []
    )
    one += [ring("metal", 1.8, float(x), float(y), 3.2, 2.4) for x, y in links]
    one += [disc("dark", float(x) + 6, float(y), 7) for x, y in links[-1:]]
    return posed(rng, one, 0.4, 0.25)


def knuckle_knife(rng: Generator) -> Strokes:
    """A knife whose handle is a row of rings for the fingers."""
    number, size, long = 4, some(rng, 7, 9), some(rng, 60, 90)
    iron, wide = one_of(rng, "gold gold metal dark"), some(rng, 9, 14)
    found = [bar("dark", (-2, 0), (number * size * 2, 0), 6, 6)]
    for n in range(number):
        x = (n + 0.5) * size * 2
        found.append(ring(iron, 4, x, size * 0.9, size * 0.9, size))
        if maybe(rng, 0.85):
            y = size * 1.9
            found.append(filled(iron, [(x - 4, y), (x, y + some(rng, 5, 9)), (x + 4, y)]))
    blade = [(-4, -wide / 2), (-long * 0.8, -wide / 2), (-long, wide * 0.3), (-4, wide / 2)]
    found += [filled(one_of(rng, "steel steel grey"), blade)]
    found += [line("grey", 1.2, [(-6, 0), (-long * 0.8, 0)]), box(iron, -6, -9, 5, 22)]
    found.append(disc(iron, number * size * 2 + 2, 0, 4, 6))
    return posed(rng, found, 0.5, 0.4)


ARMS: tuple[Scene, ...] = tuple(
    Scene(name, "weapons", captions, make, share=2)
    for name, captions, make in (
        ("nail clubs", ("a bat with nails, a weapon", "a spiked wooden club"), nail_club),
        ("war hammers", ("a war hammer", "a medieval hammer with a spike, a weapon"), war_hammer),
        ("kukris", ("a kukri", "a knife with a bent blade, a weapon"), kukri),
        ("karambits", ("a karambit", "a claw knife with a ring, a weapon"), karambit),
        ("tridents", ("a trident", "a spear with three prongs, a weapon"), trident),
        ("blowpipes", ("a blowpipe with darts", "a blowgun, a weapon"), blowpipe),
        ("ninja claws", ("ninja claws", "blades on a hand, a weapon"), ninja_claws),
        ("garrotes", ("a garrote", "a wire with two handles, a weapon"), garrote),
        ("cane swords", ("a sword cane", "a blade hidden in a cane, a weapon"), cane_sword),
        ("war sickles", ("a kama", "a fighting sickle, a weapon"), war_sickle),
        ("knuckle knives", ("a trench knife", "a knife with knuckles, a weapon"), knuckle_knife),
    )
)
"""Hand weapons."""
