"""Texts that were written for this project, in ``corpus/*.jsonl``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from guardrail_training.text_guard.records import Record, read_records

CORPUS = Path(__file__).with_name("corpus")
"""JSON lines: ``{"text", "label", "style", "categories"?}``."""

PLACEHOLDER = r"\[[A-Z ]*(?:INSERT|QUESTION|PROMPT|REQUEST|QUERY|TOPIC|VRAAG)[^\]]*\]"
"""Stands for the question in a written jailbreak."""


@cache
def written() -> tuple[Record, ...]:
    """All written texts; a group is a file, ``meta`` holds ``style`` and ``categories``.

    Raises:
        DataError: A file is not as above.
    """
    files = sorted(CORPUS.glob("*.jsonl"))
    return tuple(replace(record, group=f"written_{record.group}") for record in read_records(files))


def categories_of(record: Record) -> frozenset[str]:
    """The hazard categories that the author of a written text gave it."""
    return frozenset(record.meta.get("categories") or ())
