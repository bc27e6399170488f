"""What the embedded model is worth: on families it never saw, on words alone, on photographs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from guardrail_detectors.clip import ClipModel
from guardrail_detectors.unsafe_image.judging import Judge
from guardrail_detectors.unsafe_image.zero_shot import ZeroShot
from guardrail_training.clip.bank import CATEGORIES, Bank
from guardrail_training.clip.batches import Mixture
from guardrail_training.clip.captions import TEMPLATES
from guardrail_training.clip.compose import Picture
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.heads import auroc_interval
from guardrail_training.text_guard.evaluate import auroc, share

Floats = NDArray[np.float64]

TILES = 5
"""Parts of a photograph that are looked at besides the whole: the detector's default."""

SHIPPED_SCORE = 0.97
"""Least score that the policies' rules count, here as for the other detectors."""

_CHUNK = 64
_EACH = 6  # pictures of a sprite that shows a category


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures of sprites, scored.

    Attributes:
        scores: Shape (n, categories).
        labels: 0 or 1, shape (n, categories).
        concepts: What each shows, with its family.
        embeddings: Shape (n, width).
    """

    scores: Floats
    labels: NDArray[np.float32]
    concepts: tuple[str, ...]
    embeddings: NDArray[np.float32]


def embed(model: ClipModel, pictures: Sequence[Picture]) -> NDArray[np.float32]:
    """Embeddings of pictures by the exported model, shape (n, width)."""
    prepare = model.folder.preprocess
    parts = [
        model.pictures([prepare(one) for one in pictures[start : start + _CHUNK]])
        for start in range(0, len(pictures), _CHUNK)
    ]
    return np.concatenate(parts)


def seen(model: ClipModel, bank: Bank, mixture: Mixture, harmless: int, rng: Generator) -> Seen:
    """Every dangerous sprite of ``bank`` six times and some harmless ones once, scored.

    Args:
        model: With heads for ``CATEGORIES``.
        bank: What is measured on.
        mixture: Of the same bank, for its backgrounds.
        harmless: Harmless sprites at most.
        rng: Of pictures.
    """
    dangerous = np.flatnonzero((bank.labels == 1).any(1))
    others = bank.harmless()
    others = rng.permutation(others)[:harmless]
    numbers = np.concatenate([np.repeat(dangerous, _EACH), others])
    pictures = [mixture.of_sprite(int(number), rng) for number in numbers]
    embeddings = embed(model, pictures)
    concepts = tuple(f"{bank.family[one]} {bank.things[bank.thing[one]]}" for one in numbers)
    scores = np.asarray(model.scores(embeddings), np.float64)
    return Seen(scores, bank.labels[numbers], concepts, embeddings)


def by_category(found: Seen) -> dict[str, Any]:
    """AUROC of each head against harmless pictures, and against all others, with intervals."""
    rows: dict[str, Any] = {}
    harmless = (found.labels == 0).all(1)
    for column, name in enumerate(CATEGORIES):
        shown = found.labels[:, column] == 1
        if not shown.any() or not harmless.any():
            continue
        groups = [one for one, take in zip(found.concepts, shown, strict=True) if take]
        scores = found.scores[:, column]
        value, interval = auroc_interval(scores[shown], scores[harmless], groups)
        others = scores[found.labels[:, column] == 0]
        rows[name] = {
            "concepts": len(set(groups)),
            "pictures": int(shown.sum()),
            "harmless": int(harmless.sum()),
            "auroc": value,
            "interval_95": interval,
            f"found_at_{SHIPPED_SCORE}": round(share(scores[shown], SHIPPED_SCORE), 3),
            "auroc_against_all_others": round(auroc(scores[shown], others), 4),
        }
    return rows


def retrieval(
    model: ClipModel, pictures: Sequence[Picture], things: Sequence[str], others: Sequence[str]
) -> dict[str, Any]:
    """How often the right caption is among the nearest five, for concepts kept from training.

    Args:
        model: The exported model.
        pictures: One for each of ``things``.
        things: What each shows; may repeat.
        others: Concepts of training that compete in the second figure.
    """
    names = list(dict.fromkeys(things))
    embeddings = embed(model, pictures)
    row = np.array([names.index(thing) for thing in things])
    said = _said(model, [*names, *others])
    cosines = embeddings @ said.T  # (pictures, names + others)
    own = cosines[:, : len(names)]
    return {
        "concepts": len(names),
        "pictures": len(things),
        "top_1": _among(own, row, 1),
        "top_5": _among(own, row, 5),
        "chance_top_5": round(min(1.0, 5 / len(names)), 4),
        "competing": len(others),
        "top_5_with_competing": _among(cosines, row, 5),
    }


def photographs(
    model: ClipModel, path: Path, at: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    """Scores of the photographs of one set, as the detector gives them: the whole and its tiles.

    Args:
        model: With heads.
        path: JSON lines; pictures are named relative to it.
        at: For each way of choosing them, thresholds by category; the share of ordinary pictures
            that reach them is told.
    """
    judge = Judge(model, model.labels, ZeroShot(model, {}, ()), None, TILES, 1)
    rows = list(_rows(path))
    scores = np.zeros((len(rows), len(model.labels)))
    for number, row in enumerate(rows):
        for finding in judge("/", [_pixels(path.parent / row["image"])]):
            scores[number, model.labels.index(finding.category)] = finding.score
    unsafe = np.array([row["label"] == "unsafe" for row in rows])
    burning = np.array([row.get("category") == "fire" for row in rows])
    told: dict[str, Any] = {"pictures": len(rows), "of_fire": int(burning.sum())}
    fire = scores[:, model.labels.index("fire")]
    if burning.any():
        value, interval = auroc_interval(fire[burning], fire[~unsafe])
        told["fire"] = {"auroc": value, "interval_95": interval}
    ordinary = scores[~unsafe]
    for said, limits in at.items():
        reached = np.stack(
            [ordinary[:, model.labels.index(name)] >= score for name, score in limits.items()]
        )
        shares = dict(zip(limits, reached.mean(1).round(4).tolist(), strict=True))
        told[f"flagged {said}"] = {**shares, "any": round(float(reached.any(0).mean()), 4)}
    return told


def _said(model: ClipModel, things: Sequence[str]) -> NDArray[np.float32]:
    """The mean direction of all templates for each thing."""
    total = sum(model.texts([template.format(one) for one in things]) for template in TEMPLATES)
    rows = np.asarray(total, np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _among(cosines: NDArray[np.float32], right: NDArray[np.int64], most: int) -> float:
    nearest = np.argsort(-cosines, axis=1)[:, :most]
    return round(float((nearest == right[:, None]).any(1).mean()), 4)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)
    except (OSError, ValueError) as error:
        raise ClipTrainingError(f"{path}: no JSON lines of pictures: {error}") from None


def _pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), np.uint8)
