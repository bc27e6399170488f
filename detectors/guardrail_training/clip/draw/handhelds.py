"""Harmless things that a hand holds, long or with a nozzle, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
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


def crayons(rng: Generator) -> Strokes:
    """Wax crayons in a row, some of them worn."""
    found, long = Strokes(), some(rng, 44, 70)
    for n in range(count(rng, 3, 8)):
        colour, high = one_of(rng, PLASTICS + " wood"), long * some(rng, 0.65, 1)
        band = "white" if colour == "dark" else "dark"
        one = [box(colour, -6, -high, 12, high), bar(colour, (0, -high), (0, -high - 12), 10, 4)]
        one += [line(band, 1.6, [(-6, -high * part), (6, -high * part)]) for part in (0.15, 0.85)]
        one.append(line(band, 2, wave(-4, -high * 0.5, 8, 2, 1)))
        found += moved(one, n * 15, some(rng, -4, 4), some(rng, -0.06, 0.06))
    return posed(rng, found, 0.3, 0.2)


def fountain_pen(rng: Generator) -> Strokes:
    """A fountain pen with its nib; maybe with a line of ink."""
    body, long, wide = one_of(rng, "dark blue red green wood"), some(rng, 50, 80), some(rng, 9, 14)
    trim, nib = one_of(rng, "gold steel"), some(rng, 16, 24)
    found = [bar(body, (0, 0), (long, 0), wide * some(rng, 0.6, 1), wide)]
    found += [box(trim, long * part, -wide / 2, 3, wide) for part in (0.3, 0.6)[: count(rng, 1, 2)]]
    found.append(bar("dark", (long, 0), (long + 10, 0), wide * 0.9, wide * 0.7))
    point = [(0, -wide * 0.3), (nib * 0.4, -wide * 0.5), (nib, 0)]
    outline = [*point, *((x, -y) for x, y in reversed(point[:2]))]
    found += moved([filled(trim, outline)], long + 10, 0)
    found += [line("dark", 1, [(long + 16, 0), (long + 9 + nib, 0)]), disc("dark", long + 16, 0, 2)]
    if maybe(rng, 0.4):
        found.append(line("blue", 2, wave(long - 30, 24, 42 + nib, 5, some(rng, 2, 4))))
    return posed(rng, found, 0.8, 0.4)


def highlighter(rng: Generator) -> Strokes:
    """A flat highlighter, mostly with its bright stroke over lines of words."""
    colour, wide, long = (
        one_of(rng, "yellow green pink orange"),
        some(rng, 17, 25),
        some(rng, 44, 62),
    )
    found = Strokes()
    if maybe(rng, 0.7):
        found.append(box(colour, -50, long + 17, 52, 11))
        found += [
            line("dark", 2, [(-52, y), (some(rng, 8, 24), y)]) for y in (long + 22, long + 38)
        ]
    found += [box(colour, -wide / 2, 0, wide, long, 1), box("white", -wide / 2, 10, wide, long / 3)]
    found.append(line("dark", 2, [(-wide / 4, 16), (wide / 4, 16)]))
    found.append(bar("dark", (0, long), (0, long + 12), wide * 0.8, wide * 0.5))
    edge = wide * 0.22
    chisel = [(-edge, long + 12), (edge, long + 12), (edge, long + 18), (-edge, long + 24)]
    return posed(rng, [*found, filled(colour, chisel)], 0.4, 0.2)


def glue_stick(rng: Generator) -> Strokes:
    """A glue stick: white paste in a tube with a knob, its cap beside it or not."""
    tube, cap = (
        one_of(rng, "yellow red blue green orange purple"),
        one_of(rng, "red blue white dark"),
    )
    wide, long, up = some(rng, 22, 30), some(rng, 46, 64), some(rng, 8, 18)
    found = [
        box("white", 3 - wide / 2, -up, wide - 6, up + 4, 1),
        box(tube, -wide / 2, 0, wide, long),
    ]
    found += [box("white", -wide / 2, long * 0.25, wide, long * 0.45)]
    found += [line(tube, 3, [(-wide / 3, y), (wide / 3, y)]) for y in (long * 0.4, long * 0.55)]
    found.append(box(cap, -wide * 0.4, long, wide * 0.8, some(rng, 8, 12)))
    if maybe(rng, 0.6):
        found += moved(
            [box(cap, 0, 0, wide, long * 0.5, 1)], wide * 0.8, long * 0.55, some(rng, -1, 1)
        )
    return posed(rng, found, 0.4, 0.2)


def mascara(rng: Generator) -> Strokes:
    """A tube of mascara beside its brush."""
    body, trim = one_of(rng, "dark dark pink gold purple"), one_of(rng, "gold steel white")
    wide, long = some(rng, 12, 17), some(rng, 40, 56)
    found = [box(body, 0, 0, wide, long, 1), box(trim, 2, -8, wide - 4, 9)]
    brush = [
        box(body, 0, 0, wide, long * 0.8, 1),
        line("dark", 2, [(wide / 2, 0), (wide / 2, -40)]),
    ]
    hair = some(rng, 3, 6)
    brush += [
        line("dark", 1.6, [(wide / 2 - hair, y), (wide / 2 + hair, y - 3)])
        for y in np.arange(-42, -16, some(rng, 2.6, 4))
    ]
    brush.append(box(trim, 0, 0, wide, 4))
    found += moved(brush, wide + some(rng, 8, 22), some(rng, 10, 26), some(rng, -0.3, 0.3))
    return posed(rng, found, 0.4, 0.25)


def electric_toothbrush(rng: Generator) -> Strokes:
    """A toothbrush with a thick handle, a button and a small head."""
    body, accent = (
        one_of(rng, "white white blue pink dark green"),
        one_of(rng, "blue green grey red"),
    )
    wide, long, neck = some(rng, 16, 23), some(rng, 46, 62), some(rng, 24, 38)
    found = [
        curved(body, [(-wide / 2, 0), (wide / 2, 0), (wide * 0.4, long), (-wide * 0.4, long)], 1)
    ]
    found += [
        bar("grey", (0, 2), (0, -neck), wide * 0.6, 4),
        disc(accent, 0, long * 0.25, wide * 0.24),
    ]
    found += [disc("grey", 0, long * 0.5, 2), box(accent, -wide * 0.4, long * 0.8, wide * 0.8, 4)]
    head = some(rng, 6, 9)
    found += [disc("grey", 0, -neck - 4, head * 0.6, head)]
    found += [
        line(accent if n % 2 else "white", 2.2, [(3, -neck - 4 + y), (13, -neck - 4 + y)])
        for n, y in enumerate(np.linspace(-head * 0.8, head * 0.8, 5))
    ]
    return posed(rng, found, 0.6, 0.3)


def torch(rng: Generator) -> Strokes:
    """An electric torch; mostly it throws a beam."""
    body, long, wide = (
        one_of(rng, "dark dark metal red yellow blue"),
        some(rng, 40, 70),
        some(rng, 14, 22),
    )
    head, end = some(rng, 26, 38), long + some(rng, 14, 20)
    found = Strokes()
    if maybe(rng, 0.7):
        found.append(
            bar("yellow", (end, 0), (end + some(rng, 26, 46), 0), head, head * some(rng, 1.6, 2.4))
        )
    found += [bar(body, (0, 0), (long, 0), wide, wide), bar(body, (long, 0), (end, 0), wide, head)]
    found += [
        bar("steel", (end, 0), (end + 5, 0), head + 3, head + 3),
        box("red", long * 0.6, -4, 9, 6),
    ]
    grip = np.arange(6, long * 0.5, some(rng, 4, 7))
    return posed(
        rng, [*found, *(line("grey", 1.3, [(x, -wide / 2), (x, wide / 2)]) for x in grip)], 0.5
    )


def hot_rod(rng: Generator, kind: int) -> Strokes:
    """A hair curler (0) or a soldering iron (1), on its cable."""
    grip, long, wide = one_of(rng, PLASTICS), some(rng, 34, 48), some(rng, 12, 17)
    rod = some(rng, 38, 54)
    found = [line("dark", 2.4, wave(-long - 40, 0, 42, some(rng, 5, 12), 1))]
    found.append(box(grip, -long, -wide / 2, long, wide, 1))
    if kind == 0:
        found += [box("steel", 0, -wide * 0.4, rod, wide * 0.8, 1), box("dark", rod, -4, 8, 8, 2)]
        found.append(line("metal", 3, [(-14, -wide), (-2, -wide * 0.7), (rod * 0.9, -wide * 0.5)]))
        if maybe(rng, 0.4):
            found += [ring("wood", 4, x, 0, 4, wide * 0.8) for x in np.arange(10, rod - 4, 9)]
    else:
        found += [
            bar("dark", (-4, 0), (5, 0), wide * 1.4, wide * 1.4),
            bar("steel", (5, 0), (rod * 0.6, 0), 7, 7),
        ]
        found.append(bar("metal", (rod * 0.6, 0), (rod, 0), 4, 1))
        found.append(line("grey", 1.5, wave(rod, 0, some(rng, 10, 20), -4, 1)))
    return posed(rng, found, 0.6, 0.3)


def caulking_gun(rng: Generator) -> Strokes:
    """A frame with a cartridge of sealant, a rod behind and a lever below."""
    frame, tube = one_of(rng, "red orange blue dark yellow"), one_of(rng, "white white grey blue")
    long, wide, back = some(rng, 56, 74), some(rng, 14, 20), some(rng, 20, 40)
    found = [
        line("metal", 3, [(-back, -4), (-back, 0), (6, 0)]),
        line("metal", 3, [(-back, 0), (-back, 8)]),
    ]
    found += [
        box(tube, 4, -wide / 2, long, wide),
        bar("white", (long + 4, 0), (long + 26, 0), 9, 3),
    ]
    found.append(box(one_of(rng, "green red blue"), long * 0.3, -wide / 2, long * 0.4, wide))
    found += [
        line(frame, 3.5, [(0, wide / 2 + 2), (long + 4, wide / 2 + 2), (long + 4, -wide / 2)])
    ]
    found += [bar(frame, (0, -wide / 2), (0, wide / 2 + 4), 10, 10)]
    grip = some(rng, 26, 36)
    found.append(line(frame, 6, [(0, wide / 2), (-8, wide / 2 + grip)]))
    return posed(
        rng,
        [*found, line(frame, 4, [(8, wide / 2), (10, wide + 4), (2, wide + grip * 0.7)])],
        0.3,
        0.2,
    )


def spray_can(rng: Generator) -> Strokes:
    """A can of paint or deodorant that sprays a mist or not."""
    body, band = one_of(rng, PLASTICS + " steel"), one_of(rng, "white dark yellow red")
    wide, long = some(rng, 26, 36), some(rng, 52, 76)
    found = [box(body, -wide / 2, 0, wide, long), box("steel", -wide / 2 - 1, long, wide + 2, 4)]
    found.append(
        curved("steel", [(-wide / 2, 2), (-wide * 0.3, -12), (wide * 0.3, -12), (wide / 2, 2)], 1)
    )
    found += [
        box("white", -5, -22, 10, 11),
        box(band, -wide / 2, long * 0.35, wide, long * some(rng, 0.2, 0.4)),
    ]
    if maybe(rng, 0.6):
        mist = one_of(rng, "red blue green grey pink orange")
        far = rng.uniform(8, 46, (count(rng, 14, 26), 2)) * (1, 0.5)
        found += [
            disc(mist, x + 4, -18 + (y - 14) * x / 40, some(rng, 1.2, 2.4)) for x, y in far.tolist()
        ]
    return posed(rng, found, 0.25, 0.1)


def flask(rng: Generator) -> Strokes:
    """A thermos or a drinking flask of sport: with a cup for a lid, a loop or a spout."""
    body, lid = one_of(rng, PLASTICS + " steel metal"), one_of(rng, "dark steel red white")
    wide, long, neck = some(rng, 24, 34), some(rng, 60, 84), some(rng, 0.55, 0.95)
    shoulder = [(-wide / 2, 12), (-wide * neck / 2, 0), (wide * neck / 2, 0), (wide / 2, 12)]
    found = [filled(body, [*shoulder, (wide / 2, long), (-wide / 2, long)])]
    found += [
        box(lid, -wide * neck / 2, -16, wide * neck, 17, 1),
        box(lid, -wide / 2, long - 6, wide, 6),
    ]
    kind = count(rng, 0, 2)
    if kind == 0:
        found.append(ring(lid, 3.5, 0, -20, 8, 7))
    elif kind == 1:
        found += [box(lid, -4, -26, 8, 11, 1)]
    else:
        found.append(
            line(lid, 4, [(wide / 2, 18), (wide / 2 + 12, 22), (wide / 2 + 12, 44), (wide / 2, 50)])
        )
    mark = [
        disc("white", 0, long * 0.5, 6),
        line("white", 3, [(-6, long * 0.5 + 12), (6, long * 0.5 + 12)]),
    ]
    return posed(rng, [*found, *mark[: count(rng, 0, 2)]], 0.25, 0.15)


HANDHELDS: tuple[Scene, ...] = (
    Scene("wax crayons", "", ("crayons", "wax crayons in a row"), crayons),
    Scene("fountain pens", "", ("a fountain pen",), fountain_pen),
    Scene("highlighters", "", ("a highlighter",), highlighter),
    Scene("glue sticks", "", ("a glue stick",), glue_stick),
    Scene("mascaras", "", ("a mascara with its brush",), mascara),
    Scene("electric toothbrushes", "", ("an electric toothbrush",), electric_toothbrush),
    Scene("electric torches", "", ("a torch", "a pocket torch"), torch, share=2),
    Scene("hair curlers", "", ("a hair curler", "a curling iron"), lambda r: hot_rod(r, 0)),
    Scene("soldering irons", "", ("a soldering iron",), lambda r: hot_rod(r, 1)),
    Scene("caulking guns", "", ("a caulking gun", "a sealant gun"), caulking_gun, share=2),
    Scene("spray cans", "", ("a spray can", "an aerosol can"), spray_can, share=2),
    Scene("drinking flasks", "", ("a thermos flask", "a drinking flask"), flask),
)
