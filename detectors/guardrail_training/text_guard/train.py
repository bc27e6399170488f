"""One training run: data in, a checked model folder out."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from rich.progress import Progress

from guardrail_detectors.text_guard.linear import LinearNetwork
from guardrail_detectors.text_guard.scorer import TextScorer
from guardrail_detectors.weights import ModelFolder
from guardrail_training.text_guard.card import write_card
from guardrail_training.text_guard.config import TrainingConfig
from guardrail_training.text_guard.evaluate import share
from guardrail_training.text_guard.examples import ATTACKS, Example, examples, heads_of
from guardrail_training.text_guard.export import (
    GOLDEN,
    fresh_scorer,
    write_golden,
    write_manifest,
    write_network,
)
from guardrail_training.text_guard.fit import Head, fit_head, matrix_of
from guardrail_training.text_guard.gather import gathered, held_out, progress_bar
from guardrail_training.text_guard.measure import measured

_logger = logging.getLogger("guardrail_training")


@dataclass(frozen=True, slots=True)
class Measured:
    """A trained model and what was measured of it.

    Attributes:
        manifest_folder: Where it was written.
        metrics: As in the manifest.
    """

    manifest_folder: Path
    metrics: dict[str, Any]


def train(
    config: TrainingConfig,
    data: Path,
    out: Path,
    *,
    leave_out: bool = True,
    readings: Path | None = None,
) -> Measured:
    """Trains, calibrates, measures and writes a model folder.

    Args:
        config: The settings.
        data: Folder that the sets' names are relative to.
        out: The model folder; made when missing, its files replaced.
        leave_out: Whether the attack heads are also trained without each data set in turn, to
            measure them on attacks of nobody they know. Takes most of the time.
        readings: File that keeps what was read in pictures, for the next run.

    Raises:
        DataError: A data set cannot be read.
    """
    records = gathered(data, config.sets, config.pictures, readings, with_written=config.written)
    heads = heads_of(records, config.least_positives)
    rows = examples(records, heads, config, Random(config.seed))
    _logger.info("%d texts, %d examples, heads: %s", len(records), len(rows), ", ".join(heads))
    with progress_bar() as progress:
        matrix = _vectors(rows, progress)
        task = progress.add_task("training heads", total=len(heads))
        trained: list[Head] = []
        for name in heads:
            trained.append(fit_head(name, rows, matrix, config.inverse_regularisation))
            progress.advance(task)
        left_out = _left_out(rows, matrix, config, progress) if leave_out else {}
    out.mkdir(parents=True, exist_ok=True)
    write_network(trained, out / "model.onnx")
    scorer = fresh_scorer(out, trained, config)
    test = [record for record in records if held_out(record)]
    metrics, thresholds = measured(scorer, test, config.left_out_attacks, config.seed + 1)
    metrics["parity_largest_difference"] = _parity(scorer, trained, rows)
    metrics["left_out"] = left_out
    write_golden(out, scorer, GOLDEN)
    counts = Counter(f"{record.group} {record.label}" for record in records if not held_out(record))
    manifest = write_manifest(
        out, config, trained, thresholds=thresholds, training_data=counts, metrics=metrics
    )
    TextScorer(ModelFolder(out, manifest), scorer.network).self_test()
    write_card(out, config, manifest)
    return Measured(out, metrics)


def _vectors(rows: Sequence[Example], progress: Progress) -> Any:
    task = progress.add_task("vectors", total=len(rows))
    return matrix_of([one.text for one in rows], lambda done: progress.advance(task, done))


def _left_out(
    rows: Sequence[Example], matrix: Any, config: TrainingConfig, progress: Progress
) -> dict[str, Any]:
    """Recall at 0.5 and 0.9, by window, of attack heads on each data set they were not shown."""
    pairs = sorted({(head, one.group) for one in rows for head in one.positive & {*ATTACKS}})
    # Without the only set that has attacks of a kind there is nothing to learn from.
    pairs = [(head, group) for head, group in pairs if sum(one[0] == head for one in pairs) > 1]
    task = progress.add_task("leaving sets out", total=len(pairs))
    found: dict[str, Any] = {}
    for name, group in pairs:
        others = np.array([one.group != group for one in rows])
        kept = [one for one in rows if one.group != group]
        head = fit_head(name, kept, matrix[others], config.inverse_regularisation)
        chosen = np.array([one.group == group and name in one.positive for one in rows])
        scores = _best_by_owner([o for o in rows if o.group == group and name in o.positive],
                                head.probability(matrix[chosen]))  # fmt: skip
        found[f"{name} {group}"] = {
            "texts": len(scores),
            "recall_at_0.5": round(share(scores, 0.5), 3),
            "recall_at_0.9": round(share(scores, 0.9), 3),
        }
        progress.advance(task)
    return found


def _best_by_owner(rows: Sequence[Example], scores: Any) -> Any:
    best: dict[str, float] = {}
    for one, score in zip(rows, scores, strict=True):
        best[one.owner] = max(float(score), best.get(one.owner, 0.0))
    return np.array(list(best.values()))


def _parity(scorer: TextScorer, heads: Sequence[Head], rows: Sequence[Example]) -> float:
    """The largest difference between the exported network and the regression it was made from."""
    texts = [one.text for one in rows[:: max(1, len(rows) // 500)]]
    matrix = matrix_of(texts)
    expected = np.stack([head.probability(matrix) for head in heads], axis=1)
    network = scorer.network
    assert isinstance(network, LinearNetwork)  # noqa: S101 - the one just written
    return round(float(np.abs(network.window_scores(texts) - expected).max()), 5)
