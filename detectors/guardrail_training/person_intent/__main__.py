"""``python -m guardrail_training.person_intent``: trains the intent heads, and measures them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console
from sklearn.metrics import roc_auc_score

from guardrail_detectors.clip import load_clip
from guardrail_detectors.clip.known import EMBEDDED
from guardrail_detectors.person_inference.intent import NAME, Intent
from guardrail_detectors.weights import MODELS
from guardrail_training.person_intent.examples import REPORTED, examples
from guardrail_training.person_intent.train import fit, write


def main(
    model: Annotated[str, typer.Option(help="The CLIP whose text tower is used.")] = EMBEDDED,
    out: Annotated[Path, typer.Option(help="Where the folder goes.")] = MODELS / NAME,
    held_out: Annotated[Path | None, typer.Option(help="YAML: category → texts.")] = None,
    most: Annotated[int, typer.Option(help="Fillings of one line.")] = 24,
    seed: Annotated[int, typer.Option(help="Of the choice of fillings.")] = 0,
) -> None:
    """Train the heads that tell questions about who or what a person is from other questions."""
    console = Console()
    loaded = load_clip(model)
    rows = examples(most, seed)
    embeddings = loaded.texts([one.text for one in rows])
    heads = [fit(rows, embeddings, category) for category in REPORTED.values()]
    for head in heads:
        count = sum(one.category == head.category for one in rows)
        console.print(
            f"{head.category}: {count} of {len(rows)} texts; on lines left out AUROC "
            f"{head.auroc:.3f}"
        )
    write(heads, loaded, rows, out)
    if held_out is not None:
        _measure(Intent.load(str(out), model), held_out, console)


def _measure(intent: Intent, path: Path, console: Console) -> None:
    texts = yaml.safe_load(path.read_text("utf-8"))
    for prefix in ("", "fresh_"):
        harmless = intent.scores(texts[f"{prefix}harmless"])
        for column, (group, category) in enumerate(REPORTED.items()):
            found = intent.scores(texts[prefix + group])[:, column]
            other = harmless[:, column]
            labels = [1] * len(found) + [0] * len(other)
            console.print(
                f"{prefix}{category}, held out: AUROC "
                f"{roc_auc_score(labels, [*found, *other]):.3f} (n={len(found)} and {len(other)}); "
                f"at 0.50 {(found >= 0.5).mean():.0%} found, {(other >= 0.5).mean():.1%} of "
                "harmless flagged"
            )


if __name__ == "__main__":
    typer.run(main)
