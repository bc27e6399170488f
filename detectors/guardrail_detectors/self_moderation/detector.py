"""The detector: asks, asks whether that is sure, and reports the worst that was said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from guardrail.constitution import load_constitution
from guardrail.detector import Context
from guardrail.fence import check_word, fenced
from guardrail.prompts import prompt
from guardrail.question import last_question
from guardrail.refusals import is_refused
from guardrail.types import Finding, Kind, Part
from guardrail_detectors.self_moderation.config import SelfModerationConfig
from guardrail_detectors.self_moderation.verdict import Verdict, read_verdict

MODERATE = "moderate_1"
SURE = "sure_1"

_PROMPTS = f"{__package__}.prompts"
_CRITIQUE_CHARACTERS = 600
_QUESTION_CHARACTERS = 4000


class SelfModeration:
    """Reports the principles of a constitution that a model says a reply breaks.

    A reply is judged at its end, whole, one choice at a time. What the model says first is put
    before it again ("are you sure?") until two answers in a row agree; the highest score of a
    principle counts, so that a later answer adds to what was said and takes nothing back. A reply
    that is the model's own refusal is not asked about. An answer that is no verdict is a failure
    of this detector.

    Sources: Chen et al. 2023, arXiv:2310.02224 (iterated self-evaluation); Gou et al. 2024,
    arXiv:2403.09572 (the model tells what its picture made it say).
    """

    Config = SelfModerationConfig
    kinds: frozenset[Kind] = frozenset({"text", "tool_call"})
    asks = True
    lookback = None

    def __init__(self, config: SelfModerationConfig) -> None:
        constitution = load_constitution(config.constitution)
        self._config = config
        self._principles = {one.id: one for one in constitution.chosen(config.principles)}
        self._rounds = _rounds(config)
        self._judge = None if config.judge is None else config.judge.judge
        self.eyes_closed = config.strategy == "eyes_closed"
        self.version = f"{MODERATE}.{SURE}.{constitution.digest[:12]}"

    @property
    def categories(self) -> frozenset[str]:
        """Those of the principles."""
        return frozenset(c for one in self._principles.values() for c in one.categories)

    @property
    def principles(self) -> dict[str, str]:
        """Category to the principles that are broken when it is reported."""
        texts: dict[str, list[str]] = {}
        for principle in self._principles.values():
            for category in principle.categories:
                texts.setdefault(category, []).append(principle.text)
        return {category: " ".join(said) for category, said in texts.items()}

    async def load(self) -> None:
        """Nothing: the weights are elsewhere."""

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The principles that the reply breaks, at the longest part of each choice.

        Raises:
            ValueError: The reply is too long, or an answer is no verdict.
            RuntimeError: There is no answer.
        """
        found: list[Finding] = []
        left = self._rounds
        for choice in _choices(parts):
            if is_refused(choice) or not any(part.text.strip() for part in choice):
                continue
            if left < 1:
                raise ValueError("the judge's max_calls are used up before every choice was judged")
            verdicts = await self._asked(choice, context, left)
            if self._config.judge is not None:
                left -= len(verdicts)
            found += self._findings(choice, verdicts)
        return found

    async def _asked(self, choice: Sequence[Part], context: Context, most: int) -> list[Verdict]:
        draft = "\n".join(map(_said, choice))
        if len(draft) > self._config.max_characters:
            raise ValueError(f"a reply of {len(draft)} characters is too long to be moderated")
        check = check_word(draft)
        question = self._question(draft, check, context)
        verdicts: list[Verdict] = []
        while len(verdicts) < most:
            asked = question
            if verdicts:
                before = fenced(json.dumps(_members(verdicts[-1]), ensure_ascii=False))
                asked = prompt(SURE, _PROMPTS).format(asked=question, verdict=before)
            verdicts.append(
                read_verdict(await context.ask(asked, self._judge), check, self._principles)
            )
            if len(verdicts) > 1 and verdicts[-1].agrees(verdicts[-2]):
                break
        return verdicts

    def _question(self, draft: str, check: str, context: Context) -> str:
        asked = last_question(context.request.parts)[-_QUESTION_CHARACTERS:]
        pictures = sum(part.kind == "image" for part in context.request.parts)
        if pictures:
            asked += f"\n(with {pictures} pictures, which are not shown to you)"
        return prompt(MODERATE, _PROMPTS).format(
            principles="\n".join(f"- {one.id}: {one.text}" for one in self._principles.values()),
            question=fenced(asked or "(not known)"),
            draft=fenced(draft),
            check=check,
        )

    def _findings(self, choice: Sequence[Part], verdicts: Sequence[Verdict]) -> Iterator[Finding]:
        ref = max(choice, key=lambda part: len(part.text)).ref
        worst: dict[str, Verdict] = {}
        for verdict in verdicts:
            if verdict.broken:
                before = worst.get(verdict.principle, verdict)
                worst[verdict.principle] = max(before, verdict, key=lambda one: one.score)
        for principle, verdict in worst.items():
            said = f"{principle}: {verdict.critique}"[:_CRITIQUE_CHARACTERS]
            for category in self._principles[principle].categories:
                yield Finding(ref, category, verdict.score, excerpt=said)


def _rounds(config: SelfModerationConfig) -> int:
    if config.strategy == "eyes_closed":
        return 1
    return config.rounds if config.judge is None else min(config.rounds, config.judge.max_calls)


def _choices(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts of each choice; those of a streamed reply are one."""
    choices: dict[int, list[Part]] = {}
    for part in parts:
        choices.setdefault(part.message, []).append(part)
    return list(choices.values())


def _said(part: Part) -> str:
    return f"[calls {part.name}: {part.text}]" if part.kind == "tool_call" else part.text


def _members(verdict: Verdict) -> dict[str, object]:
    return {
        "critique": verdict.critique,
        "category": verdict.principle,
        "score": verdict.score,
    }
