"""Towers with smaller weights: half precision, and eight bits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

_CONVOLUTIONS = 2
"""A tower with more than these is convolutional; a vision transformer has one."""


class _Shown:
    """Feeds a network's calibration one picture at a time."""

    def __init__(self, tensors: NDArray[np.float32]) -> None:
        self._left: Iterator[NDArray[np.float32]] = iter(tensors)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next picture, or None."""
        one = next(self._left, None)
        return None if one is None else {"pixel_values": one[None]}


def in_half(source: Path, target: Path) -> None:
    """Writes ``source`` with weights and arithmetic in float16, inputs and outputs in float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16  # noqa: PLC0415 - slow

    model = convert_float_to_float16(onnx.load(str(source)), keep_io_types=True)
    onnx.save(model, str(target))


def in_eight_bits(source: Path, target: Path, tensors: NDArray[np.float32]) -> None:
    """Writes ``source`` with weights in eight bits.

    Convolutional towers also compute in eight bits, with ranges measured on ``tensors``: a
    picture's embedding then depends on no other's. In transformers a few activations are hundreds
    of times larger than the rest, and fixed ranges lose the others; theirs are taken anew for each
    run (see the reader, which runs such rows one by one).

    Args:
        source: A visual tower.
        target: The smaller one.
        tensors: Prepared pictures, shape (n, 3, size, size).
    """
    from onnxruntime import quantization as q  # noqa: PLC0415 - 0.5 s that only export costs

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # the library advises on the root logger
    try:
        if _convolutional(source):
            with TemporaryDirectory() as folder:
                ready = Path(folder) / "ready.onnx"
                q.shape_inference.quant_pre_process(
                    str(source), str(ready), skip_symbolic_shape=True
                )
                settings: dict[str, Any] = {"per_channel": True, "weight_type": q.QuantType.QInt8}
                settings |= {"activation_type": q.QuantType.QUInt8}
                shown: Any = _Shown(tensors)
                q.quantize_static(str(ready), str(target), shown, **settings)
        else:
            kinds = ["MatMul", "Gemm"]
            q.quantize_dynamic(
                str(source),
                str(target),
                op_types_to_quantize=kinds,
                per_channel=True,
                weight_type=q.QuantType.QInt8,
            )
    finally:
        root.setLevel(level)


def _convolutional(path: Path) -> bool:
    nodes = onnx.load(str(path), load_external_data=False).graph.node
    return bool(sum(node.op_type == "Conv" for node in nodes) > _CONVOLUTIONS)
