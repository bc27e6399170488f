"""What the processor of this machine can do."""

from __future__ import annotations

from pathlib import Path

import pytest


def adds_bytes_exactly() -> bool:
    """Whether sums of products of bytes are exact: x86 without VNNI cuts them off at 16 bits."""
    try:
        known = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return True
    return "flags" not in known or "vnni" in known


EXACT_BYTES = pytest.mark.skipif(
    not adds_bytes_exactly(),
    reason="this processor has no VNNI: sums of 8-bit products saturate",
)
"""For 8-bit networks with weights of chance; of shipped ones golden scores are checked anywhere."""
