"""What a CLIP folder says of itself: written on export, amended when it gets heads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from guardrail_detectors.clip import TASK, Preprocess
from guardrail_detectors.clip.folder import NO_HEADS
from guardrail_detectors.onnx import open_session
from guardrail_detectors.weights import (
    FileEntry,
    Input,
    Manifest,
    Threshold,
    file_entry,
    load_model_folder,
)

_UNLISTED = frozenset({"manifest.json", "MODEL_CARD.md", "SOURCE.json"})


@dataclass(frozen=True, slots=True)
class About:
    """What the manifest says that the files do not.

    Attributes:
        name: Of the folder's model.
        version: Of it.
        licence: Of the weights.
        command: That makes the folder.
        labels: Categories of ``heads.onnx``; () without.
        thresholds: Of the heads.
        data: Training data and counts.
        metrics: Measured figures.
    """

    name: str
    version: str = "1"
    licence: str = "unknown: see the licence of the weights' publisher"
    command: str = "guardrail models export"
    labels: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    data: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


def write_manifest(
    folder: Path,
    source: str,
    about: About,
    size: int,
    parameters: Mapping[str, Any],
    cosines: Mapping[str, float],
) -> None:
    """``manifest.json`` for the files in ``folder``.

    Args:
        folder: With everything that is listed.
        source: What the model was made from.
        about: The rest.
        size: Of a side of what the tower sees.
        parameters: Of the reader.
        cosines: Least cosine of each exported tower to torch.
    """
    manifest = Manifest(
        format=1,
        name=about.name,
        version=about.version,
        task=TASK,
        licence=about.licence,
        base_model=source,
        files=_entries(folder),
        inputs=(Input(name="pixel_values", dtype="float32", shape=(-1, 3, size, size)),),
        labels=about.labels or NO_HEADS,
        parameters=dict(parameters),
        thresholds=about.thresholds,
        training_command=about.command,
        training_data=about.data,
        metrics={**about.metrics, "least_cosine_to_torch": dict(cosines)},
    )
    _save(folder, manifest)


def amend(folder: Path, about: About) -> Manifest:
    """Says of ``folder`` what ``about`` says, once ``heads.onnx`` is there or has changed.

    The heads' scores of the golden pictures are written anew, and so are all checksums.

    Raises:
        ModelError: The folder has no manifest that can be read.
    """
    old = load_model_folder(str(folder)).manifest
    _score_golden(folder, str(old.parameters["variant"]), about.labels)
    manifest = old.model_copy(
        update={
            "name": about.name,
            "version": about.version,
            "licence": about.licence,
            "files": _entries(folder),
            "labels": about.labels or NO_HEADS,
            "thresholds": about.thresholds,
            "training_command": about.command,
            "training_data": about.data,
            "metrics": {**old.metrics, **about.metrics},
        }
    )
    _save(folder, manifest)
    return manifest


def _score_golden(folder: Path, variant: str, labels: tuple[str, ...]) -> None:
    path = folder / "golden.json"
    golden = json.loads(path.read_text("utf-8"))
    prepare = Preprocess.model_validate_json((folder / "preprocess.json").read_text("utf-8"))
    visual = open_session(folder / variant)
    heads = open_session(folder / "heads.onnx") if labels else None
    for one in golden["pictures"]:
        with Image.open(folder / one["file"]) as picture:
            tensor = prepare(np.asarray(picture.convert("RGB"), np.uint8))
        scores: Any = []
        if heads is not None:
            embedding = visual.run(None, {"pixel_values": tensor[None]})[0]
            scores = heads.run(None, {"embedding": embedding})[0][0]
        one["scores"] = dict(zip(labels, (round(float(s), 6) for s in scores), strict=True))
    path.write_text(json.dumps(golden) + "\n", "utf-8")


def _entries(folder: Path) -> dict[str, FileEntry]:
    files = (one for one in sorted(folder.rglob("*")) if one.is_file())
    return {
        one.relative_to(folder).as_posix(): file_entry(one)
        for one in files
        if one.name not in _UNLISTED
    }


def _save(folder: Path, manifest: Manifest) -> None:
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")
