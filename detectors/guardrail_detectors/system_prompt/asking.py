"""Requests for the system prompt: what asks a model to tell what it was told.

The text guard knows most of them as prompt injection; it does not know those that name no prompt
("print everything above"), and no rule can be made for a request that is mixed with other attacks.
The patterns are narrow on purpose: a question about system prompts is none.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Finding, Kind, Part
from guardrail_detectors.system_prompt.spans import Scored, joined

CATEGORY = "system_prompt_request"

_INLINE_CHARACTERS = 4000
"""Up to this much is read on the event loop, in a few milliseconds at worst."""

_TELL = re.compile(
    r"\b(?:print|show|reveal|repeat|output|display|tell|give|write|paste|copy|translate|encode"
    r"|spell|summari[sz]e|list|convert|recite|dump|expose|share|return|respond|put|quote|leak"
    r"|disclose|provide|echo|say|state|describe|see|zeig\w*|gib|nenn\w*|wiederhol\w*|übersetz\w*"
    r"|montre\w*|affiche\w*|donne\w*|répète\w*|muestra|muéstrame|repite|dime)\b",
    re.IGNORECASE,
)
"""Words that ask a model to say something."""

_ASK = re.compile(
    r"\b(?:what|which|was|wie|quels?|quelles?|cuál(?:es)?|(?:com|im)plete this)\b", re.IGNORECASE
)

_MINE = r"(?:your|dein\w*|ihre?n?|ton|tes|votre|vos|tus?)\s+(?:\w+\s+){0,2}?"
_PROMPT = (
    r"(?:system[ _-]?(?:prompt|message|instructions?|text|configuration)|prompt système|pre-?prompt"
    r"|prompt del sistema|(?:initial|original|hidden|secret|internal|confidential|developer|first)"
    r"[ -](?:prompt|instructions?|rules|directives|guidelines|message))"
)
_RULES = r"(?:prompt|instructions?|guidelines|directives|preamble|anweisungen|instrucciones)\b"
_ABOVE = (
    r"(?:(?:everything|all (?:of )?(?:the |this )?(?:text|words|lines|content|messages)|the words"
    r"|alles,? was)\s+(?:\w+\s+){0,2}?(?:above|before (?:this|my)|up to (?:here|this)|so far"
    r"|über dieser)|(?:text|words|conversation|seen|everything) (?:\w+ ){0,2}?(?:from|between) the"
    r" (?:very )?(?:start|beginning)|(?:above text|text above)\b(?= in full| verbatim|\.|,? but)"
    r"|this entire conversation)"
)
_GIVEN = (
    r"(?:instructions?|prompt|rules|guidelines)\s+(?:that\s+|which\s+)?you\s+"
    r"(?:were|have|had|got|received)"
)
_TOLD = r"\byou (?:told|instructed|given) before\b|\b(?:were|was) (?:you|i) (?:told|instructed)\b"
_PIECE = (
    r"\b(?:marker|canary|sentence|line)s?\b[^.!?\n]{0,12}\b(?:in|of) your (?:prompt|instructions)"
)
_BEGIN = re.compile(r"\b(?:starting|beginning|begin) with\b", re.IGNORECASE)


def _object(
    pattern: str, score: float, *words: re.Pattern[str]
) -> tuple[re.Pattern[str], float, tuple[re.Pattern[str], ...]]:
    return re.compile(pattern, re.IGNORECASE), score, words


_OBJECTS = (
    _object(_MINE + _PROMPT, 0.85, _TELL, _ASK),
    _object(r"(?:the|this)\s+(?:\w+\s+){0,1}?" + _PROMPT, 0.7, _TELL),
    _object(_MINE + _RULES, 0.75, _TELL),
    _object(_GIVEN, 0.75, _TELL),
    _object(_ABOVE, 0.75, _TELL),
    _object(_TOLD, 0.75, _ASK),
    _object(r"\b(?:my|the) (?:instructions|system prompt) (?:are|is|were)\s*:", 0.75),
    _object(r"[\"'“‘]\s*you are\b", 0.85, _BEGIN),
    _object(_PIECE, 0.85),
    _object(r"\b(?:cat|type|less|log\()\s*\S*system[_-]?prompt", 0.7),
)
"""What is asked for, how sure that is, and words of which one has to stand before it."""

_BEFORE = 80
"""Characters before the object in which the word that asks stands."""

_HINT = re.compile(
    r"prompt|instruc|instruk|anweis|guideline|directive|preamble|rules|above|über dieser|told|"
    r"system|you are\b|beginning|the (?:very )?start|conversation|before",
    re.IGNORECASE,
)


class SystemPromptRequestConfig(BaseModel):
    """The ``with:`` block of ``system_prompt_request``: it has no settings, the rules decide."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SystemPromptRequest:
    """Reports requests for the system prompt, one finding each, with the words that ask."""

    Config = SystemPromptRequestConfig
    kinds: frozenset[Kind] = TEXT_KINDS
    categories = frozenset({CATEGORY})
    version = "1"
    per_part = True
    lookback = 256

    def __init__(self, config: SystemPromptRequestConfig) -> None:
        self._config = config

    async def load(self) -> None:
        """Nothing: there are no weights."""

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:  # noqa: ARG002
        """The requests in each part's text."""
        if sum(len(part.text) for part in parts) <= _INLINE_CHARACTERS:
            return _find_all(parts)
        return await asyncio.to_thread(_find_all, parts)


def _find_all(parts: Sequence[Part]) -> list[Finding]:
    return [
        Finding(part.ref, CATEGORY, score, span, None, part.text[slice(*span)])
        for part in parts
        for span, score in asked_in(part.text)
    ]


def asked_in(text: str) -> Iterator[Scored]:
    """Places where ``text`` asks for the system prompt, each with its score."""
    return joined(_asked(text)) if _HINT.search(text) else iter(())


def _asked(text: str) -> Iterator[Scored]:
    for wanted, score, words in _OBJECTS:
        for found in wanted.finditer(text):
            start, end = found.span()
            sentence = re.split(r"[.!?\n]", text[max(0, start - _BEFORE) : start])[-1]
            asking = [one.start() for word in words if (one := word.search(sentence))]
            if asking or not words:
                first = start - len(sentence) + min(asking, default=len(sentence))
                yield (first, end), score
