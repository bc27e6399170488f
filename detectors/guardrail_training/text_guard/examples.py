"""Training examples: windows of texts with a target for each head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from guardrail_detectors.text_guard.windows import WIDTH, windows
from guardrail_training.text_guard.config import TrainingConfig
from guardrail_training.text_guard.gather import held_out
from guardrail_training.text_guard.generated import (
    harmful,
    harmful_categories,
    harmless,
    injection,
)
from guardrail_training.text_guard.hazards import LEXICON, hazards
from guardrail_training.text_guard.noise import misread, typographic
from guardrail_training.text_guard.records import Record

ATTACKS = ("prompt_injection", "jailbreak")
GENERATED = "generated"

_MISREAD = 0.35
"""Share of texts that are shown once more as an OCR engine returns them."""

_FRAGMENT = 0.12
"""Share of texts of which a few words are shown alone."""

_HELD_OUT = 10
"""One generated text of so many is held out for calibration."""


@dataclass(frozen=True, slots=True)
class Example:
    """One window of one text.

    Attributes:
        text: Up to 600 characters.
        positive: Heads that should fire.
        negative: Heads that should not; a head in neither learns nothing from it.
        group: The data set, or ``generated``.
        owner: Id of the text; its windows are held out together.
        held_out: Whether it calibrates and measures instead of training.
    """

    text: str
    positive: frozenset[str]
    negative: frozenset[str]
    group: str
    owner: str
    held_out: bool


def heads_of(records: Sequence[Record], least: int) -> tuple[str, ...]:
    """Attacks first, then hazards that texts can be generated for or ``least`` records have."""
    counts = Counter(
        name for record in records if record.label == "harmful" for name in hazards(record.text)
    )
    made = harmful_categories()
    return (*ATTACKS, *(name for name in LEXICON if name in made or counts[name] >= least))


def examples(
    records: Sequence[Record], heads: Sequence[str], config: TrainingConfig, rng: Random
) -> list[Example]:
    """All examples: of the records, of their variants, and generated ones."""
    found = [one for record in records for one in _of_record(record, heads, config, rng)]
    benign = [one.text for one in found if not one.positive and len(one.text) > WIDTH // 4]
    found += _generated(benign, heads, config.generated, rng)
    noisy = [replace(one, text=misread(one.text, rng)) for one in found if rng.random() < _MISREAD]
    return [*found, *noisy, *_fragments(found, heads, rng)]


def _of_record(
    record: Record, heads: Sequence[str], config: TrainingConfig, rng: Random
) -> Iterator[Example]:
    positive, negative = _targets(record, heads)
    if not positive and not negative:
        return
    if record.meta.get("attack_category") in config.left_out_attacks or not record.text.strip():
        return
    texts = [record.text]
    if record.label == "harmful":
        texts += [typographic(record.text, rng) for _ in range(config.variants)]
    held = held_out(record)
    for text in texts:
        hit, missed = _pieces(text, record.attack)
        for piece in hit[: config.most_windows]:
            yield Example(piece, positive, negative, record.group, record.id, held)
        for piece in missed[: config.most_windows]:
            yield Example(piece, frozenset(), positive, record.group, record.id, held)


def _targets(record: Record, heads: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    every = frozenset(heads)
    match record.label:
        case "injection":
            return frozenset({"prompt_injection"}), frozenset()
        case "jailbreak":
            return frozenset({"jailbreak"}), frozenset()
        case "harmful":
            # Of no known category: it may be of one that has no head, or of one the words miss.
            known = hazards(record.text) & every
            return known, every - known if known else frozenset(ATTACKS)
        case _:
            return frozenset(), every


def _pieces(text: str, attack: str) -> tuple[list[str], list[str]]:
    """The windows of ``text`` that hold ``attack`` and those that do not touch it.

    A window holds it when it has most of it, or is mostly of it; one that has less is in neither
    list. All windows hold an attack that is not found.
    """
    spans = windows(text)
    start = text.find(attack) if attack else -1
    end = start + len(attack)
    hit: list[str] = []
    missed: list[str] = []
    for first, last in spans:
        shared = min(end, last) - max(start, first)
        if start < 0 or 2 * shared > min(len(attack), last - first):
            hit.append(text[first:last])
        elif shared <= 0:
            missed.append(text[first:last])
    return hit, missed


def _generated(
    benign: Sequence[str], heads: Sequence[str], count: int, rng: Random
) -> Iterator[Example]:
    every = frozenset(heads)
    for number in range(count):
        held = number % _HELD_OUT == 0
        text = injection(rng)
        if benign and number % 2:
            text = embedded(text, rng.choice(benign), rng)
        hazard_heads = every - frozenset(ATTACKS)
        positive = frozenset({"prompt_injection"})
        yield Example(text, positive, hazard_heads, GENERATED, f"injection-{number}", held)
        text = harmless(rng)
        yield Example(text, frozenset(), every, GENERATED, f"harmless-{number}", held)
    for category in sorted(every & frozenset(harmful_categories())):
        yield from _harmful(category, every, count // 20, rng)


def _harmful(category: str, every: frozenset[str], count: int, rng: Random) -> Iterator[Example]:
    for number in range(count):
        request = harmful(category, rng)
        text = typographic(request, rng) if number % 2 else request
        positive = (hazards(request) & every) | {category}
        owner = f"{category}-{number}"
        negative = every - positive
        yield Example(text, positive, negative, GENERATED, owner, number % _HELD_OUT == 0)


def _fragments(found: Sequence[Example], heads: Sequence[str], rng: Random) -> Iterator[Example]:
    """A few words of some texts as they stand on buttons and in diagrams: no attack.

    Of an attack one or two words, which alone say nothing; of a harmless text up to eight.
    """
    for one in found:
        if rng.random() < _FRAGMENT and not one.positive - {*ATTACKS}:
            words = one.text.split()
            count = rng.randint(1, 2 if one.positive else 8)
            start = rng.randrange(max(1, len(words) - count))
            text = " ".join(words[start : start + count])
            negative = frozenset(ATTACKS if one.positive else heads)
            owner = f"{one.owner}-words"
            yield replace(one, text=text, positive=frozenset(), negative=negative, owner=owner)


def embedded(attack: str, document: str, rng: Random) -> str:
    """``attack`` before, inside or after what fits into a window of ``document``."""
    words = document[: max(60, WIDTH - len(attack))].split(" ")
    place = rng.choice((0, len(words) // 2, len(words)))
    gap = rng.choice((" ", "\n", "\n\n", ". "))
    head, tail = " ".join(words[:place]), " ".join(words[place:])
    return gap.join(piece for piece in (head, attack, tail) if piece)
