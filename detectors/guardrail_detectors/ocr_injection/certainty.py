"""How much counts what was read uncertainly.

Print too small, bent or faint to be read comes out as a salad of letters, which a text model takes
for an attack in disguise. The recogniser knows: what it reads right has a mean probability above
0.93, however it was hidden (7-pixel letters, noise, waves, watermarks, handwriting, JPEG), and
such salads have 0.62 to 0.83. A score is therefore weighed by how surely its text was read.
"""

from __future__ import annotations

LEAST = 0.72
"""Weight of what was guessed: ``default`` marks a sure attack in it, without refusing it."""

FALL = 0.09
"""Below the engine's ``certain`` by that much, what was read is guessed."""


def weight(score: float, certain: float) -> float:
    """The factor, from ``LEAST`` to 1, of what a text says that was read with a mean ``score``.

    Args:
        score: The engine's mean confidence in the text's characters.
        certain: The engine's ``certain``; with 0 everything counts in full.
    """
    if not certain:
        return 1.0
    return min(1.0, max(LEAST, 1 - (1 - LEAST) * (certain - score) / FALL))
