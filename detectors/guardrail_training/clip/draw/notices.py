"""Signs of the road and of houses that warn of nothing, another one every time."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    bar,
    box,
    count,
    disc,
    fitted,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
)


def _board(rng: Generator, colour: str, ink: str, kind: int | None = None) -> Strokes:
    """A square (0), a round (1) or an upright (2) board, maybe with a rim, maybe on a post."""
    shape = count(rng, 0, 2) if kind is None else kind
    post = [box("grey", 47, 80, 6, some(rng, 40, 100))] if maybe(rng, 0.3) else []
    rim = some(rng, 2, 4)
    if shape == 1:
        edge = [ring(ink, rim, 50, 50, 43)] if maybe(rng, 0.6) else []
        return [*post, disc(colour, 50, 50, 48), *edge]
    left, soft = (14, count(rng, 0, 1)) if shape == 2 else (3, count(rng, 0, 1))
    plate = [box(colour, left, 3, 100 - 2 * left, 94, soft)]
    if maybe(rng, 0.5):
        plate.insert(0, box(ink, left - rim, 3 - rim, 100 - 2 * left + 2 * rim, 94 + 2 * rim, soft))
    return [*post, *plate]


def _on(rng: Generator, board: Strokes, glyph: Strokes, room: float = 58) -> Strokes:
    """``glyph`` in the middle of ``board``; never mirrored, for some are words."""
    whole = [*board, *fitted(glyph, room * some(rng, 0.88, 1.08))]
    return fitted(moved(whole, turn=float(rng.normal(0, 0.08))), some(rng, 76, 91))


def _bus(rng: Generator, ink: str, hole: str) -> Strokes:
    """A bus from its side."""
    long, wheels = some(rng, 52, 72), (0.22, 0.76)
    found = [box(ink, 0, 0, long, 36, 1)]
    found += [box(hole, 5 + n * (long - 6) / 4, 6, (long - 6) / 4 - 4, 12) for n in range(4)]
    return found + [disc(ink, long * part, 37, 6) for part in wheels]


def bus_stop(rng: Generator) -> Strokes:
    """A bus, or a big H in a ring, on a board of a stop."""
    face, ink = one_of(rng, "blue-white yellow-dark green-white white-blue").split("-")
    if face == "yellow" and maybe(rng, 0.6):
        plate = [box("grey", 47, 80, 6, some(rng, 60, 110)), disc("green", 50, 50, 48)]
        return _on(rng, [*plate, disc("yellow", 50, 50, some(rng, 37, 42))], _h(rng, "green"), 44)
    return _on(rng, _board(rng, face, ink), _bus(rng, ink, face))


def _h(rng: Generator, ink: str) -> Strokes:
    wide, thick = some(rng, 15, 20), some(rng, 10, 15)
    sides = [line(ink, thick, [(x, -26), (x, 26)]) for x in (-wide, wide)]
    return [*sides, line(ink, thick, [(-wide, 0), (wide, 0)])]


def hospital(rng: Generator) -> Strokes:
    """A white H on blue, or a bed under a cross."""
    board = _board(rng, "blue", "white")
    if maybe(rng, 0.6):
        return _on(rng, board, _h(rng, "white"), 54)
    bed = [
        line("white", 6, [(-34, -10), (-34, 26)]),
        line("white", 6, [(-34, 14), (34, 14), (34, 26)]),
    ]
    bed += [disc("white", -22, 2, 7), line("white", 9, [(-8, 4), (28, 4)])]
    cross = [line("white", 7, [(-9, -28), (9, -28)]), line("white", 7, [(0, -37), (0, -19)])]
    return _on(rng, board, [*bed, *cross])


def cycle_path(rng: Generator) -> Strokes:
    """A bicycle on a blue or green board."""
    size, thick, face = some(rng, 14, 19), some(rng, 3, 5), one_of(rng, "blue blue green")
    low, top = some(rng, -28, -20), some(rng, -38, -30)
    bike = [ring("white", thick, x, 0, size) for x in (-26, 26)]
    bike += [line("white", thick, [(-26, 0), (-12, low), (18, low), (0, 0), (-26, 0)])]
    bike += [line("white", thick, [(0, 0), (-14, top), (-20, top), (-8, top)])]
    bike.append(line("white", thick, [(26, 0), (15, top), (25, top - 2)]))
    return _on(rng, _board(rng, face, "white", count(rng, 0, 1)), bike, 66)


_DIGITS = {
    "0": [(0, 0), (16, 0), (16, 34), (0, 34), (0, 0)], "1": [(2, 6), (9, 0), (9, 34)],
    "2": [(0, 0), (16, 0), (16, 16), (0, 16), (0, 34), (16, 34)],
    "3": [(0, 0), (16, 0), (16, 17), (4, 17), (16, 17), (16, 34), (0, 34)],
    "4": [(14, 34), (14, 0), (0, 22), (18, 22)],
    "5": [(16, 0), (0, 0), (0, 15), (16, 15), (16, 34), (0, 34)],
    "6": [(16, 0), (0, 0), (0, 34), (16, 34), (16, 16), (0, 16)],
    "7": [(0, 0), (16, 0), (6, 34)],
    "8": [(0, 0), (16, 0), (16, 34), (0, 34), (0, 0), (0, 17), (16, 17)],
}  # fmt: skip


def speed_limit(rng: Generator) -> Strokes:
    """A number in a red ring on white."""
    words = one_of(rng, "30 50 60 70 80 100 120 20 40 10 5 15 25")
    thick, post = some(rng, 4, 7), box("grey", 46, 80, 8, 90)
    digits = [line("dark", thick, np.add(_DIGITS[one], (n * 26, 0))) for n, one in enumerate(words)]
    board = [disc("red", 50, 50, 48), disc("white", 50, 50, some(rng, 35, 41))]
    return _on(rng, [post, *board] if maybe(rng, 0.3) else board, digits, 46)


def _person(rng: Generator, ink: str, *, skirt: bool) -> Strokes:
    """A standing pictogram around the origin."""
    wide = some(rng, 9, 13)
    found = [disc(ink, 0, -34, some(rng, 6, 8)), line(ink, 5, [(-wide, -20), (-wide - 5, 6)])]
    found += [line(ink, 5, [(wide, -20), (wide + 5, 6)]), line(ink, 6, [(-4, 6), (-4, 38)])]
    found.append(line(ink, 6, [(4, 6), (4, 38)]))
    if skirt:
        return [
            *found,
            filled(ink, [(-wide + 2, -22), (wide - 2, -22), (wide + 6, 16), (-wide - 6, 16)]),
        ]
    return [*found, box(ink, -wide, -23, 2 * wide, 34, 1)]


def toilets(rng: Generator) -> Strokes:
    """A man and a woman on a board, or one of them."""
    face, ink = one_of(rng, "blue-white white-dark dark-white green-white purple-white").split("-")
    one = moved(_person(rng, ink, skirt=False), -26)
    other = moved(_person(rng, ink, skirt=True), 26)
    wall = [line(ink, 3, [(0, -40), (0, 38)])]
    return _on(rng, _board(rng, face, ink, 0), [*one, *wall, *other], some(rng, 56, 68))


def wheelchair(rng: Generator) -> Strokes:
    """The pictogram of a wheelchair."""
    face, ink = one_of(rng, "blue-white blue-white green-white white-blue").split("-")
    thick, lean = some(rng, 5, 8), some(rng, -4, 6)
    arc = np.linspace(-0.2, 1.25 * np.pi, 18)
    chair = [line(ink, thick * 0.8, [(22 * np.cos(a), 14 + 22 * np.sin(a)) for a in arc])]
    chair += [
        disc(ink, -4 + lean, -44, 7),
        line(ink, thick, [(-3 + lean, -32), (0, 2), (20, 2), (30, 30)]),
    ]
    chair.append(line(ink, thick * 0.8, [(-2 + lean, -18), (18, -18)]))
    return _on(rng, _board(rng, face, ink, 0), [*chair, line(ink, thick, [(30, 30), (38, 28)])], 66)


def way_out(rng: Generator) -> Strokes:
    """The green sign of an exit: a person who runs to a door."""
    swing, face = some(rng, -5, 5), one_of(rng, "green green green white")
    ink = "white" if face == "green" else "green"
    runner = [disc(ink, 2, -30, 6), line(ink, 9, [(-2, -18), (-10, 2)])]
    runner += [
        line(ink, 5, [(-2, -20), (14, -8 + swing), (22, -16)]),
        line(ink, 5, [(-4, -20), (-20, -14)]),
    ]
    runner += [
        line(ink, 6, [(-10, 4), (4, 12), (2 + swing, 30)]),
        line(ink, 6, [(-10, 4), (-16, 18), (-32, 18)]),
    ]
    door = [box(ink, 32, -40, some(rng, 22, 30), 72)]
    wide = some(rng, 56, 74)
    way = [
        line(ink, 6, [(-wide, 0), (-wide + 20, 0)]),
        filled(ink, [(-wide - 8, 0), (-wide + 4, -10), (-wide + 4, 10)]),
    ]
    glyph = [*runner, *door, *(way if maybe(rng, 0.5) else [])]
    board = [box(ink, -1, 16, 102, 68), box(face, 1, 18, 98, 64)]
    return posed(rng, [*board, *moved(fitted(glyph, 84), 8, 8, size=0.84)], 0.06, 0.02)


def lift(rng: Generator) -> Strokes:
    """People in a cabin with arrows up and down above it."""
    face, ink = one_of(rng, "blue-white dark-white grey-dark white-dark").split("-")
    people = [
        one
        for x in (-24, 0, 24)[: count(rng, 2, 3)]
        for one in moved(_person(rng, ink, skirt=False), x, 0, size=0.7)
    ]
    cabin = [line(ink, 4, [(-42, -38), (42, -38), (42, 34), (-42, 34)], closed=True)]
    arrows = [
        filled(ink, [(-22, -48), (-12, -64), (-2, -48)]),
        filled(ink, [(22, -64), (12, -48), (2, -64)]),
    ]
    return _on(rng, _board(rng, face, ink, 0), [*cabin, *people, *arrows], 76)


def _arrow(ink: str, thick: float, long: float) -> Strokes:
    """An arrow that points up from the origin."""
    head = [(-thick * 1.5, -long), (thick * 1.5, -long), (0, -long - thick * 2)]
    return [bar(ink, (0, 0), (0, -long + 1), thick, thick), filled(ink, head)]


def one_way(rng: Generator) -> Strokes:
    """A white arrow on a blue round or square board."""
    turn = one_of(rng, "0 0 1.57 -1.57 0.8 -0.8 2.4 -2.4")
    arrow = moved(_arrow("white", some(rng, 10, 17), some(rng, 34, 56)), turn=float(turn))
    return _on(rng, _board(rng, "blue", "white", count(rng, 0, 1)), arrow, 66)


def roundabout(rng: Generator) -> Strokes:
    """Three arrows that follow each other in a ring on blue."""
    thick, size, found = some(rng, 7, 10), some(rng, 24, 30), Strokes()
    reach = some(rng, 1.1, 1.5)
    for way in np.arange(3) * 2 * np.pi / 3 - np.pi / 2:
        arc = np.linspace(way, way + reach, 9)
        found.append(line("white", thick, [(size * np.cos(a), size * np.sin(a)) for a in arc]))
        head = [(size - thick * 1.4, 0), (size + thick * 1.4, 0), (size, thick * 1.9)]
        found += moved([filled("white", head)], turn=float(arc[-1]))
    mirrored = moved(found, mirrored=maybe(rng, 0.5))
    return _on(rng, _board(rng, "blue", "white", 1), mirrored, 66)


def sight(rng: Generator) -> Strokes:
    """A museum with columns, or a camera for a view, on brown or blue."""
    face = one_of(rng, "wood wood blue green")
    board, wide = _board(rng, face, "white", 0), some(rng, 30, 38)
    if maybe(rng, 0.5):
        house = [filled("white", [(-wide - 4, -14), (0, -some(rng, 32, 44)), (wide + 4, -14)])]
        house += [
            box("white", x - 4, -10, 8, 32)
            for x in np.linspace(-wide + 4, wide - 4, count(rng, 3, 5))
        ]
        return _on(rng, board, [*house, box("white", -wide - 4, 26, 2 * wide + 8, 8)], 64)
    lens = some(rng, 12, 17)
    camera = [box("white", -wide, -22, 2 * wide, 48, 1), box("white", -12, -31, 24, 12, 1)]
    camera += [
        disc(face, 0, 2, lens),
        disc("white", 0, 2, lens * some(rng, 0.4, 0.7)),
        disc(face, wide - 8, -14, 3),
    ]
    return _on(rng, board, camera, 64)


def priority(rng: Generator) -> Strokes:
    """A yellow diamond with a white edge, maybe on a post, maybe struck out."""
    corners = np.array([(50.0, 2), (98, 50), (50, 98), (2, 50)])
    parts = (("dark", 1.0), ("white", some(rng, 0.92, 0.97)), ("yellow", some(rng, 0.58, 0.72)))
    found = [filled(colour, (corners - 50) * size + 50) for colour, size in parts]
    if maybe(rng, 0.2):
        found += [line("dark", 3, [(x, 70), (x + 42, 28)]) for x in (23, 29, 35)]
    post = [box("grey", 47, 80, 6, some(rng, 40, 90))] if maybe(rng, 0.4) else []
    return posed(rng, [*post, *found], 0.07, 0.02)


def trail_mark(rng: Generator) -> Strokes:
    """A mark of a hiking trail: a stripe, a dot or a triangle of paint on bark or on a stone."""
    face, ink = one_of(rng, "white-red white-blue yellow-red white-green white-yellow").split("-")
    kind, size = count(rng, 0, 2), some(rng, 30, 40)
    if maybe(rng, 0.6):
        ground = [bar("wood", (50, 130), (50, -30), some(rng, 84, 110), some(rng, 76, 90))]
        ground += [
            line("grip", 2.5, [(x, some(rng, -20, 10)), (x + some(rng, -5, 5), some(rng, 90, 125))])
            for x in (16, 28, 74, 86)
        ]
    else:
        ground = [disc("grey", 50, 56, some(rng, 60, 74), some(rng, 48, 58))]
    mark = [box(face, 50 - size, 50 - size * 0.8, 2 * size, size * 1.6)]
    if kind == 0:
        mark.append(box(ink, 50 - size, 50 - size * 0.28, 2 * size, size * 0.56))
    elif kind == 1:
        mark.append(disc(ink, 50, 50, size * 0.55))
    else:
        mark.append(
            filled(
                ink,
                [
                    (50 - size * 0.7, 50 + size * 0.6),
                    (50 + size * 0.7, 50 + size * 0.6),
                    (50, 50 - size * 0.6),
                ],
            )
        )
    return posed(rng, [*ground, *mark], 0.1, 0.0)


NOTICES: tuple[Scene, ...] = (
    Scene("bus stops", "", ("a bus stop sign",), bus_stop),
    Scene("hospital signs", "", ("a hospital sign",), hospital),
    Scene("cycle paths", "", ("a cycle path sign", "a bicycle sign"), cycle_path),
    Scene(
        "speed limits", "", ("a speed limit sign", "a number in a red ring"), speed_limit, share=2
    ),
    Scene("toilet signs", "", ("a toilet sign", "a restroom sign"), toilets),
    Scene("wheelchair signs", "", ("a wheelchair sign",), wheelchair),
    Scene("exit signs", "", ("an exit sign", "an emergency exit sign"), way_out),
    Scene("lift signs", "", ("a lift sign", "an elevator sign"), lift),
    Scene("blue arrow signs", "", ("a blue sign with a white arrow", "a one-way sign"), one_way),
    Scene("roundabout signs", "", ("a roundabout sign",), roundabout),
    Scene("sight signs", "", ("a tourist attraction sign",), sight),
    Scene("priority signs", "", ("a priority road sign",), priority),
    Scene("trail marks", "", ("a hiking trail marker",), trail_mark),
)
