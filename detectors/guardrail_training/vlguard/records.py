"""VLGuard's metadata: ``train.json`` and ``test.json``, read strictly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from guardrail_training.text_guard.records import DataError

Subset = Literal["unsafe", "safe_unsafe", "safe_safe"]
"""A harmful picture; a harmless picture with a harmful instruction; both harmless."""

MAX_BYTES = 256 * 1024 * 1024
_KEYS: dict[str, Subset] = {
    "instruction": "unsafe",
    "unsafe_instruction": "safe_unsafe",
    "safe_instruction": "safe_safe",
}
_REQUIRED = {"id", "image", "safe", "instr-resp"}
_OPTIONAL = {"harmful_category", "harmful_subcategory"}
_NAMED_MISSING = 3


@dataclass(frozen=True, slots=True)
class Example:
    """One instruction about one picture and the answer that is taught.

    Attributes:
        image: The picture's file; None for an instruction without a picture.
        instruction: What the user says.
        response: What the model is to answer.
        subset: Which of VLGuard's subsets it is of; "helpful" for helpfulness data.
        category: VLGuard's harmful category, "" where there is none.
        name: The picture's name in the metadata, "" without a picture.
    """

    image: Path | None
    instruction: str
    response: str
    subset: Literal["unsafe", "safe_unsafe", "safe_safe", "helpful"]
    category: str = ""
    name: str = ""


def read_vlguard(path: Path, images: Path) -> list[Example]:
    """The examples of a metadata file, in its order.

    Each entry is ``{"id", "image", "safe", "harmful_category", "harmful_subcategory",
    "instr-resp": [...]}``. An unsafe picture's entries have ``instruction``, a safe one's
    ``safe_instruction`` or ``unsafe_instruction``, and all have ``response``.

    Args:
        path: The JSON file.
        images: Folder that ``image`` is relative to.

    Raises:
        DataError: The file, an entry or a picture is wrong; the message names index and field.
    """
    entries = read_list(path)
    examples = [
        example
        for index, entry in enumerate(entries)
        for example in _examples(entry, images, f"{path}: entry {index}")
    ]
    return with_pictures(examples, images)


def read_list(path: Path) -> list[Any]:
    """The JSON list in ``path``.

    Raises:
        DataError: It cannot be read, is too long, or holds no list with something in it.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path}: longer than {MAX_BYTES} bytes")
        loaded: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: is not JSON: {error}") from None
    if not isinstance(loaded, list) or not loaded:
        raise DataError(f"{path}: must hold a list of entries, and at least one")
    return loaded


def _examples(entry: Any, images: Path, where: str) -> list[Example]:
    safe = _is_safe(entry, where)
    name = text(entry, "image", where)
    image = inside(images, name, f"{where}: field 'image'")
    category = entry.get("harmful_category") or ""
    if not isinstance(category, str):
        raise DataError(f"{where}: field 'harmful_category' must be a string or null")
    return [
        replace(
            _example(turn, safe=safe, where=f"{where}: instr-resp {number}"),
            image=image,
            name=name,
            category=category,
        )
        for number, turn in enumerate(entry["instr-resp"])
    ]


def _is_safe(entry: Any, where: str) -> bool:
    """Whether the entry's picture is safe, after a check of its fields."""
    if not isinstance(entry, dict):
        raise DataError(f"{where}: must be an object")
    missing = sorted(_REQUIRED - entry.keys())
    unknown = sorted(entry.keys() - _REQUIRED - _OPTIONAL)
    if missing or unknown:
        what = f"lacks the field {missing[0]!r}" if missing else f"unknown field {unknown[0]!r}"
        raise DataError(f"{where}: {what}; known: {', '.join(sorted(_REQUIRED | _OPTIONAL))}")
    if not isinstance(entry["safe"], bool):
        raise DataError(f"{where}: field 'safe' must be true or false, not {entry['safe']!r}")
    turns = entry["instr-resp"]
    if not isinstance(turns, list) or not turns:
        raise DataError(f"{where}: field 'instr-resp' must be a list with at least one object")
    return bool(entry["safe"])


def _example(turn: Any, *, safe: bool, where: str) -> Example:
    keys = sorted(_KEYS.keys() & turn.keys()) if isinstance(turn, dict) else []
    if len(keys) != 1 or turn.keys() != {keys[0], "response"}:
        raise DataError(
            f"{where}: must be an object of 'response' and one of {', '.join(sorted(_KEYS))}"
        )
    if (keys[0] == "instruction") == safe:
        kind = "safe" if safe else "unsafe"
        raise DataError(f"{where}: field {keys[0]!r} does not belong to a picture that is {kind}")
    instruction, response = (text(turn, key, where) for key in (keys[0], "response"))
    return Example(None, instruction, response, _KEYS[keys[0]])


def text(fields: dict[str, Any], name: str, where: str) -> str:
    """A field that must be a text.

    Raises:
        DataError: It is none, or empty.
    """
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: field {name!r} must be a text that is not empty")
    return value


def inside(folder: Path, name: str, where: str) -> Path:
    """The path of ``name`` in ``folder``, links followed.

    Raises:
        DataError: It leads out of the folder.
    """
    relative = PurePosixPath(name)
    path = (folder / relative).resolve()
    absolute = relative.is_absolute() or "\\" in name or "\0" in name
    if absolute or ".." in relative.parts or not path.is_relative_to(folder.resolve()):
        raise DataError(f"{where}: {name!r} leads out of the picture folder {folder}")
    return path


def with_pictures(examples: Sequence[Example], images: Path) -> list[Example]:
    """``examples``, once every picture is known to be there.

    Raises:
        DataError: Some are missing; the message counts them and names the first.
    """
    wanted = dict.fromkeys(one.image for one in examples if one.image is not None)
    missing = [str(path) for path in wanted if not path.is_file()]
    if missing:
        shown = ", ".join(missing[:_NAMED_MISSING])
        raise DataError(
            f"{images}: {len(missing)} of {len(wanted)} pictures are missing, e.g. {shown}; "
            "give the folder into which the data set's archive was unpacked"
        )
    return list(examples)


def without_overlap(
    train: Sequence[Example], test: Sequence[Example]
) -> tuple[list[Example], list[str]]:
    """Training examples whose picture no test example has, and the names of what was dropped.

    A picture is known by its name in the metadata: VLGuard unpacks to ``train/`` and ``test/``
    with the same names below.
    """
    dropped = {one.name for one in train} & {one.name for one in test} - {""}
    return [one for one in train if one.name not in dropped], sorted(dropped)
