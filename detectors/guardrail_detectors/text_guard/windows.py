"""Long texts as overlapping windows, so that a line hidden in a report is not diluted by it."""

from __future__ import annotations

WIDTH = 160
OVERLAP = 60
_SLACK = 40
"""How far a cut may move to fall between two words, in characters."""


def windows(text: str, width: int = WIDTH, overlap: int = OVERLAP) -> list[tuple[int, int]]:
    """Half-open spans that cover ``text``, each up to ``width`` characters, in order.

    Neighbours share ``overlap`` characters or a few more. An empty text has one empty window.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    while True:
        end = min(len(text), start + width)
        if end < len(text):
            end = _between_words(text, end)
        spans.append((start, end))
        if end == len(text):
            return spans
        start = _between_words(text, end - overlap)


def _between_words(text: str, position: int) -> int:
    """The last place at or before ``position`` where a word starts, if one is near."""
    for place in range(position, max(position - _SLACK, 1), -1):
        if text[place - 1].isspace():
            return place
    return position
