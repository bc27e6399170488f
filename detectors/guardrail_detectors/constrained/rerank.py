"""The best of several answers that may be said, and asking again when none may."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from guardrail_detectors.constrained.multiplier import Multiplier

Ask = Callable[[str], Awaitable[str]]
"""A prompt to an answer; a detector's ``Context.ask`` is one."""

Judge = Callable[[str], Awaitable[tuple[float, float]]]
"""An answer to its reward and its cost, both finite; a cost above zero is harmful."""

AGAIN = (
    "{prompt}\n\nAn earlier answer was withheld because it could do harm. Help as far as is safe, "
    "and say plainly what you leave out."
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer with its scores.

    Attributes:
        answer: The text.
        reward: How helpful.
        cost: How harmful.
    """

    answer: str
    reward: float
    cost: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.reward) and math.isfinite(self.cost)):
            raise ValueError(f"reward {self.reward!r} and cost {self.cost!r} must be finite")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking.

    Attributes:
        chosen: What may be said, or None: then refuse.
        seen: Every candidate, in the order of asking.
        rounds: Of asking.
    """

    chosen: Candidate | None
    seen: tuple[Candidate, ...]
    rounds: int


def reranked(
    candidates: Sequence[Candidate], multiplier: Multiplier, worst: float = 0.0
) -> list[Candidate]:
    """Candidates whose cost is at most ``worst``, by falling utility; the order of equals is kept.

    The threshold is hard: no reward, however high, brings a harmful answer back.
    """
    allowed = [one for one in candidates if one.cost <= worst]
    return sorted(allowed, key=lambda one: multiplier.utility(one.reward, one.cost), reverse=True)


async def filtered(
    ask: Ask,
    judge: Judge,
    prompt: str,
    multiplier: Multiplier,
    *,
    candidates: int = 1,
    rounds: int = 2,
    worst: float = 0.0,
) -> Outcome:
    """Asks, drops what is harmful, takes the best of the rest, and asks again while none is left.

    Args:
        ask: Of the model; from the second round on the prompt says that an answer was withheld.
        judge: Of each answer. Its errors are the caller's: an answer that was not judged is never
            chosen.
        prompt: What is wanted.
        multiplier: Of the ranking.
        candidates: Answers a round.
        rounds: Most of them.
        worst: Cost above which an answer is dropped.

    Raises:
        ValueError: ``candidates`` or ``rounds`` are below one, or a score is not finite.
    """
    if candidates < 1 or rounds < 1:
        raise ValueError(f"candidates {candidates!r} and rounds {rounds!r} must be 1 at least")
    seen: list[Candidate] = []
    for number in range(1, rounds + 1):
        wanted = prompt if number == 1 else AGAIN.format(prompt=prompt)
        fresh: list[Candidate] = []
        for _ in range(candidates):
            answer = await ask(wanted)
            fresh.append(Candidate(answer, *await judge(answer)))
        seen += fresh
        best = reranked(fresh, multiplier, worst)
        if best:
            return Outcome(best[0], tuple(seen), number)
    return Outcome(None, tuple(seen), rounds)
