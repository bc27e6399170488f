"""Weights too small to matter, set to zero before a network is loaded.

Training with weight decay leaves weights below 1.2e-38 (denormal numbers) where a channel died.
They add nothing to a sum, but many processors leave their fast path for each of them: two layers of
PP-OCR's detector took 320 of its 460 ms so. ONNX Runtime can ignore such numbers, but only in
threads of its own and where a process's first session asks for it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# Fields of ModelProto, GraphProto and TensorProto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto)
_GRAPH, _INITIALIZER = 7, 5
_KIND, _PACKED, _RAW = 2, 4, 9
_FLOAT32 = 1

_LONGEST_VARINT = 10  # bytes

_EXPONENT, _FRACTION = np.uint32(0x7F800000), np.uint32(0x007FFFFF)


def without_denormals(path: Path) -> bytes | None:
    """The ONNX model at ``path`` with its float32 denormal weights at zero; None when it has none.

    Also None when the file is no model or cannot be read: whoever loads it says why. Weights in
    files beside it are left as they are.

    Source: IEEE 754-2019, section 3.4, subnormal numbers of binary32.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as data:
            return bytes(data) if _cleared(data) else None
    except (OSError, ValueError):
        return None


def _cleared(data: mmap.mmap) -> bool:
    """Sets denormals of ``data`` to zero in place; whether there were any."""
    found = False
    for start, end in list(_weights(data)):
        bits = np.frombuffer(data, "<u4", (end - start) // 4, start)
        small = (bits & _EXPONENT == 0) & (bits & _FRACTION != 0)
        if small.any():
            bits[small] = 0
            found = True
    return found


def _weights(data: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where the float32 weights lie."""
    for _, start, end in _fields(data, 0, len(data), _GRAPH):
        for _, first, last in _fields(data, start, end, _INITIALIZER):
            kinds = [value for value, *_ in _fields(data, first, last, _KIND)]
            if kinds == [_FLOAT32]:
                for number in (_RAW, _PACKED):
                    yield from (span[1:] for span in _fields(data, first, last, number) if span[2])


def _fields(data: mmap.mmap, at: int, end: int, wanted: int) -> Iterator[tuple[int, int, int]]:
    """Each field ``wanted`` of the message in ``data[at:end]``: its number, or where its bytes lie.

    Raises:
        ValueError: No such message.

    Source: https://protobuf.dev/programming-guides/encoding/
    """
    while at < end:
        key, at = _varint(data, at, end)
        value = start = last = 0
        match key & 7:  # the wire type
            case 0:
                value, at = _varint(data, at, end)
            case 1:
                at += 8
            case 2:
                length, start = _varint(data, at, end)
                at = last = start + length
            case 5:
                at += 4
            case kind:
                raise ValueError(f"wire type {kind}")
        if at > end:
            raise ValueError("cut off")
        if key >> 3 == wanted:
            yield value, start, last


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    """The number that begins at ``at``, and where it ends."""
    value = 0
    for shift, place in enumerate(range(at, min(end, at + _LONGEST_VARINT))):
        byte = data[place]
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, place + 1
    raise ValueError("cut off")
