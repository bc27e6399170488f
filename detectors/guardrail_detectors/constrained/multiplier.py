"""The multiplier: how much help a unit of harm outweighs, learnt from the harm that occurs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Multiplier:
    """λ of ``max_θ min_{λ ≥ 0} E[R] - λ · (E[C] - limit)``.

    Attributes:
        value: λ > 0.
        limit: Mean cost that is allowed; costs above zero are harmful by convention.
        rate: How fast λ follows.
        bounds: Between which it stays: from nothing it could not grow, and without an upper bound
            one bad stretch would silence every later answer.
    """

    value: float = 1.0
    limit: float = 0.0
    rate: float = 0.1
    bounds: tuple[float, float] = (1e-3, 100.0)

    def __post_init__(self) -> None:
        low, high = self.bounds
        if not 0 < low <= self.value <= high or not math.isfinite(self.rate * self.limit * high):
            raise ValueError(
                f"multiplier: value {self.value!r} must lie within bounds {self.bounds!r}, above "
                "0, and rate and limit be finite"
            )

    def after(self, costs: Sequence[float]) -> Multiplier:
        """λ after answers of these costs: ``ln λ ← ln λ + rate · λ · (mean cost - limit)``.

        Raises:
            ValueError: There are none, or one is NaN or infinite.
        """
        if not costs or not all(map(math.isfinite, costs)):
            raise ValueError(f"multiplier: costs {list(costs)!r} must be finite, one at least")
        excess = sum(costs) / len(costs) - self.limit
        low, high = self.bounds
        grown = math.log(self.value) + self.rate * self.value * excess
        # Twice: exp would overflow beyond the bound, and of the bound's logarithm it may round up.
        return replace(self, value=min(max(math.exp(min(grown, math.log(high))), low), high))

    def utility(self, reward: float, cost: float) -> float:
        """``(R - λ · C) / (1 + λ)``: on the scale of both, however large λ is."""
        return (reward - self.value * cost) / (1 + self.value)
