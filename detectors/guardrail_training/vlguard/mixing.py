"""Helpfulness data, and how much of it goes with VLGuard's.

Safety examples alone teach a model to refuse too much (the paper's section 4.3), so mixing none in
must be asked for aloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.records import (
    Example,
    inside,
    read_list,
    text,
    with_pictures,
)

HELPFUL = 5_000
"""Helpfulness examples of post-hoc fine-tuning, for VLGuard's 2,977: about 1.7 to 1."""

_MARK = "<image>"


def read_helpful(path: Path, images: Path) -> list[Example]:
    r"""The first exchange of each conversation in LLaVA's format.

    Each entry is ``{"id"?, "image"?, "conversations": [{"from": "human", "value": "<image>\n..."},
    {"from": "gpt", "value": "..."}, ...]}``; without ``image`` it is an instruction in words only.

    Args:
        path: The JSON file.
        images: Folder that ``image`` is relative to.

    Raises:
        DataError: The file, an entry or a picture is wrong; the message names index and field.
    """
    entries = read_list(path)
    examples = [
        _example(entry, images, f"{path}: entry {index}") for index, entry in enumerate(entries)
    ]
    return with_pictures(examples, images)


def _example(entry: Any, images: Path, where: str) -> Example:
    if not isinstance(entry, dict):
        raise DataError(f"{where}: must be an object")
    turns = entry.get("conversations")
    if not isinstance(turns, list) or [_speaker(turn) for turn in turns[:2]] != ["human", "gpt"]:
        raise DataError(
            f"{where}: field 'conversations' must start with a turn from 'human' and one from 'gpt'"
        )
    asked, answered = (
        text(turn, "value", f"{where}: conversations {number}")
        for number, turn in enumerate(turns[:2])
    )
    instruction = asked.replace(_MARK, "").strip()
    if not instruction:
        raise DataError(f"{where}: conversations 0: field 'value' asks nothing")
    if "image" not in entry:
        return Example(None, instruction, answered, "helpful")
    name = text(entry, "image", where)
    image = inside(images, name, f"{where}: field 'image'")
    return Example(image, instruction, answered, "helpful", name=name)


def _speaker(turn: Any) -> str:
    return str(turn.get("from")) if isinstance(turn, dict) else ""


def mixed(
    safety: Sequence[Example],
    helpful: Sequence[Example],
    *,
    count: int | None,
    seed: int,
    force: bool = False,
) -> list[Example]:
    """Safety examples with helpfulness examples among them, shuffled.

    Args:
        safety: VLGuard's training examples.
        helpful: To choose from.
        count: How many are chosen (post-hoc fine-tuning); None for all of them, which is mixed
            fine-tuning: safety appended to the whole instruction set.
        seed: Of the choice and the order.
        force: Whether a mix without any helpfulness example is meant.

    Raises:
        DataError: ``count`` is 0 and ``force`` is not set, or there are too few examples.
    """
    wanted = len(helpful) if count is None else count
    if wanted == 0 and not force:
        raise DataError(
            "helpfulness: no examples: safety data alone teaches a model to refuse too much; "
            "give helpfulness data, or --force to do it all the same"
        )
    if wanted > len(helpful):
        raise DataError(
            f"helpfulness: {wanted} examples are asked for, but there are {len(helpful)}; "
            "lower helpfulness.examples or give more data"
        )
    rng = Random(seed)
    chosen = [*safety, *rng.sample(list(helpful), wanted)]
    rng.shuffle(chosen)
    return chosen
