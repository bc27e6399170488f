"""What ``scan`` reads: lines of JSON, or a folder of pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guardrail.errors import PolicyError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
_KNOWN = frozenset({"id", "text", "image", "messages"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to scan.

    Attributes:
        id: Unique in the input; results are resumed by it.
        text: A user's text.
        image: A picture's file.
        messages: OpenAI chat messages.
        extra: Everything else on the line (label, category, source …), copied to the result.
        problem: Why the line cannot be scanned, "" if it can.
    """

    id: str
    text: str | None = None
    image: Path | None = None
    messages: list[Any] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def read_items(source: Path) -> Iterator[Item]:
    """The items of a JSON lines file, or of a folder: one for each picture below it, by name.

    A line that cannot be used is an item with a ``problem``; it ends nothing.

    Raises:
        PolicyError: ``source`` is neither, or holds nothing.
    """
    if source.is_dir():
        pictures = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not pictures:
            raise PolicyError(
                f"{source}: no pictures in this folder ({', '.join(sorted(SUFFIXES))})"
            )
        yield from (Item(str(path.relative_to(source)), image=path) for path in pictures)
        return
    if not source.is_file():
        raise PolicyError(f"{source}: neither a file of JSON lines nor a folder of pictures")
    with source.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _item(line, number, source.parent)


def count_items(source: Path) -> int:
    """How many items ``read_items`` gives, for a progress bar; 0 of what cannot be read."""
    if source.is_dir():
        return sum(path.suffix.lower() in SUFFIXES for path in source.rglob("*"))
    if not source.is_file():
        return 0
    with source.open("rb") as lines:
        return sum(bool(line.strip()) for line in lines)


def _item(line: str, number: int, folder: Path) -> Item:
    try:
        row = json.loads(line)
    except ValueError as error:
        return Item(f"line-{number}", problem=f"line {number}: not JSON: {error}")
    if not isinstance(row, dict):
        return Item(f"line-{number}", problem=f"line {number}: expected an object")
    name = str(row.get("id", f"line-{number}"))
    extra = {key: value for key, value in row.items() if key not in _KNOWN}
    text, image, messages = row.get("text"), row.get("image"), row.get("messages")
    if problem := _problem(text, image, messages):
        return Item(name, extra=extra, problem=f"line {number}: {problem}")
    return Item(name, text, folder / image if image else None, messages, extra)


def _problem(text: object, image: object, messages: object) -> str:
    if not isinstance(text, str | None):
        return "text: expected a string"
    if not isinstance(image, str | None):
        return "image: expected the path of a file"
    if not isinstance(messages, list | None):
        return "messages: expected a list"
    if text is None and not image and messages is None:
        return "nothing to scan: give text, image or messages"
    return ""
