"""Moderators from a script, and what they were asked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from guardrail.types import Conversation, Part

CHECK = re.compile(r'the text "(check-[0-9a-f]{8})"')


def verdict(principle="none", score=None, critique="Nothing.", **more):
    """A moderator's answer to a question; the check word is filled in."""
    score = (0.9 if principle != "none" else 0.02) if score is None else score
    return {"check": None, "critique": critique, "category": principle, "score": score, **more}


@dataclass
class Moderator:
    """A context that answers from a list, the last answer ever again."""

    answers: list
    request: Conversation = field(default_factory=lambda: Conversation(()))
    asked: list = field(default_factory=list)
    judges: list = field(default_factory=list)
    side: str = "output"

    async def ask(self, prompt, judge=None):
        self.asked.append(prompt)
        self.judges.append(judge)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, dict):
            check = CHECK.search(prompt)[1]
            return json.dumps({**answer, "check": answer["check"] or check})
        return answer.replace("CHECK", CHECK.search(prompt)[1])


def reply(content, ref="/choices/0/message/content", **more):
    return Part(ref, "text", "assistant", "assistant", content, **more)
