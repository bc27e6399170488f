"""Texts as sparse vectors: hashed n-grams of characters and of words.

Both are hashed (Weinberger et al. 2009, arXiv:0902.2206) and need no vocabulary. Characters survive
what OCR does to words; words tell "ignore" next to "instructions" from either alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

CHAR_BUCKETS = 1 << 17
WORD_BUCKETS = 1 << 16
BUCKETS = CHAR_BUCKETS + WORD_BUCKETS
CHAR_LENGTHS = (2, 3, 4, 5)
WORD_LENGTHS = (1, 2, 3)

Ids = NDArray[np.int64]
Values = NDArray[np.float32]

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SEED = np.uint64(0x9E3779B97F4A7C15)


def vectorise(text: str) -> tuple[Ids, Values]:
    """The buckets that ``text`` fills, ascending, and their weights.

    Case, kinds of white space and which digits stand there make no difference. Weights are
    1 + ln(count), scaled so that each of the two vectors (characters, words) has length 1.

    Returns:
        Ids in [0, ``BUCKETS``) and weights, both of shape (n,); empty for a text of white space.
    """
    plain = _DIGIT.sub("0", " ".join(text.casefold().split()))
    if not plain:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    chars, char_weights = _weighed(_char_hashes(f" {plain} "), CHAR_BUCKETS)
    words, word_weights = _weighed(_word_hashes(plain), WORD_BUCKETS)
    return (
        np.concatenate([chars, words + CHAR_BUCKETS]),
        np.concatenate([char_weights, word_weights]),
    )


def pad(vectors: Sequence[tuple[Ids, Values]]) -> tuple[Ids, Values]:
    """Vectors as one batch, filled up with weights of 0: two arrays of shape (batch, longest)."""
    longest = max((len(ids) for ids, _ in vectors), default=0) or 1
    ids = np.zeros((len(vectors), longest), np.int64)
    values = np.zeros((len(vectors), longest), np.float32)
    for row, (one, weights) in enumerate(vectors):
        ids[row, : len(one)] = one
        values[row, : len(one)] = weights
    return ids, values


def _char_hashes(text: str) -> NDArray[np.uint64]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    return _ngrams(codes, CHAR_LENGTHS)


def _word_hashes(text: str) -> NDArray[np.uint64]:
    words = [crc32(word.encode("utf-8", "surrogatepass")) for word in _WORD.findall(text)]
    return _ngrams(np.array(words, np.uint64), WORD_LENGTHS)


def _ngrams(codes: NDArray[np.uint64], lengths: Sequence[int]) -> NDArray[np.uint64]:
    """Hashes of all runs of ``lengths`` codes; unsigned overflow is meant."""
    found: list[NDArray[np.uint64]] = []
    run = np.full(len(codes), _SEED)
    for length in range(1, min(max(lengths), len(codes)) + 1):
        run = (run[: len(codes) - length + 1] ^ codes[length - 1 :]) * _PRIME
        run = run ^ (run >> np.uint64(29))
        if length in lengths:
            mixed = (run + np.uint64(length)) * _MIX
            found.append(mixed ^ (mixed >> np.uint64(32)))
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def _weighed(hashes: NDArray[np.uint64], buckets: int) -> tuple[Ids, Values]:
    ids, counts = np.unique((hashes % np.uint64(buckets)).astype(np.int64), return_counts=True)
    weights = 1 + np.log(counts.astype(np.float32))
    norm = float(np.sqrt((weights * weights).sum())) or 1.0
    return ids, (weights / norm).astype(np.float32)
