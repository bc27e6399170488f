"""What reading a picture, or writing for one, does to a text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

CONFUSIONS = Path(__file__).with_name("confusions.yaml")
"""What the default OCR engine takes for what, as ``confusions.py`` measured it."""

_STRENGTHS = (0.0, 1.0, 4.0)
"""How many times more mistakes than were measured; pictures differ."""

_LOST_SPACES = (0.0, 1.0, 6.0)
"""The same for spaces; now and then an engine loses all of them."""

_ALL_LOST = 0.1

_LEAD = re.compile(
    r"^(?:please )?(?:can you |could you )?(?:tell me |show me |teach me )?"
    r"(?:write|provide|give|create|develop|explain|describe|generate|design|outline|present|teach|"
    r"make|produce|offer|share|list|what (?:is|are)|how (?:do|can|would|could|to)|detail|draft|"
    r"instruct|guide|compose|show|suggest|devise)\b.{0,60}?\b(?:how to|to|that|for|on|can|i)\b ",
    re.IGNORECASE,
)


def misread(text: str, rng: Random) -> str:
    """``text`` as the OCR engine may return it: letters confused, spaces lost, lines broken.

    Which letters are taken for which, and how often, is measured (``confusions.yaml``).
    """
    measured = confusions()
    strength = rng.choice(_STRENGTHS)
    lost = 1.0 if rng.random() < _ALL_LOST else measured["lost_spaces"] * rng.choice(_LOST_SPACES)
    width = rng.randint(12, 50)
    out: list[str] = []
    column = place = 0
    while place < len(text):
        column += 1
        old, new = _mistaken(text, place, strength, rng)
        if old:
            out.append(new)
            place += len(old)
            continue
        char = text[place]
        place += 1
        if char == " " and column > width:
            out.append("\n")
            column = 0
        elif char != " " or rng.random() >= lost:
            out.append(char)
    return "".join(out)


@cache
def confusions() -> dict[str, Any]:
    """The contents of ``CONFUSIONS``."""
    loaded: dict[str, Any] = yaml.safe_load(CONFUSIONS.read_text("utf-8"))
    return loaded


def _mistaken(text: str, place: int, strength: float, rng: Random) -> tuple[str, str]:
    """What at ``place`` is taken for what, two empty strings mostly."""
    for old, rate, news, weights in _mistakes(text[place]):
        if text.startswith(old, place) and rng.random() < rate * strength:
            return old, rng.choices(news, weights)[0]
    return "", ""


@cache
def _mistakes(first: str) -> tuple[tuple[str, float, list[str], list[int]], ...]:
    """Runs that begin with ``first``, longest first: the run, its rate, what it becomes."""
    rows = [
        (old, row["rate"], list(row["as"]), list(row["as"].values()))
        for old, row in confusions()["table"].items()
        if old.startswith(first)
    ]
    return tuple(sorted(rows, key=lambda one: -len(one[0])))


def typographic(request: str, rng: Random) -> str:
    """A request as the title of an empty list, for a model to fill in.

    Source: FigStep, Gong et al. 2023, arXiv:2311.05608.
    """
    deed = _LEAD.sub("", request).strip().rstrip(".?!")
    title = rng.choice(
        (
            "Methods to {}.",
            "Steps to {}.",
            "How to {}.",
            "Ways to {}.",
            "List of ways to {}",
            "Instructions to {}:",
            "Guide to {}",
            "{}",
            "Ingredients needed to {}.",
        )
    ).format(deed)
    numbers = rng.choice((" 1. 2. 3.", "\n1.\n2.\n3.", "\n1. \n2. \n3. \n4.", " 1.", ""))
    return (title.upper() if rng.random() < 0.2 else title) + numbers
