"""Drugs and how they are taken, of another shape every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.parts import lighter, lit, placed, smoke
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
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


def spoon_cooking(rng: Generator) -> Strokes:
    """A spoon with a drug in it, over a lighter or a candle."""
    bowl, long = some(rng, 18, 26), some(rng, 50, 76)
    metal, content = one_of(rng, "steel metal grey"), one_of(rng, "wood grip gold white orange")
    found = moved(lighter(rng), some(rng, -5, 5), 40)
    if maybe(rng, 0.3):
        stick = [box("white", -9, 42, 18, some(rng, 30, 46)), line("dark", 1.6, [(0, 43), (0, 36)])]
        found = [*stick, *lit(rng, 0, 38, 26)]
    handle = [(bowl, 0), (bowl + long * 0.5, -some(rng, 2, 14)), (bowl + long, some(rng, -16, 4))]
    cup = [(-bowl, -3), (bowl, -3), (bowl * 0.7, 9), (0, 13), (-bowl * 0.7, 9)]
    found += [line(metal, 4.5, handle), curved(metal, cup, 1)]
    found += [disc("dark", 0, -3, bowl, 6), disc(content, 0, -3, bowl * 0.85, 4.5)]
    for n in range(count(rng, 0, 5)):
        found.append(ring("white", 1, some(rng, -9, 9), -5 - n * 2, some(rng, 1.5, 3)))
    return posed(rng, [*found, *smoke(rng, -4, -12, 26, count(rng, 0, 2))], 0.05, 0.0)


def _razor(rng: Generator) -> Strokes:
    """A razor blade with its slot, middle at the origin."""
    long, high = some(rng, 15, 20), some(rng, 9, 12)
    body = [(-long, -high), (-long * 0.3, -high), (-long * 0.2, -high), (long, -high)]
    found = [filled("steel", [*body, (long, high), (-long, high)])]
    found.append(line("dark", 2.6, [(-long * 0.65, 0), (long * 0.65, 0)]))
    found += [disc("dark", x, 0, 2.6) for x in (-long * 0.35, 0, long * 0.35)]
    return [*found, *(line("white", 1.5, [(-long, y), (long, y)]) for y in (-high, high))]


def _powder_line(rng: Generator, long: float) -> Strokes:
    """An uneven line of powder upwards from the origin."""
    at = np.linspace(0, 1, 9)
    half = some(rng, 2, 3.6) * (1 - (2 * at - 1) ** 6) * rng.uniform(0.7, 1.2, 9) + 0.3
    right = [(float(x), float(-y)) for x, y in zip(half, at * long, strict=True)]
    return [filled("white", [*right, *((-x, y) for x, y in reversed(right))])]


def mirror_lines(rng: Generator) -> Strokes:
    """A mirror with lines of powder and a razor blade."""
    rx, ry = some(rng, 46, 56), some(rng, 36, 50)
    glass, rim = one_of(rng, "blue metal dark dark"), one_of(rng, "gold wood steel purple")
    if maybe(rng, 0.6):
        found = [disc(rim, 0, 0, rx + 5, ry + 5), disc(glass, 0, 0, rx, ry)]
    else:
        found = [
            box(rim, -rx - 5, -ry - 5, rx * 2 + 10, ry * 2 + 10),
            box(glass, -rx, -ry, rx * 2, ry * 2),
        ]
    found.append(line("grey", 3, [(-rx * 0.6, -ry * 0.2), (-rx * 0.3, -ry * 0.6)]))
    lean = some(rng, -0.5, 0.5)
    for n in range(count(rng, 2, 4)):
        found += moved(_powder_line(rng, some(rng, 28, 40)), n * 13 - 30, 18, lean)
    found += moved(_razor(rng), some(rng, 16, 26), some(rng, -6, 12), some(rng, -1.2, 1.2))
    return posed(rng, found, 0.2)


def banknote_line(rng: Generator) -> Strokes:
    """A banknote rolled to a tube beside one line of powder."""
    long, thick = some(rng, 62, 84), some(rng, 20, 28)
    paper = one_of(rng, "green green blue pink orange")
    note = [box(paper, 0, -thick / 2, long, thick), disc(paper, 0, 0, thick * 0.28, thick / 2)]
    note += [
        disc("dark", long, 0, thick * 0.3, thick / 2),
        ring(paper, 2, long, 0, thick * 0.2, thick * 0.34),
    ]
    note += [
        disc("white", long * 0.45, 0, 7, thick * 0.3),
        ring("dark", 1, long * 0.45, 0, 4, thick * 0.2),
    ]
    note += [
        line("white", 1.2, [(4, way * thick * 0.36), (long - 6, way * thick * 0.36)])
        for way in (-1, 1)
    ]
    note.append(line("dark", 1.4, [(long * 0.7, -thick / 2), (long * 0.85, thick / 2)]))
    table = [box(one_of(rng, "dark wood grip metal"), -12, -34, 112, 84)] if maybe(rng, 0.7) else []
    powder = moved(_powder_line(rng, some(rng, 50, 80)), 8, some(rng, 28, 38), some(rng, 1.4, 1.7))
    return posed(rng, [*table, *powder, *moved(note, 6, 0, some(rng, -0.5, 0.3))], 0.3)


def poppy_pods(rng: Generator) -> Strokes:
    """One to three scored poppy pods from which opium runs."""
    colour = one_of(rng, "green green wood skin")
    sap, found = one_of(rng, "white grip grip"), Strokes()
    for n in range(count(rng, 1, 3)):
        rx, ry, x = some(rng, 17, 24), some(rng, 20, 30), n * 52.0
        foot = (x + some(rng, -12, 12), ry + some(rng, 36, 60))
        found.append(line("green", 4, [(x, ry), (x + some(rng, -4, 4), ry + 20), foot]))
        found += [disc(colour, x, 0, rx, ry), box(colour, x - 5, -ry - 7, 10, 9)]
        teeth = count(rng, 5, 8)
        crown = [
            (x + rx * 0.8 * (t / teeth - 1), -ry - 6 - (t % 2) * 6) for t in range(2 * teeth + 1)
        ]
        found.append(filled("wood" if colour != "wood" else "grip", [*crown, (x, -ry - 1)]))
        for way in np.linspace(-0.6, 0.6, count(rng, 2, 4)).tolist():
            cut = [(x + way * rx * 1.1, -ry * 0.5), (x + way * rx * 1.3, ry * 0.4)]
            found.append(line("dark", 1.4, cut))
            low = ry * some(rng, 0.5, 0.9)
            found += [
                line(sap, 2.4, [cut[1], (x + way * rx, low)]),
                disc(sap, x + way * rx, low, 3, 4),
            ]
    return posed(rng, found, 0.12, 0.0)


def _mushroom(rng: Generator) -> Strokes:
    """A thin mushroom with a pointed cap, its foot at the origin."""
    high, wide = some(rng, 24, 40), some(rng, 9, 15)
    bend = some(rng, -7, 7)
    cap = one_of(rng, "wood gold grip skin")
    dome = [(bend - wide, -high + 5), (bend - wide * 0.5, -high - 9), (bend, -high - 14)]
    dome += [(bend + wide * 0.5, -high - 9), (bend + wide, -high + 5)]
    stem = line(
        "skin" if cap != "skin" else "white",
        some(rng, 3, 5),
        [(0, 0), (bend * 0.8, -high * 0.5), (bend, -high)],
    )
    return [
        stem,
        curved(cap, dome, 1),
        disc("grip" if cap != "grip" else "dark", bend, -high + 3, wide * 0.8, 2.5),
    ]


def mushroom_bag(rng: Generator) -> Strokes:
    """A clear bag with magic mushrooms in it."""
    wide, high = some(rng, 66, 86), some(rng, 82, 104)
    found = [box("steel", 0, 0, wide, high, count(rng, 0, 1))]
    for _ in range(count(rng, 5, 10)):
        one = moved(_mushroom(rng), turn=some(rng, -1.2, 1.2), size=some(rng, 0.7, 0.9))
        middle = (some(rng, 22, wide - 22), some(rng, high * 0.45, high - 22))
        found += placed(one, *middle, some(rng, 34, 42))
    seal = one_of(rng, "blue red green white")
    found += [box("white", 0, 0, wide, 16), line(seal, 3, [(1, 9), (wide - 1, 9)])]
    found.append(line("white", 2.6, [(wide - 7, 24), (wide - 7, high - 8)]))
    found.append(line("grey", 1.6, [(0, 0), (wide, 0), (wide, high), (0, high), (0, 0)]))
    return posed(rng, found, 0.15, 0.05)


def _stamp(kind: int, x: float, y: float, ink: str, other: str) -> Strokes:
    """A small picture around (x, y): a face, rings, a star or a toadstool."""
    if kind == 0:
        smile = [(x - 3, y + 2), (x, y + 4), (x + 3, y + 2)]
        eyes = [disc(ink, x + way * 2.2, y - 1, 1.1) for way in (-1, 1)]
        return [disc("yellow", x, y, 6), ring(ink, 1.4, x, y, 6), *eyes, line(ink, 1.2, smile)]
    if kind == 1:
        return [disc(one, x, y, size) for one, size in ((ink, 7), ("white", 5), (other, 3))]
    if kind == 2:
        turn = np.arange(10) * np.pi / 5
        reach = np.where(np.arange(10) % 2, 3.0, 7.0)
        return [filled(ink, np.stack([x + reach * np.sin(turn), y - reach * np.cos(turn)], 1))]
    return [box(other, x - 2, y, 4, 7), disc(ink, x, y - 1, 7, 4), disc("white", x, y - 2, 1.5)]


def blotter(rng: Generator) -> Strokes:
    """A sheet of blotting paper in small squares, each with a picture, for LSD."""
    across, rows, side = count(rng, 2, 5), count(rng, 2, 5), some(rng, 17, 20)
    paper, kind = one_of(rng, "white white yellow pink skin"), count(rng, 0, 3)
    ink, other = one_of(rng, "red blue purple green dark"), one_of(rng, "orange red blue purple")
    found, gone = Strokes(), rng.random((rows, across)) < 0.12
    for row, column in np.argwhere(~gone).tolist():
        x, y = column * side, row * side
        found.append(box(paper, x, y, side - 0.4, side - 0.4))
        found += _stamp(kind, x + side / 2, y + side / 2, ink, other)
    wide, high = across * side, rows * side
    found += [line("grey", 0.8, [(n * side, 0), (n * side, high)]) for n in range(1, across)]
    found += [line("grey", 0.8, [(0, n * side), (wide, n * side)]) for n in range(1, rows)]
    return posed(rng, found, 0.25, 0.2)


SUBSTANCES: tuple[Scene, ...] = (
    Scene(
        "heated spoons",
        "drugs",
        ("a spoon over a flame", "heroin cooked in a spoon"),
        spoon_cooking,
        share=3,
    ),
    Scene(
        "mirror lines",
        "drugs",
        ("a razor blade and lines of powder on a mirror", "cocaine on a mirror"),
        mirror_lines,
        share=2,
    ),
    Scene(
        "banknote lines",
        "drugs",
        ("a rolled banknote beside a line of powder", "a rolled note for snorting"),
        banknote_line,
        share=2,
    ),
    Scene("poppy pods", "drugs", ("a scored poppy pod", "opium from a poppy"), poppy_pods, share=2),
    Scene(
        "mushroom bags",
        "drugs",
        ("magic mushrooms in a bag", "a bag of psilocybin mushrooms"),
        mushroom_bag,
        share=2,
    ),
    Scene("blotters", "drugs", ("a sheet of LSD blotter paper", "LSD stamps"), blotter, share=2),
)
