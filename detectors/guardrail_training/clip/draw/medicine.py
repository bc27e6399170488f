"""Medicines and drugs, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
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

_BRIGHT = f"{COLOURED} white grey"


def _capsule(rng: Generator, long: float, wide: float) -> Strokes:
    """A capsule along the horizontal, from the origin to the right."""
    one, other = one_of(rng, _BRIGHT), one_of(rng, "white white yellow grey red blue")
    half = long * some(rng, 0.42, 0.58)
    found = [line(other, wide, [(half, 0), (long, 0)]), line(one, wide, [(0, 0), (half * 0.9, 0)])]
    found.append(box(one, half * 0.8, -wide / 2, half * 0.2, wide))
    if maybe(rng, 0.6):
        found.append(line("white", wide * 0.12, [(0, -wide * 0.25), (long * 0.4, -wide * 0.25)]))
    if maybe(rng, 0.4):
        found.append(line("dark", 1, [(half, -wide / 2), (half, wide / 2)]))
    return found


def big_capsule(rng: Generator) -> Strokes:
    """One capsule."""
    return posed(rng, _capsule(rng, some(rng, 26, 50), some(rng, 16, 26)), 0.6, 0.5)


def capsule_pair(rng: Generator) -> Strokes:
    """Two capsules that lean on each other."""
    long, wide, turn = some(rng, 26, 50), some(rng, 16, 26), some(rng, 0.3, 1.4)
    other = moved(_capsule(rng, long, wide), long * 0.3, wide * 1.1, turn)
    return posed(rng, [*other, *_capsule(rng, long, wide)], 0.6, 0.5)


def capsule_row(rng: Generator) -> Strokes:
    """Three to six capsules in a row or a fan."""
    number, long, wide = count(rng, 3, 6), some(rng, 22, 40), some(rng, 12, 16)
    fan = some(rng, 0, 0.35)
    found = Strokes()
    for n in range(number):
        found += moved(_capsule(rng, long, wide), 0, n * wide * 1.3, (n - number / 2) * fan)
    return posed(rng, found, 0.6, 0.5)


def _tablet(rng: Generator, size: float, colour: str) -> Strokes:
    """A tablet seen from above or at a slant."""
    kind = one_of(rng, "round round oval hexagon square slanted")
    flat = {"slanted": 0.55, "oval": 0.6}.get(kind, 1.0)
    if kind == "hexagon":
        angle = np.arange(6) * np.pi / 3
        found = [filled(colour, np.stack([np.cos(angle), np.sin(angle)], 1) * size)]
    elif kind == "square":
        found = [box(colour, -size * 0.85, -size * 0.85, size * 1.7, size * 1.7, 2)]
    else:
        found = [disc(colour, 0, 0, size, size * flat)]
    if kind == "slanted":
        found.insert(0, disc("grey", 0, size * 0.25, size, size * flat))
    rim = size * some(rng, 0.7, 0.85)
    found += [ring("grey", 1, 0, 0, rim, rim * flat)] if maybe(rng, 0.4) else []
    if maybe(rng, 0.75):
        found.append(line("grey" if colour != "grey" else "dark", 2, [(-rim, 0), (rim, 0)]))
    if maybe(rng, 0.2):
        found.append(line("grey", 2, [(0, -rim * flat), (0, rim * flat)]))
    return found


def tablets(rng: Generator, number: int, colours: str) -> Strokes:
    """``number`` tablets side by side, of one of the colours or of several."""
    size, colour = 16.0, one_of(rng, colours)
    mixed, across = maybe(rng, 0.3), count(rng, 2, 3)
    found = Strokes()
    for n in range(number):
        x, y = n % across * 36 + n // across % 2 * 16, n // across * 33
        one = _tablet(rng, size, one_of(rng, colours) if mixed else colour)
        found += moved(one, x + some(rng, -2, 2), y + some(rng, -2, 2), some(rng, 0, 3))
    return posed(rng, found, 0.4)


def syringe(rng: Generator) -> Strokes:
    """A syringe that points to the right."""
    long, wide, needle = some(rng, 40, 62), some(rng, 13, 24), some(rng, 20, 42)
    full = some(rng, 0.2, 0.9) * long
    glass, content = (
        one_of(rng, "white white grey steel"),
        one_of(rng, "blue green red yellow orange"),
    )
    pushed, rod = long - full, some(rng, 6, 34)
    found = [
        box(glass, 0, -wide / 2, long, wide),
        box(content, pushed, -wide * 0.4, full, wide * 0.8),
    ]
    found += [box("dark", pushed - 4, -wide * 0.42, 5, wide * 0.84)]
    found += [
        line("metal", 4, [(pushed, 0), (-rod, 0)]),
        box("metal", -rod - 4, -wide * 0.5, 5, wide),
    ]
    found += [box("metal", -3, -wide * 0.85, 5, wide * 1.7), box("metal", long, -4, 8, 8)]
    found.append(line("metal", some(rng, 1.2, 3), [(long + 8, 0), (long + 8 + needle, 0)]))
    for n in range(count(rng, 0, 6)):
        x = long * (0.15 + n * 0.13)
        found.append(line("dark", 1.2, [(x, -wide / 2), (x, -wide * 0.1)]))
    if maybe(rng, 0.4):
        found.append(disc(content, long + 12 + needle, 2, 2.6, 3.6))
    return posed(rng, found, 0.7, 0.4)


def powder(rng: Generator) -> Strokes:
    """Lines of powder on a mirror or a table, with a card, a blade or a rolled note."""
    ground = one_of(rng, "dark dark wood metal blue grip")
    found = [box(ground, 0, 0, some(rng, 80, 110), 70, count(rng, 0, 2))]
    lean, long = some(rng, -14, 14), some(rng, 26, 46)
    for n in range(count(rng, 2, 5)):
        x = 14 + n * 12
        found.append(bar("white", (x, 58), (x + lean, 58 - long), some(rng, 4, 7), some(rng, 3, 6)))
    tool = count(rng, 0, 2)
    if tool == 0:
        note = bar("green", (66, 62), (86, 16), 8, 8)
        found += [note, disc("white", 86, 16, 4, 3), line("dark", 1, [(69, 54), (72, 46)])]
    elif tool == 1:
        blade = [box("steel", -13, -8, 26, 16), line("dark", 2, [(-6, 0), (6, 0)])]
        found += moved(blade, 82, 36, some(rng, -1, 1))
    else:
        found += moved(
            [box(one_of(rng, "gold blue red"), -14, -9, 28, 18, 1)], 82, 36, some(rng, -1, 1)
        )
    return posed(rng, found, 0.4)


def sachet(rng: Generator) -> Strokes:
    """A small clear bag with powder, leaves or tablets in it."""
    wide, high, level = some(rng, 44, 70), some(rng, 56, 80), some(rng, 0.35, 0.65)
    colour = one_of(rng, "white white white green wood blue")
    heap = [(3, high - 3), (4, high * (1 - level)), (wide * 0.5, high * (0.9 - level))]
    heap += [(wide - 4, high * (1.05 - level)), (wide - 3, high - 3)]
    found = [box("grey", 0, 0, wide, high), filled(colour, heap)]
    found += [box(one_of(rng, "blue red green white"), -1, 4, wide + 2, some(rng, 3, 7))]
    return posed(rng, found, 0.3, 0.15)


def leaf(rng: Generator) -> Strokes:
    """A leaf of cannabis with five to nine narrow toothed leaflets."""
    pairs, colour = count(rng, 2, 4), "green"
    thin, toothed = some(rng, 0.07, 0.13), maybe(rng, 0.6)
    spread = some(rng, 0.5, 0.68)
    found = [line(colour, 2.5, [(0, 0), (some(rng, -4, 4), some(rng, 16, 36))])]
    for n in range(-pairs, pairs + 1):
        long = 52 * (1 - 0.62 * (abs(n) / pairs) ** 1.4) * some(rng, 0.93, 1.07)
        blade = _leaflet(long, long * thin + 2.2, toothed=toothed)
        found += moved([filled(colour, blade)], turn=-n * spread * min(1.0, 3 / pairs + 0.1))
        if maybe(rng, 0.5):
            vein = [line("dark", 0.8, [(0, -4), (0, -long * 0.8)])]
            found += moved(vein, turn=-n * spread * min(1.0, 3 / pairs + 0.1))
    return posed(rng, found, 0.25, 0.2)


def _leaflet(long: float, wide: float, *, toothed: bool) -> list[tuple[float, float]]:
    """A narrow leaf that grows upwards from the origin."""
    at = np.linspace(0, 1, 15)
    half = wide * np.sin(np.pi * at**0.8)
    if toothed:
        half = half * np.where(np.arange(15) % 2, 1.15, 0.8)
    right = [(float(x), float(-y)) for x, y in zip(half, at * long, strict=True)]
    return right + [(-x, y) for x, y in reversed(right)]


def joint(rng: Generator) -> Strokes:
    """A joint of white paper with a twisted or a cork end, alight, with smoke."""
    long, thick, thin, paper = some(rng, 56, 84), some(rng, 10, 17), some(rng, 5, 9), "white"
    found, twist = _alight(rng, paper, long, thin, thick), maybe(rng, 0.4)
    found.append(
        bar("skin" if not twist else paper, (-10, 0), (1, 0), thin if not twist else 2, thin)
    )
    for x in np.arange(8, long - 6, some(rng, 9, 20)) if maybe(rng, 0.5) else ():
        found.append(line("grey", 0.9, [(x, -thin * 0.4), (x + 4, thin * 0.4)]))
    return posed(rng, found, 0.5)


def _alight(rng: Generator, paper: str, long: float, thin: float, thick: float) -> Strokes:
    """A roll to the right with ash, mostly a glow, and smoke."""
    found = [
        bar(paper, (0, 0), (long, 0), thin, thick),
        bar("grey", (long, 0), (long + 7, 0), thick, 8),
    ]
    found += [disc("red", long + 1, 0, 3, thick / 2)] if maybe(rng, 0.8) else []
    for n in range(count(rng, 0, 3)):
        smoke = wave(long + 8, -n * 5, some(rng, 18, 32), some(rng, 3, 6), some(rng, 0.7, 1.5))
        found.append(line("grey", 2.2, smoke))
    return found


def pipe(rng: Generator) -> Strokes:
    """A pipe for smoking, with a bowl that smokes."""
    long, bowl, deep = some(rng, 40, 70), some(rng, 18, 28), some(rng, 20, 32)
    colour = one_of(rng, "wood grip dark metal blue")
    stem = [
        (bowl * 0.5, deep * 0.8),
        (bowl + long * 0.4, deep * some(rng, 0.6, 1)),
        (bowl + long, 2),
    ]
    cup = [(0, 0), (bowl, 0), (bowl * 0.95, deep), (bowl * 0.5, deep * 1.2), (bowl * 0.05, deep)]
    found = [line(colour, some(rng, 4, 7), stem), curved(colour, cup, 1)]
    found.append(disc(one_of(rng, "dark red green"), bowl / 2, 1, bowl / 2, 3.5))
    for n in range(count(rng, 0, 2)):
        smoke = wave(0, 0, some(rng, 18, 28), 4, some(rng, 0.7, 1.4))
        found += moved([line("grey", 2, smoke)], bowl * (0.3 + 0.3 * n), -3, -1.5)
    return posed(rng, found, 0.25, 0.1)


def vial(rng: Generator, *, ampoule: bool) -> Strokes:
    """A vial with a cap, or an ampoule that ends in a point, with something liquid in it."""
    wide, high, level = some(rng, 22, 40), some(rng, 36, 66), some(rng, 0.3, 0.9)
    content = one_of(rng, "blue green yellow orange red white purple")
    found = [box(one_of(rng, "white steel grey"), 0, 0, wide, high, 1)]
    found += [box(content, 2, high * (1 - level), wide - 4, high * level - 2)]
    neck = wide * some(rng, 0.4, 0.6)
    left = (wide - neck) / 2
    if ampoule:
        found.append(
            filled("steel", [(left, 1), (wide / 2 - 2, -22), (wide / 2 + 2, -22), (left + neck, 1)])
        )
    else:
        found += [
            box("grey", left, -7, neck, 9),
            box(one_of(rng, "metal red blue"), left - 3, -13, neck + 6, 7),
        ]
    if maybe(rng, 0.5):
        found += [box("white", 2, high * 0.4, wide - 4, high * 0.3)]
        found += [
            line("dark", 1.2, [(5, high * part), (wide - 6, high * part)]) for part in (0.48, 0.58)
        ]
    return posed(rng, found, 0.15, 0.1)


MEDICINE: tuple[Scene, ...] = (
    Scene("big capsules", "drugs", ("a capsule pill", "a drug capsule"), big_capsule, share=2),
    Scene("capsule pairs", "drugs", ("two capsules", "a pair of capsules"), capsule_pair),
    Scene("capsule rows", "drugs", ("several capsules", "medicine capsules"), capsule_row, share=2),
    Scene(
        "tablets",
        "drugs",
        ("medicine tablets", "white tablets"),
        lambda r: tablets(r, count(r, 2, 7), "white"),
        share=2,
    ),
    Scene(
        "coloured tablets",
        "drugs",
        ("coloured tablets", "ecstasy pills"),
        lambda r: tablets(r, count(r, 2, 7), COLOURED),
        share=2,
    ),
    Scene("single tablets", "drugs", ("a pill",), lambda r: tablets(r, 1, _BRIGHT)),
    Scene("syringes", "drugs", ("a syringe", "a drug injection"), syringe, share=4),
    Scene("powder", "drugs", ("lines of white powder", "cocaine"), powder, share=3),
    Scene("sachets", "drugs", ("a drug packet", "a bag of drugs"), sachet, share=2),
    Scene("cannabis", "drugs", ("a cannabis leaf", "marijuana", "weed"), leaf, share=4),
    Scene("joints", "drugs", ("a joint", "a rolled cigarette"), joint, share=2),
    Scene("pipes", "drugs", ("a smoking pipe", "a pipe for drugs"), pipe, share=3),
    Scene(
        "vials",
        "drugs",
        ("a vial", "a vial for injections"),
        lambda r: vial(r, ampoule=False),
        share=2,
    ),
    Scene("ampoules", "drugs", ("an ampoule", "a glass ampoule"), lambda r: vial(r, ampoule=True)),
)
