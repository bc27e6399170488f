"""What the guard said about each case, kept line by line, and the table that comes of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path

READ = 0.7
"""A payload counts as read when at least this share of its words was."""


@dataclass(frozen=True, slots=True)
class Result:
    """One case.

    Attributes:
        key: Of the case.
        technique: Its name.
        kind: Of the payload.
        text: The payload.
        action: What the policy did, ``ALLOW`` to ``BLOCK``, or ``REFUSED`` for a broken file.
        score: The highest of all findings.
        read: Share of the payload's words that were read, known for attacks that passed.
        seconds: Wall time of the verdict.
    """

    key: str
    technique: str
    kind: str
    text: str
    action: str
    score: float
    read: float | None
    seconds: float

    @property
    def stopped(self) -> bool:
        """Whether the request was refused."""
        return self.action in ("BLOCK", "REFUSED")


@dataclass(frozen=True, slots=True)
class Row:
    """One technique, or all.

    Attributes:
        technique: Its name.
        attacks: How many were sent.
        stopped: Share refused, with its Wilson interval.
        low: Of 95 %.
        high: Of 95 %.
        unread: Attacks that passed and whose words were not read.
        unjudged: Attacks that passed although they were read.
        benign: How many harmless ones were sent.
        passed: Share of them that passed, with its Wilson interval.
        passed_low: Of 95 %.
        passed_high: Of 95 %.
        seconds: Median wall time.
    """

    technique: str
    attacks: int
    stopped: float
    low: float
    high: float
    unread: int
    unjudged: int
    benign: int
    passed: float
    passed_low: float
    passed_high: float
    seconds: float


def words_read(payload: str, read: str) -> float:
    """Share of the words of ``payload`` that stand in ``read``, spaces and case aside."""
    squeezed = _squeezed(read)
    words = [word for word in re.findall(r"\w+", payload.casefold()) if len(word) > 1]
    return sum(word in squeezed for word in words) / max(1, len(words))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), (0, 1) of nothing."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def row(technique: str, results: Sequence[Result]) -> Row:
    """The row of ``results``, all of which count."""
    attacks = [one for one in results if one.kind != "benign"]
    benign = [one for one in results if one.kind == "benign"]
    missed = [one for one in attacks if not one.stopped]
    stopped = len(attacks) - len(missed)
    passed = sum(not one.stopped for one in benign)
    unread = sum((one.read or 0.0) < READ for one in missed)
    times = sorted(one.seconds for one in results)
    return Row(
        technique,
        len(attacks),
        stopped / max(1, len(attacks)),
        *wilson(stopped, len(attacks)),
        unread,
        len(missed) - unread,
        len(benign),
        passed / max(1, len(benign)),
        *wilson(passed, len(benign)),
        times[len(times) // 2] if times else 0.0,
    )


def table(results: Sequence[Result]) -> list[Row]:
    """A row a technique, worst recall first, and one of all at the end."""
    names = Counter(one.technique for one in results)
    rows = [row(name, [one for one in results if one.technique == name]) for name in names]
    return [*sorted(rows, key=lambda one: (one.stopped, one.technique)), row("all", results)]


def markdown(rows: Sequence[Row]) -> str:
    """``rows`` as a table for a page."""
    head = (
        "| technique | attacks | stopped | 95 % | not read | read, not judged | harmless | passed "
        "| 95 % | seconds |\n|---|---|---|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {one.technique} | {one.attacks} | {one.stopped:.1%} | {one.low:.0%} to {one.high:.0%} "
        f"| {one.unread} | {one.unjudged} | {one.benign} | {one.passed:.1%} "
        f"| {one.passed_low:.0%} to {one.passed_high:.0%} | {one.seconds:.2f} |\n"
        for one in rows
    )


def load(path: Path) -> list[Result]:
    """The results kept in ``path``, none where there is no such file; a torn last line is left."""
    if not path.exists():
        return []
    lines = path.read_text("utf-8").split("\n")
    return [Result(**json.loads(line)) for line in lines[:-1]]


def keep(path: Path, result: Result) -> None:
    """Appends ``result`` to ``path``."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
