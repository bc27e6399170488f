"""What small and leafy things are put together from: wavy edges and loose rows."""

from __future__ import annotations

import numpy as np

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator, Stroke
from guardrail_training.clip.draw.shapes import moved, some


def frilled(rng: Generator, colour: str, size: float, waves: int, deep: float) -> Stroke:
    """A round area around the origin whose edge is wavy."""
    angle = np.linspace(0, 2 * np.pi, 6 * waves, endpoint=False)
    reach = size * (1 + deep * np.sin(waves * angle + rng.uniform(0, 6)))
    reach = reach * (1 + 0.08 * np.sin(2 * angle + rng.uniform(0, 6)))
    return filled(colour, np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1))


def strewn(rng: Generator, one: Strokes, n: int, room: float) -> Strokes:
    """``one`` as the n-th of things that lie three in a row without order."""
    x, y = n % 3 * room + some(rng, -4, 4), n // 3 * room + some(rng, -4, 4)
    return moved(one, x, y, some(rng, -0.5, 0.5), some(rng, 0.85, 1.05))
