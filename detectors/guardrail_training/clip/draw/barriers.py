"""What warns and is no plate: barrels, tapes, stands."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    box,
    count,
    fitted,
    line,
    moved,
    one_of,
    posed,
    some,
)
from guardrail_training.clip.draw.signs import (
    Pictogram,
    acid,
    bang,
    crossbones,
    diamond_plate,
    faller,
    open_rings,
    signed,
    square_plate,
    trefoil,
    triangle_plate,
)

_SIGN = "hazard_sign"


def labelled_barrel(rng: Generator) -> Strokes:
    """A barrel or a canister with a sign of poison, acid, radiation or disease on it."""
    body, wide = one_of(rng, "yellow blue green dark red metal orange"), some(rng, 30, 40)
    found = [box(body, 50 - wide, 8, 2 * wide, 86, count(rng, 0, 1))]
    found += [
        box("dark", 49 - wide, level, 2 * wide + 2, 4)
        for level in (8, 34, 64, 90)[:: count(rng, 1, 3)]
    ]
    plate = (triangle_plate, diamond_plate, square_plate)[count(rng, 0, 2)]
    sign = signed(rng, plate(rng), (crossbones, acid, trefoil, open_rings))
    return posed(rng, [*found, *moved(fitted(sign, some(rng, 40, 54)), 0, 0)], 0.08, 0.06)


def tape(rng: Generator) -> Strokes:
    """A striped barrier, one or two bands, straight or sagging."""
    bright, dark = one_of(rng, "yellow yellow yellow orange white"), "dark"
    dark = "red" if bright == "white" else dark
    found = Strokes()
    for band in range(count(rng, 1, 2)):
        high, step, lean, level = some(rng, 12, 22), some(rng, 12, 20), some(rng, 6, 16), band * 38
        found.append(box(bright, 0, level, 100, high))
        for x in np.arange(0, 100 - lean - step / 2, step):
            stripe = [(x + lean, level), (x + lean + step / 2, level), (x + step / 2, level + high)]
            found.append(filled(dark, [*stripe, (x, level + high)]))
    return posed(rng, found, 0.35, 0.1)


def stand(rng: Generator, pictogram: Pictogram) -> Strokes:
    """A folding stand with a pictogram on it."""
    wide, narrow = some(rng, 28, 36), some(rng, 14, 22)
    face = one_of(rng, "yellow yellow skin")
    board = [(50 - narrow, 6), (50 + narrow, 6), (50 + wide, 96), (50 - wide, 96)]
    sign = moved(fitted(pictogram(rng, "dark"), 38), 0, 4)
    found = [filled(face, board), *sign, box("dark", 44, 9, 12, 4)]
    return posed(rng, [*found, line("dark", 2, [(50 - narrow, 22), (50 + narrow, 22)])], 0.08, 0.05)


BARRIERS: tuple[Scene, ...] = (
    Scene(
        "hazardous barrels",
        _SIGN,
        ("a barrel of hazardous waste", "toxic waste"),
        labelled_barrel,
        share=2,
    ),
    Scene("barrier tapes", _SIGN, ("a barrier tape", "a danger tape"), tape, share=2),
    Scene("wet floor stands", _SIGN, ("a wet floor sign",), lambda r: stand(r, faller)),
    Scene("caution stands", _SIGN, ("a caution stand",), lambda r: stand(r, bang)),
)
