"""Explosives and what bears them, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, burst, filled
from guardrail_training.clip.draw.parts import lit
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    bar,
    box,
    count,
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

_ARMY = "green green grip metal dark wood"


def torpedo(rng: Generator) -> Strokes:
    """A long round-nosed body with fins and a screw, maybe with bubbles behind it."""
    long, high = some(rng, 70, 120), some(rng, 20, 32)
    colour, nose = one_of(rng, "metal green dark steel blue"), one_of(rng, "red gold dark metal")
    half, tail = high / 2, some(rng, 12, 24)
    body = [(0, -half), (long, -half), (long, half), (0, half), (-tail, 3), (-tail, -3)]
    fins = [
        filled("dark", [(4, way * 3), (-tail + 2, way * 3), (-tail - 6, way * (half + 7)),
                        (-tail + 6, way * (half + 7))])
        for way in (-1, 1)
    ]  # fmt: skip
    found = [disc(nose, long, 0, half * some(rng, 0.9, 1.6), half), *fins, filled(colour, body)]
    found += [disc("gold", -tail - 6, way * 6, 2.5, 7) for way in (-1, 1)]
    found.append(line("dark", 3, [(-tail, 0), (-tail - 9, 0)]))
    for _ in range(count(rng, 0, 3)):
        x = some(rng, 6, long - 6)
        found.append(line("dark", 1.4, [(x, -half), (x, half)]))
    if maybe(rng, 0.4):
        found.append(box("yellow", long * 0.7, -half, 6, high))
    for n in range(count(rng, 0, 5)):
        found.append(ring("blue", 1.6, -tail - 16 - n * 7, some(rng, -7, 7), some(rng, 2, 4)))
    return posed(rng, found, 0.25, 0.15)


def _shell(long: float, wide: float, colour: str, tip: str, *, cased: bool) -> Strokes:
    """A standing shell whose foot is at the origin."""
    half, neck = wide / 2, wide * 0.16
    ogive = [(-half, 0), (-half * 0.95, -long * 0.18), (-half * 0.6, -long * 0.36)]
    ogive += [(-neck, -long * 0.46)]
    sides = [*ogive, *((-x, y) for x, y in reversed(ogive))]
    found = [filled(colour, sides), filled(tip, [(-neck, -long * 0.45), (-neck * 0.5, -long * 0.56),
             (neck * 0.5, -long * 0.56), (neck, -long * 0.45)])]  # fmt: skip
    lower = "gold" if cased else colour
    found += [
        box(lower, -half, 0, wide, long * 0.5),
        box("gold", -half - 1, long * 0.38, wide + 2, 5),
    ]
    return [*found, box("yellow", -half, -3, wide, 4)]


def artillery_shell(rng: Generator) -> Strokes:
    """One to four shells of a big gun, standing side by side or lying."""
    long, wide, cased = some(rng, 60, 90), some(rng, 24, 34), maybe(rng, 0.4)
    colour, tip = one_of(rng, _ARMY), one_of(rng, "gold steel red dark")
    lying = maybe(rng, 0.4)
    found = Strokes()
    for n in range(count(rng, 1, 4)):
        one = _shell(long, wide, colour, tip, cased=cased)
        found += moved(one, n * wide * 1.25, some(rng, -1, 1))
    if lying:
        found = moved(found, turn=1.57)
    return posed(rng, found, 0.08, 0.0)


def land_mine(rng: Generator) -> Strokes:
    """A flat round mine with a pressure plate, or with prongs."""
    wide, flat, deep = 50.0, some(rng, 0.3, 0.6), some(rng, 14, 30)
    colour, lid = one_of(rng, _ARMY), one_of(rng, "dark metal grip green")
    plate, tall = some(rng, 0.35, 0.7), some(rng, 5, 10)
    found = [disc(colour, 0, deep, wide, wide * flat), box(colour, -wide, 0, wide * 2, deep)]
    found += [disc(colour, 0, 0, wide, wide * flat), ring("dark", 1.6, 0, 0, wide, wide * flat)]
    for x in np.linspace(-0.85, 0.85, count(rng, 5, 9)).tolist() if maybe(rng, 0.6) else ():
        low = wide * flat * (1 - x * x) ** 0.5
        found.append(line("dark", 1.8, [(x * wide, low + 3), (x * wide, low + deep - 3)]))
    found += [box(lid, -wide * plate, -tall, wide * plate * 2, tall)]
    found += [disc(lid, 0, level, wide * plate, wide * plate * flat) for level in (0, -tall)]
    found.append(ring("steel", 1.5, 0, -tall, wide * plate, wide * plate * flat))
    if maybe(rng, 0.5):
        high = some(rng, 16, 30)
        found += [line("steel", 2.6, [(0, -tall), (x, -tall - high)]) for x in (-11, 0, 11)]
        found.append(box("dark", -5, -tall - 5, 10, 8))
    else:
        found.append(disc(one_of(rng, "red yellow dark"), 0, -tall, 8, 8 * flat))
    return posed(rng, found, 0.08, 0.0)


def molotov(rng: Generator) -> Strokes:
    """A bottle with a burning rag in its neck."""
    wide, high, neck = some(rng, 26, 38), some(rng, 46, 64), some(rng, 16, 28)
    glass = one_of(rng, "green green wood blue steel grip")
    half, level = wide / 2, some(rng, 0.2, 0.7)
    bottle = [(-half, 0), (-5, -14), (-5, -14 - neck), (5, -14 - neck), (5, -14), (half, 0)]
    bottle += [(half, high), (-half, high)]
    top, hang = -14 - neck, some(rng, 8, 24)
    found = [filled(glass, bottle)]
    content = one_of(rng, "orange yellow gold")
    found.append(box(content, -half + 3, high * level, wide - 6, high * (1 - level) - 3))
    found += [box("white", -half, high * 0.3, wide, high * 0.3)] if maybe(rng, 0.3) else []
    rag = [(-5, top + 3), (-7, top - 9), (6, top - 11), (13, top - 2), (16, top + hang)]
    rag += [(8, top + hang * 0.8), (5, top + 3)]
    found.append(filled(one_of(rng, "white skin grey"), rag))
    found += lit(rng, some(rng, -1, 4), top - 3, some(rng, 34, 56))
    found += lit(rng, 13, top + 4, some(rng, 16, 26)) if maybe(rng, 0.6) else []
    if maybe(rng, 0.25):
        found += [line("skin", 7, [(-half - 1, high * 0.3 + n * 8), (half - 3, high * 0.3 + n * 8)])
                  for n in range(4)]  # fmt: skip
        found.append(bar("skin", (-half, high * 0.5), (-half - 34, high * 0.9), 28, 22))
    return posed(rng, found, 0.2, 0.0)


def _spark(rng: Generator, x: float, y: float) -> Strokes:
    return [filled("orange", burst(rng, x, y, 9, 6)), filled("yellow", burst(rng, x, y, 5, 5))]


def pipe_bomb(rng: Generator) -> Strokes:
    """One to three pipes with screwed caps and a burning fuse."""
    long, thick, number = some(rng, 60, 95), some(rng, 15, 22), count(rng, 1, 3)
    pipe, cap = one_of(rng, "metal steel grey wood"), one_of(rng, "dark metal gold")
    found = Strokes()
    for n in range(number):
        y = n * (thick + 5)
        found.append(box(pipe, 0, y, long, thick))
        for x in (-8, long - 8):
            found.append(box(cap, x, y - 3, 16, thick + 6))
            found += [line("steel", 1.2, [(x + at, y), (x + at, y + thick)]) for at in (5, 11)]
    for x in (long * 0.28, long * 0.65) if number > 1 or maybe(rng, 0.4) else ():
        found.append(box("dark", x, -1, 8, number * (thick + 5) - 3))
    x, high = long * some(rng, 0.4, 0.6), some(rng, 16, 30)
    bent = x + some(rng, -14, 14)
    found += [line("wood", 2.6, [(x, 1), (x + 2, -high * 0.5), (bent, -high)])]
    found += _spark(rng, bent, -high) if maybe(rng, 0.8) else []
    return posed(rng, found, 0.35, 0.2)


def detonator(rng: Generator) -> Strokes:
    """A box with a plunger to push down, and wires."""
    wide, high, rod = some(rng, 46, 66), some(rng, 34, 50), some(rng, 16, 36)
    colour, bright = one_of(rng, "wood red dark grip green"), one_of(rng, "red yellow blue")
    half = wide / 2
    found = [line(bright, 2, wave(half - 4, high - 8, some(rng, 30, 54), some(rng, 4, 8), 1.2))]
    found += [line("dark", 2, wave(half - 4, high - 16, some(rng, 30, 54), some(rng, 4, 8), 1))]
    found += [box("metal", -3, -rod, 6, rod + 2), box(colour, -half, 0, wide, high)]
    grip = half * some(rng, 0.6, 0.95)
    found += [line("dark", 8, [(-grip, -rod), (grip, -rod)]), box("dark", -8, -4, 16, 6)]
    if colour == "wood":
        found += [line("grip", 1.6, [(-half, high * at), (half, high * at)]) for at in (0.33, 0.66)]
    if maybe(rng, 0.6):
        found.append(box("yellow", -half * 0.6, high * 0.25, wide * 0.6, high * 0.5))
        bolt = [(4, 0), (-6, 9), (0, 9), (-4, 18), (7, 7), (1, 7)]
        found += moved([filled("dark", bolt)], 0, high * 0.5 - 9, size=0.9)
    return posed(rng, found, 0.08, 0.0)


def sea_mine(rng: Generator) -> Strokes:
    """A ball with horns all around it, maybe on a chain."""
    size, horns, long = 32.0, count(rng, 7, 13), some(rng, 7, 14)
    colour, point = one_of(rng, "dark metal metal grip green"), one_of(rng, "metal dark red steel")
    found, start = Strokes(), some(rng, 0, 1)
    for n in range(count(rng, 3, 6) if maybe(rng, 0.6) else 0):
        found.append(ring("metal", 2.4, 0, size + 6 + n * 8, 3, 5))
    for n in range(horns):
        turn = start + n * 2 * np.pi / horns
        stem = [bar(point, (size - 3, 0), (size + long, 0), 10, 6), disc(point, size + long, 0, 4)]
        found += moved(stem, turn=float(turn))
    found.append(disc(colour, 0, 0, size))
    for x, y in ((-12, -10), (12, -8), (0, 12)) if maybe(rng, 0.7) else ():
        found += [disc(point, x, y, 5), ring("dark", 1.2, x, y, 5)]
    found += [line("steel", 1.6, [(-size, 0), (size, 0)])] if maybe(rng, 0.4) else []
    found += [disc("white", -15, -17, 4, 6)] if maybe(rng, 0.3) else []
    return posed(rng, found, 0.1, 0.0)


SHELLS: tuple[Scene, ...] = (
    Scene("torpedoes", "weapons", ("a torpedo", "a torpedo of a submarine"), torpedo, share=2),
    Scene(
        "shells", "weapons", ("an artillery shell", "shells of a cannon"), artillery_shell, share=2
    ),
    Scene("land mines", "weapons", ("a land mine", "an explosive mine"), land_mine, share=2),
    Scene(
        "molotovs",
        "weapons",
        ("a molotov cocktail", "a bottle with a burning rag"),
        molotov,
        share=3,
    ),
    Scene("pipe bombs", "weapons", ("a pipe bomb", "a homemade bomb"), pipe_bomb, share=2),
    Scene(
        "detonators",
        "weapons",
        ("a detonator box", "a plunger that sets off a bomb"),
        detonator,
        share=2,
    ),
    Scene("sea mines", "weapons", ("a sea mine", "a naval mine with spikes"), sea_mine, share=2),
)
