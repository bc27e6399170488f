"""One epoch's examples: texts drawn, planted into documents, disguised, misread."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from guardrail_detectors.text_guard.readings import readings
from guardrail_training.text_guard.corpus import PLACEHOLDER
from guardrail_training.text_guard.encoder.pool import ATTACKS, HAZARDS, HEADS, Pool, Text, crop
from guardrail_training.text_guard.generated import (
    harmful,
    harmful_categories,
    harmless,
    injection,
)
from guardrail_training.text_guard.noise import misread, typographic
from guardrail_training.text_guard.obfuscate import LETTERS

_LONG = (250, 500, 900)
"""Characters that a long text is cut to; 900 fill a window of 256 tokens."""

_MISREAD = 0.2
_DISGUISED = 0.04
_PLANTED = 0.5
"""Share of injections that stand in somebody else's document."""

_ALONE = 0.6
"""An attack that is this share of its text counts as a text of its own."""

_GENERATED = 0.2
"""Share of texts that come from the grammar instead of a data set."""

_ON_ONE_LINE = 0.05

INDIRECT = frozenset(
    {
        "written_indirect_injections",
        "written_mail_web",
        "written_orders_quotes",
        "written_screens",
        "written_tool_results",
    }
)
"""Sets of attacks of which many, alone, are ordinary wishes when the user says them."""

MESSAGES = frozenset({"awesome_prompts", "written_direct", "written_user_orders"})
"""Sets of harmless orders to a model, which would be attacks in somebody else's document."""

_ORDERS = re.compile("user|persona|assistant|prompt")
"""The same by the style of a written text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One example.

    Attributes:
        text: What the encoder is shown.
        positive: Heads that fire.
        negative: Heads that do not.
        harmful: Whether some hazard head fires, None where it is not known.
        third_party: Whether it is shown as the text of somebody who may give no orders.
        span: Characters of the text that are the attack, None where that is all of it or unknown.
    """

    text: str
    positive: frozenset[str]
    negative: frozenset[str]
    harmful: bool | None
    third_party: bool
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Pools:
    """Texts by what they teach."""

    injections: Pool
    jailbreaks: Pool
    harmful: Pool
    benign: Pool

    @staticmethod
    def of(texts: Sequence[Text], weights: Mapping[str, float] | None = None) -> Pools:
        """``texts`` sorted by their heads; ``weights`` as for ``Pool``."""
        kinds = (
            [text for text in texts if "prompt_injection" in text.positive],
            [text for text in texts if "jailbreak" in text.positive],
            [text for text in texts if text.harmful],
            [text for text in texts if text.harmful is False and not text.positive],
        )
        return Pools(*(Pool(kind, weights) for kind in kinds))


def epoch(pools: Pools, size: int, rng: Random) -> list[Row]:
    """``size`` rows: a quarter injections, an eighth jailbreaks, a fifth harmful, else harmless."""
    kinds = ((_injection, 0.25), (_jailbreak, 0.12), (_harmful, 0.2), (_benign, 0.43))
    rows = [
        _finished(make(pools, rng), rng)
        for make, share in kinds
        for _ in range(round(size * share))
    ]
    rng.shuffle(rows)
    return rows


def _injection(pools: Pools, rng: Random) -> Row:
    either = rng.random() < 0.5
    if rng.random() < _GENERATED or not pools.injections:
        heads = frozenset({"prompt_injection"})
        row = Row(injection(rng), heads, frozenset(HAZARDS), harmful=False, third_party=either)
        return _planted(row, pools, rng) if rng.random() < _PLANTED else row
    text = pools.injections.draw(rng)
    row = Row(text.text, text.positive, text.negative, text.harmful, either)
    if text.attack and len(text.attack) < _ALONE * len(text.text):
        return _around(row, text.attack, rng)
    if len(row.text) < 600 and rng.random() < _PLANTED:
        return _planted(row, pools, rng)
    row = replace(row, text=crop(row.text, _LONG[-1], rng))
    # Alone, "delete the old branch" is an attack in a tool's result and a wish in a message.
    return replace(row, third_party=True) if text.group in INDIRECT else row


def _around(row: Row, attack: str, rng: Random) -> Row:
    """A piece of the document that holds the whole of ``attack``."""
    start = row.text.find(attack)
    if start < 0:
        return replace(row, text=crop(row.text, _LONG[-1], rng))
    room = max(0, rng.choice(_LONG) - len(attack))
    before = rng.randrange(room + 1)
    first, last = max(0, start - before), start + len(attack) + room - before
    piece = row.text[first:last]
    return replace(row, text=piece, span=(start - first, start - first + len(attack)))


def _planted(row: Row, pools: Pools, rng: Random) -> Row:
    """``row``'s text at the head, in the middle or at the tail of a harmless document."""
    carrier = crop(pools.benign.draw(rng).text, rng.choice(_LONG), rng)
    carrier = carrier[: max(80, _LONG[-1] - len(row.text))]
    ends = [match.end() for match in re.finditer(r"[.!?\n]\s*", carrier)]
    spaces = [match.end() for match in re.finditer(r" ", carrier)]
    place = rng.choice((0, len(carrier), rng.choice(ends or [0]), rng.choice(spaces or [0])))
    gap = rng.choice((" ", "\n", "\n\n", " "))
    head = carrier[:place].rstrip() + gap if place else ""
    tail = gap + carrier[place:].lstrip() if place < len(carrier) else ""
    span = (len(head), len(head) + len(row.text))
    return replace(row, text=f"{head}{row.text}{tail}", span=span)


def _jailbreak(pools: Pools, rng: Random) -> Row:
    text = pools.jailbreaks.draw(rng)
    piece = crop(text.text, rng.choice(_LONG[1:]), rng)
    row = Row(piece, text.positive, text.negative, None, third_party=rng.random() < 0.3)
    if not pools.harmful or rng.random() < 0.7:
        return row
    request = pools.harmful.draw(rng)
    filled, found = re.subn(PLACEHOLDER, lambda _: request.text, row.text)
    whole = filled if found else f"{row.text}\n{request.text}"
    return replace(row, text=whole, positive=row.positive | request.positive, harmful=True)


def _harmful(pools: Pools, rng: Random) -> Row:
    either = rng.random() < 0.4
    if rng.random() < _GENERATED or not pools.harmful:
        category = rng.choice([one for one in harmful_categories() if one in HAZARDS])
        heads = frozenset({category})
        row = Row(harmful(category, rng), heads, frozenset(ATTACKS), True, either)  # noqa: FBT003
    else:
        text = pools.harmful.draw(rng)
        row = Row(crop(text.text, _LONG[1], rng), text.positive, text.negative, True, either)  # noqa: FBT003
    if rng.random() < 0.35 and len(row.text) < 250:
        row = replace(row, text=typographic(row.text, rng))
    if rng.random() < 0.15:
        return _planted(replace(row, negative=row.negative - {*ATTACKS}), pools, rng)
    return row


def _benign(pools: Pools, rng: Random) -> Row:
    every = frozenset(HEADS)
    either = rng.random() < 0.5
    if rng.random() < _GENERATED:
        return Row(harmless(rng), frozenset(), every, harmful=False, third_party=either)
    text = pools.benign.draw(rng)
    order = text.group in MESSAGES or bool(_ORDERS.search(text.style))
    piece = crop(text.text, rng.choice(_LONG), rng)
    row = Row(piece, frozenset(), every, harmful=False, third_party=either and not order)
    way = rng.random()
    if way < 0.2 and not order:
        return replace(_planted(row, pools, rng), span=None)
    if way < 0.3 and len(row.text) < 120:
        return replace(row, text=typographic(row.text, rng))
    if way < 0.36:
        words = row.text.split()
        start = rng.randrange(max(1, len(words) - 8))
        return replace(row, text=" ".join(words[start : start + rng.randint(1, 8)]))
    return row


def _finished(row: Row, rng: Random) -> Row:
    """``row`` as it comes, on one line, as an OCR engine reads it, or disguised and read again."""
    way = rng.random()
    if way < _MISREAD:
        return replace(row, text=misread(row.text, rng), span=None)
    if way < _MISREAD + _DISGUISED and len(row.text) < 400:
        found = readings(rng.choice(LETTERS)(row.text, rng))
        return replace(row, text=rng.choice(found[1:] or found), span=None)
    return replace(row, text=row.text.replace("\n", " ")) if way > 1 - _ON_ONE_LINE else row
