"""Small real detectors and builders that many tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from pydantic import BaseModel, ConfigDict

from guardrail.context import ExchangeContext
from guardrail.detector import Context
from guardrail.opaque import OpaqueActions
from guardrail.stage import OnError, Rule, Stage
from guardrail.types import (
    TEXT_KINDS,
    Action,
    Conversation,
    Finding,
    Image,
    Kind,
    Part,
    Side,
    SystemText,
)


class NoSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")


@dataclass
class WordDetector:
    """Finds a word wherever it stands in a text; what it saw is kept for the test to look at."""

    word: str = "bad"
    category: str = "hate"
    score: float = 0.9
    kinds: frozenset[Kind] = TEXT_KINDS
    categories: frozenset[str] = frozenset({"hate", "privacy"})
    Config: type[BaseModel] = NoSettings
    per_part: bool = False
    inline: bool = False
    lookback: int | None = None
    calls: list[list[str]] = field(default_factory=list)

    async def load(self) -> None: ...

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        self.calls.append([part.text for part in parts])
        return [
            Finding(part.ref, self.category, self.score, (at, at + len(self.word)), None, self.word)
            for part in parts
            for at in occurrences(part.text, self.word)
        ]


@dataclass
class BrokenDetector(WordDetector):
    """Fails as told: by an exception, by being late, by findings that break the contract."""

    error: BaseException | None = None
    sleep_s: float = 0.0
    findings: Sequence[Finding] = ()

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        if self.sleep_s:
            await asyncio.sleep(self.sleep_s)
        if self.error is not None:
            raise self.error
        return self.findings


def occurrences(text: str, word: str) -> list[int]:
    found, at = [], text.find(word)
    while at >= 0:
        found.append(at)
        at = text.find(word, at + len(word))
    return found


def stage(
    detector: WordDetector | None = None,
    action: Action = Action.BLOCK,
    *,
    name: str = "words",
    at_least: float = 0.5,
    category: str = "*",
    on_error: OnError = "block",
    timeout_s: float = 5.0,
    **more: object,
) -> Stage:
    rules = (Rule(category, at_least, action),)
    made = detector or WordDetector()
    return Stage(name, made, rules, on_error, timeout_s, key=name, **more)  # type: ignore[arg-type]


def text(content: str, ref: str = "/messages/0/content", **more: object) -> Part:
    return Part(ref, "text", "user", "user", content, **more)  # type: ignore[arg-type]


def picture(data: bytes = b"pixels", ref: str = "/messages/0/content/1/image_url/url") -> Part:
    image = Image(data, "image/png", 10, 10, 1, sha256(data).hexdigest())
    return Part(ref, "image", "user", "user", image=image)


async def no_pixels(image: Image) -> Sequence[object]:
    raise AssertionError(f"nothing should decode {image.sha256}")


async def no_upstream(prompt: str, judge: object = None) -> str:
    raise AssertionError(f"nothing should ask {prompt!r}")


def context(
    *parts: Part, side: Side = "input", system: SystemText | None = None
) -> ExchangeContext:
    conversation = Conversation(parts)
    told = system or SystemText()
    return ExchangeContext(side, conversation, no_pixels, no_upstream, system=told)  # type: ignore[arg-type]


ALLOW_OPAQUE = OpaqueActions(Action.ALLOW, Action.ALLOW, Action.ALLOW)
