"""How well the text models tell attacks from harmless texts: ``python -m bench.quality``.

Prints, and writes to ``--out`` as JSON and as a page with ROC curves: area under the ROC curve,
average precision, recall at fixed benign pass rates, and catches and passes of each set at the
scores that the default policy blocks and flags at, with 95 % bootstrap intervals. Recall always
stands beside the benign pass rate.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.quality_page import page
from bench.quality_sets import ATTACKS, Case, data_cases, drawn, own_cases
from guardrail_detectors.text_guard.scorer import TextScorer
from guardrail_training.text_guard.evaluate import auroc, bootstrap, share, threshold_at

Floats = NDArray[np.float64]

BLOCK, FLAG = 0.9, 0.5
"""What ``policies/default.yaml`` blocks and flags at."""

PICTURES = (0.70, 0.85, 0.90)
"""Scores from which ``default`` marks and refuses what a picture says, and ``BLOCK``."""

ATTACK_HEADS = ("prompt_injection", "jailbreak")

PUBLISHED = (
    "Published, on other data: of NotInject (339 harmless texts with trigger words) existing "
    "prompt guards pass about 60 %, InjecGuard 87.3 % (Li and Liu 2024, arXiv:2410.22770). Our "
    "trigger_words set is of that kind, not the same texts."
)


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set at the policy's scores; intervals are of the share that is blocked.

    Attributes:
        model: Its name.
        set: The set.
        label: Of its texts.
        texts: How many.
        blocked: Share whose score reaches ``BLOCK``.
        low: Of its 95 % interval.
        high: Of its 95 % interval.
        flagged: Share whose score reaches ``FLAG``.
    """

    model: str
    set: str
    label: str
    texts: int
    blocked: float
    low: float
    high: float
    flagged: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """How one model ranks attacks, or hazards, above all benign texts of one source.

    Attributes:
        model: Its name.
        source: ``own`` or ``data``.
        what: ``attack`` or ``hazard``.
        texts: Positive ones.
        benign: Negative ones.
        auroc: Area under the ROC curve.
        average_precision: Area under the precision-recall curve, by steps.
        recall: At benign pass rates of 99 % and 98 %.
        f1: At ``BLOCK``.
        curve: Points of the ROC curve, false-positive rate and recall.
    """

    model: str
    source: str
    what: str
    texts: int
    benign: int
    auroc: float
    average_precision: float
    recall: dict[str, float]
    f1: float
    curve: list[tuple[float, float]]


def average_precision(positive: Floats, negative: Floats) -> float:
    """The mean over positives of the precision at their score; ties count against it."""
    return float(
        np.mean([(positive >= s).sum() / ((positive >= s).sum() + (negative >= s).sum())
                 for s in positive])
    )  # fmt: skip


def f1(positive: Floats, negative: Floats, threshold: float) -> float:
    """The harmonic mean of precision and recall at ``threshold``; 0 when nothing is found."""
    hits, false = int((positive >= threshold).sum()), int((negative >= threshold).sum())
    return 2 * hits / (hits + false + len(positive)) if hits else 0.0


def curve(positive: Floats, negative: Floats, points: int = 60) -> list[tuple[float, float]]:
    """The ROC curve at ``points`` false-positive rates, denser near 0."""
    rates = np.unique(np.concatenate([[0.0], np.geomspace(0.001, 1.0, points)]))
    return [
        (float(rate), share(positive, threshold_at(negative, float(rate)))) for rate in rates[:-1]
    ] + [(1.0, 1.0)]


def score(scorer: TextScorer, cases: Sequence[Case]) -> dict[str, Floats]:
    """The higher attack score and the highest hazard score of each case."""
    rows = scorer.scores([one.text for one in cases], [one.third_party for one in cases])
    attack = [scorer.labels.index(name) for name in ATTACK_HEADS]
    hazard = [column for column in range(len(scorer.labels)) if column not in attack]
    return {
        "attack": rows[:, attack].max(axis=1).astype(np.float64),
        "hazard": rows[:, hazard].max(axis=1).astype(np.float64),
    }


def rankings(
    model: str, source: str, cases: Sequence[Case], scores: dict[str, Floats]
) -> list[Ranking]:
    """One ranking of attacks and one of hazards, where there are any."""
    labels = np.array([case.label for case in cases])
    benign = labels == "benign"
    found = []
    for what, wanted in (("attack", [*ATTACKS]), ("hazard", ["harmful"])):
        of = scores[what][np.isin(labels, wanted)]
        against = scores[what][benign]
        if len(of) and len(against):
            found.append(
                Ranking(
                    model, source, what, len(of), len(against), auroc(of, against),
                    average_precision(of, against),
                    {f"{1 - r:.0%}": share(of, threshold_at(against, r)) for r in (0.01, 0.02)},
                    f1(of, against, BLOCK), curve(of, against),
                )
            )  # fmt: skip
    return found


def set_rows(model: str, cases: Sequence[Case], scores: dict[str, Floats]) -> list[SetRow]:
    """Each set at the policy's scores; benign texts by whichever head is loudest."""
    found = []
    for name in dict.fromkeys(case.set for case in cases):
        chosen = np.array([case.set == name for case in cases])
        label = next(case.label for case in cases if case.set == name)
        what = {"harmful": scores["hazard"]}.get(label, scores["attack"])
        if label == "benign":
            what = np.maximum(scores["attack"], scores["hazard"])
        of = what[chosen]
        low, high = bootstrap(of, BLOCK)
        found.append(
            SetRow(model, name, label, len(of), share(of, BLOCK), low, high, share(of, FLAG))
        )
    return found


def read_again(
    scorer: TextScorer, pairs: Sequence[tuple[Case, Case]]
) -> dict[str, dict[str, float]]:
    """For each drawn set the shares that reach each score typed, and read by the OCR engine."""
    found: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(typed.set for typed, _ in pairs):
        of = [pair for pair in pairs if pair[0].set == name]
        both = [np.maximum(*score(scorer, [pair[side] for pair in of]).values()) for side in (0, 1)]
        found[name] = {
            "texts": len(of),
            **{
                f"{way}_at_{at}": round(share(scores, at), 3)
                for way, scores in zip(("typed", "read"), both, strict=True)
                for at in PICTURES
            },
        }
    return found


def main(
    models: Annotated[str, typer.Option(help="Model names or folders, comma-separated.")] = (
        "text_guard_encoder,text_guard_linear"
    ),
    data: Annotated[
        Path | None, typer.Option(help="Folder of JSON lines files; rows marked dev are scored.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("quality"),
    draw: Annotated[bool, typer.Option(help="Also draw texts and read them again.")] = True,
) -> None:
    """Score labelled texts with the text models, and write figures and a page."""
    console = Console()
    sources = {"own": own_cases()} | ({"data": list(data_cases(data))} if data else {})
    pairs = list(drawn(sources["own"])) if draw else []
    results: dict[str, Any] = {
        "environment": environment(),
        "rankings": [],
        "sets": [],
        "drawn": {},
    }
    for model in models.split(","):
        scorer = TextScorer.load(model)
        for source, cases in sources.items():
            scores = score(scorer, cases)
            results["rankings"] += [asdict(one) for one in rankings(model, source, cases, scores)]
            results["sets"] += [asdict(one) for one in set_rows(model, cases, scores)]
        results["drawn"][model] = read_again(scorer, pairs)
    show(console, results)
    out.mkdir(parents=True, exist_ok=True)
    (out / "quality.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (out / "quality.html").write_text(page(results, PUBLISHED), "utf-8")
    console.print(f"wrote {out / 'quality.json'} and {out / 'quality.html'}")


def environment() -> dict[str, str]:
    """Where and when this was measured."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"time": now, "machine": platform.machine(), "python": platform.python_version()}


def show(console: Console, results: dict[str, Any]) -> None:
    """The figures as tables."""
    columns = [
        "model",
        "source",
        "what",
        "texts",
        "benign",
        "AUROC",
        "AP",
        "recall@99%/98%",
        "F1@0.9",
    ]
    table = Table(*columns, title="Ranking against benign texts")
    for one in results["rankings"]:
        table.add_row(
            one["model"], one["source"], one["what"], str(one["texts"]), str(one["benign"]),
            f"{one['auroc']:.3f}", f"{one['average_precision']:.3f}",
            " / ".join(f"{value:.1%}" for value in one["recall"].values()), f"{one['f1']:.3f}",
        )  # fmt: skip
    console.print(table)
    table = Table("model", "set", "label", "texts", "blocked (95 %)", "flagged", title="Sets")
    for one in results["sets"]:
        table.add_row(
            one["model"], one["set"], one["label"], str(one["texts"]),
            _interval(one), f"{one['flagged']:.1%}",
        )  # fmt: skip
    console.print(table)
    for model, rows in results["drawn"].items():
        for name, row in rows.items():
            console.print(f"{model} {name}: {row}")
    console.print(PUBLISHED)


def _interval(one: dict[str, Any]) -> str:
    return f"{one['blocked']:.1%} ({one['low']:.1%} to {one['high']:.1%})"


if __name__ == "__main__":
    typer.run(main)
