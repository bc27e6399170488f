"""The models that ship: what ``models`` lists, and whether their files are whole."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from guardrail.errors import ModelError

# By name: the core imports no detector.
_WEIGHTS = "guardrail_detectors.weights"
_TEXT_SCORER = "guardrail_detectors.text_guard.scorer:TextScorer"
_SCORERS = {"hashed_ngrams_1": _TEXT_SCORER, "wordpieces_1": _TEXT_SCORER}


def listed() -> Table:
    """The shipped models with version, labels, size and licence."""
    weights: Any = importlib.import_module(_WEIGHTS)
    table = Table(title="Models that ship", title_justify="left")
    for column in ("name", "version", "task", "labels", "size", "licence"):
        table.add_column(column, overflow="fold")
    for name in weights.model_names():
        manifest = weights.load_model_folder(name).manifest
        size = sum(entry.bytes for entry in manifest.files.values())
        table.add_row(
            name,
            manifest.version,
            manifest.task,
            ", ".join(manifest.labels),
            f"{size / 1e6:.1f} MB",
            manifest.licence,
        )
    return table


def verify(names: Sequence[str]) -> list[tuple[str, str]]:
    """Name and fault ("" for none) of each model: checksums, then the golden inputs.

    Args:
        names: Shipped models or model folders; all shipped ones when empty.
    """
    weights: Any = importlib.import_module(_WEIGHTS)
    return [(name, _fault(weights, name)) for name in names or weights.model_names()]


def _fault(weights: Any, name: str) -> str:
    try:
        folder = weights.load_model_folder(name)
        folder.verify()
        scorer = _SCORERS.get(str(folder.manifest.parameters.get("features")))
        if scorer is None:
            return "its files are whole, but nothing here knows how to run it"
        module, _, member = scorer.partition(":")
        getattr(importlib.import_module(module), member).load(name)
    except ModelError as error:
        return str(error)
    return ""
