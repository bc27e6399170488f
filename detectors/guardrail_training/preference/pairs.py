"""Builders of pairs: which of several answers is better, and where a worse one comes from.

Each takes what it needs as a function, so that a model, a server or a script can stand behind it.
They are for code that makes a data set and ends with ``records.write_pairs``; no command does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from guardrail_training.preference.records import Pair

Ask = Callable[[Tensor, str], str]
"""A picture in [0, 1], shape (3, height, width), and a prompt, to an answer."""

Likeness = Callable[[Tensor, Sequence[str]], Sequence[float]]
"""A picture and texts, to how well each text fits: a CLIP model's similarities."""

_MARK = re.compile(r"\b(10|[0-9])\b")
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_YES = re.compile(r"^\W*(yes|true|correct)\b", re.IGNORECASE)
_NO = re.compile(r"^\W*(no|false|incorrect|wrong)\b", re.IGNORECASE)

CRITIQUE = (
    "Question: {prompt}\nAnswer: {answer}\nHow well does the answer fit the picture? "
    "Reply with one number from 0 (wrong) to 10 (right and complete)."
)
CLAIM = "Look at the picture. Is this statement true? {claim} Answer yes or no."


@dataclass(frozen=True, slots=True)
class Question:
    """What pairs are built for.

    Attributes:
        id: Of the pair that comes of it.
        image: File of the picture.
        picture: In [0, 1], shape (3, height, width).
        prompt: What is asked.
    """

    id: str
    image: str
    picture: Tensor
    prompt: str

    def pair(self, chosen: str, rejected: str, scores: tuple[float, float] | None = None) -> Pair:
        """A pair of these answers."""
        best, worst = scores or (None, None)
        return Pair(
            id=self.id,
            image=self.image,
            prompt=self.prompt,
            chosen=chosen,
            rejected=rejected,
            score_chosen=best,
            score_rejected=worst,
        )


def corrupted_picture(question: Question, answer: str) -> Pair:
    """The same answer twice: the objective compares the picture with its corruption.

    For ``image_dpo`` (arXiv:2501.00569) and the conditional term of ``mdpo`` (arXiv:2406.11839).
    """
    return question.pair(answer, answer)


def corrupted_answer(
    question: Question, answer: str, ask: Ask, corrupt: Callable[[Tensor], Tensor]
) -> Pair | None:
    """``answer`` against what the model says of a corrupted picture; None when that is the same.

    What a model says without seeing comes from its prior: its typical hallucination.

    Source: STIC, Deng et al. 2024, arXiv:2405.19716; POVID, Zhou et al. 2024, arXiv:2402.11411.
    """
    worse = ask(corrupt(question.picture[None])[0], question.prompt)
    return question.pair(answer, worse) if worse and worse != answer else None


def ranked(question: Question, scores: Mapping[str, float], least_gap: float = 0.0) -> Pair | None:
    """The best answer against the worst; None unless they are more than ``least_gap`` apart.

    Args:
        question: What was asked.
        scores: Of each answer; those that are NaN are left out.
        least_gap: Of scores, ≥ 0.
    """
    known = {answer: score for answer, score in scores.items() if not math.isnan(score)}
    if len(known) < 2:
        return None
    best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    if known[best] - known[worst] <= least_gap:
        return None
    return question.pair(best, worst, (known[best], known[worst]))


def ranked_by_likeness(
    question: Question, answers: Sequence[str], likeness: Likeness, least_gap: float = 0.0
) -> Pair | None:
    """Ranks answers by how well a CLIP model finds that they fit the picture.

    Source: CLIP-DPO, Ouali et al. 2024, arXiv:2408.10433.
    """
    several = list(dict.fromkeys(answers))
    scores = likeness(question.picture, several)
    return ranked(question, dict(zip(several, scores, strict=True)), least_gap)


def ranked_by_critique(
    question: Question, answers: Sequence[str], ask: Ask, least_gap: float = 0.0
) -> Pair | None:
    """Ranks answers by the mark from 0 to 10 that the model itself gives each.

    An answer whose critique holds no mark is left out.

    Source: self-rewarding models, Yuan et al. 2024, arXiv:2401.10020.
    """
    scores: dict[str, float] = {}
    for answer in dict.fromkeys(answers):
        said = ask(question.picture, CRITIQUE.format(prompt=question.prompt, answer=answer))
        found = _MARK.search(said)
        scores[answer] = float(found[1]) if found else math.nan
    return ranked(question, scores, least_gap)


def ranked_by_claims(
    question: Question, answers: Sequence[str], ask: Ask, least_gap: float = 0.0
) -> Pair | None:
    """Ranks answers by the number of their claims that the model denies when asked of each alone.

    The score is minus that number. An answer with a claim that is neither affirmed nor denied is
    left out.

    Source: RLAIF-V, Yu et al. 2024, arXiv:2405.17220.
    """
    scores = {answer: _denied(question.picture, answer, ask) for answer in dict.fromkeys(answers)}
    return ranked(question, scores, least_gap)


def claims(answer: str) -> list[str]:
    """The sentences of an answer, each taken for one claim."""
    return [one.strip() for one in _SENTENCE.findall(answer) if one.strip(" .!?\n")]


def _denied(picture: Tensor, answer: str, ask: Ask) -> float:
    denied = 0
    for claim in claims(answer):
        said = ask(picture, CLAIM.format(claim=claim))
        if _NO.match(said):
            denied += 1
        elif not _YES.match(said):
            return math.nan
    return float(-denied)
