"""The encoder's model card: what it is for, how good it is, and where it fails."""

from __future__ import annotations

from pathlib import Path

from guardrail_detectors.weights import Manifest
from guardrail_training.text_guard.card import prefixed, table, thresholds_table
from guardrail_training.text_guard.corpus import written
from guardrail_training.text_guard.encoder.config import EncoderConfig
from guardrail_training.text_guard.encoder.pool import NO_DATA

_INTRODUCTION = """# {name} {version}

Scores a text for prompt injection, jailbreaks and hazards. A sentence encoder, fine-tuned with one
head a category on every token, exported to ONNX with 8-bit weights.

- Licence: {licence}. Base model: {base}, Apache-2.0.
- Trained by: `{command}`; `--base FOLDER` takes the base model from a folder.
{note}- Texts are cut into windows of {tokens} tokens that overlap by {overlap}; the score of a text
  is the highest of its windows, in the text itself and in what it says once decoded (base64,
  hexadecimal, rot13, percent-encoding, Unicode tags, mirrored, spaced, glued, look-alike and leet
  letters).
- The model is told whether a text is a message of the conversation or one that may give no orders
  (a tool's result, the words in a picture): "delete the old branch" is a wish in the first and an
  attack in the second.
- The tokens that speak loudest say where in the text the finding is.
"""

_BY_SET = """
The higher of both attack scores, by set and label. For benign and harmful texts, and for texts that
were generated as harmless, a high share is bad.
"""

_FOLDS = """
## Sources that training never saw

Each row is a data set that a model was not shown at all, neither its training part nor its held-out
part; the threshold is the score above which the stated share of the *other* sets' held-out benign
texts lies. These models are trained for a fraction of the steps of the one that ships, so read
the figures as a floor. "Attack" is the
higher of prompt_injection and jailbreak, "hazard" the highest of the hazard categories.
"""

_PARITY = """
Scores of the 8-bit network differ from those of the network it was made from by {mean} on average
and by {percentile_99} at the 99th percentile.
"""

_LIMITS = """
## Limits

- English above all. Attacks in German, French, Spanish and a dozen other languages were seen in
  small numbers; the base model's vocabulary is English.
- Letters of scripts that the base model has no words of (Arabic, Hebrew, those of India, Thai and
  others) are not judged at all; words of other scripts beside them are.
- Ordinary questions planted in somebody else's document are attacks by their place alone; they are
  not learnt (categories left out: {left_out}), so they are not found.
- Hazard labels are partly weak: requests that their data set calls harmful and no more get their
  category from a list of words; those written for this project have their author's.
- No open data that may be shipped, hence no head: {missing}.
- Scores are calibrated on held-out texts of the same sources; other traffic has other base rates.
  Read the threshold table, and measure on your own traffic: `guardrail scan`.
"""


def write_card(folder: Path, config: EncoderConfig, manifest: Manifest) -> None:
    """``MODEL_CARD.md`` with the figures of ``manifest``."""
    metrics = manifest.metrics
    parity = metrics["parity_largest_difference"]
    sections = [
        _INTRODUCTION.format(
            name=manifest.name,
            version=manifest.version,
            licence=manifest.licence,
            base=manifest.base_model,
            command=manifest.training_command,
            note=f"- {config.note}\n" if config.note else "",
            **{key: manifest.parameters[key] for key in ("tokens", "overlap")},
        ),
        "\n## Held-out texts\n",
        f"Against {metrics['benign_texts']} benign texts of the same sources.\n",
        table("category", metrics["heads"]),
        _BY_SET,
        table("set", {**metrics["by_set"], **prefixed(metrics["generated"])}),
        _FOLDS,
        *(
            f"\nWithout {name}:\n\n{table('set', rows)}"
            for name, rows in metrics["left_out"].items()
        ),
        "" if metrics["left_out"] else "Not measured.\n",
        thresholds_table(manifest),
        _PARITY.format(**parity),
        _LIMITS.format(
            left_out=", ".join(config.left_out_attacks) or "none",
            missing=", ".join(NO_DATA) or "none",
        ),
        "\n## Data\n\n",
        "\n".join(f"- {name}: {licence}" for name, licence in config.sets.items()),
        "".join(f"\n- texts of the package {one}: {said}" for one, said in config.packages.items()),
        f"- written for this project: {len(written())} texts in `corpus/`, Apache-2.0",
        "\n- generated: this project's own grammar of injections, requests and harmless texts\n",
    ]
    (folder / "MODEL_CARD.md").write_text("\n".join(sections), "utf-8")
