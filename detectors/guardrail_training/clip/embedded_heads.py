"""The embedded model's heads: fitted and calibrated on pictures as the exported tower sees them."""

from __future__ import annotations

import numpy as np

from guardrail_detectors.clip import ClipModel
from guardrail_detectors.weights import Threshold
from guardrail_training.clip.bank import CATEGORIES, Bank
from guardrail_training.clip.batches import Batch, Mixture
from guardrail_training.clip.config import EmbeddedConfig
from guardrail_training.clip.heads import Examples, Head, calibrated, fit_head, thresholds
from guardrail_training.clip.measure import embed

RATES = (0.01, 0.001)
"""False-positive rates whose thresholds go into the manifest."""

_FIRST_SEED = 500  # beyond the seeds of the cycles


def fitted(
    config: EmbeddedConfig, model: ClipModel, mixture: Mixture, strangers: Bank
) -> tuple[list[Head], tuple[Threshold, ...]]:
    """A calibrated head for each category, and its thresholds.

    Args:
        config: How many pictures, and the seed.
        model: The exported towers, without heads.
        mixture: Pictures as in training, but new ones.
        strangers: Harmless icons that were not trained on, for the thresholds.
    """
    batches = [
        mixture.batch(config.head_pictures, np.random.default_rng(config.seed + _FIRST_SEED + one))
        for one in range(2)
    ]
    first, second = ((batch, embed(model, list(batch.pictures))) for batch in batches)
    rng = np.random.default_rng(config.seed + _FIRST_SEED + 2)
    plain = _harmless(config, model, mixture, strangers, rng)
    heads: list[Head] = []
    told: list[Threshold] = []
    for column, name in enumerate(CATEGORIES):
        head = fit_head(
            name, _examples(*first, column), seed=config.seed, strength=config.head_strength
        )
        head = calibrated(head, _examples(*second, column))
        heads.append(head)
        said = f"{len(plain)} harmless pictures: icons kept from training, photographs, screenshots"
        told += thresholds(head, plain, RATES, said)
    return heads, tuple(told)


def _examples(batch: Batch, embeddings: np.ndarray, column: int) -> Examples:
    labels = batch.labels[:, column]
    known = ~np.isnan(labels)
    sources = tuple("composed" for _ in range(int(known.sum())))
    return Examples(embeddings[known].astype(np.float64), labels[known] == 1, sources)


def _harmless(
    config: EmbeddedConfig,
    model: ClipModel,
    mixture: Mixture,
    strangers: Bank,
    rng: np.random.Generator,
) -> np.ndarray:
    """Embeddings of as many harmless pictures as calibrate: half of icons, half of scenery."""
    half = config.head_pictures // 2
    palette = Mixture(strangers, mixture.palette, config.size)
    numbers = rng.integers(0, len(strangers.sprites), half)
    shown = [palette.of_sprite(int(number), rng) for number in numbers]
    shown += [mixture.scene(rng) for _ in range(half)]
    return embed(model, shown).astype(np.float64)
