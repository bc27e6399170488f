"""Taking findings out of a part: text spans masked, picture boxes painted over, or all of it.

Law: redaction is idempotent. A mask is never itself a finding's text, and spans without anything
to see (tag characters, zero-width runs) are removed rather than masked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from guardrail.types import TEXT_KINDS, Box, Drop, Edit, Finding, Part, ReplaceText

MASK = "[redacted]"

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zl", "Zp"})


def merge_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans sorted, those that touch or overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def mask_for(text: str) -> str:
    """``MASK``, or "" where ``text`` has nothing that a person could see."""
    if all(unicodedata.category(char) in _INVISIBLE for char in text):
        return ""
    return MASK


def redact_text(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``text`` with each span (start, exclusive end, in code points) masked."""
    pieces: list[str] = []
    last = 0
    for start, end in merge_spans(spans):
        pieces += (text[last:start], mask_for(text[start:end]))
        last = end
    return "".join([*pieces, text[last:]])


def text_edit(part: Part, findings: Sequence[Finding]) -> Edit:
    """The edit that takes ``findings`` out of a part of text.

    A finding without a span takes the whole text; of a tool call the whole call's arguments,
    because a mask in the middle of JSON would break it.
    """
    spans = [finding.span for finding in findings if finding.span is not None]
    whole = len(spans) < len(findings)
    if part.kind == "tool_call" and (whole or any(map(_visible, _cut(part.text, spans)))):
        return Drop(MASK)
    return ReplaceText(MASK if whole else redact_text(part.text, spans))


def boxes_of(part: Part, findings: Sequence[Finding]) -> list[Box] | None:
    """The boxes to paint over, None where the whole part must go."""
    if part.kind in TEXT_KINDS or part.image is None:
        return None
    boxes = [finding.box for finding in findings if finding.box is not None]
    return boxes if len(boxes) == len(findings) else None


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def _visible(text: str) -> bool:
    return mask_for(text) != ""
