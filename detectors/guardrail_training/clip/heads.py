"""Classifiers on frozen embeddings: fitted, calibrated, measured on sources left out, exported."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from guardrail_detectors.weights import Threshold
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.text_guard.evaluate import auroc, bootstrap, threshold_at

Floats = NDArray[np.float64]

_STRENGTH = 8.0
"""Inverse of the penalty of linear heads; embeddings have length 1, so weights must be large."""

_RESAMPLES = 300
_OPSET = 17
_IR_VERSION = 8


@dataclass(frozen=True, slots=True)
class Layer:
    """``x @ weights + bias``: weights (in, out), bias (out,)."""

    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Head:
    """A category's classifier: one or two layers, and Platt's calibration of its log odds."""

    category: str
    layers: tuple[Layer, ...]
    slope: float = 1.0
    offset: float = 0.0

    def odds(self, embeddings: Floats) -> Floats:
        """Calibrated log odds of embeddings (n, width), shape (n,)."""
        found = np.asarray(embeddings, np.float64)
        for number, layer in enumerate(self.layers):
            found = found @ layer.weights + layer.bias
            if number + 1 < len(self.layers):
                found = np.maximum(found, 0.0)
        return np.asarray(self.slope * found[:, 0] + self.offset)

    def scores(self, embeddings: Floats) -> Floats:
        """Probabilities of embeddings (n, width), shape (n,)."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.odds(embeddings), -60, 60))))


@dataclass(frozen=True, slots=True)
class Examples:
    """Embedded pictures of one category.

    Attributes:
        embeddings: Shape (n, width).
        shown: Whether each shows the category, shape (n,).
        sources: Where each is from; splits never part a source's pictures from one another.
    """

    embeddings: Floats
    shown: NDArray[np.bool_]
    sources: tuple[str, ...]

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Examples:
        kept = tuple(name for name, take in zip(self.sources, chosen, strict=True) if take)
        return Examples(self.embeddings[chosen], self.shown[chosen], kept)


def fit_head(
    category: str, examples: Examples, hidden: int = 0, seed: int = 0, strength: float = _STRENGTH
) -> Head:
    """A head for one category, both classes weighing the same; not calibrated yet.

    Args:
        category: Its name.
        examples: Of both classes.
        hidden: Units of a hidden layer; 0 for a linear head.
        seed: Of the hidden layer's start and of repeated pictures.
        strength: Inverse of a linear head's penalty.

    Raises:
        ClipTrainingError: One class has no picture.
    """
    shown = examples.shown
    if shown.all() or not shown.any():
        lacking = "harmless pictures" if shown.all() else f"pictures of {category}"
        raise ClipTrainingError(f"{category}: no {lacking} to learn from; add some of them")
    if not hidden:
        linear: Any = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
        linear.fit(examples.embeddings, shown)
        return Head(
            category, (Layer(linear.coef_.T.astype(float), linear.intercept_.astype(float)),)
        )
    rows = _balanced(shown, np.random.default_rng(seed))
    mlp: Any = MLPClassifier((hidden,), solver="lbfgs", alpha=1e-2, max_iter=500, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an early stop is no fault here
        mlp.fit(examples.embeddings[rows], shown[rows])
    pairs = zip(mlp.coefs_, mlp.intercepts_, strict=True)
    return Head(category, tuple(Layer(w.astype(float), b.astype(float)) for w, b in pairs))


def calibrated(head: Head, examples: Examples) -> Head:
    """``head`` whose scores are probabilities on pictures that it was not fitted on.

    Source: Platt 1999, "Probabilistic outputs for support vector machines".
    """
    odds = Head(head.category, head.layers).odds(examples.embeddings)
    platt = LogisticRegression(C=1e4).fit(odds[:, None], examples.shown)
    slope = max(1e-3, float(np.asarray(platt.coef_)[0, 0]))
    return Head(head.category, head.layers, slope, float(np.asarray(platt.intercept_)[0]))


def split(sources: Sequence[str], parts: int, seed: int) -> NDArray[np.int64]:
    """For each picture the part that its source falls into, of about equal sizes.

    Sources are dealt out whole, largest first, each to the part that has least: pictures of one
    source are alike, and one that calibrates must not be a neighbour of one that was learnt from.
    With fewer sources than parts the pictures are dealt out one by one.
    """
    rng = np.random.default_rng(seed)
    names, counts = np.unique(np.array(sources), return_counts=True)
    if len(names) < parts:
        return rng.permutation(np.arange(len(sources)) % parts)
    filled = [0] * parts
    place: dict[str, int] = {}
    order = rng.permutation(len(names))
    for one in sorted(order, key=lambda number: -counts[number]):
        part = int(np.argmin(filled))
        place[str(names[one])] = part
        filled[part] += int(counts[one])
    return np.array([place[name] for name in sources], np.int64)


def left_out(category: str, examples: Examples, hidden: int = 0, seed: int = 0) -> dict[str, Any]:
    """AUROC on each source by a head that never saw it, with 95 % intervals.

    A source without pictures of the category is measured against the category's pictures of all
    others, left out as well; one whose absence leaves nothing to learn from is not measured.
    """
    found: dict[str, Any] = {}
    for name in sorted(set(examples.sources)):
        here = np.array([source == name for source in examples.sources])
        rest = examples[~here]
        if not rest.shown.any() or rest.shown.all() or not examples.shown[here].any():
            continue
        head = fit_head(category, rest, hidden, seed)
        scores = head.scores(examples.embeddings[here])
        shown = examples.shown[here]
        against = scores[~shown] if not shown.all() else head.scores(rest.embeddings[~rest.shown])
        value, interval = auroc_interval(scores[shown], against, seed=seed)
        found[name] = {"pictures": int(here.sum()), "auroc": value, "interval_95": interval}
    return found


def auroc_interval(
    positive: Floats,
    negative: Floats,
    groups: Sequence[str] | None = None,
    seed: int = 0,
) -> tuple[float, tuple[float, float]]:
    """AUROC and its 95 % percentile interval over resampled positives and negatives.

    Args:
        positive: Scores of what shows the category.
        negative: Of what does not.
        groups: For each positive what it is a variation of: groups are resampled whole.
        seed: Of the resamples.
    """
    rng = np.random.default_rng(seed)
    names = np.array(groups if groups is not None else [str(n) for n in range(len(positive))])
    members = [np.flatnonzero(names == name) for name in dict.fromkeys(names.tolist())]
    draws = []
    for _ in range(_RESAMPLES):
        chosen = rng.integers(0, len(members), len(members))
        rows = np.concatenate([members[one] for one in chosen])
        others = negative[rng.integers(0, len(negative), len(negative))]
        draws.append(auroc(positive[rows], others))
    low, high = np.percentile(draws, [2.5, 97.5])
    return round(auroc(positive, negative), 4), (round(float(low), 4), round(float(high), 4))


def thresholds(
    head: Head, harmless: Floats, rates: Sequence[float], calibrated_on: str
) -> list[Threshold]:
    """Scores that the stated shares of harmless pictures reach.

    Args:
        head: Calibrated.
        harmless: Embeddings of pictures that show nothing of the category.
        rates: False-positive rates.
        calibrated_on: What the manifest says of them.
    """
    scores = head.scores(harmless)
    found = []
    for rate in rates:
        score = min(1.0, threshold_at(scores, rate))
        interval = bootstrap(scores, score)
        found.append(
            Threshold(
                label=head.category,
                score=score,
                false_positive_rate=rate,
                interval_95=interval,
                calibrated_on=calibrated_on,
            )
        )
    return found


def write_heads(heads: Sequence[Head], path: Path) -> None:
    """Writes ``embedding`` (batch, width) → ``scores`` (batch, heads), calibrated."""
    nodes: list[Any] = []
    constants: list[Any] = []
    for number, head in enumerate(heads):
        value = "embedding"
        for depth, layer in enumerate(head.layers):
            last = depth + 1 == len(head.layers)
            scale = head.slope if last else 1.0
            shift = head.offset if last else 0.0
            name = f"h{number}.{depth}"
            constants += [
                numpy_helper.from_array((layer.weights * scale).astype(np.float32), f"{name}.w"),
                numpy_helper.from_array(
                    (layer.bias * scale + shift).astype(np.float32), f"{name}.b"
                ),
            ]
            nodes.append(helper.make_node("Gemm", [value, f"{name}.w", f"{name}.b"], [name]))
            value = name
            if not last:
                nodes.append(helper.make_node("Relu", [name], [f"{name}.r"]))
                value = f"{name}.r"
    odds = [f"h{number}.{len(head.layers) - 1}" for number, head in enumerate(heads)]
    nodes.append(helper.make_node("Concat", odds, ["odds"], axis=1))
    nodes.append(helper.make_node("Sigmoid", ["odds"], ["scores"]))
    width = len(heads[0].layers[0].weights)
    shapes = (("embedding", width), ("scores", len(heads)))
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size])]
        for name, size in shapes
    )
    graph = helper.make_graph(nodes, "heads", inputs, outputs, constants)
    opset = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _balanced(shown: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows with both classes equally often, the rarer one repeated."""
    most = max(int(shown.sum()), int((~shown).sum()))
    classes: Sequence[NDArray[np.int64]] = (np.flatnonzero(shown), np.flatnonzero(~shown))
    return rng.permutation(np.concatenate([np.resize(rows, most) for rows in classes]))
