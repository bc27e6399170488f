"""What a finished model scores on texts that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from guardrail_detectors.text_guard.scorer import TextScorer
from guardrail_detectors.weights import Threshold
from guardrail_training.text_guard.corpus import categories_of
from guardrail_training.text_guard.evaluate import auroc, bootstrap, share, threshold_at
from guardrail_training.text_guard.generated import harmless, injection, quoted
from guardrail_training.text_guard.hazards import hazards
from guardrail_training.text_guard.records import Record

ATTACKS = ("prompt_injection", "jailbreak")

RATES = (0.01, 0.001)
"""False-positive rates whose thresholds go into the manifest."""

THIRD_PARTY = frozenset(
    {
        "ui_docs",
        "typo_train",
        "written_documents",
        "written_indirect_injections",
        "written_mail_web",
        "written_screens",
        "written_tool_results",
    }
)
"""Data sets of documents and pictures."""

PLANTED = frozenset({"written_orders_quotes"})
"""Data sets whose attacks stand in documents, while their harmless texts are messages."""

GENERATED_FOR_TEST = 400
_AT = (0.5, 0.9)
"""Scores that recalls and pass rates are given at."""


def measured(
    scorer: TextScorer, test: Sequence[Record], left_out_attacks: Sequence[str], seed: int
) -> tuple[dict[str, Any], list[Threshold]]:
    """Figures of each head, set and kind of generated text, and thresholds at ``RATES``.

    Args:
        scorer: The network that ships.
        test: Whole texts, held out.
        left_out_attacks: Values of ``meta.attack_category`` that count as no attack of any head.
        seed: Of the generated texts.
    """
    scores = scorer.scores([record.text for record in test], [strange(one) for one in test])
    benign = np.array([record.label == "benign" for record in test])
    metrics: dict[str, Any] = {"benign_texts": int(benign.sum()), "heads": {}}
    thresholds: list[Threshold] = []
    for column, label in enumerate(scorer.labels):
        positive = np.array([fires(record, label, left_out_attacks) for record in test])
        of_benign, of_positive = scores[benign, column], scores[positive, column]
        metrics["heads"][label] = _row(of_positive, of_benign)
        thresholds += [_threshold(label, of_benign, rate) for rate in RATES]
    columns = [scorer.labels.index(label) for label in ATTACKS]
    metrics["by_set"] = _by_set(test, scores[:, columns].max(axis=1))
    metrics["generated"] = _generated(scorer, Random(seed))
    return metrics, thresholds


def strange(record: Record) -> bool:
    """Whether the text of ``record`` is one that may give the model no orders."""
    planted = record.label == "injection" and record.group in PLANTED
    return planted or record.meta.get("kind") == "indirect" or record.group in THIRD_PARTY


def fires(record: Record, label: str, left_out_attacks: Sequence[str]) -> bool:
    """Whether ``label`` should fire on ``record``."""
    match record.label:
        case "injection":
            left_out = record.meta.get("attack_category") in left_out_attacks
            return label == "prompt_injection" and not left_out
        case "jailbreak":
            return label == "jailbreak"
        case "harmful":
            return label in (categories_of(record) or hazards(record.text))
        case _:
            return False


def _row(positive: Any, benign: Any) -> dict[str, Any]:
    """One head's figures; what cannot be measured without positive texts is None."""
    known = len(positive) > 0
    return {
        "texts": len(positive),
        "auroc": round(auroc(positive, benign), 4) if known else None,
        **{f"recall_at_{at}": round(share(positive, at), 3) if known else None for at in _AT},
        **{f"benign_passed_at_{at}": round(1 - share(benign, at), 4) for at in _AT},
    }


def _threshold(label: str, benign: Any, rate: float) -> Threshold:
    score = threshold_at(benign, rate)
    return Threshold(
        label=label,
        score=min(1.0, score),
        false_positive_rate=rate,
        interval_95=bootstrap(benign, score),
        calibrated_on=f"{len(benign)} held-out benign texts",
    )


def _by_set(test: Sequence[Record], scores: Any) -> dict[str, Any]:
    """For each set and label, the share whose higher attack score reaches 0.5 and 0.9."""
    found: dict[str, Any] = {}
    for key in sorted({(record.group, record.label) for record in test}):
        chosen = np.array([(record.group, record.label) == key for record in test])
        found[" ".join(key)] = {
            "texts": int(chosen.sum()),
            "attack_at_0.5": round(share(scores[chosen], 0.5), 3),
            "attack_at_0.9": round(share(scores[chosen], 0.9), 3),
        }
    return found


def _generated(scorer: TextScorer, rng: Random) -> dict[str, Any]:
    """The same for texts generated with another seed, and for attacks that are only quoted."""
    found: dict[str, Any] = {}
    columns = [scorer.labels.index(label) for label in ATTACKS]
    for name, make in (("injection", injection), ("harmless", harmless), ("quoted", quoted)):
        scores = scorer.scores([make(rng) for _ in range(GENERATED_FOR_TEST)])
        attack = scores[:, columns].max(axis=1)
        found[name] = {f"attack_at_{at}": round(share(attack, at), 3) for at in _AT}
    return found
