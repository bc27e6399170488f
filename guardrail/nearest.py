"""Which known name somebody meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str], listed_as: str = "known") -> str:
    """The end of a message about a wrong ``name``: the nearest known one, and all of them.

    Args:
        name: What was written.
        known: What could have been written.
        listed_as: What the list is called, e.g. ``it reports``.
    """
    names = sorted(set(known))
    return f"{nearest(name, names) or ';'} {listed_as}: {', '.join(names) or 'none'}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The same without the list; "" where no known name is near."""
    folded = {_folded(one): one for one in sorted(known)}
    close = get_close_matches(_folded(name[:100]), folded, n=1, cutoff=0.5)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")
