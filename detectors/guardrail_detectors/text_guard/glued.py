"""Words written without spaces between them, parted again."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_LONG = re.compile(r"[A-Za-z]{16,}")
_RUN = re.compile(r"[A-Za-z]{8,}")
_WORDS = 3
"""Of a run that is taken for glued words: 29 of 11,711 harmless texts have one, names of classes
and keys of tables; two make up long ordinary words."""

_LONGEST = 20  # letters of a part
_KNOWN = 0.6  # of a run's letters that known words must make up
_STRANGE, _STRANGE_LETTER, _STRANGE_LEAST = 14.0, 2.0, 4  # of a part that is no known word

_TWO = "an as at be by do go he if in is it me my no of on or so to up us we"
_SHORT = frozenset({"a", "i", *_TWO.split()})
"""What a vocabulary has besides of one and two letters are pieces more often than words."""


class Lexicon:
    """Parts runs of letters into the likeliest words.

    Each word stands for itself, as likely as its rank says (Zipf's law); the likeliest sequence is
    found by dynamic programming, in time in proportion to the run (Norvig 2009, "Natural language
    corpus data", in Beautiful Data, O'Reilly).

    Args:
        words: In small letters, commonest first.
    """

    def __init__(self, words: Sequence[str]) -> None:
        kept = [word for word in words if len(word) > 2 or word in _SHORT]
        scale = math.log(max(2, len(kept)))
        self._costs = {word: math.log(rank * scale) for rank, word in enumerate(kept, 1)}

    def parted(self, text: str) -> str:
        """``text`` with spaces in its glued words; itself when no run of letters has three."""
        long = {run for run in _LONG.findall(text) if run.lower() not in self._costs}
        parts = {run: self._parts(run) for run in long}
        if not any(self._glued(run) for run in parts.values()):
            return text
        return _RUN.sub(lambda run: " ".join(parts.get(run[0]) or self._parts(run[0])), text)

    def _glued(self, parts: Sequence[str]) -> bool:
        known = sum(len(part) for part in parts if part.lower() in self._costs)
        return len(parts) >= _WORDS and known >= _KNOWN * sum(map(len, parts))

    def _parts(self, run: str) -> list[str]:
        letters = run.lower()
        costs, starts = [0.0], [0]
        for end in range(1, len(letters) + 1):
            cost, start = min(
                (costs[start] + self._cost(letters[start:end]), start)
                for start in range(max(0, end - _LONGEST), end)
            )
            costs.append(cost)
            starts.append(start)
        parts: list[str] = []
        end = len(run)
        while end:
            parts.append(run[starts[end] : end])
            end = starts[end]
        return parts[::-1]

    def _cost(self, part: str) -> float:
        known = self._costs.get(part)
        if known is not None:
            return known
        if len(part) < _STRANGE_LEAST:
            return _STRANGE + _STRANGE_LETTER * _LONGEST  # dearer than any longer strange part
        return _STRANGE + _STRANGE_LETTER * len(part)
