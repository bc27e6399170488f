"""One run: data in, a checked model folder with the encoder out."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from guardrail_detectors.text_guard.encoder import FEATURES, MOST_TOKENS, OVERLAP
from guardrail_detectors.text_guard.scorer import TextScorer, load_network
from guardrail_detectors.weights import Input, Manifest, ModelFolder, Threshold
from guardrail_training.text_guard.encoder.card import write_card
from guardrail_training.text_guard.encoder.config import EncoderConfig, Fold
from guardrail_training.text_guard.encoder.fit import Settings, fit, log_odds
from guardrail_training.text_guard.encoder.graph import write_network
from guardrail_training.text_guard.encoder.network import TextGuardNetwork, load_encoder
from guardrail_training.text_guard.encoder.pool import (
    ATTACKS,
    HAZARDS,
    HEADS,
    of_record,
    without_groups,
)
from guardrail_training.text_guard.encoder.rows import Pools
from guardrail_training.text_guard.evaluate import share, threshold_at
from guardrail_training.text_guard.export import GOLDEN, save_manifest, write_golden
from guardrail_training.text_guard.gather import gathered, held_out, progress_bar
from guardrail_training.text_guard.measure import fires, measured, strange
from guardrail_training.text_guard.records import DataError, Record

_logger = logging.getLogger("guardrail_training")

FILES = ("model.onnx", "tokenizer.json", "golden.jsonl")

_CLIP = 15.0
"""Log odds beyond it are all the same to a float of a score."""

_AT = ((ATTACKS, 0.01), (HAZARDS, 0.02))
"""Heads and the share of benign texts that may score above the threshold of a fold."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A network and the ``tokenizers.Tokenizer`` that cuts its texts."""

    network: TextGuardNetwork
    tokenizer: Any


def train(
    config: EncoderConfig,
    data: Path,
    out: Path,
    *,
    base: str | None = None,
    leave_out: bool = True,
    readings: Path | None = None,
    max_steps: int | None = None,
) -> Path:
    """Fine-tunes, calibrates, exports, measures and writes a model folder.

    Args:
        config: The settings.
        data: Folder that the sets' names are relative to.
        out: The model folder; made when missing, its files replaced.
        base: Folder or name to take the base model from, instead of the settings' name.
        leave_out: Whether the folds are trained too, each without some data sets, to measure on
            sources that the model has not seen.
        readings: File that keeps what was read in pictures, for the next run.
        max_steps: Batches at most, to try a run; the model is worth nothing then.

    Returns:
        ``out``.

    Raises:
        DataError: A data set or the base model cannot be read.
    """
    records = gathered(
        data,
        config.sets,
        config.pictures,
        readings,
        packages=config.packages,
        with_written=config.written,
    )
    start = base or config.base
    trained = fine_tuned(config, records, start, frozenset(), config.epochs, "training", max_steps)
    out.mkdir(parents=True, exist_ok=True)
    test = [record for record in records if held_out(record)]
    scorer = _calibrated(trained, test, config, out)
    metrics, thresholds = measured(scorer, test, config.left_out_attacks, config.seed + 1)
    metrics["parity_largest_difference"] = _parity(scorer, trained, test)
    metrics["left_out"] = {
        fold.name: _fold(config, fold, records, start)
        for fold in (config.folds if leave_out else ())
    }
    write_golden(out, scorer, GOLDEN)
    counts = Counter(f"{record.group} {record.label}" for record in records if not held_out(record))
    manifest = _manifest(out, config, thresholds, counts, metrics)
    TextScorer(ModelFolder(out, manifest), scorer.network).self_test()
    write_card(out, config, manifest)
    return out


def fine_tuned(
    config: EncoderConfig,
    records: Sequence[Record],
    base: str,
    left_out: frozenset[str],
    epochs: int,
    say: str,
    max_steps: int | None = None,
) -> Trained:
    """A network trained on the records that are not held out and not of ``left_out`` sets.

    Args:
        config: Rates, rows and seed.
        records: All of them.
        base: Folder or name of the pretrained encoder.
        left_out: Names of data sets.
        epochs: Passes.
        say: What the progress bar says.
        max_steps: Batches at most.

    Raises:
        DataError: There is no base model, or nothing to learn from.
    """
    torch.manual_seed(config.seed)
    encoder, tokenizer = load_encoder(base)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = TextGuardNetwork(encoder, len(HEADS)).to(device)
    shown = [record for record in records if not held_out(record)]
    texts = [text for one in shown if (text := of_record(one, config.left_out_attacks))]
    pools = Pools.of(list(without_groups(texts, left_out)), config.weights)
    if not pools.benign or not (pools.injections or pools.jailbreaks or pools.harmful):
        raise DataError("nothing to learn from: give harmless texts and attacks, not held out")
    rates = (config.rate, config.layer_decay, config.head_rate)
    settings = Settings(epochs, config.rows, *rates, seed=config.seed, max_steps=max_steps)
    with progress_bar() as progress:
        task = progress.add_task(say, total=None)

        def step_done(step: int, total: int, loss: float) -> None:
            progress.update(
                task, completed=step, total=total, description=f"{say} (loss {loss:.3f})"
            )

        fit(network, tokenizer, pools, settings, step_done)
    return Trained(network.to("cpu").float().eval(), tokenizer)


def _calibrated(
    trained: Trained, test: Sequence[Record], config: EncoderConfig, out: Path
) -> TextScorer:
    """The exported network whose scores are probabilities on the held-out texts."""
    heads = len(HEADS)
    raw = exported(trained, np.ones(heads), np.zeros(heads), config, out)
    odds = _odds(_scores(raw, test))
    slope, offset = np.ones(heads), np.zeros(heads)
    benign = np.array([record.label == "benign" for record in test])
    for column, label in enumerate(HEADS):
        positive = np.array([fires(one, label, config.left_out_attacks) for one in test])
        if positive.sum() and benign.sum():
            chosen = positive | benign
            platt = LogisticRegression(C=1.0).fit(odds[chosen, column, None], positive[chosen])
            slope[column] = max(0.1, float(np.asarray(platt.coef_)[0, 0]))
            offset[column] = float(np.asarray(platt.intercept_)[0])
    return exported(trained, slope, offset, config, out)


def exported(
    trained: Trained,
    slope: NDArray[Any],
    offset: NDArray[Any],
    config: EncoderConfig,
    out: Path,
) -> TextScorer:
    """The network as it ships, in the folder ``out``."""
    weights = {name: one.detach().numpy() for name, one in trained.network.state_dict().items()}
    heads = trained.network.encoder.config.num_attention_heads
    write_network(weights, heads, slope, offset, out / "model.onnx")
    tokenizer = trained.tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    (out / "golden.jsonl").write_text("", "utf-8")
    folder = ModelFolder(out, _manifest(out, config, (), {}, {}))
    return TextScorer(folder, load_network(folder))


def _odds(scores: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(divide="ignore"):
        odds = np.log(scores.astype(np.float64)) - np.log1p(-scores.astype(np.float64))
    return np.asarray(np.clip(odds, -_CLIP, _CLIP))


def _fold(
    config: EncoderConfig, fold: Fold, records: Sequence[Record], base: str
) -> dict[str, Any]:
    """How a network that never saw ``fold.sets`` scores them.

    The threshold is that of the stated share of the other sets' held-out benign texts.
    """
    left_out = frozenset(fold.sets)
    say = f"without {fold.name}"
    smaller = config.model_copy(update={"rows": config.fold_rows or config.rows})
    trained = fine_tuned(smaller, records, base, left_out, config.fold_epochs, say)
    heads = len(HEADS)
    with TemporaryDirectory() as folder:
        scorer = exported(trained, np.ones(heads), np.zeros(heads), config, Path(folder))
        known = [one for one in records if held_out(one) and one.group not in left_out]
        benign = [record for record in known if record.label == "benign"]
        unseen = [one for one in records if one.group in left_out]
        unseen = [one for one in unseen if of_record(one, config.left_out_attacks)]
        of_benign = _scores(scorer, benign)
        of_unseen = _scores(scorer, unseen)
    found: dict[str, Any] = {}
    for key in sorted({(record.group, record.label) for record in unseen}):
        chosen = np.array([(record.group, record.label) == key for record in unseen])
        found[" ".join(key)] = {"texts": int(chosen.sum())} | {
            f"{'attack' if names is ATTACKS else 'hazard'}_at_{rate:.0%}_benign": round(
                share(_most(of_unseen[chosen], names), threshold_at(_most(of_benign, names), rate)),
                3,
            )
            for names, rate in _AT
        }
    return found


def _scores(scorer: TextScorer, records: Sequence[Record]) -> NDArray[Any]:
    return scorer.scores([one.text for one in records], [strange(one) for one in records])


def _most(scores: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    return np.asarray(scores[:, [HEADS.index(name) for name in names]].max(axis=1))


def _parity(scorer: TextScorer, trained: Trained, test: Sequence[Record]) -> dict[str, float]:
    """Differences between the scores of the exported network and of the one it was made from."""
    short = [record for record in test if len(record.text) < 600][:400]
    texts, parties = [one.text for one in short], [strange(one) for one in short]
    passages = scorer.network.judge(texts, parties)
    shipped = _odds(np.array([one[0].scores for one in passages]))
    exact = log_odds(trained.network, trained.tokenizer, texts, parties)
    slope, offset = _platt_of(scorer)
    scores = 1 / (1 + np.exp(-np.clip(exact * slope + offset, -_CLIP, _CLIP)))
    differences = np.abs(1 / (1 + np.exp(-shipped)) - scores)
    return {
        "mean": round(float(differences.mean()), 5),
        "percentile_99": round(float(np.percentile(differences, 99)), 4),
    }


def _platt_of(scorer: TextScorer) -> tuple[NDArray[Any], NDArray[Any]]:
    import onnx  # noqa: PLC0415 - only here
    from onnx import numpy_helper  # noqa: PLC0415

    graph = onnx.load(str(scorer.folder.file("model.onnx"))).graph
    found = {one.name: numpy_helper.to_array(one) for one in graph.initializer if one.name in
             {"slope", "offset"}}  # fmt: skip
    return found["slope"], found["offset"]


def _manifest(
    out: Path,
    config: EncoderConfig,
    thresholds: Sequence[Threshold],
    counts: Mapping[str, int],
    metrics: Mapping[str, Any],
) -> Manifest:
    return save_manifest(
        out,
        FILES,
        name=config.name,
        version=config.version,
        base_model=config.base,
        inputs=(
            Input(name="ids", dtype="int64", shape=(-1, -1)),
            Input(name="mask", dtype="int64", shape=(-1, -1)),
            Input(name="third_party", dtype="int64", shape=(-1,)),
        ),
        labels=HEADS,
        parameters={"features": FEATURES, "tokens": MOST_TOKENS, "overlap": OVERLAP},
        thresholds=tuple(thresholds),
        training_command=f"guardrail train text-guard --config {config.name}.yaml --data FOLDER",
        training_data=dict(counts),
        metrics=dict(metrics),
    )
