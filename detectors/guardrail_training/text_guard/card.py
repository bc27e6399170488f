"""The model card: what the model is for, how good it is, and where it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from guardrail_detectors.weights import Manifest
from guardrail_training.text_guard.config import TrainingConfig
from guardrail_training.text_guard.hazards import LEXICON

_INTRODUCTION = """# {name} {version}

Scores a text for prompt injection, jailbreaks and hazards. A linear classifier on hashed n-grams of
characters (2 to 5) and words (1 to 3), one logistic regression a category, exported to ONNX. It is
small and fast, it needs no tokenizer, and it knows words, not meaning: read the limits below.

- Licence: {licence}. Base model: none.
- Trained by: `{command}`
- Texts are cut into windows of {window} characters that overlap by {overlap}; the score of a text
  is the highest of its windows, in the text itself and in what it says once decoded.
"""

_BY_SET = """
The higher of both attack scores, by set and label. For benign and harmful texts, and for texts that
were generated as harmless, a high share is bad.
"""

_LIMITS = """
## Limits

- A text that quotes an attack scores like the attack: see "quoted" above.
- Attacks in words that no training set has are missed: the table of left-out sets says how many.
- Ordinary questions planted in somebody else's document are attacks by their place alone. They are
  not learnt (categories left out: {left_out}), so they are not found.
- English almost only; German a little; a handful of generated sentences in other languages.
- Hazard labels are weak: given by a list of words to requests that the data sets call harmful and
  no more, and to requests generated from templates. Treat hazard scores as marks.
- No data, hence no head: {missing}.
- Scores are calibrated on held-out windows of the same sets; other traffic has other base rates.
"""


def write_card(folder: Path, config: TrainingConfig, manifest: Manifest) -> None:
    """``MODEL_CARD.md`` with the figures of ``manifest``."""
    metrics = manifest.metrics
    sections = [
        _INTRODUCTION.format(
            name=manifest.name,
            version=manifest.version,
            licence=manifest.licence,
            command=manifest.training_command,
            **{key: manifest.parameters[key] for key in ("window", "overlap")},
        ),
        "\n## Held-out texts\n",
        f"Against {metrics['benign_texts']} benign texts of the same sets.\n",
        table("category", metrics["heads"]),
        _BY_SET,
        table("set", {**metrics["by_set"], **prefixed(metrics["generated"])}),
        "\n## Sets that were left out\n",
        "Trained on all other sets, measured on all attacks of one.\n",
        table("category and set", metrics["left_out"]),
        thresholds_table(manifest),
        _LIMITS.format(
            left_out=", ".join(config.left_out_attacks) or "none",
            missing=", ".join(sorted({*LEXICON} - {*manifest.labels})) or "none",
        ),
        "\n## Data\n\n",
        "\n".join(f"- {name}: {licence}" for name, licence in config.sets.items()),
        "\n- generated: this project's own grammar of injections and harmless texts\n",
    ]
    (folder / "MODEL_CARD.md").write_text("\n".join(sections), "utf-8")


def prefixed(rows: dict[str, Any]) -> dict[str, Any]:
    """The rows of generated texts, named as such."""
    return {f"generated {name}": {"texts": 400, **row} for name, row in rows.items()}


def table(first: str, rows: dict[str, Any]) -> str:
    """A Markdown table; ``first`` heads the column of the rows' names."""
    if not rows:
        return "Not measured.\n"
    columns = list(next(iter(rows.values())))
    lines = [
        f"| {first} | {' | '.join(column.replace('_', ' ') for column in columns)} |",
        "|---" * (len(columns) + 1) + "|",
        *(f"| {name} | {' | '.join(str(row[c]) for c in columns)} |" for name, row in rows.items()),
    ]
    return "\n".join(lines) + "\n"


def thresholds_table(manifest: Manifest) -> str:
    """The section on calibrated thresholds."""
    rows = {
        f"{one.label} at {one.false_positive_rate:.1%}": {
            "score": f"{one.score:.3f}",
            "interval_95_of_the_rate": f"{one.interval_95[0]:.2%} to {one.interval_95[1]:.2%}",
        }
        for one in manifest.thresholds
    }
    return "\n## Thresholds at false-positive rates\n\n" + table("category", rows)
