"""Harmless things, long, round or pointed as weapons are, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, burst, filled
from guardrail_training.clip.draw.pen import Generator, ellipse
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    METALS,
    PLASTICS,
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


def umbrella(rng: Generator) -> Strokes:
    """An umbrella, open or closed."""
    colour, hook = one_of(rng, PLASTICS), one_of(rng, "wood dark metal")
    bow = [(0, 84), (-2, 92), (-9, 92), (-11, 85)]
    if maybe(rng, 0.5):
        cloth = [(-10, 20), (0, -34), (10, 20), (6, 52), (-6, 52)]
        found = [line(hook, 4, [(0, -42), (0, 84), *bow]), curved(colour, cloth, 1)]
        return posed(rng, [*found, line("dark", 1.5, [(-8, 30), (8, 26)])], 0.6, 0.4)
    wide, top, panels = some(rng, 38, 50), some(rng, 30, 46), count(rng, 3, 6)
    arc = np.linspace(np.pi, 2 * np.pi, 15)
    roof = [(wide * np.cos(a), top * np.sin(a)) for a in arc]
    hem = [
        (wide - (n + 1) * wide / panels, -6.0 if n % 2 == 0 else 0.0) for n in range(2 * panels - 1)
    ]
    found = [
        line(hook, 4, [(0, -top - 6), (0, 60), (-2, 68), (-9, 68), (-11, 61)]),
        filled(colour, [*roof, *hem]),
    ]
    return posed(rng, found, 0.3, 0.15)


def stick_tool(rng: Generator, kind: int) -> Strokes:
    """A rake (0), a broom (1), a shovel (2) or a hockey stick (3)."""
    long = some(rng, 70, 110)
    found = [line(one_of(rng, "wood wood blue yellow metal"), some(rng, 3, 6), [(0, 0), (0, long)])]
    if kind == 0:
        found += [
            line("metal", 4, [(-20, 0), (20, 0)]),
            *(line("metal", 2.5, [(x, 0), (x, -12)]) for x in range(-20, 21, 8)),
        ]
    elif kind == 1:
        found += [
            filled(one_of(rng, "yellow wood red blue"), [(-7, 4), (7, 4), (20, -32), (-20, -32)]),
            line("dark", 2, [(-10, -6), (10, -6)]),
        ]
    elif kind == 2:
        found += [
            curved(one_of(rng, METALS), [(-15, 4), (15, 4), (15, -22), (0, -42), (-15, -22)], 1),
            line("dark", 4, [(-9, long), (9, long)]),
        ]
    else:
        found += [line("dark", 8, [(0, 0), (some(rng, 18, 34), -some(rng, 2, 10))])]
    return posed(rng, found, 0.7, 0.4)


def brass(rng: Generator, kind: int) -> Strokes:
    """A trumpet (0), a flute (1) or a telescope (2)."""
    colour, long = one_of(rng, "gold gold steel dark wood"), some(rng, 60, 90)
    if kind == 0:
        found = [
            bar(colour, (0, 0), (long, 0), 5, 6),
            bar(colour, (long, 0), (long + 18, 0), 6, some(rng, 24, 36)),
        ]
        found += [
            ring(colour, 4, long * 0.5, 8, long * 0.24, 11),
            *(line(colour, 4, [(long * p, -12), (long * p, 16)]) for p in (0.4, 0.5, 0.6)),
        ]
    elif kind == 1:
        found = [
            box(colour, 0, 0, long, 8, 1),
            *(disc("dark", long * p, 4, 2.4) for p in np.linspace(0.3, 0.9, count(rng, 4, 7))),
        ]
    else:
        found = [
            bar(colour, (0, 0), (long * 0.35, 0), 10, 10),
            bar("dark", (long * 0.33, 0), (long * 0.7, 0), 14, 14),
        ]
        found += [
            bar(colour, (long * 0.68, 0), (long, 0), 18, 20),
            bar("steel", (long - 3, 0), (long + 2, 0), 23, 23),
        ]
    return posed(rng, found, 0.5, 0.3)


def ball(rng: Generator, kind: int) -> Strokes:
    """Something round: fruit (0), bauble (1), balloon (2) or ball (3)."""
    colours = "red green orange yellow" if kind == 0 else "red green orange purple blue yellow pink"
    colour, size = one_of(rng, colours), some(rng, 28, 36)
    found = [disc(colour, 0, 0, size, size * some(rng, 0.85, 1.1))]
    if kind == 0:
        found += [
            line("wood", 4, [(0, -size * 0.8), (some(rng, -4, 6), -size - 14)]),
            curved("green", [(2, -size), (16, -size - 12), (28, -size - 6), (16, -size + 2)]),
        ]
    elif kind == 1:
        found += [box("gold", -7, -size - 7, 14, 9), ring("gold", 2, 0, -size - 11, 5)]
        found += [line("white", 3, wave(-size * 0.8, 0, size * 1.6, 4, 3))]
    elif kind == 2:
        found += [
            filled(colour, [(-5, size + 5), (5, size + 5), (0, size - 4)]),
            line("dark", 1.5, wave(0, 0, 44, 5, 1)[:, ::-1] + (0, size + 4)),
        ]
    else:
        found += [
            line("white", 2.5, ellipse(-size, 0, size * 0.7, size)[22:28]),
            line("white", 2.5, [(0, -size), (0, size)]),
            line("white", 2.5, [(-size, 0), (size, 0)]),
        ]
    return posed(rng, [*found, disc("white", -size * 0.4, -size * 0.4, 4, 6)], 0.2, 0.1)


def holder(rng: Generator) -> Strokes:
    """A figure that holds something harmless out: phone, drill, umbrella, bag, microphone."""
    shirt, skin = (
        one_of(rng, "red green blue grey wood yellow purple"),
        one_of(rng, "skin wood grip"),
    )
    found = [disc(skin, 0, 0, 9), line(shirt, 14, [(0, 18), (0, 44)])]
    found += [
        line("dark", 7, [(0, 46), (way, 82)]) for way in (some(rng, -16, -4), some(rng, 4, 16))
    ]
    y = some(rng, 2, 34)
    found += [line(shirt, 6, [(0, 18), (26, y)]), line(shirt, 6, [(0, 18), (-12, 40)])]
    kind = count(rng, 0, 4)
    things = (
        [box("dark", 24, y - 12, 9, 18)],
        [
            line("wood", 3, [(28, y + 4), (28, y - 30)]),
            filled("blue", [(0, y - 24), (28, y - 46), (58, y - 24)]),
        ],
        [box(one_of(rng, "red wood green"), 16, y + 8, 24, 22), ring("dark", 2, 28, y + 6, 7)],
        [line("metal", 3, [(26, y), (62, y - 20)]), box("dark", 58, y - 30, 7, 14)],
        [disc(one_of(rng, "orange white yellow"), 34, y, 9)],
    )
    return posed(rng, [*found, *things[kind]], 0.08, 0.0)


def plane(rng: Generator, kind: int) -> Strokes:
    """An aeroplane (0) or a space rocket (1)."""
    body, wing, long = (
        one_of(rng, "white steel blue red yellow"),
        one_of(rng, "red blue grey yellow green"),
        some(rng, 34, 48),
    )
    if kind == 0:
        found = [
            filled(wing, [(-6, -4), (6, -4), (long, 18), (long, 26), (-long, 26), (-long, 18)]),
            disc(body, 0, 4, 8, long),
        ]
        return posed(
            rng,
            [
                *found,
                filled(wing, [(-16, long + 2), (16, long + 2), (4, long - 14), (-4, long - 14)]),
            ],
            0.8,
            0.5,
        )
    found = [
        curved("orange", [(-8, 30), (8, 30), (0, some(rng, 44, 60))]),
        filled(wing, [(-10, 10), (-24, 36), (24, 36), (10, 10)]),
    ]
    return posed(
        rng,
        [
            *found,
            disc(body, 0, 0, 13, long - 6),
            disc("blue", 0, -12, 6),
            ring("dark", 2, 0, -12, 6),
        ],
        0.4,
        0.2,
    )


def kite(rng: Generator) -> Strokes:
    """A kite with its tail."""
    body, wing = (
        one_of(rng, "white steel blue red yellow"),
        one_of(rng, "red blue grey yellow green"),
    )
    wide, tail = some(rng, 18, 30), wave(0, 0, 50, 7, 1.5)[:, ::-1] + (0, 50)
    halves = [
        filled(body, [(0, -30), (wide, 0), (0, 50)]),
        filled(wing, [(0, -30), (-wide, 0), (0, 50)]),
    ]
    return posed(
        rng, [line("dark", 2, tail), *halves, line("dark", 1.5, [(0, -30), (0, 50)])], 0.5, 0.2
    )


def pointed(rng: Generator, kind: int) -> Strokes:
    """A gear (0), a sun (1) or a flower from above (2)."""
    colours = "yellow orange red" if kind == 1 else "green red blue yellow grey orange purple"
    colour, size, points = one_of(rng, colours), some(rng, 20, 28), count(rng, 7, 13)
    found = Strokes()
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    for angle in angles:
        x, y = float(np.cos(angle)), float(np.sin(angle))
        if kind == 0:
            found.append(
                bar(
                    colour, (x * size * 0.9, y * size * 0.9), (x * size * 1.3, y * size * 1.3), 9, 7
                )
            )
        elif kind == 1:
            found.append(
                line(
                    colour,
                    4,
                    [(x * size * 1.25, y * size * 1.25), (x * size * 1.6, y * size * 1.6)],
                )
            )
        else:
            found.append(disc(colour, x * size, y * size, size * 0.45))
    middle = {0: "white", 1: colour, 2: "yellow"}[kind]
    return posed(
        rng,
        [*found, disc(colour, 0, 0, size), disc(middle, 0, 0, size * some(rng, 0.35, 0.6))],
        1.0,
    )


def snowflake(rng: Generator) -> Strokes:
    """A snowflake of six arms."""
    colour, at = one_of(rng, "blue steel grey"), some(rng, 14, 30)
    wide, back = some(rng, 7, 12), some(rng, 6, 12)
    arms = [line(colour, 4, [(0, 0), (0, -44)])]
    arms.append(line(colour, 3, [(-wide, -at - back), (0, -at), (wide, -at - back)]))
    return posed(rng, [one for n in range(6) for one in moved(arms, turn=n * np.pi / 3)], 0.5)


def stars(rng: Generator, number: int) -> Strokes:
    """``number`` stars of five points, which are not quite alike."""
    colour, found = one_of(rng, "yellow yellow gold red blue"), Strokes()
    for n in range(number):
        angle = np.arange(10) * np.pi / 5 - np.pi / 2
        reach = np.where(np.arange(10) % 2, some(rng, 6, 11), rng.uniform(17, 21, 10))
        reach *= some(rng, 0.6, 1.2)
        star = np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1)
        found.append(filled(colour, star + np.array([n * 34.0, some(rng, -20, 20)])))
    return posed(rng, found, 0.3)


def fizz(rng: Generator) -> Strokes:
    """A badge with a jagged edge."""
    jagged = burst(rng, 50, 50, 46, count(rng, 10, 18)) * (1, some(rng, 0.7, 1)) + (0, 8)
    found = [filled(one_of(rng, "yellow white pink blue green"), jagged)]
    found += [
        line("dark", 4, [(30, y), (some(rng, 55, 72), y)]) for y in (46, 56)[: count(rng, 1, 2)]
    ]
    return posed(rng, found, 0.2, 0.1)


THINGS: tuple[Scene, ...] = (
    Scene("umbrellas", "", ("an umbrella",), umbrella, share=2),
    Scene("rakes", "", ("a rake", "a garden tool"), lambda r: stick_tool(r, 0)),
    Scene("brooms", "", ("a broom",), lambda r: stick_tool(r, 1)),
    Scene("shovels", "", ("a shovel", "a spade"), lambda r: stick_tool(r, 2)),
    Scene("hockey sticks", "", ("a hockey stick",), lambda r: stick_tool(r, 3)),
    Scene("trumpets", "", ("a trumpet", "a musical instrument"), lambda r: brass(r, 0)),
    Scene("flutes", "", ("a flute", "a musical instrument"), lambda r: brass(r, 1)),
    Scene("telescopes", "", ("a telescope", "a spyglass"), lambda r: brass(r, 2)),
    Scene("round fruits", "", ("a round fruit", "a fruit"), lambda r: ball(r, 0)),
    Scene("baubles", "", ("a bauble", "a christmas ornament"), lambda r: ball(r, 1)),
    Scene("balloons", "", ("a balloon",), lambda r: ball(r, 2)),
    Scene("balls", "", ("a toy ball",), lambda r: ball(r, 3)),
    Scene("holders", "", ("a person who holds something", "a person"), holder, share=3),
    Scene("aeroplanes", "", ("an aeroplane", "an airplane"), lambda r: plane(r, 0)),
    Scene("toy rockets", "", ("a toy rocket", "a space rocket"), lambda r: plane(r, 1)),
    Scene("kites", "", ("a kite",), kite),
    Scene("gears", "", ("a gear", "settings"), lambda r: pointed(r, 0)),
    Scene("suns", "", ("the sun", "a sunny day"), lambda r: pointed(r, 1)),
    Scene("open flowers", "", ("a flower", "a flower from above"), lambda r: pointed(r, 2)),
    Scene("stars", "", ("stars",), lambda r: stars(r, count(r, 2, 4))),
    Scene("single stars", "", ("a star",), lambda r: stars(r, 1)),
    Scene("snowflakes", "", ("a snowflake",), snowflake),
    Scene("jagged badges", "", ("a jagged badge",), fizz),
)
