"""Texts made from templates with slots, written in YAML."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

PHRASES = Path(__file__).with_name("phrases")

_SLOT = re.compile(r"\{([a-z]+)\}")


class Grammar(BaseModel):
    """Templates whose ``{slot}`` takes one of the slot's words, which may hold slots themselves.

    Attributes:
        slots: Words by slot.
        templates: What texts start from; repeated ones are chosen more often.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slots: dict[str, list[str]]
    templates: list[str] = Field(min_length=1)

    def text(self, rng: Random, **given: str) -> str:
        """One text; ``given`` fills slots of its own."""
        return self.fill(rng.choice(self.templates), rng, **given)

    def fill(self, template: str, rng: Random, **given: str) -> str:
        """``template`` with every slot taken, without doubled or trailing spaces."""

        def word(slot: re.Match[str]) -> str:
            name = slot[1]
            return given[name] if name in given else rng.choice(self.slots[name])

        while _SLOT.search(template):
            template = _SLOT.sub(word, template)
        return re.sub(r" {2,}", " ", template).strip()


@cache
def phrases(name: str) -> dict[str, Any]:
    """The contents of ``phrases/<name>.yaml``."""
    loaded: dict[str, Any] = yaml.safe_load((PHRASES / f"{name}.yaml").read_text("utf-8"))
    return loaded


@cache
def grammar(name: str, part: str = "") -> Grammar:
    """The grammar ``phrases/<name>.yaml``, or one part of a file that holds several."""
    return Grammar.model_validate(phrases(name)[part] if part else phrases(name))
