"""Heads for any model folder, from a user's own labelled pictures."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail_detectors.clip import ClipFolder, ClipModel
from guardrail_detectors.weights import Threshold, load_model_folder
from guardrail_training.clip.config import HeadsConfig
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.heads import (
    Examples,
    Head,
    auroc_interval,
    calibrated,
    fit_head,
    left_out,
    split,
    thresholds,
    write_heads,
)
from guardrail_training.clip.labelled import Labelled, categories_of, read_labelled
from guardrail_training.clip.manifest import About, amend
from guardrail_training.clip.scenery import read_picture
from guardrail_training.text_guard.gather import progress_bar

COMMAND = "guardrail train clip --config clip_heads.yaml --data FOLDER --out FOLDER"

_PARTS = 4
"""One part of the sources calibrates and gives thresholds, the others are learnt from."""

_AT_ONCE = 16


def train_heads(config: HeadsConfig, data: Path, out: Path) -> Path:
    """Copies the model folder to ``out`` with heads for the categories of the pictures.

    The picture tower stays as it is. Sources are dealt out whole: those that calibrate are not
    those that are learnt from.

    Args:
        config: The settings.
        data: Folder that the pictures' path is relative to.
        out: New or empty.

    Returns:
        ``out``.

    Raises:
        ClipTrainingError: There is something at ``out``, or too little to learn from.
        ModelError: The model folder is not whole.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ClipTrainingError(f"{out}: something is there; name a folder that is new or empty")
    pictures = read_labelled(data / config.examples)
    folder = load_model_folder(config.model)
    model = ClipModel(ClipFolder.read(folder), threads=2)
    embeddings = _embedded(model, pictures)
    heads, told, metrics = [], [], {}
    for category in categories_of(pictures):
        head, limits, row = _one(config, category, pictures, embeddings)
        heads.append(head)
        told += limits
        metrics[category] = row
    shutil.copytree(folder.path, out, dirs_exist_ok=True)
    write_heads(heads, out / "heads.onnx")
    counts = Counter(f"{one.source} {','.join(sorted(one.categories))}" for one in pictures)
    old = folder.manifest
    about = About(
        f"{old.name}_heads",
        old.version,
        old.licence,
        COMMAND,
        tuple(head.category for head in heads),
        tuple(told),
        dict(counts),
        {"heads": metrics},
    )
    amend(out, about)
    return out


def counted(config: HeadsConfig, data: Path) -> dict[str, int]:
    """Pictures of each category and source, without looking at them."""
    pictures = read_labelled(data / config.examples)
    names = (f"{one.source}: {', '.join(sorted(one.categories)) or 'harmless'}" for one in pictures)
    return dict(sorted(Counter(names).items()))


def _embedded(model: ClipModel, pictures: Sequence[Labelled]) -> NDArray[np.float64]:
    prepare = model.folder.preprocess
    rows = []
    with progress_bar() as progress:
        task = progress.add_task("embedding pictures", total=len(pictures))
        for start in range(0, len(pictures), _AT_ONCE):
            some = pictures[start : start + _AT_ONCE]
            rows.append(model.pictures([prepare(read_picture(one.path, None)) for one in some]))
            progress.advance(task, len(some))
    return np.concatenate(rows).astype(np.float64)


def _one(
    config: HeadsConfig,
    category: str,
    pictures: Sequence[Labelled],
    embeddings: NDArray[np.float64],
) -> tuple[Head, list[Threshold], dict[str, Any]]:
    """A category's head, thresholds and figures."""
    shown = np.array([category in one.categories for one in pictures])
    examples = Examples(embeddings, shown, tuple(one.source for one in pictures))
    aside = _aside(category, examples, config.seed)
    learnt, rest = examples[~aside], examples[aside]
    head = calibrated(fit_head(category, learnt, config.hidden, config.seed), rest)
    harmless = rest.embeddings[~rest.shown]
    sources = len(set(rest.sources))
    said = f"{len(harmless)} pictures without {category} of {sources} sources kept aside"
    limits = thresholds(head, harmless, config.false_positive_rates, said)
    scores = head.scores(rest.embeddings)
    value, interval = auroc_interval(scores[rest.shown], scores[~rest.shown], seed=config.seed)
    row = {
        "learnt": len(learnt.shown),
        "kept_aside": len(rest.shown),
        "auroc": value,
        "interval_95": interval,
        "left_out": left_out(category, examples, config.hidden, config.seed),
    }
    return head, limits, row


def _aside(category: str, examples: Examples, seed: int) -> NDArray[np.bool_]:
    """The pictures that calibrate: sources with both classes, of each class apart.

    Raises:
        ClipTrainingError: A class has too few pictures to be on both sides.
    """
    aside = np.zeros(len(examples.shown), bool)
    for value in (True, False):
        rows = np.flatnonzero(examples.shown == value)
        if len(rows) < _PARTS:
            what = f"pictures of {category}" if value else f"pictures without {category}"
            raise ClipTrainingError(f"{category}: {len(rows)} {what}; at least {_PARTS} are needed")
        parts = split([examples.sources[row] for row in rows], _PARTS, seed)
        aside[rows[parts == 0]] = True
    return aside
