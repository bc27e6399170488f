"""A tuned model as folders: one that Transformers serves, and its tower for the guard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from guardrail_detectors.onnx import open_session
from guardrail_detectors.weights import Input, Manifest, file_entry
from guardrail_training.text_guard.records import DataError

PARITY = 1e-4
"""Largest difference between the exported tower and the one it was made from."""

OPSET = 18
_OUTPUT = "image_tower_output"


@dataclass(frozen=True, slots=True)
class Origin:
    """What manifest and card say of where a model comes from.

    Attributes:
        name: Of the model.
        version: Of the model.
        base: The model it was tuned from.
        command: That trained it.
        data: File to number of examples.
        metrics: Rates before and after.
    """

    name: str
    version: str
    base: str
    command: str
    data: dict[str, int]
    metrics: dict[str, Any]


class ImageTower(nn.Module):
    """A vision tower as an image encoder: the mean of its tokens, at length 1.

    Args:
        tower: Reads ``pixel_values`` of shape (batch, 3, side, side).
    """

    def __init__(self, tower: Any) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, pixel_values: Tensor) -> Tensor:
        """Embeddings of length 1, shape (batch, width)."""
        tokens = self.tower(pixel_values=pixel_values).last_hidden_state  # (B, T, W)
        return normalize(tokens.mean(1), dim=-1)


def export_model(model: Any, reader: Any, folder: Path, origin: Origin) -> None:
    """A Hugging Face folder with a card, as ``transformers serve`` and any loader read it."""
    model.save_pretrained(folder)
    reader.save_pretrained(folder)
    (folder / "README.md").write_text(_card(origin), "utf-8")


def export_tower(model: Any, reader: Any, folder: Path, origin: Origin) -> float:
    """The vision tower as a model folder of the guard; returns the difference of its outputs.

    The folder holds ``visual.onnx`` (``pixel_values`` → ``embedding``), ``preprocess.json``, a
    manifest and a card.

    Raises:
        DataError: The tower does not read square pictures, or the ONNX file computes something
            else than the tower by more than ``PARITY``.
    """
    tower = ImageTower(model.get_encoder(modality="image")).eval().float().cpu()
    side = _side(model)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    file = folder / "visual.onnx"
    write_onnx(tower, pictures, file)
    difference = parity(tower, file, pictures)
    if difference > PARITY:
        raise DataError(f"{file}: differs from the tower by {difference:.2e}, more than {PARITY}")
    (folder / "preprocess.json").write_text(json.dumps(_preprocess(reader, side)), "utf-8")
    _write_manifest(folder, origin, side, int(model.config.vision_config.hidden_size))
    (folder / "MODEL_CARD.md").write_text(_card(origin), "utf-8")
    return difference


def _side(model: Any) -> int:
    side = getattr(model.config.vision_config, "image_size", None)
    if not isinstance(side, int):
        raise DataError(
            f"the tower of a {type(model).__name__} does not read pictures of one square size; "
            "it is left in the model folder and not exported alone: set `tower: false`"
        )
    return side


def write_onnx(tower: nn.Module, pictures: Tensor, path: Path) -> None:
    """The tower as an ONNX file with a batch of any size."""
    torch.onnx.export(
        tower,
        (pictures,),
        str(path),
        input_names=["pixel_values"],
        output_names=[_OUTPUT],
        dynamic_shapes={"pixel_values": {0: torch.export.Dim("batch")}},
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    graph = onnx.load(str(path))
    _rename(graph.graph, {_OUTPUT: "embedding", "embedding": f"{_OUTPUT}.inner"})
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))


def _rename(graph: Any, names: dict[str, str]) -> None:
    """Renames values; a tower has an inner value of the very name that its output shall have."""
    for node in graph.node:
        node.input[:] = [names.get(one, one) for one in node.input]
        node.output[:] = [names.get(one, one) for one in node.output]
    for value in (*graph.output, *graph.value_info, *graph.initializer):
        value.name = names.get(value.name, value.name)


def parity(tower: nn.Module, path: Path, pictures: Tensor) -> float:
    """The largest difference between both, also for a batch of another size."""
    session = open_session(path)
    worst = 0.0
    for batch in (pictures, pictures[:1]):
        with torch.no_grad():
            wanted = tower(batch).numpy()
        found = np.asarray(session.run(None, {"pixel_values": batch.numpy()})[0])
        worst = max(worst, float(np.abs(found - wanted).max()))
    return worst


def _preprocess(reader: Any, side: int) -> dict[str, Any]:
    pictures = reader.image_processor
    return {
        "size": side,
        "resize": "shortest" if pictures.do_center_crop else "squash",
        "interpolation": "bicubic",
        "mean": list(pictures.image_mean),
        "std": list(pictures.image_std),
        "fill": 0,
    }


def _write_manifest(folder: Path, origin: Origin, side: int, width: int) -> None:
    manifest = Manifest(
        format=1,
        name=origin.name,
        version=origin.version,
        task="image embedding",
        licence="that of the base model",
        base_model=origin.base,
        files={name: file_entry(folder / name) for name in ("visual.onnx", "preprocess.json")},
        inputs=(Input(name="pixel_values", dtype="float32", shape=(-1, 3, side, side)),),
        labels=("embedding",),
        parameters={"embedding": width, "parity": PARITY},
        thresholds=(),
        training_command=origin.command,
        training_data=origin.data,
        metrics=origin.metrics,
    )
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")


_CARD = """# {name} {version}

{base}, tuned to refuse harmful requests about pictures (VLGuard, arXiv:2402.02207) and to go on
helping with harmless ones. The vision tower was not changed.

- Trained by: `{command}`
- Licence: that of the base model and of the data.
- Data: {data}

| | attack success, judge | attack success, keywords | over-refusal | right answers |
|---|---|---|---|---|
{rows}

Attack success is the share of harmful requests that are not refused: "unsafe" has a harmful
picture, "safe_unsafe" a harmless picture and a harmful instruction. Over-refusal is the share of
harmless requests that are refused. The keywords are those of the published evaluation; the judge
knows word boundaries, apostrophes and denials.

Limits: what no training example resembles is not refused. Keep the guard in front of it.
"""


def _card(origin: Origin) -> str:
    rows = [
        _card_row(f"{name}, {when}", rate)
        for when in ("before", "after")
        for name, rate in origin.metrics[when]["subsets"].items()
    ]
    return _CARD.format(
        name=origin.name,
        version=origin.version,
        base=origin.base,
        command=origin.command,
        data=", ".join(f"{name} ({count})" for name, count in origin.data.items()),
        rows="\n".join(rows),
    )


def _card_row(label: str, rate: dict[str, Any]) -> str:
    harmful = "unsafe" in label
    attack = f"{1 - rate['refused']:.1%}" if harmful else ""
    keywords = f"{1 - rate['refused_by_keywords']:.1%}" if harmful else ""
    refused = "" if harmful else f"{rate['refused']:.1%}"
    return f"| {label} | {attack} | {keywords} | {refused} | {rate['right']:.1%} |"
