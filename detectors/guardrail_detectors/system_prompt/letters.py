"""Texts as bare letters: what is left when case, spacing, marks and look-alikes are taken away.

A letter is a number from 1 to 31, so that twelve of them fit into 64 bits exactly: runs of letters
are compared as integers, without hashing.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.confusables import LEET, TABLE

Letters = NDArray[np.uint8]
Places = NDArray[np.intp]

_LAST = 0x1FFFF
"""Code points from here on are no letters: ideographs of the higher planes, tags, private use."""

_ROT13 = np.array([0, *range(14, 27), *range(1, 14), *range(27, 32)], np.uint8)


def letters(text: str, *, leet: bool = False) -> tuple[Letters, Places]:
    """The letters of ``text`` and where each of them stands.

    Latin letters keep their identity through case, accents, full width and look-alikes; ``l`` is
    the same as ``i``, which ``1`` and ``|`` may stand for. Letters of other scripts are told apart
    by their code modulo 31. Everything else is left out.

    Args:
        text: Any text.
        leet: Read digits and signs as the letters they resemble; else they are left out.

    Returns:
        Letters from 1 to 31 and indices into ``text``, both of shape (n,).
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found = _table(leet)[np.minimum(codes, _LAST)]
    places = np.flatnonzero(found)
    return found[places], places


def rot13(stream: Letters) -> Letters:
    """Latin letters turned by half the alphabet; others as they are."""
    return _ROT13[stream]


def grams(stream: Letters, size: int) -> NDArray[np.uint64]:
    """Each run of ``size`` letters as one integer, in order; shape (n - size + 1,) or (0,).

    Args:
        stream: Letters from 1 to 31.
        size: From 1 to 12: five bits a letter.
    """
    count = len(stream) - size + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    # Runs of 1, 2, 4 and 8 letters, each made of two of the one before; the bits of ``size`` say
    # which of them are joined.
    run, have, done = stream.astype(np.uint64), 1, 0
    packed = np.zeros(count, np.uint64)
    while have <= size:
        if size & have:
            packed = (packed << np.uint64(5 * have)) | run[done : done + count]
            done += have
        if 2 * have <= size:
            run = (run[:-have] << np.uint64(5 * have)) | run[have:]
        have *= 2
    return packed


@cache
def _table(leet: bool) -> Letters:
    table = np.zeros(_LAST + 1, np.uint8)
    table[:_LAST] = [_letter(chr(code)) for code in range(_LAST)]
    if leet:
        for code, like in {**LEET, ord("|"): ord("i")}.items():
            table[code] = _letter(chr(like))
    return table


def _letter(char: str) -> int:
    base = unicodedata.normalize("NFKD", char)[0]
    # Capitals have look-alikes of their own; those that have none are read as small letters.
    like = base.translate(TABLE).casefold()[:1]
    like = like if "a" <= like <= "z" else base.casefold()[:1].translate(TABLE)
    if "a" <= like <= "z":
        return ord("i" if like == "l" else like) - 96
    return 1 + ord(like) % 31 if like.isalpha() else 0
