"""A system prompt made ready to be recognised: its runs of letters, in every form they may take.

Recognition is by shingles (Broder 1997, "On the resemblance and containment of documents"): runs
of twelve letters of the reply that are runs of the system prompt too. Twelve letters fit into a
64-bit integer exactly, so there are no false matches by hashing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.types import SystemText
from guardrail_detectors.system_prompt.letters import Letters, grams, letters, rot13

SHINGLE = 12
"""Letters of a run that is looked up: two or three words, or half a canary."""

MOST_LETTERS = 100_000
"""Characters of each system text; what lies behind them is not recognised."""


_APART = 1000
"""Letters by which two texts are told to lie apart: no passage goes over from one to the other."""


class Form(IntEnum):
    """How a run of letters stands in the system text."""

    PLAIN = 0
    TURNED = 1
    CANARY = 2


@dataclass(frozen=True, slots=True)
class Hits:
    """Known runs in a stream of letters, in the order in which they start there.

    Attributes:
        at: Where each starts in the stream.
        origins: Where it starts in the secret; what is next to each other there, is here.
        forms: Its ``Form``.
    """

    at: NDArray[np.intp]
    origins: NDArray[np.intp]
    forms: NDArray[np.int8]

    def of(self, form: int) -> Hits:
        """Those of one form."""
        chosen = self.forms == form
        return Hits(self.at[chosen], self.origins[chosen], self.forms[chosen])


_NONE = Hits(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int8))


class Secret:
    """The runs of a system text, looked up many at a time.

    Args:
        system: What is not to be told.

    Attributes:
        longest: Letters of the longest system text.
    """

    def __init__(self, system: SystemText) -> None:
        texts = [text[:MOST_LETTERS] for text in system.texts]
        forms = {
            Form.CANARY: [*_read(system.canary), *_turned(system.canary)],
            Form.TURNED: [form for text in texts for form in _turned(text)],
            Form.PLAIN: [form for text in texts for form in _read(text)],
        }
        self.longest = max(map(len, forms[Form.PLAIN]), default=0)
        streams = [stream for some in forms.values() for stream in some]
        kinds = [form for form, some in forms.items() for _ in some]
        packed = [grams(stream, SHINGLE) for stream in streams]
        starts = np.cumsum([0, *(len(stream) + _APART for stream in streams)])
        # A run that stands in several places counts as the first of them, the canary's before all.
        runs, first = np.unique(_joined(packed, np.uint64), return_index=True)
        origins = [start + np.arange(len(one)) for start, one in zip(starts, packed, strict=False)]
        sizes = [len(one) for one in packed]
        # The last entry answers for runs beyond all known ones; it equals none, five bits being 0.
        self._runs = np.append(runs, np.uint64(2**64 - 1))
        self._origins = _joined(origins, np.intp)[first]
        self._forms = np.repeat(np.array(kinds, np.int8), sizes)[first]
        bits = max(10, int(len(runs) * 16).bit_length())
        self._shift = np.uint64(64 - bits)
        self._marks = np.zeros(1 << bits, bool)
        self._marks[self._slots(runs)] = True

    def found_in(self, stream: Letters) -> Hits:
        """The known runs of ``stream``."""
        packed = grams(stream, SHINGLE)
        # Most runs of an ordinary text end here, at one look into a table that fits the cache.
        maybe = self._marks[self._slots(packed)].nonzero()[0]
        if not len(maybe):
            return _NONE
        nearest = np.searchsorted(self._runs, packed[maybe])
        known = self._runs[nearest] == packed[maybe]
        nearest = nearest[known]
        return Hits(maybe[known], self._origins[nearest], self._forms[nearest])

    def _slots(self, packed: NDArray[np.uint64]) -> NDArray[np.uint64]:
        # Fibonacci hashing: unsigned overflow is meant.
        return (packed * np.uint64(0x9E3779B97F4A7C15)) >> self._shift


@lru_cache(maxsize=64)
def secret_of(system: SystemText) -> Secret:
    """The runs of a system text; they are kept, for conversations go on."""
    return Secret(system)


def _joined(arrays: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *arrays])


def _read(text: str) -> list[Letters]:
    """Without its digits, and with digits as the letters they resemble where it has any."""
    streams = [letters(text)[0]]
    if re.search(r"[0-9@$!|]", text):
        streams.append(letters(text, leet=True)[0])
    return streams


def _turned(text: str) -> list[Letters]:
    """Turned by rot13, mirrored, both, each word mirrored, and the words in reverse order."""
    words = text.split()
    each = letters(" ".join(word[::-1] for word in words))[0]
    order = letters(" ".join(reversed(words)))[0]
    plain = letters(text)[0]
    return [rot13(plain), plain[::-1], rot13(plain)[::-1], each, order]
