"""All texts that the encoder learns from, by what they teach, balanced between data sets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from guardrail_training.text_guard.corpus import categories_of
from guardrail_training.text_guard.hazards import LEXICON, hazards
from guardrail_training.text_guard.records import Record

ATTACKS = ("prompt_injection", "jailbreak")

HAZARDS = (
    "violent_crimes",
    "non_violent_crimes",
    "sex_crimes",
    "defamation",
    "specialized_advice",
    "privacy",
    "intellectual_property",
    "indiscriminate_weapons",
    "hate",
    "self_harm",
    "disinformation",
)
HEADS = (*ATTACKS, *HAZARDS)

NO_DATA = tuple(sorted({*LEXICON} - {*HAZARDS}))
"""Categories of the taxonomy that no open, shippable data teaches."""

_GROUP_POWER = 0.5
"""A data set with n texts is drawn from in proportion to n to this power."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text and what it teaches.

    Attributes:
        text: The text.
        positive: Heads that fire.
        negative: Heads that do not; a head in neither learns nothing.
        harmful: Whether some hazard head fires, None where it is not known.
        attack: The part of the text that is the attack, "" for all of it.
        group: The data set.
        style: As its author says, "" where unknown.
        owner: Id, unique in the group.
    """

    text: str
    positive: frozenset[str]
    negative: frozenset[str]
    harmful: bool | None
    attack: str
    group: str
    style: str
    owner: str


def of_record(record: Record, left_out_attacks: Collection[str]) -> Text | None:
    """What ``record`` teaches, None for nothing."""
    if not record.text.strip() or record.meta.get("attack_category") in left_out_attacks:
        return None
    positive: frozenset[str]
    negative: frozenset[str]
    harmful: bool | None
    written = record.group.startswith("written_")
    match record.label:
        case "benign":
            positive, negative, harmful = frozenset(), frozenset(HEADS), False
        case "harmful":
            positive = (categories_of(record) or hazards(record.text)) & {*HAZARDS}
            negative = frozenset(HEADS if positive else ATTACKS) - positive
            harmful = True
        case "injection":
            # A set of strangers' attacks may hold harmful requests as well.
            positive = frozenset({"prompt_injection"})
            negative = frozenset(HAZARDS if written else ())
            harmful = False if written else None
        case _:
            positive, negative, harmful = frozenset({"jailbreak"}), frozenset(), None
    return Text(
        record.text, positive, negative, harmful, record.attack, record.group,
        str(record.meta.get("style", "")), f"{record.group}/{record.id}",
    )  # fmt: skip


class Pool:
    """Texts drawn at random, each data set in proportion to a power of its size.

    Args:
        texts: At least one.
        weights: Data set to how many times as often it is drawn from.
    """

    def __init__(self, texts: Sequence[Text], weights: Mapping[str, float] | None = None) -> None:
        self.texts = texts
        self._groups: dict[str, list[Text]] = {}
        for text in texts:
            self._groups.setdefault(text.group, []).append(text)
        self._names = list(self._groups)
        factors = weights or {}
        self._weights = [
            len(self._groups[name]) ** _GROUP_POWER * factors.get(name, 1.0) for name in self._names
        ]

    def __bool__(self) -> bool:
        return bool(self.texts)

    def draw(self, rng: Random) -> Text:
        """One text."""
        return rng.choice(self._groups[rng.choices(self._names, self._weights)[0]])


def crop(text: str, most: int, rng: Random) -> str:
    """Up to ``most`` characters of ``text`` between two words, from a random place."""
    if len(text) <= most:
        return text
    start = rng.choice((0, rng.randrange(len(text) - most)))
    piece = text[start : start + most]
    if start:
        piece = re.sub(r"^\S*\s", "", piece, count=1)
    return re.sub(r"\s\S*$", "", piece) or piece


def without_groups(texts: Iterable[Text], groups: frozenset[str]) -> Iterator[Text]:
    """Those of other data sets."""
    return (text for text in texts if text.group not in groups)
