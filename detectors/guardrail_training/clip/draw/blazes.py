"""Fires of many things, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled, flames, puffs, tongue
from guardrail_training.clip.draw.parts import lit
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
    one_of,
    posed,
    some,
)


def upright(rng: Generator, drawn: Strokes) -> Strokes:
    """Fire burns upwards: hardly turned."""
    return posed(rng, drawn, 0.04, 0.0)


def fumes(rng: Generator, x: float, y: float, high: float) -> Strokes:
    """A column of smoke that grows wider as it rises and drifts."""
    drift, colour = some(rng, -0.5, 0.5), one_of(rng, "dark grey metal dark")
    found = Strokes()
    for part in np.linspace(0, 1, count(rng, 4, 6)).tolist():
        found += puffs(rng, colour, x + drift * high * part, y - high * part, 12 + 18 * part, 4)
    return found


def burning_barrel(rng: Generator) -> Strokes:
    """A drum or a rubbish bin with flames in it."""
    wide, high, narrow = some(rng, 40, 56), some(rng, 48, 70), some(rng, 0, 8)
    colour = one_of(rng, "metal dark blue green wood grey red")
    half = wide / 2
    body = [(-half, 0), (half, 0), (half - narrow, high), (-half + narrow, high)]
    found = fumes(rng, 0, -40, 24) if maybe(rng, 0.3) else Strokes()
    found += flames(rng, 0, 8, wide * some(rng, 1.0, 1.5))
    found += [filled(colour, body), disc(colour, 0, high, half - narrow, 6)]
    for n in range(count(rng, 1, 3)):
        y = high * (0.25 + n * 0.25)
        found.append(
            line("dark" if colour != "dark" else "grey", 2, [(-half + 2, y), (half - 2, y)])
        )
    found.append(line("steel", 3, [(-half - 1, 1), (half + 1, 1)]))
    for _ in range(count(rng, 0, 4)):
        found.append(disc("orange", some(rng, -half * 0.6, half * 0.6), some(rng, 14, high), 3))
    return upright(rng, [*found, *lit(rng, some(rng, -9, 9), 4, wide * 0.7)])


def burning_tree(rng: Generator) -> Strokes:
    """One tree whose crown is on fire."""
    high, size = some(rng, 44, 62), some(rng, 44, 60)
    found = [bar("grip", (0, 50), (some(rng, -4, 4), 50 - high), 13, 6)]
    found += [line("grip", 4, [(0, 20), (way * 20, some(rng, -12, 2))]) for way in (-1, 1)]
    if maybe(rng, 0.5):
        for n in range(3):
            half, y = 14 + n * 8, n * 16 - 44
            found.append(filled("green", [(0, y - 10), (half, y + 18), (-half, y + 18)]))
    else:
        found += puffs(rng, "green", 0, -10, size * 0.7, 8)
    for x in (-size * 0.3, 0.0, size * 0.3):
        found += flames(rng, x + some(rng, -4, 4), some(rng, 2, 16), size * some(rng, 0.6, 1.0))
    found += flames(rng, 0, 54, 24) if maybe(rng, 0.5) else []
    return upright(rng, found)


def burning_curtain(rng: Generator) -> Strokes:
    """Curtains on a rail that burn from below."""
    wide, high = some(rng, 34, 46), some(rng, 74, 96)
    colour, folds = one_of(rng, "blue green purple pink white skin"), count(rng, 3, 5)
    found = [
        box("steel", -wide * 0.8, 8, wide * 1.6, high * 0.6),
        box("blue", -wide * 0.7, 13, wide * 1.4, high * 0.48),
    ]
    found += [line("white", 3, [(0, 10), (0, high * 0.6)])]
    for way in (-1, 1):
        far, near = way * (wide + 6), way * wide * some(rng, 0.15, 0.45)
        found.append(
            filled(
                colour,
                [(far, 0), (near, 0), (near + way * 7, high * 0.6), (near, high), (far, high)],
            )
        )
        for n in range(1, folds):
            x = near + (far - near) * n / folds
            found.append(line("grey", 1.2, [(x, 3), (x, high - 3)]))
        if way < 0 or maybe(rng, 0.7):
            found += flames(rng, (far + near) / 2, high + 2, some(rng, 40, 70))
    found.append(line("wood", 5, [(-wide - 14, 0), (wide + 14, 0)]))
    return upright(rng, found)


def burning_bed(rng: Generator) -> Strokes:
    """A bed seen from the side, in flames."""
    long, head, foot = some(rng, 84, 104), some(rng, 36, 50), some(rng, 14, 24)
    wood, cloth = one_of(rng, "wood grip metal"), one_of(rng, "blue green purple white pink")
    found = flames(rng, long * 0.6, 4, some(rng, 56, 76)) if maybe(rng, 0.6) else Strokes()
    found += [box(wood, -6, 26 - head, 7, head + 14), box(wood, long, 26 - foot, 7, foot + 14)]
    found += [box("white", 0, 8, long, 14), box(wood, 0, 22, long, 9)]
    found.append(curved(cloth, [(24, 3), (long, 3), (long + 2, 24), (24, 24)], 1))
    found.append(curved("white", [(0, -6), (24, -4), (26, 9), (0, 9)], 1))
    for _ in range(count(rng, 2, 3)):
        found += flames(rng, some(rng, 34, long - 12), some(rng, 8, 18), some(rng, 36, 58))
    return upright(rng, found)


def burning_hills(rng: Generator) -> Strokes:
    """A line of fire along hills, smoke above it."""
    at = np.linspace(0, 120, 13)
    level = 40 + some(rng, 6, 18) * np.sin(at / some(rng, 14, 26) + some(rng, 0, 6))
    found = [box("dark", 0, -26, 120, 120)] if maybe(rng, 0.5) else Strokes()
    for x in np.linspace(14, 106, 4).tolist():
        found += puffs(rng, one_of(rng, "grey metal grey"), x, some(rng, -16, 8), 30, 4)
    for x, y in zip(at[1:-1].tolist(), level[1:-1].tolist(), strict=True):
        found += flames(rng, x, y + 5, some(rng, 14, 34))
    hill = [*zip(at.tolist(), level.tolist(), strict=True), (120, 94), (0, 94)]
    found.append(filled(one_of(rng, "grip dark green wood"), hill))
    for _ in range(count(rng, 0, 6)):
        x = some(rng, 8, 112)
        found.append(filled("green", [(x, 58), (x + 6, 84), (x - 6, 84)]))
    return upright(rng, found)


def torch(rng: Generator) -> Strokes:
    """One or two burning torches."""
    long, wide, number = some(rng, 44, 66), some(rng, 10, 17), count(rng, 1, 2)
    colour, head = one_of(rng, "wood wood grip gold metal"), one_of(rng, "grip dark skin gold")
    found = Strokes()
    for n in range(number):
        lean = (n * 2 - 1) * some(rng, 12, 26) if number == 2 else some(rng, -14, 14)
        x = n * 26
        found.append(bar(colour, (x, long), (x + lean, 0), wide * 0.45, wide * 0.75))
        found += flames(rng, x + lean, 0, some(rng, 34, 48))
        found += lit(rng, x + lean, 2, some(rng, 38, 54))
        found.append(bar(head, (x + lean * 0.8, 14), (x + lean, 0), wide * 0.8, wide * 1.5))
    return upright(rng, found)


def match(rng: Generator) -> Strokes:
    """A burning match, or several beside each other."""
    long, thick, number = some(rng, 50, 80), some(rng, 4, 7), count(rng, 1, 4)
    wood = one_of(rng, "wood skin gold white")
    found = Strokes()
    for n in range(number):
        x, lean = n * 24, some(rng, -8, 8)
        black = some(rng, 0.1, 0.4)
        found.append(line(wood, thick, [(x, long), (x + lean, 0)]))
        found.append(line("dark", thick, [(x + lean * (1 - black), long * black), (x + lean, 0)]))
        found += lit(rng, x + lean, 10, some(rng, 34, 56) if n == 0 or maybe(rng, 0.7) else 14)
        found.append(disc("dark", x + lean, 0, thick * 0.8, thick))
    return posed(rng, found, 0.25, 0.0)


def bonfire(rng: Generator) -> Strokes:
    """A high stack of logs on fire."""
    wide, high, size = some(rng, 60, 84), some(rng, 34, 56), some(rng, 64, 92)
    found = flames(rng, 0, 6, size)
    for _ in range(count(rng, 5, 9)):
        x = some(rng, -wide / 2, wide / 2)
        found.append(
            line(
                one_of(rng, "wood grip wood dark"),
                some(rng, 5, 9),
                [(x, 22), (-x * 0.2, 22 - high)],
            )
        )
    found += flames(rng, 0, 16, size * 0.6)
    for n in range(count(rng, 3, 7)):
        far = wide * (n / 3 - 0.9)
        found.append(disc("grey", far, 26, some(rng, 6, 9), 6))
    for _ in range(count(rng, 0, 7)):
        found.append(disc("orange", some(rng, -30, 30), some(rng, -size, -size * 0.5), 1.8))
    return upright(rng, found)


def gas_ring(rng: Generator) -> Strokes:
    """Blue flames in a ring on a stove, from the side or from above."""
    number, size = count(rng, 8, 14), some(rng, 30, 40)
    flat = some(rng, 0.25, 0.5)
    hot, burner = one_of(rng, "blue blue purple"), one_of(rng, "dark metal")
    angle = np.arange(number) * 2 * np.pi / number
    found = [disc(one_of(rng, "steel white grey"), 0, 6, size * 1.5, size * 1.5 * flat)]
    found.append(disc(burner, 0, 4, size * 0.95, size * 0.95 * flat))
    for turn in sorted(angle, key=np.sin):
        x, y = size * np.cos(turn), size * flat * np.sin(turn)
        high = size * some(rng, 0.5, 0.8)
        found.append(filled(hot, tongue(rng, float(x), float(y), size * 0.26, high)))
        found.append(filled("orange", tongue(rng, float(x), float(y), size * 0.12, high * 0.5)))
    if maybe(rng, 0.5):
        for turn in (0.5, 2.6, 3.7, 5.8):
            x, y = np.cos(turn) * size * 1.6, np.sin(turn) * size * 1.6 * flat
            found.append(line("dark", 3.5, [(x, y + 2), (x * 0.4, y * 0.4 - 2)]))
    return upright(rng, found)


BLAZES: tuple[Scene, ...] = (
    Scene(
        "burning barrels", "fire", ("a burning barrel", "a bin on fire"), burning_barrel, share=2
    ),
    Scene("burning trees", "fire", ("a burning tree", "a tree on fire"), burning_tree, share=2),
    Scene(
        "burning curtains",
        "fire",
        ("burning curtains", "curtains on fire"),
        burning_curtain,
        share=2,
    ),
    Scene("burning beds", "fire", ("a burning bed", "a bed on fire"), burning_bed, share=2),
    Scene(
        "burning hills",
        "fire",
        ("a line of fire on hills", "burning hills"),
        burning_hills,
        share=3,
    ),
    Scene("torches", "fire", ("a burning torch", "a flaming torch"), torch, share=2),
    Scene("matches", "fire", ("a burning match", "a lit match"), match, share=2),
    Scene("bonfires", "fire", ("a stack of burning logs", "a big fire of wood"), bonfire, share=2),
    Scene("gas rings", "fire", ("a gas flame on a stove", "a burning gas ring"), gas_ring, share=2),
)
