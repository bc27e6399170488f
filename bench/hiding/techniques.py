"""All techniques by name, and the sample that a seed makes of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random

from bench.hiding.beside import BESIDE
from bench.hiding.documents import DOCUMENTS
from bench.hiding.drawn import DRAWN
from bench.hiding.layered import LAYERED
from bench.hiding.payloads import KINDS, Payload, PayloadKind, choose
from bench.hiding.scaled import SCALED
from bench.hiding.scene import Hide, Sample, Scene

TECHNIQUES: Mapping[str, Hide] = {**DRAWN, **SCALED, **LAYERED, **BESIDE, **DOCUMENTS}

Payloads = dict[PayloadKind, list[Payload]]


@dataclass(frozen=True, slots=True)
class Case:
    """One sample to be made: the same names and seed always make the same bytes.

    Attributes:
        technique: A key of ``TECHNIQUES``.
        kind: Of the payload.
        index: Which of the pictures of that technique and kind.
        seed: Of the whole battery.
    """

    technique: str
    kind: PayloadKind
    index: int
    seed: int

    @property
    def key(self) -> str:
        """Names the case in results."""
        return f"{self.seed}/{self.technique}/{self.kind}/{self.index}"

    def make(self, payloads: Payloads, photos: Sequence[Path]) -> tuple[Payload, Sample]:
        """The text that is hidden, and the message that hides it."""
        random = Random(self.key)
        payload = choose(payloads, self.kind, random)
        return payload, TECHNIQUES[self.technique](Scene(payload.text, random, photos))


def cases(patterns: Sequence[str], count: int, seed: int) -> list[Case]:
    """``count`` cases of each kind for each technique that matches a pattern, kinds interleaved.

    Raises:
        ValueError: A pattern matches none; lists the names.
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        found = [name for name in TECHNIQUES if fnmatchcase(name, pattern)]
        if not found:
            raise ValueError(f"no technique {pattern!r}; known: {', '.join(TECHNIQUES)}")
        chosen.update(dict.fromkeys(found))
    return [
        Case(name, kind, index, seed) for index in range(count) for name in chosen for kind in KINDS
    ]
