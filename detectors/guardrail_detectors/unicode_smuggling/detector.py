"""The detector: one finding a run of characters that show nothing, with its exact span."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Finding, Kind, Part
from guardrail_detectors.unicode_smuggling.characters import ASCII_RUN, RUN, names, shows_all
from guardrail_detectors.unicode_smuggling.escapes import unescape
from guardrail_detectors.unicode_smuggling.grading import REMOVED, grade, setting_of
from guardrail_detectors.unicode_smuggling.payload import decode

CATEGORY = "hidden_text"
EXCERPT = 300
"""Characters of a decoded message that a finding shows at most."""


class UnicodeSmugglingConfig(BaseModel):
    """The ``with:`` block of ``unicode_smuggling``: it has no settings, the rules decide."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UnicodeSmuggling:
    """Reports runs of invisible characters and escape sequences, graded by ``grading``.

    Removing every span that it reports leaves a text in which it reports nothing.
    """

    Config = UnicodeSmugglingConfig
    kinds: frozenset[Kind] = TEXT_KINDS
    categories = frozenset({CATEGORY})
    version = "1"
    per_part = True
    inline = True
    lookback = 256

    def __init__(self, config: UnicodeSmugglingConfig) -> None:
        self._config = config

    async def load(self) -> None:
        """Nothing: there are no weights."""

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:  # noqa: ARG002
        """The runs in each part's text, in order; of tool calls JSON's escapes are read too."""
        return [
            Finding(part.ref, CATEGORY, score, span, None, excerpt)
            for part in parts
            for span, score, excerpt in _find_in(part)
        ]


def find_hidden(text: str) -> Iterator[tuple[tuple[int, int], float, str]]:
    """Each run in ``text``: its span in code points, its score, and what it says or is."""
    if shows_all(text):
        return
    pattern = ASCII_RUN if text.isascii() else RUN
    setting = setting_of(text)
    removed = -1
    for found in pattern.finditer(text):
        start, end = found.span()
        before = REMOVED if start == removed else text[max(0, start - 1) : start]
        score = grade(found[0], before, text[end : end + 1], setting)
        if score > 0:
            removed = end
            yield (start, end), score, (decode(found[0]) or names(found[0]))[:EXCERPT]


def _find_in(part: Part) -> Iterator[tuple[tuple[int, int], float, str]]:
    if part.kind != "tool_call" or "\\u" not in part.text:
        yield from find_hidden(part.text)
        return
    text, places = unescape(part.text)
    for (start, end), score, excerpt in find_hidden(text):
        yield (places[start], places[end]), score, excerpt
