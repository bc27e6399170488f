"""What the words of a message and the words in its pictures say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from guardrail.types import TEXT_KINDS, Part

MOST_CHARACTERS = 8000
"""Half of it of the user, half of the pictures; of what is longer the beginning and the end."""


class Said(NamedTuple):
    """What a picture says, or a message with its pictures.

    Attributes:
        text: "" for nothing.
        score: The engine's mean confidence in the characters that it read.
    """

    text: str
    score: float = 1.0


def messages(
    pictures: Sequence[Part], conversation: Iterable[Part]
) -> Iterator[tuple[list[Part], list[str]]]:
    """The pictures of each message that holds more than one part, and the user's texts beside them.

    Args:
        pictures: Parts with a picture.
        conversation: All parts.
    """
    by_message: dict[int, list[Part]] = {}
    for part in pictures:
        if part.message >= 0 and part.image is not None:
            by_message.setdefault(part.message, []).append(part)
    texts: dict[int, list[str]] = {}
    for part in conversation:
        if part.message in by_message and part.kind in TEXT_KINDS and part.source == "user":
            texts.setdefault(part.message, []).append(part.text)
    for message, shown in by_message.items():
        said = texts.get(message, [])
        if len(shown) + len(said) > 1:
            yield shown, said


def joined(said: Sequence[str], read: Sequence[Said]) -> Said:
    """The user's texts and those of the pictures as one, "" where only one says anything.

    It is as certain as the pictures' texts are: without those it is judged elsewhere.
    """
    sides = [
        [one.strip() for one in side if one.strip()] for side in (said, [r.text for r in read])
    ]
    if sum(map(len, sides)) < 2:
        return Said("")
    whole = "\n".join(_ends("\n".join(side)) for side in sides if side)
    many = sum(len(one.text) for one in read)
    return Said(whole, sum(len(one.text) * one.score for one in read) / many if many else 1.0)


def _ends(text: str) -> str:
    """``text``, or its beginning and its end where it is longer than half of what is judged."""
    most = MOST_CHARACTERS // 2
    return text if len(text) <= most else f"{text[: most // 2]}\n{text[-most // 2 :]}"
