"""Harmless signs, triangles, leaves and people in red, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Points, Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    BRIGHT,
    bar,
    box,
    count,
    curved,
    disc,
    fitted,
    line,
    maybe,
    one_of,
    posed,
    ring,
    some,
)

_STRONG = f"{BRIGHT} dark"


def _corners(rng: Generator) -> Points:
    """A triangle, mostly on its base."""
    return np.array([(50 + some(rng, -16, 16), some(rng, 2, 20)), (96, 92), (4, 92)])


def road_sign(rng: Generator) -> Strokes:
    """A sign of the road that warns of nothing: limit, stop, yield, priority, crossing."""
    kind = count(rng, 0, 5)
    post = [box("grey", 47, 80, 6, 80)] if maybe(rng, 0.3) else []
    if kind == 0:
        digits = [
            line("dark", 7, [(30, 32), (30, 68), (44, 68), (44, 50), (30, 50)]),
            ring("dark", 7, 62, 50, 8, 17),
        ]
        return posed(
            rng,
            [*post, disc("red", 50, 50, 46), disc("white", 50, 50, some(rng, 33, 38)), *digits],
            0.1,
            0.03,
        )
    if kind == 1:
        angle = np.arange(8) * np.pi / 4 + np.pi / 8
        plate = np.stack([50 + 47 * np.cos(angle), 50 + 47 * np.sin(angle)], 1)
        bars = [line("white", 5, [(x, 38), (x, 62)]) for x in np.linspace(24, 76, count(rng, 3, 5))]
        return posed(rng, [*post, filled("red", plate), *bars], 0.1, 0.03)
    if kind == 2:
        outer = np.array([(2.0, 10), (98, 10), (50, 94)])
        inner = (outer - (50, 38)) * some(rng, 0.5, 0.75) + (50, 38)
        return posed(rng, [*post, filled("red", outer), filled("white", inner)], 0.08, 0.0)
    if kind == 3:
        outer = np.array([(50.0, 2), (98, 50), (50, 98), (2, 50)])
        plates = [
            filled("white", outer),
            filled("yellow", (outer - 50) * some(rng, 0.6, 0.75) + 50),
        ]
        return posed(rng, [*post, *plates], 0.08, 0.0)
    return _blue_sign(rng, post, square=kind == 4)


def _blue_sign(rng: Generator, post: Strokes, *, square: bool) -> Strokes:
    """A walker or a bicycle on blue."""
    ground = [box("blue", 4, 4, 92, 92, 1)] if square else [disc("blue", 50, 50, 47)]
    walker = [disc("white", 50, 22, 7), line("white", 8, [(50, 34), (48, 56)])]
    walker += [
        line("white", 6, [(48, 56), (38 + some(rng, -4, 8), 82)]),
        line("white", 6, [(48, 56), (62, 82)]),
    ]
    bicycle = [
        ring("white", 4, 30, 60, 14),
        ring("white", 4, 70, 60, 14),
        line("white", 4, [(30, 60), (44, 38), (62, 38), (70, 60)]),
    ]
    return posed(rng, [*post, *ground, *(walker if maybe(rng, 0.5) else bicycle)], 0.08, 0.03)


def _letter(rng: Generator, ink: str) -> Strokes:
    shapes = (
        [(-14, 30), (-14, -30), (14, -30)], [(-16, 30), (0, -30), (16, 30)],
        [(14, -30), (-14, -30), (-14, 30), (14, 30)], [(-16, -30), (16, -30), (-16, 30), (16, 30)],
        [(-14, -30), (-14, 30), (14, -30), (14, 30)], [(-16, -26), (0, 30), (16, -26)],
    )  # fmt: skip
    return [line(ink, some(rng, 7, 11), shapes[count(rng, 0, 5)])]


def _tick(rng: Generator, ink: str) -> Strokes:
    return [line(ink, some(rng, 8, 12), [(-24, 2), (-6, 22), (28, -24)])]


def _plus(rng: Generator, ink: str) -> Strokes:
    wide = some(rng, 8, 14)
    return [
        line(ink, wide, [(-24, 0), (24, 0)]),
        line(ink, wide, [(0, -24), (0, 24)] if maybe(rng, 0.6) else [(-24, 0), (24, 0)]),
    ]


def _house(_: Generator, ink: str) -> Strokes:
    return [filled(ink, [(-30, 0), (0, -30), (30, 0), (22, 0), (22, 28), (-22, 28), (-22, 0)])]


def heart_shape(rng: Generator, ink: str) -> Strokes:
    """One heart around the origin, slender or broad."""
    dip, tip = some(rng, -20, -8), some(rng, 30, 44)
    return [
        curved(
            ink,
            [(0, dip), (14, -34), (36, -24), (34, 6), (0, tip), (-34, 6), (-36, -24), (-14, -34)],
        )
    ]


def _note(_: Generator, ink: str) -> Strokes:
    return [
        disc(ink, -16, 22, 9, 7),
        disc(ink, 18, 16, 9, 7),
        line(ink, 5, [(-9, 22), (-9, -24), (25, -30), (25, 16)]),
    ]


def _play(_: Generator, ink: str) -> Strokes:
    return [filled(ink, [(-20, -28), (-20, 28), (30, 0)])]


def _letterbox(_: Generator, ink: str) -> Strokes:
    return [box(ink, -34, -24, 68, 48), line("grey", 4, [(-34, -22), (0, 6), (34, -22)])]


_GLYPHS = (_letter, _letter, _tick, _plus, _house, heart_shape, _note, _play, _letterbox)


def plate(rng: Generator) -> Strokes:
    """A plate, button or app icon with a harmless glyph on it, in any colour."""
    face = one_of(rng, "yellow yellow orange red white blue green purple dark")
    ink = "dark" if face in {"yellow", "white", "orange"} else "white"
    kind = count(rng, 0, 3)
    angle = np.arange(6) * np.pi / 3
    forms: tuple[Strokes, ...] = (
        [disc(face, 50, 50, 47)], [box(face, 4, 4, 92, 92, count(rng, 0, 2))],
        [filled(face, [(50, 2), (98, 50), (50, 98), (2, 50)])],
        [filled(face, np.stack([50 + 47 * np.cos(angle), 50 + 47 * np.sin(angle)], 1))],
    )  # fmt: skip
    glyph = fitted(_GLYPHS[count(rng, 0, len(_GLYPHS) - 1)](rng, ink), some(rng, 38, 50))
    rim = [ring(ink, 3, 50, 50, 40)] if kind == 0 and maybe(rng, 0.4) else []
    return posed(rng, [*forms[kind], *rim, *glyph], 0.1, 0.05)


def triangle(rng: Generator) -> Strokes:
    """A bare triangle: delta, play, pyramid, logo; filled, hollow, in two colours."""
    colour, other = one_of(rng, _STRONG), one_of(rng, _STRONG)
    corners, kind = _corners(rng), count(rng, 0, 3)
    middle = corners.mean(0)
    if kind == 0:
        return posed(rng, [line(colour, some(rng, 3, 12), corners, closed=True)], 0.5, 0.3)
    if kind == 1:
        return posed(
            rng,
            [filled(colour, corners), filled(other, [corners[0], corners[1], (60, 92)])],
            0.3,
            0.2,
        )
    if kind == 2:
        small = (corners - middle) * some(rng, 0.3, 0.7) + middle
        return posed(rng, [filled(colour, corners), filled(other, small)], 1.0, 0.5)
    return posed(rng, [filled(colour, corners)], 1.0, 0.5)


def slice_of(rng: Generator, kind: int) -> Strokes:
    """A slice of pizza (0), watermelon (1) or cheese (2)."""
    body, rim, dots = (
        ("yellow", "wood", "red"),
        ("red", "green", "dark"),
        ("yellow", "gold", "gold"),
    )[kind]
    half = some(rng, 24, 40)
    tip = [(-half, 0), (half, 0), (some(rng, -6, 6), some(rng, 62, 84))]
    found = [filled(body, tip), line(rim, some(rng, 7, 13), [(-half, 0), (0, -6), (half, 0)])]
    for x, y in ((-half * 0.4, 14), (half * 0.35, 18), (0, 34), (3, 54))[: count(rng, 2, 4)]:
        found.append(disc(dots, x, y, some(rng, 2, 6)))
    return posed(rng, found, 0.6, 0.3)


def tent(rng: Generator, kind: int) -> Strokes:
    """A tent (0), a mountain (1) or a traffic cone (2)."""
    half, high = some(rng, 28, 50), some(rng, 46, 74)
    if kind == 0:
        colour, other = one_of(rng, _STRONG), one_of(rng, "dark white wood yellow")
        door = [(0, some(rng, 12, 24)), (half * 0.35, high), (-half * 0.35, high)]
        return posed(
            rng,
            [filled(colour, [(0, 0), (half, high), (-half, high)]), filled(other, door)],
            0.08,
            0.0,
        )
    if kind == 1:
        peaks = [
            filled("metal", [(half * 0.6, 18), (half * 1.6, high), (-half * 0.3, high)]),
            filled("grey", [(0, 0), (half, high), (-half, high)]),
        ]
        return posed(
            rng,
            [
                *peaks,
                filled(
                    "white",
                    [(0, 0), (half * 0.3, high * 0.3), (0, high * 0.22), (-half * 0.3, high * 0.3)],
                ),
            ],
            0.05,
            0.0,
        )
    cone = one_of(rng, "orange orange red")
    found = [filled(cone, [(-5, 0), (5, 0), (half * 0.6, high), (-half * 0.6, high)])]
    found += [
        bar("white", (0, high * part), (0, high * (part + 0.17)), 5 + half * part, 9 + half * part)
        for part in (0.3, 0.65)
    ]
    return posed(rng, [*found, box(cone, -half * 0.85, high, half * 1.7, 7)], 0.15, 0.1)


def stripes(rng: Generator, *, awning: bool) -> Strokes:
    """Stripes that bar nothing, in no colours of a barrier tape; an awning's end in scallops."""
    one, other = one_of(rng, "blue green purple"), one_of(rng, "white white yellow pink")
    wide, number = some(rng, 14, 30), count(rng, 5, 9)
    step, lean = 100 / number, some(rng, 0, 10)
    found = [box(other, 0, 0, 100, wide)]
    for n in range(0, number, 2):
        x = n * step
        found.append(
            filled(one, [(x + lean, 0), (x + lean + step, 0), (x + step, wide), (x, wide)])
        )
    if awning:
        found += [
            disc(one if n % 2 == 0 else other, (n + 0.5) * step, wide, step / 2, 8)
            for n in range(number)
        ]
        return posed(rng, found, 0.1, 0.0)
    return posed(rng, found, 0.5, 0.3)


def drum(rng: Generator) -> Strokes:
    """A barrel, a bin, a pot or a drum without any sign."""
    body, wide, narrow = (
        one_of(rng, "wood wood blue green red metal yellow"),
        some(rng, 26, 40),
        some(rng, 0.7, 1.0),
    )
    outline = [
        (-wide * narrow, 0),
        (wide * narrow, 0),
        (wide, 34),
        (wide * narrow, 70),
        (-wide * narrow, 70),
        (-wide, 34),
    ]
    hoops = [line("dark", 3.5, [(-wide * 0.94, y), (wide * 0.94, y)]) for y in (10, 60)]
    mark = [disc("white", 0, 35, some(rng, 6, 14))] if maybe(rng, 0.4) else []
    return posed(rng, [curved(body, outline, 0), *hoops, *mark], 0.1, 0.1)


PLATES: tuple[Scene, ...] = (
    Scene("road signs", "", ("a road sign", "a traffic sign"), road_sign, share=4),
    Scene("glyph plates", "", ("an app icon", "a plate with a symbol"), plate, share=4),
    Scene("bare triangles", "", ("a triangle", "a geometric logo"), triangle, share=3),
    Scene("slices of pizza", "", ("a slice of pizza",), lambda r: slice_of(r, 0)),
    Scene("slices of melon", "", ("a slice of watermelon",), lambda r: slice_of(r, 1)),
    Scene("slices of cheese", "", ("a slice of cheese",), lambda r: slice_of(r, 2)),
    Scene("tents", "", ("a tent",), lambda r: tent(r, 0)),
    Scene("mountains", "", ("a mountain",), lambda r: tent(r, 1)),
    Scene("cones", "", ("a traffic cone",), lambda r: tent(r, 2)),
    Scene(
        "stripes", "", ("stripes", "a striped band"), lambda r: stripes(r, awning=False), share=2
    ),
    Scene("awnings", "", ("an awning", "a striped awning"), lambda r: stripes(r, awning=True)),
    Scene("plain barrels", "", ("a barrel", "a drum"), drum, share=2),
)
