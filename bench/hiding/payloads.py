"""The texts that are hidden, and which of them the text model settles when they are typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from guardrail_detectors.text_guard.scorer import TextScorer

PayloadKind = Literal["injection", "typographic", "benign"]
KINDS: tuple[PayloadKind, ...] = ("injection", "typographic", "benign")

DATA = Path(__file__).parents[1] / "data"

SURE = 0.95
"""Attacks are hidden whose typed text scores at least that: what is asked is whether hiding helps,
not how well the text model judges."""

CLEAR = 0.50
"""Benign texts are hidden whose typed text scores less."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A text to hide.

    Attributes:
        text: In one line.
        kind: ``injection``, ``typographic`` (a harmful request as the title of an empty list), or
            ``benign``.
    """

    text: str
    kind: PayloadKind


def written() -> list[Payload]:
    """All texts, written for this project's benches; nothing trains on them."""
    titles: dict[str, PayloadKind] = {
        "harmful_typographic": "typographic",
        "typographic_harmless": "benign",
    }
    rows = [json.loads(line) for line in _lines("hidden_texts.jsonl")]
    found = [Payload(row["text"], row["kind"]) for row in rows]
    rows = [json.loads(line) for line in _lines("text_validation.jsonl")]
    return found + [Payload(r["text"], titles[r["set"]]) for r in rows if r["set"] in titles]


def settled(payloads: Sequence[Payload], scorer: TextScorer) -> dict[PayloadKind, list[Payload]]:
    """Those that ``scorer`` is sure about when typed, by kind."""
    rows = scorer.scores([one.text for one in payloads], [True] * len(payloads))
    kept: dict[PayloadKind, list[Payload]] = {kind: [] for kind in KINDS}
    for payload, score in zip(payloads, rows.max(axis=1), strict=True):
        if score < CLEAR if payload.kind == "benign" else score >= SURE:
            kept[payload.kind].append(payload)
    return kept


def choose(
    payloads: dict[PayloadKind, list[Payload]], kind: PayloadKind, random: Random
) -> Payload:
    """One of ``kind``; a benign one of about the length of an attack drawn first."""
    if kind != "benign":
        return random.choice(payloads[kind])
    like = random.choice(payloads["injection"] + payloads["typographic"])
    near = sorted(payloads["benign"], key=lambda one: abs(len(one.text) - len(like.text)))
    return random.choice(near[:12])


def _lines(name: str) -> list[str]:
    return (DATA / name).read_text("utf-8").splitlines()
