"""Any open_clip model as a model folder: towers in ONNX, tokenizer, preprocessing, proof.

The proof is ``golden.json``: pictures that the project draws and sentences, with the embeddings
that torch gives them. The run time refuses a folder whose towers disagree with it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import open_clip
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from guardrail_detectors.clip import Preprocess
from guardrail_detectors.clip.folder import LEAST_COSINE
from guardrail_detectors.onnx import open_session
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.golden import SENTENCES, golden_pictures, write_golden
from guardrail_training.clip.manifest import About, write_manifest
from guardrail_training.clip.packed import pack_weights
from guardrail_training.clip.smaller import in_eight_bits, in_half
from guardrail_training.clip.tokenizers_json import cut, write_tokenizer

__all__ = ["About", "Source", "export", "load"]

OPSET = 18

_FIRST = "visual.onnx"
_SMALL = "visual.int8.onnx"


@dataclass(frozen=True, slots=True)
class Source:
    """A model of open_clip and how it is called.

    Attributes:
        model: In evaluation mode, on the processor.
        tokenizer: open_clip's for it.
        name: What it was made from.
    """

    model: Any
    tokenizer: Any
    name: str


class _Side(nn.Module):
    """One tower as a function of one tensor, its output of length 1."""

    def __init__(self, model: nn.Module, side: str) -> None:
        super().__init__()
        self.model = model
        self.side = side

    def forward(self, shown: Tensor) -> Tensor:
        """Embeddings of shape (batch, width)."""
        if self.side == "encode_text":
            shown = shown.int()  # ONNX Runtime finds the end of a text in 32-bit ids only
        found: Tensor = getattr(self.model, self.side)(shown)
        return functional.normalize(found, dim=-1)


def load(name: str, pretrained: str | None = None) -> Source:
    """The open_clip model ``name``.

    Args:
        name: open_clip's name, ``hf-hub:OWNER/NAME`` or ``local-dir:FOLDER``.
        pretrained: A tag of open_clip or a checkpoint file; None for random weights, or those that
            a hub or folder holds.

    Raises:
        ClipTrainingError: There is no such model, or its weights cannot be had.
    """
    try:
        model = open_clip.create_model(name, pretrained=pretrained)
        tokenizer = open_clip.get_tokenizer(name)
    except Exception as error:  # noqa: BLE001 - open_clip and the hub raise whatever they like
        raise ClipTrainingError(
            f"open_clip model {name!r}, weights {pretrained!r}: {error}; "
            "`python -c 'import open_clip; print(open_clip.list_pretrained())'` lists the names; "
            "without a network give a checkpoint file or local-dir:FOLDER"
        ) from None
    return Source(model.eval(), tokenizer, name if pretrained is None else f"{name} {pretrained}")


def export(
    source: Source,
    out: Path,
    about: About,
    variants: Sequence[str] = ("fp32", "int8", "fp16"),
    *,
    packed_text: bool = False,
) -> Path:
    """Writes the model folder ``out``.

    Args:
        source: The model.
        out: The folder.
        about: What the manifest says.
        variants: Of ``fp32``, ``fp16`` and ``int8``; the last one that is near enough is the
            default among int8 and fp32.
        packed_text: Whether the text tower's weights are kept in four bits: only for one whose
            weights were rounded to them.

    Raises:
        ClipTrainingError: A tower cannot be exported, or differs from torch by more than the run
            time accepts.
    """
    (out / "golden").mkdir(parents=True, exist_ok=True)
    preprocess = preprocess_of(source.model)
    (out / "preprocess.json").write_text(preprocess.model_dump_json(indent=1) + "\n", "utf-8")
    context = int(source.tokenizer.context_length)
    pad = write_tokenizer(source.tokenizer, context, out / "tokenizer.json")
    pictures = golden_pictures(preprocess.size)
    tensors = np.stack([preprocess(one) for one in pictures])
    ids = cut(out / "tokenizer.json", SENTENCES, context, pad)
    seen = _tower(source.model, "encode_image", torch.from_numpy(tensors), out / _FIRST)
    said = _tower(source.model, "encode_text", torch.from_numpy(ids), out / "text.onnx")
    if packed_text:
        pack_weights(out / "text.onnx", out / "text.onnx")
    cosines = {"text": _nearness(out / "text.onnx", "input_ids", ids, said, "fp32")}
    cosines |= _variants(out, variants, tensors, seen)
    write_golden(out, pictures, seen, said)
    default = _SMALL if "int8" in cosines and "fp32" not in cosines else _FIRST
    parameters = {
        "embedding": seen.shape[1],
        "context_length": context,
        "pad_id": pad,
        "logit_scale": round(float(source.model.logit_scale.detach().exp()), 4),
        "logit_bias": _bias(source.model),
        "variant": default,
        "min_cosine": LEAST_COSINE["int8" if default == _SMALL else "fp32"],
    }
    write_manifest(out, source.name, about, preprocess.size, parameters, cosines)
    return out


def _variants(
    out: Path, variants: Sequence[str], tensors: NDArray[np.float32], seen: NDArray[np.float32]
) -> dict[str, float]:
    """The least cosine of each variant to torch; the float32 file goes when it is not wanted."""
    cosines = {"fp32": _nearness(out / _FIRST, "pixel_values", tensors, seen, "fp32")}
    if "fp16" in variants:
        in_half(out / _FIRST, out / "visual.fp16.onnx")
        half = out / "visual.fp16.onnx"
        cosines["fp16"] = _nearness(half, "pixel_values", tensors, seen, "fp16")
    if "int8" in variants:
        in_eight_bits(out / _FIRST, out / _SMALL)
        cosines["int8"] = _nearness(out / _SMALL, "pixel_values", tensors, seen, "int8")
    if "fp32" not in variants:
        (out / _FIRST).unlink()
        del cosines["fp32"]
    return cosines


def _tower(model: nn.Module, side: str, example: Tensor, path: Path) -> NDArray[np.float32]:
    """Writes one tower and returns what torch embeds ``example`` as."""
    tower = _Side(model, side).eval()
    name = "pixel_values" if side == "encode_image" else "input_ids"
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # ONNX has no name for its operator
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # shapes that are constant here; the tracer's age
            _traced(tower, example, name, path)
            found = tower(example)
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    onnx.checker.check_model(str(path))
    return np.asarray(found.numpy(), np.float32)


def _traced(tower: nn.Module, example: Tensor, name: str, path: Path) -> None:
    try:
        torch.onnx.export(
            tower,
            (example[:2],),
            str(path),
            input_names=[name],
            output_names=["embedding"],
            dynamic_axes={name: {0: "batch"}, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise ClipTrainingError(
            f"{path.name}: this tower has an operator that ONNX lacks: {str(error).splitlines()[0]}"
        ) from None


def _nearness(
    path: Path, name: str, shown: NDArray[Any], expected: NDArray[np.float32], precision: Any
) -> float:
    """The least cosine between a tower's rows, one at a time, and torch's.

    Raises:
        ClipTrainingError: It is less than the run time accepts.
    """
    session = open_session(path)
    rows = np.concatenate([session.run(None, {name: one[None]})[0] for one in shown])
    least = float((rows * expected).sum(1).min())
    if not least >= LEAST_COSINE[precision]:
        raise ClipTrainingError(
            f"{path.name}: embeddings have a cosine of {least:.5f} to those of torch, less than "
            f"{LEAST_COSINE[precision]}; leave this variant out: --variant"
        )
    return least


def _bias(model: Any) -> float:
    bias = getattr(model, "logit_bias", None)
    return 0.0 if bias is None else round(float(bias.detach()), 4)


def preprocess_of(model: Any) -> Preprocess:
    """What is done to pictures before the model sees them.

    Raises:
        ClipTrainingError: Something that the run time cannot do.
    """
    config = open_clip.get_model_preprocess_cfg(model)
    size = config["size"]
    width, height = (size, size) if isinstance(size, int) else size
    if width != height or config["interpolation"] not in {"bicubic", "bilinear"}:
        raise ClipTrainingError(f"preprocessing {config}: only squares, bicubic or bilinear")
    return Preprocess(
        size=width,
        resize=config["resize_mode"],
        interpolation=config["interpolation"],
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        fill=config.get("fill_color", 0),
    )
