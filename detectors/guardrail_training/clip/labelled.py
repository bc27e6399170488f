"""Labelled pictures: folders named after categories, or VLGuard's metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardrail.errors import PolicyError
from guardrail.taxonomy import from_external
from guardrail_training.clip.errors import ClipTrainingError

HARMLESS = "harmless"
"""Name of the folder of pictures that show nothing of any category."""

_CATEGORY = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture.

    Attributes:
        path: The file.
        categories: What it shows; empty for harmless.
        source: Where it is from: pictures of one source are alike.
    """

    path: Path
    categories: frozenset[str]
    source: str


def read_labelled(path: Path) -> list[Labelled]:
    """The pictures of a folder or of a VLGuard JSON file.

    A folder is ``CATEGORY/SOURCE/picture`` or ``CATEGORY/picture``, harmless pictures in
    ``harmless``. In a JSON file (Zong et al. 2024, arXiv:2402.02207) pictures are beside it, named
    by ``image``, whose first folder is their source.

    Raises:
        ClipTrainingError: There are no pictures, or a label is not known; it is named.
    """
    found = list(_of_json(path) if path.is_file() else _of_folder(path))
    if not any(one.categories for one in found) or all(one.categories for one in found):
        raise ClipTrainingError(
            f"{path}: pictures of at least one category and harmless ones are needed, as "
            f"CATEGORY/SOURCE/picture and {HARMLESS}/SOURCE/picture, or as VLGuard's JSON; "
            f"found {len(found)} pictures of {len({c for o in found for c in o.categories})} "
            "categories"
        )
    return found


def _of_folder(folder: Path) -> Iterator[Labelled]:
    for below in sorted(one for one in folder.glob("*") if one.is_dir()):
        if below.name != HARMLESS and not _CATEGORY.match(below.name):
            raise ClipTrainingError(
                f"{below}: a category is named in small letters, digits and _; harmless pictures "
                f"are in {HARMLESS!r}"
            )
        categories = frozenset() if below.name == HARMLESS else frozenset({below.name})
        for path in sorted(below.rglob("*")):
            if path.suffix.lower() in _ENDINGS:
                inner = path.relative_to(below).parts
                yield Labelled(path, categories, inner[0] if len(inner) > 1 else "unnamed")


def _of_json(path: Path) -> Iterator[Labelled]:
    try:
        entries = json.loads(path.read_bytes())
    except ValueError as error:
        raise ClipTrainingError(f"{path}: no JSON: {error}") from None
    if not isinstance(entries, list):
        raise ClipTrainingError(f"{path}: a list of VLGuard's entries was expected")
    for number, entry in enumerate(entries):
        yield _entry(entry, path, number)


def _entry(entry: Any, path: Path, number: int) -> Labelled:
    where = f"{path}: entry {number}"
    try:
        image, safe = str(entry["image"]), bool(entry["safe"])
        name = "" if safe else str(entry["harmful_subcategory"])
        categories = frozenset() if safe else frozenset({from_external("vlguard", name)})
    except (KeyError, TypeError) as error:
        raise ClipTrainingError(
            f"{where}: image, safe and, where unsafe, harmful_subcategory were expected: {error}"
        ) from None
    except PolicyError as error:
        raise ClipTrainingError(f"{where}: harmful_subcategory: {error}") from None
    file = (path.parent / image).resolve()
    if not file.is_relative_to(path.parent.resolve()):
        raise ClipTrainingError(f"{where}: image {image!r} lies outside {path.parent}")
    parts = Path(image).parts
    return Labelled(file, categories, parts[0] if len(parts) > 1 else "unnamed")


def categories_of(pictures: Sequence[Labelled]) -> list[str]:
    """All categories that are shown, sorted."""
    return sorted({category for one in pictures for category in one.categories})
