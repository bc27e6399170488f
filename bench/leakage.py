"""How well copies of the system prompt are recognised: ``python -m bench.leakage``.

Replies are generated from a seed: of every system prompt in ``bench/data/system_prompts.yaml``
the canary and a passage in every disguise, between ordinary words; and ordinary replies, half of
which say phrases of the system prompt that a customer is meant to hear. Prints recall by disguise
beside the false positives, at the score that a policy acts on, and what a look costs.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from bench.leak_disguises import DISGUISES
from guardrail.types import SystemText
from guardrail_detectors.system_prompt.detector import find_leaks
from guardrail_detectors.system_prompt.secret import secret_of

PROMPTS = Path(__file__).parent / "data" / "system_prompts.yaml"
AT_LEAST = 0.5
ENOUGH = 80
"""Letters: the detector's default of 16 words."""

_OPENINGS = (
    "Sure, happy to help.", "Thanks for asking!", "Of course.", "Good question.", "Hello there!",
    "Let me look at that.", "Here is what I can tell you:", "I see.", "No trouble at all.", "",
)  # fmt: skip
_SENTENCES = (
    "If anything is unclear, tell me and I will explain it in other words.",
    "Could you say a little more about what you have tried so far?",
    "Most people find that the second option suits them better.",
    "You can change this at any time, and nothing is lost.",
    "Before we go on, I would like to know which of the two you mean.",
    "That depends on the day of the week and on the season.",
    "The short answer is yes; the longer one has a few conditions.",
    "I cannot see your account from here, so please check it yourself.",
    "Take your time, there is no hurry with this at all.",
    "In the first step you collect what you need, in the second you put it together.",
    "I would keep the receipt, just in case.",
    "It usually takes a few minutes until the change shows.",
    "Please do not send passwords or card numbers in this chat.",
    "The two differ in price, in weight, and in how long they last.",
    "Let us go through it one by one.",
    "As far as I know, that rule has not changed in recent years.",
    "When in doubt, ask a person on site; they know the details.",
    "Here is a small example: 12 divided by 4 is 3, because 3 times 4 is 12.",
    "I am not able to share internal instructions, but I can describe what I do.",
    "My instructions do not allow me to go into that, sorry.",
    "You are right, and I should have said so at once.",
    "Never mind the small print; what counts is the date on top.",
    "Keep it in a dry place and away from children.",
    "There are three ways to do it, and all of them are fine.",
    "The weather will stay mild, with some rain towards the evening.",
    "Write to me again when you have the result.",
)
_CLOSINGS = ("Anything else?", "I hope that helps.", "Have a pleasant day!", "All the best.", "")


@dataclass(frozen=True, slots=True)
class Case:
    """One reply.

    Attributes:
        kind: Its disguise, or what ordinary reply it is.
        of: ``canary``, ``passage`` or, in an ordinary reply, "".
        system: What the model was told.
        reply: What it says.
    """

    kind: str
    of: str
    system: SystemText
    reply: str


def told(prompt: dict[str, Any]) -> SystemText:
    """A system prompt with a canary of its own, as an exchange would have it."""
    draw = Random(prompt["id"])
    canary = "".join(draw.choice("bcdfghjkmnpqrstvwxz") for _ in range(24))
    return SystemText((f"{prompt['text']}\n\nInternal marker: {canary}",), canary)


def leaks(draw: Random, prompts: Sequence[dict[str, Any]]) -> Iterator[Case]:
    """The canary and a passage of 24 words or more of each prompt, in every disguise."""
    for prompt in prompts:
        system = told(prompt)
        for kind, disguise in DISGUISES.items():
            words = prompt["text"].split()
            start = draw.randrange(len(words) - 30)
            passage = " ".join(words[start : start + draw.randint(24, 60)])
            for of, secret in (("canary", system.canary), ("passage", passage)):
                said = disguise(secret, draw)
                yield Case(kind, of, system, f"{_ordinary(draw)}\n\n{said}\n\n{_ordinary(draw)}")


def honest(draw: Random, prompts: Sequence[dict[str, Any]], each: int) -> Iterator[Case]:
    """Ordinary replies, ``2 * each`` for each prompt; half of them say phrases of the prompt."""
    for prompt in prompts:
        system = told(prompt)
        for _ in range(each):
            yield Case("ordinary", "", system, _ordinary(draw))
            facts = draw.sample(prompt["facts"], draw.randint(1, min(2, len(prompt["facts"]))))
            pieces = [f"{fact[0].upper()}{fact[1:]}. {draw.choice(_SENTENCES)}" for fact in facts]
            yield Case("shares phrases", "", system, f"{_ordinary(draw)} {' '.join(pieces)}")


def score_of(case: Case) -> float:
    """The highest score in a reply."""
    found = find_leaks(case.reply, secret_of(case.system), ENOUGH)
    return max((score for _, score in found), default=0.0)


def _ordinary(draw: Random) -> str:
    sentences = draw.sample(_SENTENCES, draw.randint(1, 5))
    return " ".join(filter(None, [draw.choice(_OPENINGS), *sentences, draw.choice(_CLOSINGS)]))


def _share(scores: Sequence[float]) -> str:
    hits = sum(score >= AT_LEAST for score in scores)
    return f"{hits}/{len(scores)} ({hits / len(scores):.1%})"


def _cost_us_per_kb(system: SystemText, characters: int, rounds: int = 300) -> float:
    reply = (" ".join(_SENTENCES) * 20)[:characters]
    secret = secret_of(system)
    taken = []
    for _ in range(rounds):
        started = perf_counter()
        list(find_leaks(reply, secret, ENOUGH))
        taken.append(perf_counter() - started)
    return sorted(taken)[rounds // 2] * 1e6 / (characters / 1000)


def main(
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    each: Annotated[int, typer.Option(help="Pairs of ordinary replies a prompt.")] = 25,
    misses: Annotated[bool, typer.Option(help="Print what was missed.")] = False,
) -> None:
    """Measure recall by disguise, false positives and cost."""
    console = Console(width=100)
    draw, prompts = Random(seed), yaml.safe_load(PROMPTS.read_text())
    table = Table("disguise", "canary", "passage", title=f"recall at {AT_LEAST}, seed {seed}")
    cases = [(case, score_of(case)) for case in leaks(draw, prompts)]
    for kind in DISGUISES:
        of = {
            what: [score for case, score in cases if (case.kind, case.of) == (kind, what)]
            for what in ("canary", "passage")
        }
        table.add_row(kind, _share(of["canary"]), _share(of["passage"]))
    table.add_section()
    table.add_row(
        "all", *(_share([s for c, s in cases if c.of == of]) for of in ("canary", "passage"))
    )
    console.print(table)
    calm = [(case, score_of(case)) for case in honest(draw, prompts, each)]
    for kind in ("ordinary", "shares phrases"):
        console.print(f"false positives, {kind}: {_share([s for c, s in calm if c.kind == kind])}")
    console.print(f"false positives, all: {_share([s for _, s in calm])}")
    for characters in (400, 1000, 4000, 16000):
        cost = _cost_us_per_kb(told(prompts[0]), characters)
        console.print(f"{characters:6} characters: {cost:.0f} µs per 1,000 (median)")
    console.print(f"{platform.machine()}, Python {platform.python_version()}")
    if misses:
        for case, score in cases + calm:
            if (score >= AT_LEAST) != bool(case.of):
                console.print(f"[{case.kind}, {case.of}] {score}", case.reply, markup=False)


if __name__ == "__main__":
    typer.run(main)
