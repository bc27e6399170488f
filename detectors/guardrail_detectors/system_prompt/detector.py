"""The detector: one finding a passage of the reply that copies the system prompt or its canary."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Finding, Kind, Part, SystemText
from guardrail_detectors.system_prompt.letters import Letters, Places, letters
from guardrail_detectors.system_prompt.secret import SHINGLE, Form, Hits, Secret, secret_of
from guardrail_detectors.system_prompt.spans import Scored, joined
from guardrail_detectors.system_prompt.views import View, views

CATEGORY = "system_prompt_leak"
EXCERPT = 300
"""Characters of a passage that a finding shows at most."""

_INLINE_CHARACTERS = 20_000
"""Up to this much is compared on the event loop, in about a millisecond."""

_WORD = 5
"""Letters of an English word, on average."""

_SKIPPED = 40
"""Letters of the system prompt that one passage may leave out, or replace by as many."""

_ADDED = 12
"""Letters that it may put in between: the number of an item, a changed word."""

_DISGUISED = 24
"""Letters that are enough where the copy is disguised: nobody says that by chance."""

_LEAST = 30
"""Letters of a system prompt that is short: from there on it says something of its own."""


_LEET = re.compile(r"[A-Za-z][0134579@$!|]|[0134579@$!|][A-Za-z]")


class SystemPromptLeakConfig(BaseModel):
    """The ``with:`` block of ``system_prompt_leak``.

    Attributes:
        words: Copied words from which on a passage scores 0.5; twice as many score 0.9.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: int = Field(
        16, ge=6, le=200, description="Copied words from which on a passage scores 0.5."
    )


class Passage(NamedTuple):
    """A copied passage of one view: its first and last place there, and its score."""

    first: int
    last: int
    score: float


class SystemPromptLeak:
    """Reports passages that repeat the system text or the canary, as they stand or in disguise.

    Case, spacing, punctuation, separators between letters, invisible characters, look-alike
    letters, digits for letters, Markdown and list markers make no difference. Undone are base64,
    hexadecimal, percent-encoding, HTML and JSON escapes, tag characters, rot13, mirror writing and
    acrostics. It reads replies; on the input side it reports nothing.
    """

    Config = SystemPromptLeakConfig
    kinds: frozenset[Kind] = TEXT_KINDS
    categories = frozenset({CATEGORY})
    version = "1"
    lookback = 1024

    def __init__(self, config: SystemPromptLeakConfig) -> None:
        self._letters = config.words * _WORD

    async def load(self) -> None:
        """Makes the tables of letters; there are no weights."""
        letters("a")
        letters("a", leet=True)

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The copied passages in each part, in order."""
        if context.side == "input" or not (context.system.texts or context.system.canary):
            return ()
        size = sum(map(len, context.system.texts)) + sum(len(part.text) for part in parts)
        if size <= _INLINE_CHARACTERS:
            return self._find_all(parts, context.system)
        return await asyncio.to_thread(self._find_all, parts, context.system)

    def _find_all(self, parts: Sequence[Part], system: SystemText) -> list[Finding]:
        secret = secret_of(system)
        return [
            Finding(part.ref, CATEGORY, score, span, None, part.text[slice(*span)][:EXCERPT])
            for part in parts
            for span, score in find_leaks(part.text, secret, self._letters)
        ]


def find_leaks(text: str, secret: Secret, enough: int) -> Iterator[Scored]:
    """Spans of ``text`` that copy ``secret``, each with its score.

    Args:
        text: A reply.
        secret: Of the system text.
        enough: Copied letters that score 0.5.
    """
    return joined(
        ((int(view.starts[passage.first]), int(view.ends[passage.last])), passage.score)
        for view in views(text)
        for passage in _passages(view, secret, enough)
    )


def _passages(view: View, secret: Secret, enough: int) -> Iterator[Passage]:
    """The copied passages of one view, each by what is copied there and how."""
    least = min(enough, max(_LEAST, secret.longest * 4 // 5))
    for stream, places, disguised in _streams(view):
        hits = secret.found_in(stream)
        for form in sorted(set(hits.forms.tolist())):
            for first, last, count in _copies(hits.of(form)):
                score = _score(form, count, least, disguised=disguised)
                if score:
                    yield Passage(places[first], places[last], score)


def _streams(view: View) -> Iterator[tuple[Letters, Places, bool]]:
    """The letters of a view, with digits as letters where they stand among them, and initials."""
    stream, places = letters(view.text)
    yield stream, places, view.disguised
    if not view.disguised:
        initial = np.flatnonzero(places[1:] - places[:-1] > 1) + 1  # the first of all: no matter
        yield stream[initial], places[initial], True
    if _LEET.search(view.text):
        yield *letters(view.text, leet=True), view.disguised


def _copies(hits: Hits) -> Iterator[tuple[int, int, int]]:
    """First and last letter of each passage, and how many letters between them are copied."""
    breaks = np.flatnonzero(np.diff(hits.at) > 1)
    firsts, lasts = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(hits.at) - 1]])
    ends = SHINGLE - 1
    runs = zip(
        hits.at[firsts].tolist(),
        (hits.at[lasts] + ends).tolist(),
        hits.origins[firsts].tolist(),
        (hits.origins[lasts] + ends).tolist(),
        strict=True,
    )
    begin, end, _, source_end = next(runs)
    count = end - begin + 1
    for first, last, source, source_last in runs:
        skipped = source - source_end
        if -SHINGLE < skipped <= _SKIPPED and first - end <= max(skipped, 0) + _ADDED:
            count += last - max(first, end + 1) + 1
        else:
            yield begin, end, count
            begin, count = first, last - first + 1
        end, source_end = last, source_last
    yield begin, end, count


def _score(form: int, count: int, least: int, *, disguised: bool) -> float:
    """1 for the canary; of a copy 0.5 for as much as is enough, 0.9 for twice as much."""
    if form == Form.CANARY:
        return 1.0
    if form == Form.TURNED or disguised:
        return 0.9 if count >= _DISGUISED else 0.0
    share = count / least
    return round(min(0.5 * share, 0.1 + 0.4 * share, 0.95), 3) if share >= 0.5 else 0.0
