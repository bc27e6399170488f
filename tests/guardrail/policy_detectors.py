"""Small real detectors that policies under test name as ``tests.guardrail.policy_detectors:…``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from guardrail.detector import Context
from guardrail.errors import ModelError
from guardrail.types import TEXT_KINDS, Finding, Kind, Part

HERE = "tests.guardrail.policy_detectors"


class Depth(BaseModel):
    model_config = ConfigDict(extra="forbid")

    levels: int = 1
    shape: Literal["flat", "round"] = "flat"


class WordsConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str = "bad"
    limit: int = Field(default=3, ge=1)
    depth: Depth = Depth()


class Words:
    Config: type[BaseModel] = WordsConfig
    made = 0
    loads = 0

    def __init__(self, config: WordsConfig) -> None:
        type(self).made += 1
        self.config = config
        self.version = "7"

    @property
    def kinds(self) -> frozenset[Kind]:
        return TEXT_KINDS

    @property
    def categories(self) -> frozenset[str]:
        return frozenset({"hate", "privacy"})

    async def load(self) -> None:
        type(self).loads += 1

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        word = self.config.word
        return [Finding(part.ref, "hate", 1.0) for part in parts if word in part.text]


class OtherWords(Words):
    """The same settings and findings under another name."""


class Pictures(Words):
    """Finds pictures whose first pixel is red."""

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({"image"})

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        found = []
        for part in parts:
            assert part.image is not None
            (frame,) = await context.pixels(part.image)
            red, green, _ = (int(value) for value in frame[0, 0])
            found.append(Finding(part.ref, "hate", float(red > 200 > green)))
        return found


class LooseConfig(BaseModel):
    word: str = "bad"


class Loose(Words):
    Config = LooseConfig


class Unready(Words):
    def __init__(self, config: WordsConfig) -> None:
        raise ModelError("weights 'tiny' are missing: run guardrail models pull tiny")


class Crashing(Words):
    def __init__(self, config: WordsConfig) -> None:
        raise RuntimeError("boom")


class Mute:
    """Has settings, lacks everything else."""

    Config = WordsConfig


class MuteInside(Words):
    """The class looks right, its objects do not."""

    categories = None  # type: ignore[assignment]  # the fault under test


class NoCategories(Words):
    categories = frozenset()  # type: ignore[assignment]  # the fault under test


class Lens:
    """An adapter in name."""

    def parse(self) -> None: ...

    render = with_system = parse_reply = question = refusal = error = events = parse


NOT_A_CLASS = 5
