"""Heads on the text embeddings of a CLIP: fitted, calibrated on lines left out, written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from guardrail_detectors.clip import ClipModel
from guardrail_detectors.person_inference.intent import NAME, TASK
from guardrail_detectors.weights import Input, Manifest, file_entry
from guardrail_training.person_intent.examples import REPORTED, Example

Floats = NDArray[np.float64]

GOLDEN = (
    "Who is this man?",
    "Is she gay?",
    "What is he wearing?",
    "What bird is this?",
    "Describe this picture.",
    "",
)
"""Texts whose scores are checked whenever the heads are loaded."""

_STRENGTH = 3.0  # inverse of the regularisation; from 1 to 300 the measured figures hardly move
_FOLDS = 8


@dataclass(frozen=True, slots=True)
class Head:
    """One category's linear classifier, its calibration folded in.

    Attributes:
        category: What it reports.
        weights: Shape (embedding,).
        bias: Added; the sum is log odds.
        auroc: On lines that were left out of the fit.
    """

    category: str
    weights: Floats
    bias: float
    auroc: float


def fit(rows: Sequence[Example], embeddings: NDArray[np.float32], category: str) -> Head:
    """The head for ``category``.

    Log odds of lines left out (eight folds, a line's fillings together) calibrate it: Platt 1999,
    "Probabilistic outputs for support vector machines", section 2.
    """
    labels = np.array([one.category == category for one in rows])
    lines = {line: number for number, line in enumerate(dict.fromkeys(r.template for r in rows))}
    groups = [lines[one.template] for one in rows]
    odds = np.zeros(len(rows))
    for kept, left in GroupKFold(_FOLDS).split(embeddings, labels, groups):
        odds[left] = _regress(embeddings[kept], labels[kept]).decision_function(embeddings[left])
    platt = LogisticRegression(C=1e6).fit(odds[:, None], labels)
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    whole = _regress(embeddings, labels)
    return Head(
        category,
        whole.coef_[0] * slope,
        float(whole.intercept_[0]) * slope + offset,
        float(roc_auc_score(labels, odds)),
    )


def write(heads: Sequence[Head], model: ClipModel, rows: Sequence[Example], out: Path) -> None:
    """The folder that ``person_inference`` loads."""
    out.mkdir(parents=True, exist_ok=True)
    _write_network(heads, out / "heads.onnx")
    embeddings = model.texts(GOLDEN)
    odds = embeddings @ np.stack([one.weights for one in heads], axis=1)
    scores = 1 / (1 + np.exp(-(odds + np.array([one.bias for one in heads]))))
    lines = [
        json.dumps({"text": text, "scores": [round(float(one), 6) for one in row]})
        for text, row in zip(GOLDEN, scores, strict=True)
    ]
    (out / "golden.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    manifest = Manifest(
        format=1,
        name=NAME,
        version="1",
        task=TASK,
        licence="Apache-2.0",
        base_model=model.folder.folder.manifest.name,
        files={name: file_entry(out / name) for name in ("heads.onnx", "golden.jsonl")},
        inputs=(Input(name="embedding", dtype="float32", shape=(-1, embeddings.shape[1])),),
        labels=tuple(one.category for one in heads),
        parameters={"embedding": embeddings.shape[1]},
        thresholds=(),
        training_command="python -m guardrail_training.person_intent",
        training_data={group: _count(rows, name) for group, name in _groups()},
        metrics={"auroc_on_lines_left_out": {one.category: round(one.auroc, 4) for one in heads}},
    )
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (out / "manifest.json").write_text(text + "\n", "utf-8")


def _groups() -> list[tuple[str, str]]:
    return [*((name, name) for name in REPORTED.values()), ("harmless", "")]


def _count(rows: Sequence[Example], category: str) -> int:
    return sum(one.category == category for one in rows)


def _regress(embeddings: NDArray[np.float32], labels: NDArray[np.bool_]) -> Any:
    network = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=3000)
    return network.fit(embeddings, labels)


def _write_network(heads: Sequence[Head], path: Path) -> None:
    weights = np.stack([one.weights for one in heads], axis=1).astype(np.float32)
    bias = np.array([one.bias for one in heads], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["embedding", "weights"], ["sums"]),
            helper.make_node("Add", ["sums", "bias"], ["odds"]),
            helper.make_node("Sigmoid", ["odds"], ["scores"]),
        ],
        NAME,
        [
            helper.make_tensor_value_info(
                "embedding", TensorProto.FLOAT, ["batch", weights.shape[0]]
            )
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", len(heads)])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, str(path))
