"""Weapons of armies, on wheels, tracks and wings, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
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

_ARMY = "green green gold grip metal dark wood"


def wheel(rng: Generator, x: float, y: float, size: float) -> Strokes:
    """A wheel with a tyre."""
    hub = one_of(rng, "grey steel metal")
    return [disc("dark", x, y, size), disc(hub, x, y, size * 0.55), disc("dark", x, y, size * 0.2)]


def spoked(rng: Generator, x: float, y: float, size: float) -> Strokes:
    """A wooden wheel with spokes."""
    colour, spokes = one_of(rng, "wood grip dark"), count(rng, 6, 10)
    found = [ring(colour, 4, x, y, size), disc("dark", x, y, size * 0.2)]
    for turn in (np.arange(spokes) * 2 * np.pi / spokes).tolist():
        end = (x + size * float(np.cos(turn)), y + size * float(np.sin(turn)))
        found.append(line(colour, 2.4, [(x, y), end]))
    return found


def tank(rng: Generator) -> Strokes:
    """A tank from the side: tracks, a hull, a turret and a long barrel."""
    colour, long, deep = one_of(rng, _ARMY), some(rng, 80, 104), some(rng, 18, 26)
    high, top, at = some(rng, 9, 16), some(rng, 11, 20), some(rng, 0.36, 0.58) * long
    half, reach, rise = some(rng, 16, 25), some(rng, 36, 64), some(rng, 0, 14)
    found = [box("dark", 0, 0, long, deep, 3)]
    number = count(rng, 4, 7)
    for x in np.linspace(deep * 0.55, long - deep * 0.55, number).tolist():
        size = min(deep * 0.36, long / number * 0.42)
        found += [disc("grey", x, deep * 0.55, size), disc("dark", x, deep * 0.55, size * 0.4)]
    hull = [(-4, 5), (4, -high * 0.6), (14, -high), (long - 14, -high), (long + 4, -2), (long, 5)]
    turret = [(at - half * 0.8, -high - top), (at + half * 0.6, -high - top)]
    turret += [(at + half, -high - top * 0.3), (at + half * 0.8, -high), (at - half, -high)]
    start = (at + half * 0.7, -high - top * 0.5)
    end = (start[0] + reach, start[1] - rise)
    found += [bar(colour, start, end, 6.5, 5), filled(colour, hull), filled(colour, turret)]
    if maybe(rng, 0.5):
        found.append(disc(colour, end[0], end[1], 5, 4.5))
    found += [line("dark", 1.4, [(0, 0), (long, 0)]), line("dark", 1.4, [hull[2], hull[3]])]
    found.append(box("dark", at - 8, -high - top - 4, 13, 4))
    if maybe(rng, 0.5):
        found.append(line("dark", 1.6, [(at - 10, -high - top), (at - 16, -high - top - 24)]))
    if maybe(rng, 0.3):
        found.append(disc("white", at, -high - top * 0.5, 4))
    return posed(rng, found, 0.06, 0.0)


def field_gun(rng: Generator) -> Strokes:
    """A gun of the artillery: a long raised barrel, a shield, wheels and trails."""
    colour, size, rise = one_of(rng, _ARMY), some(rng, 14, 24), some(rng, 0.15, 0.75)
    reach, shield = some(rng, 60, 95), some(rng, 26, 44)
    found = [bar(colour, (0, -8), (-some(rng, 44, 66), size - 2), 8, 5)]
    found.append(box("dark", -some(rng, 46, 62), size - 5, 10, 7))
    barrel = [bar("metal", (-20, 0), (reach * 0.5, 0), 11, 9)]
    barrel += [bar(colour, (-6, 6), (reach * 0.45, 6), 6, 5)]
    barrel += [bar(colour, (reach * 0.4, 0), (reach, 0), 7, 5), box("dark", -24, -7, 10, 14)]
    if maybe(rng, 0.6):
        barrel.append(box("dark", reach - 3, -5, 10, 10))
    found += moved(barrel, 0, -14, turn=-rise)
    if maybe(rng, 0.8):
        plate = [(4, 4), (12, -shield), (17, -shield), (10, 6)]
        found += [filled(colour, plate), line("dark", 1.2, plate[:2])]
    one = spoked(rng, 0, 0, size) if maybe(rng, 0.4) else wheel(rng, 0, 0, size)
    return posed(rng, [*found, *one], 0.06, 0.0)


def rocket_truck(rng: Generator) -> Strokes:
    """A lorry that bears a tilted rack of rockets."""
    colour, size, rise = one_of(rng, _ARMY), some(rng, 8, 11), some(rng, 0.2, 0.75)
    long, rows, deep = some(rng, 84, 104), count(rng, 2, 4), some(rng, 7, 9)
    reach = some(rng, 50, 66)
    found = [box("dark", 0, -4, long, 8)]
    cab, nose = some(rng, 22, 30), some(rng, 0, 12)
    body = [(long - cab - nose, -2), (long - cab - nose, -28), (long - nose - 6, -28)]
    body += [(long - nose, -14), (long, -12), (long, 4), (long - cab, 4)]
    found += [filled(colour, body)]
    window = [(long - nose - 15, -24), (long - nose - 8, -24), (long - nose - 4, -14)]
    found.append(filled("steel", [*window, (long - nose - 15, -14)]))
    found.append(bar("metal", (16, -4), (26, -22), 10, 6))
    rack, tip = Strokes(), one_of(rng, "red gold steel dark")
    for n in range(rows):
        y = -n * deep
        rack.append(filled(tip, [(reach - 2, y), (reach + 9, y - deep / 2), (reach - 2, y - deep)]))
        rack.append(box("metal" if n % 2 else colour, 0, y - deep, reach, deep - 0.8))
    for x in (reach * 0.15, reach * 0.75):
        rack.append(box("dark", x, -rows * deep - 1, 3.5, rows * deep + 2))
    found += moved(rack, 2, -9, turn=-rise)
    for x in np.linspace(14, long - 14, count(rng, 3, 4)).tolist():
        found += wheel(rng, x, 8, size)
    if maybe(rng, 0.35):
        found += [disc("grey", x, y - 8, 9, 7) for x, y in ((-8, 4), (-18, 8), (-12, -4))]
    return posed(rng, found, 0.05, 0.0)


def fighter_jet(rng: Generator) -> Strokes:
    """A fighter jet from above with bombs under its swept wings."""
    colour, long = one_of(rng, "grey metal green dark steel"), some(rng, 84, 104)
    half, span, sweep = some(rng, 5, 8), some(rng, 32, 48), some(rng, 10, 34)
    at, chord = long * some(rng, 0.36, 0.5), some(rng, 24, 36)
    found, load = Strokes(), count(rng, 1, 3)
    for way in (-1, 1):
        for n in range(load):
            x = way * (half + (span - half) * (n + 0.8) / (load + 0.5))
            y = at + chord * 0.5 + sweep * (abs(x) - half) / span
            found.append(curved("dark", [(x - 3, y + 9), (x - 3, y - 22), (x, y - 32),
                         (x + 3, y - 22), (x + 3, y + 9)], 1))  # fmt: skip
            found.append(filled("red", [(x - 2, y - 23), (x, y - 31), (x + 2, y - 23)]))
    for way in (-1, 1):
        wing = [(way * half * 0.6, at - 8), (way * span, at + sweep)]
        wing += [(way * span, at + sweep + 8), (way * half * 0.6, at + chord)]
        tail = [(way * half * 0.6, long * 0.8), (way * span * 0.5, long * 0.97)]
        tail += [(way * span * 0.5, long * 1.04), (way * half * 0.6, long * 0.98)]
        found += [filled(colour, wing), filled(colour, tail)]
    nose = [(0, -6), (-half * 0.6, 14), (-half, 34), (-half, long), (half, long), (half, 34)]
    found += [filled(colour, [*nose, (half * 0.6, 14)]), disc("blue", 0, 26, half * 0.45, 9)]
    found.append(line("dark", 1.6, [(0, long * 0.6), (0, long)]))
    if maybe(rng, 0.5):
        found.append(filled("orange", [(-half * 0.7, long), (half * 0.7, long), (0, long + 22)]))
    return posed(rng, found, 0.5, 0.5)


def strike_drone(rng: Generator) -> Strokes:
    """A drone with a triangular wing and a propeller, or one that carries a bomb."""
    colour = one_of(rng, "grey white green metal dark")
    if maybe(rng, 0.5):
        span, long, half = some(rng, 34, 50), some(rng, 60, 84), some(rng, 5, 8)
        found = [filled(colour, [(0, 8), (-span, long - 10), (-span, long), (span, long),
                 (span, long - 10)])]  # fmt: skip
        found += [curved("dark", [(-half, long + 6), (-half, 6), (0, -12), (half, 6),
                  (half, long + 6)], 1)]  # fmt: skip
        found += [box(colour, x - 2, long - 18, 4, 22) for x in (-span, span)]
        found += [
            line("dark", 3, [(-15, long + 10), (15, long + 10)]),
            disc("red", 0, 2, half * 0.6),
        ]
        return posed(rng, found, 0.5, 0.4)
    arm, high, deep = some(rng, 34, 46), some(rng, 8, 16), some(rng, 26, 40)
    found = [line("dark", 4, [(-arm, -high), (0, 0), (arm, -high)])]
    for x in (-arm, arm):
        found += [box("metal", x - 3, -high - 8, 6, 9), disc("grey", x, -high - 9, 20, 2.4)]
    found.append(curved(colour, [(-17, -8), (17, -8), (20, 6), (-20, 6)], 1))
    bomb = [(-7, 12), (-7, 12 + deep * 0.55), (0, 12 + deep), (7, 12 + deep * 0.55), (7, 12)]
    found += [box("metal", -9, 6, 18, 4), filled("dark", [(-9, 8), (9, 8), (4, 20), (-4, 20)])]
    found += [curved(one_of(rng, "green grip metal"), bomb, 1), box("yellow", -7, 22, 14, 3)]
    found += [line("dark", 3, [(x, 4), (x * 1.5, 20)]) for x in (-17, 17)]
    return posed(rng, found, 0.1, 0.0)


def gatling(rng: Generator) -> Strokes:
    """A gun with a bundle of barrels and a crank, on wheels or on a stand."""
    number, gap, long = count(rng, 4, 6), some(rng, 4.5, 6), some(rng, 62, 90)
    iron, case = one_of(rng, "metal gold grey dark"), one_of(rng, "gold metal grip dark")
    deep = number * gap
    gun = [bar(iron, (0, n * gap), (long, n * gap), 3.4, 3.2) for n in range(number)]
    gun += [box(case, x, -3, 6, deep + 1) for x in (long * 0.45, long - 8)]
    gun += [box(case, -32, -5, 36, deep + 5, count(rng, 0, 1))]
    gun += [line("dark", 3, [(-32, deep * 0.5), (-42, deep * 0.5), (-42, deep * 0.5 + 15)])]
    if maybe(rng, 0.6):
        gun.append(box(iron, -20, -26, 13, 22))
    found = moved(gun, turn=-some(rng, -0.1, 0.25))
    foot = deep + some(rng, 14, 24)
    if maybe(rng, 0.55):
        found += [bar("wood", (0, deep), (-58, foot + 16), 8, 5)]
        found += spoked(rng, 0, foot, some(rng, 20, 27))
    else:
        found += [bar("dark", (0, deep - 2), (x, foot + 26), 6, 4) for x in (-26, 2, 30)]
    return posed(rng, found, 0.06, 0.0)


def harpoon_gun(rng: Generator) -> Strokes:
    """A gun with a barbed harpoon in it, on a stand or with a grip."""
    long, thick, reach = some(rng, 46, 66), some(rng, 8, 15), some(rng, 22, 40)
    body, iron = one_of(rng, "metal dark green grip red"), one_of(rng, "steel metal grey")
    tip, barb = long + reach, some(rng, 8, 13)
    found = [line(iron, 3, [(long - 2, 0), (tip, 0)])]
    found += [filled(iron, [(tip - 8, 0), (tip - 14, way * barb), (tip + 14, 0)])
              for way in (-1, 1)]  # fmt: skip
    rope = wave(long - 4, thick * 0.6, -some(rng, 30, 46), some(rng, 6, 12), 1.5)
    found.append(line("gold", 2, np.add(rope, (0, 12))))
    found += [
        box(body, 0, -thick / 2, long, thick),
        box("dark", long - 6, -thick * 0.6, 7, thick * 1.2),
    ]
    if maybe(rng, 0.5):
        found += [bar("metal", (18, 4), (18, 36), 9, 11), bar("dark", (0, 46), (36, 46), 5, 5)]
        found += [bar("metal", (18, 34), (18, 46), 18, 26)]
        found += [bar("wood", (4, 0), (-26, some(rng, 4, 14)), 5, 4)]
    else:
        found += [
            bar("dark", (8, 2), (0, 28), 11, 9),
            line("dark", 2.4, [(12, 6), (20, 16), (8, 16)]),
        ]
        found += [line("red", 2, [(long * 0.9, -thick / 2 - 1), (6, -thick / 2 - 3)])]
    return posed(rng, found, 0.15, 0.1)


def scoped_rifle(rng: Generator) -> Strokes:
    """A long rifle with a telescopic sight that stands on two legs."""
    stock, iron = one_of(rng, "dark green wood gold grip"), one_of(rng, "dark dark metal")
    long, reach = some(rng, 46, 60), some(rng, 48, 78)
    butt, sight, legs = some(rng, 26, 36), some(rng, 28, 42), some(rng, 24, 34)
    found = [bar(iron, (long - 4, -1), (long + reach, -1), 5, 4)]
    found.append(box(iron, long + reach - 2, -5, some(rng, 7, 20), 8, 1))
    found += [bar("metal", (long + 2, 2), (long + 8 + x, legs), 3.4, 2.6) for x in (-12, 12)]
    shape = [(-butt, -4), (4, -6), (long, -5), (long + 12, -3), (long + 12, 4), (14, 6)]
    shape += [(7, 24), (-3, 22), (0, 7), (-butt, 16)]
    found += [filled(stock, shape), box(iron, 16, 5, 12, some(rng, 9, 20))]
    found += [
        bar(iron, (4, -14), (4 + sight, -14), 6, 6),
        bar(iron, (sight, -14), (sight + 11, -14), 6, 11),
    ]
    found += [bar(iron, (8, -14), (-1, -14), 6, 9)]
    found += [box(iron, x, -12, 4, 8) for x in (9, sight - 4)]
    found += [line("dark", 2.6, [(2, -2), (-4, 5)]), box("dark", -butt - 4, -5, 5, 23)]
    return posed(rng, found, 0.12, 0.05)


HEAVY_ARMS: tuple[Scene, ...] = tuple(
    Scene(name, "weapons", captions, make, share=2)
    for name, captions, make in (
        ("tanks", ("a tank", "an armoured tank with a gun, a weapon of war"), tank),
        ("field guns", ("an artillery gun", "a howitzer, a weapon of war"), field_gun),
        ("rocket trucks", ("a rocket launcher on a truck", "rocket artillery"), rocket_truck),
        ("fighter jets", ("a fighter jet with bombs", "a military jet with weapons"), fighter_jet),
        ("strike drones", ("an attack drone", "a drone that is a weapon"), strike_drone),
        ("gatling guns", ("a gatling gun", "a gun with many barrels, a weapon"), gatling),
        ("harpoon guns", ("a harpoon gun", "a gun with a barbed spear, a weapon"), harpoon_gun),
        ("scoped rifles", ("a sniper rifle", "a rifle with a scope and two legs"), scoped_rifle),
    )
)
"""Guns and vehicles of war."""
