"""Labelled texts read from JSON lines, without repetitions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from guardrail.errors import GuardrailError

LABELS = frozenset({"injection", "jailbreak", "harmful", "benign"})

_WORD = re.compile(r"\w+")
_SHINGLE = 5
_NEAR = 0.8
"""Texts that share this part of their shingles are repetitions of one another."""


class DataError(GuardrailError):
    """A data set cannot be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled text.

    Attributes:
        id: As in the data set.
        text: The text.
        label: One of ``LABELS``.
        group: The data set, held out as a whole in validation.
        held_out: Whether it only measures and calibrates.
        attack: The part of ``text`` that is the attack, "" for all of it or where unknown.
        image: The picture that ``text`` was drawn into; ``text`` is "" where that is not known.
        meta: Everything else that the data set says.
    """

    id: str
    text: str
    label: str
    group: str
    held_out: bool = False
    attack: str = ""
    image: Path | None = None
    meta: dict[str, Any] = field(default_factory=dict)


def read_records(files: Iterable[Path]) -> Iterator[Record]:
    """The records of JSON lines files, one set a file, the file's name being the group.

    Each line is ``{"id", "text", "label", "split": "train"|"dev", "meta"?}``; with ``image``, a
    path beside the file, the text is ``meta.ocr_text``, which was drawn into that picture. A line
    without an id is named by its number; its ``style``, ``categories`` and ``attack`` count as
    ``meta``.

    Raises:
        DataError: A file is missing or a line is not such an object.
    """
    for file in files:
        try:
            # Not splitlines(): JSON strings may hold U+2028 and other line separators unescaped.
            lines = file.read_text("utf-8").rstrip("\n").split("\n")
        except OSError as error:
            raise DataError(f"{file}: cannot be read: {error.strerror}") from None
        for number, line in enumerate(lines, 1):
            record = _record(line, file, number)
            if record.text.strip() or record.image:
                yield record


def distinct(records: Iterable[Record]) -> list[Record]:
    """``records`` without those that nearly repeat an earlier one of the same label.

    Two texts repeat one another when the Jaccard similarity of their runs of five words is at
    least 0.8; candidates share one of four min-hashes (Broder 1997).
    """
    kept: list[Record] = []
    seen: dict[tuple[str, int, int], list[frozenset[int]]] = {}
    for record in records:
        runs = shingles(record.text)
        keys = [
            (record.label, salt, min(one * mult % 4294967291 for one in runs))
            for salt, mult in enumerate((1, 2654435761, 40503, 2246822519))
        ]
        near = (other for key in keys for other in seen.get(key, ()))
        if any(len(runs & other) >= _NEAR * len(runs | other) for other in near):
            continue
        for key in keys:
            seen.setdefault(key, []).append(runs)
        kept.append(record)
    return kept


def _record(line: str, file: Path, number: int) -> Record:
    try:
        row = json.loads(line)
        meta = row.get("meta") or {
            key: row[key] for key in ("style", "categories", "attack") if key in row
        }
        image = file.parent / row["image"] if "image" in row else None
        record = Record(
            id=str(row.get("id", f"{file.stem}-{number}")),
            text=(meta.get("ocr_text") if image else row["text"]) or "",
            label=row["label"],
            group=file.stem,
            held_out=row.get("split") == "dev",
            attack=meta.get("attack") or "",
            image=image,
            meta=meta,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{file}:{number}: expected an object with text, label and split: {error!r}"
        ) from None
    if record.label not in LABELS:
        raise DataError(
            f"{file}:{number}: label {record.label!r}; expected one of: {', '.join(sorted(LABELS))}"
        )
    return record


def shingles(text: str) -> frozenset[int]:
    """Digests of the runs of five words in ``text``."""
    words = _WORD.findall(text.casefold()) or [text]
    count = max(1, len(words) - _SHINGLE + 1)
    return frozenset(
        crc32(" ".join(words[start : start + _SHINGLE]).encode("utf-8", "surrogatepass"))
        for start in range(count)
    )
