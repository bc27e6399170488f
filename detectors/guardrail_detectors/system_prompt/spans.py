"""Places in a text that were found several times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Scored = tuple[tuple[int, int], float]
"""Start and exclusive end in code points, and a score."""


def joined(found: Iterable[Scored]) -> Iterator[Scored]:
    """``found`` in order; those that overlap or touch are one, with the highest of their scores."""
    last: Scored | None = None
    for (start, end), score in sorted(found):
        if last is None:
            last = (start, end), score
        elif start <= last[0][1]:
            last = (last[0][0], max(end, last[0][1])), max(score, last[1])
        else:
            yield last
            last = (start, end), score
    if last is not None:
        yield last
