"""Weights too small to matter, set to zero before a network is loaded.

Training with weight decay leaves weights below 1.2e-38 (denormal numbers) where a channel died.
They add nothing to a sum, but many processors leave their fast path for each of them: two layers of
PP-OCR's detector took 320 of its 460 ms so. ONNX Runtime can ignore such numbers, but only in
threads of its own and where a process's first session asks for it.
"""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np

from guardrail_detectors.onnx_format import float32_weights

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
    for start, end in list(float32_weights(data)):
        bits = np.frombuffer(data, "<u4", (end - start) // 4, start)
        small = (bits & _EXPONENT == 0) & (bits & _FRACTION != 0)
        if small.any():
            bits[small] = 0
            found = True
    return found
