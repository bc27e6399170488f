"""What a trained text model is to the scorer, whatever its features are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """What one window of a text scored.

    Attributes:
        span: Characters of the text, None when the window is of another reading of it.
        scores: Shape (labels,).
        where: For each label the part of ``span`` that speaks loudest, where the model knows.
    """

    span: Span | None
    scores: Scores
    where: tuple[Span, ...] | None = None

    def evidence(self, column: int) -> Span | None:
        """The characters to show for the label in ``column``."""
        return self.where[column] if self.where and self.span else self.span


class Network(Protocol):
    """A model that scores texts by windows; safe to call from several threads."""

    @property
    def quick(self) -> bool:
        """Whether a short text takes so little that a thread would cost more."""
        ...

    @property
    def words(self) -> Sequence[str]:
        """Whole words it knows, in small letters, commonest first; none without a vocabulary."""
        ...

    def judge(self, texts: Sequence[str], third_party: Sequence[bool]) -> list[list[Passage]]:
        """For each text all its windows, at least one, with spans in that text.

        Args:
            texts: Any.
            third_party: For each whether it is of somebody who may give the model no orders, such
                as a tool's result or the words in a picture.
        """
        ...
