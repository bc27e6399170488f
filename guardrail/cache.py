"""Findings by content: a part seen before costs a look-up, whoever sent it.

What is kept is keyed by a digest of the content and of the stage's settings; it names no client,
no conversation and no part (isolation: no request state lives outside the request).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from guardrail.types import Finding, Part

Key = tuple[str, str, str, str, bytes]


def content_key(stage_key: str, part: Part) -> Key:
    """What the findings of a detector that judges each part alone depend on.

    The source counts for texts: an order from the user is none from a tool's result. The media type
    counts for files: the same bytes are other pages as plain text than as SVG or JSON.
    """
    pinned = part.image or part.file
    if pinned is not None:
        digest = bytes.fromhex(pinned.sha256)
        return (stage_key, part.kind, pinned.media_type, part.name, digest)
    digest = blake2b(part.text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return (stage_key, part.kind, part.source, part.name, digest)


class VerdictCache:
    """The findings of the ``max_entries`` parts used last.

    Excerpts are kept only in memory and leave with their entry.
    """

    def __init__(self, max_entries: int = 4096) -> None:
        self._entries: OrderedDict[Key, tuple[Finding, ...]] = OrderedDict()
        self._max_entries = max_entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key, ref: str) -> tuple[Finding, ...] | None:
        """The findings under ``key``, as findings about the part at ``ref``."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return tuple(replace(finding, ref=ref) for finding in found)

    def put(self, key: Key, findings: Sequence[Finding]) -> None:
        """Keeps ``findings``, which are all of one part."""
        self._entries[key] = tuple(replace(finding, ref="") for finding in findings)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
