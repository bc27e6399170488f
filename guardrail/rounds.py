"""What one exchange asked of models besides the answer itself, for its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from guardrail.types import Outcome

Exhausted = Literal["", "rounds", "tokens", "seconds", "format", "upstream"]
"""Which bound of a revision ended it: "format" cannot go on, "upstream" failed; "" for none."""


@dataclass(frozen=True, slots=True)
class Round:
    """One draft that was judged and not released.

    Attributes:
        outcome: What the output stages said about it.
        usage: What it used, in its format's words; None where the upstream said nothing.
        seconds: From the last draft, or the reply's first byte, to the judgement.
    """

    outcome: Outcome
    usage: Mapping[str, Any] | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that a stage or a revision put to a model.

    Attributes:
        to: ``upstream``, or the judge's base URL.
        seconds: Until the answer was there.
        usage: As for a round.
        error: Why there was no answer, "" where there was one.
    """

    to: str
    seconds: float
    usage: Mapping[str, Any] | None = None
    error: str = ""


def usage_json(usage: Mapping[str, Any] | None) -> dict[str, Any]:
    """The member ``usage`` of a record, none where nothing is known."""
    return {} if usage is None else {"usage": dict(usage)}
