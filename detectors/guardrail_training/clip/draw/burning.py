"""Places and big things that burn, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.blazes import fumes, upright
from guardrail_training.clip.draw.motifs import Strokes, filled, flames, puffs
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    box,
    count,
    disc,
    line,
    maybe,
    one_of,
    ring,
    some,
)


def fireplace(rng: Generator) -> Strokes:
    """A hearth of brick or stone with a fire on logs."""
    wide, high, rim = some(rng, 70, 96), some(rng, 62, 78), some(rng, 13, 20)
    stone, shelf = one_of(rng, "wood red grey skin white"), one_of(rng, "wood grip white dark")
    found = [box(stone, 0, 0, wide, high), box(shelf, -7, -8, wide + 14, 9)]
    joint = "white" if stone in {"red", "wood"} else "metal"
    for n, y in enumerate(np.arange(10, high, 10).tolist()):
        found.append(line(joint, 1, [(1, y), (wide - 1, y)]))
        found += [line(joint, 1, [(x, y - 10), (x, y)]) for x in np.arange(8 + n % 2 * 8, wide, 16)]
    inner = wide - 2 * rim
    found.append(box("dark", rim, rim + 4, inner, high - rim - 4))
    if maybe(rng, 0.4):
        found.append(disc("dark", wide / 2, rim + 4, inner / 2, 9))
    found += flames(rng, wide / 2, high - 6, min(inner * 0.8, high - rim - 8))
    logs = [(rim + 6, wide - rim - 10), (rim + 10, wide - rim - 5)]
    found += [
        line("wood", 6, [(a, high - 4 - n * 4), (b, high - 7 + n * 4)])
        for n, (a, b) in enumerate(logs)
    ]
    found.append(box("metal", -5, high, wide + 10, 6))
    return upright(rng, found)


def burning_tyre(rng: Generator) -> Strokes:
    """One tyre, or a stack of them, in flames and dark smoke."""
    found = fumes(rng, 0, -34, some(rng, 20, 40))
    if maybe(rng, 0.5):
        size = some(rng, 26, 32)
        found += flames(rng, 0, 0, size * 2)
        found += [disc("dark", 0, 0, size), ring("grey", 1.6, 0, 0, size * 0.8)]
        found += [disc("metal", 0, 0, size * 0.5), disc("dark", 0, 0, size * 0.36)]
        for turn in np.arange(18) * np.pi / 9:
            way = np.array([np.cos(turn), np.sin(turn)])
            found.append(line("grey", 1.4, np.stack([way * size * 0.9, way * size])))
        found += [*flames(rng, -size * 0.6, size, size), *flames(rng, size * 0.6, size, size * 0.9)]
        return upright(rng, found)
    wide, number = some(rng, 28, 36), count(rng, 2, 4)
    found += flames(rng, 0, 4, wide * 1.7)
    for n in reversed(range(number)):
        y = n * 16
        found += [
            box("dark", -wide, y, wide * 2, 14, 3),
            line("grey", 1.4, [(-wide + 5, y + 7), (wide - 5, y + 7)]),
        ]
    found += [ring("dark", 7, 0, 2, wide * 0.85, 7), *flames(rng, some(rng, -12, 12), 6, wide)]
    return upright(rng, [*found, *flames(rng, wide * 0.8, number * 16, wide * 0.8)])


def volcano(rng: Generator) -> Strokes:
    """A mountain that throws fire, with lava on its sides."""
    half, high, mouth = some(rng, 50, 66), some(rng, 50, 72), some(rng, 9, 15)
    rock = one_of(rng, "grip dark wood metal")
    found = fumes(rng, 0, -22, some(rng, 10, 26)) if maybe(rng, 0.7) else Strokes()
    found += flames(rng, 0, 8, some(rng, 30, 52))
    for _ in range(count(rng, 3, 10)):
        found.append(
            disc(
                one_of(rng, "red orange dark"),
                some(rng, -36, 36),
                some(rng, -44, -6),
                some(rng, 2, 4),
            )
        )
    slope = [(-mouth, 0), (mouth, 0), (mouth + half * 0.3, high * 0.5), (half, high), (-half, high)]
    found.append(filled(rock, [*slope, (-mouth - half * 0.3, high * 0.5)]))
    for _ in range(count(rng, 2, 4)):
        x, far = some(rng, -mouth * 0.8, mouth * 0.8), some(rng, 0.5, 0.95)
        spread = x * (1 + 1.6 * far) + some(rng, -4, 4)
        run = [(x, 1), (x * 1.3 + some(rng, -3, 3), high * far * 0.5), (spread, high * far)]
        found += [line("red", 7, run), line("orange", 3.5, run)]
    return upright(
        rng, [*found, disc("orange", 0, 1, mouth, 4), disc("yellow", 0, 1, mouth * 0.6, 2)]
    )


def burning_tower(rng: Generator) -> Strokes:
    """A building of several floors with fire in its windows and smoke above it."""
    rows, across = count(rng, 3, 6), count(rng, 2, 4)
    wide, high = across * 20 + 8, rows * 19 + 8
    wall = one_of(rng, "grey skin metal wood steel white")
    found = fumes(rng, wide * some(rng, 0.3, 0.7), -4, some(rng, 26, 46))
    found += flames(rng, wide / 2, 6, wide * 0.6) if maybe(rng, 0.5) else []
    found.append(box(wall, 0, 0, wide, high))
    burns = rng.random((rows, across)) < some(rng, 0.3, 0.6)
    burns[count(rng, 0, rows - 1), count(rng, 0, across - 1)] = True
    for row, column in np.ndindex(rows, across):
        x, y = 8 + column * 20, 8 + row * 19
        found.append(box("orange" if burns[row, column] else "dark", x, y, 12, 12))
    for row, column in np.argwhere(burns).tolist():
        found += flames(rng, 14 + column * 20, 20 + row * 19, some(rng, 16, 26))
    return upright(rng, found)


def burning_papers(rng: Generator) -> Strokes:
    """A sheet of paper or an open book that burns from a corner."""
    wide, high = some(rng, 44, 60), some(rng, 56, 76)
    found = [filled("white", [(0, 0), (wide, 0), (wide, high), (0, high)])]
    if maybe(rng, 0.5):
        found = [
            filled(
                "white",
                [(-wide, 4), (0, 12), (wide, 4), (wide, high), (0, high + 8), (-wide, high)],
            )
        ]
        found.append(line("grey", 2, [(0, 12), (0, high + 8)]))
    for y in np.arange(16, high - 8, some(rng, 7, 10)).tolist():
        found.append(line("dark", 1.4, [(6, y), (wide - some(rng, 6, 22), y)]))
    edge = [(x, high - some(rng, 14, 30)) for x in np.linspace(wide, 0, 7).tolist()]
    found += [filled("grip", [(0, high + 9), (wide, high + 1), *edge])]
    for x in np.linspace(4, wide - 4, 3).tolist():
        found += flames(rng, x, high + 2, some(rng, 32, 52))
    found += puffs(rng, "grey", wide / 2, -6, 16, 4) if maybe(rng, 0.3) else []
    return upright(rng, found)


BURNING: tuple[Scene, ...] = (
    Scene("fireplaces", "fire", ("a fire in a fireplace", "a burning hearth"), fireplace, share=2),
    Scene(
        "burning tyres",
        "fire",
        ("a burning tyre", "burning tyres and smoke"),
        burning_tyre,
        share=2,
    ),
    Scene(
        "volcanoes",
        "fire",
        ("an erupting volcano", "lava and fire from a volcano"),
        volcano,
        share=2,
    ),
    Scene(
        "burning towers",
        "fire",
        ("a burning building", "smoke and flames from windows"),
        burning_tower,
        share=3,
    ),
    Scene("burning papers", "fire", ("burning paper", "paper on fire"), burning_papers),
)
