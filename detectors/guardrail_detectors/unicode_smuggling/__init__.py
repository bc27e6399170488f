"""Text that people do not see and models read: tags, zero-width bits, bidi, selectors, escapes."""

from __future__ import annotations

from guardrail_detectors.unicode_smuggling.detector import (
    UnicodeSmuggling,
    UnicodeSmugglingConfig,
    find_hidden,
)

__all__ = ["UnicodeSmuggling", "UnicodeSmugglingConfig", "find_hidden"]
