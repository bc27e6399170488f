"""What a moderator answers: one JSON object, which a hostile reply may have had a hand in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from guardrail.constitution import NONE

_MEMBERS = ["check", "critique", "category", "score"]
_MOST_CHARACTERS = 20_000
_MOST_OBJECTS = 64


class VerdictError(ValueError):
    """An answer that is no verdict, or more than one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer of a moderator.

    Attributes:
        critique: In its words.
        principle: Id of the principle that is broken most, ``none`` for none.
        score: How sure it is, 0 to 1.
    """

    critique: str
    principle: str
    score: float

    @property
    def broken(self) -> bool:
        """Whether it says that a principle is broken."""
        return self.principle != NONE

    def agrees(self, other: Verdict) -> bool:
        """Whether two answers come to the same."""
        return self.principle == other.principle


def read_verdict(answer: str, check: str, principles: Collection[str]) -> Verdict:
    """The verdict in a moderator's answer.

    Text around it is let be, for there are models that cannot do without; so are JSON objects
    without the check word, which are somebody else's: the reply that is judged may hold some.

    Args:
        answer: What the moderator said.
        check: The word that only an answer to this very question can know.
        principles: Ids that it may name.

    Raises:
        VerdictError: There is no verdict, there are two that differ, or it contradicts itself.
    """
    found = [one for one in _objects(answer) if one.get("check") == check]
    if not found:
        raise VerdictError("the moderator's answer holds no verdict with the check word")
    if any(one != found[0] for one in found):
        raise VerdictError("the moderator's answer holds verdicts that differ")
    return _checked(found[0], principles)


def _checked(said: dict[str, Any], principles: Collection[str]) -> Verdict:
    if list(said) != _MEMBERS:
        raise VerdictError(f"the moderator's verdict has the members {list(said)[:8]!r}")
    critique, principle, score = said["critique"], said["category"], said["score"]
    if not isinstance(critique, str) or not isinstance(principle, str):
        raise VerdictError("the moderator's critique and category must be texts")
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise VerdictError("the moderator's score must be a number from 0 to 1")
    if principle != NONE and principle not in principles:
        raise VerdictError(f"the moderator names a principle that is none: {principle[:64]!r}")
    if (principle == NONE) != (score < 0.5):
        raise VerdictError(f"the moderator contradicts itself: {principle!r} with {score!r}")
    return Verdict(critique, principle, float(score))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects in a text, in order."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    text = text[:_MOST_CHARACTERS]
    at = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated members")
    return members
