"""Towers with smaller weights: half precision, and eight bits."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from guardrail_training.clip.errors import ClipTrainingError

_CONVOLUTIONS = 2
"""A tower with more than these is convolutional; a vision transformer has one."""

_LEAST = 1024
"""Values that a tensor of weights has, at least, to be worth keeping in eight bits."""


def in_half(source: Path, target: Path) -> None:
    """Writes ``source`` with weights and arithmetic in float16, inputs and outputs in float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16  # noqa: PLC0415 - slow

    model = convert_float_to_float16(onnx.load(str(source)), keep_io_types=True)
    onnx.save(model, str(target))


def in_eight_bits(source: Path, target: Path) -> None:
    """Writes ``source`` with weights in eight bits.

    Convolutional towers keep their weights so and compute in float32: channels of depthwise
    convolutions have very different ranges, and an embedding computed in eight bits has a cosine of
    0.94 to the true one where this one has 0.997. Transformers compute their products in eight bits
    too. There a few activations are hundreds of times larger than the rest, and fixed ranges lose
    the others; theirs are taken anew for each run (see the reader, which runs such rows one by
    one).

    Args:
        source: A visual tower.
        target: The smaller one.

    Raises:
        ClipTrainingError: A weight is no number.
    """
    model = onnx.load(str(source))
    if sum(node.op_type == "Conv" for node in model.graph.node) > _CONVOLUTIONS:
        _keep_in_eight_bits(model)
        onnx.save(model, str(target))
        return
    from onnxruntime import quantization as q  # noqa: PLC0415 - 0.5 s that only export costs

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # the library advises on the root logger
    try:
        q.quantize_dynamic(
            str(source),
            str(target),
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            reduce_range=True,  # 7 bits: without VNNI the sum of two products saturates at 16
            weight_type=q.QuantType.QInt8,
        )
    finally:
        root.setLevel(level)


def _keep_in_eight_bits(model: onnx.ModelProto) -> None:
    """Replaces large float32 weights of ``model`` by integers that are scaled when it is loaded.

    Each output channel has a scale of its own. Casts and products of constants are what ONNX
    Runtime does once, so that a run costs nothing more.
    """
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    kept: list[onnx.TensorProto] = []
    for one in graph.initializer:
        values = numpy_helper.to_array(one)
        if values.dtype != np.float32 or values.size < _LEAST or values.ndim < 2:
            kept.append(one)
            continue
        if not np.isfinite(values).all():
            raise ClipTrainingError(f"{one.name}: a weight is no number")
        channel = _output_axis(graph, one.name, values.ndim)
        others = tuple(axis for axis in range(values.ndim) if axis != channel)
        most = np.abs(values).max(axis=others, keepdims=True)
        scale = np.maximum(most / 127, np.finfo(np.float32).tiny).astype(np.float32)
        whole = np.rint(values / scale).astype(np.int8)
        small, real, factor = (f"{one.name}::{end}" for end in ("int8", "float", "scale"))
        kept += [numpy_helper.from_array(whole, small), numpy_helper.from_array(scale, factor)]
        nodes += [
            helper.make_node("Cast", [small], [real], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [real, factor], [one.name]),
        ]
    rest = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend([*nodes, *rest])


def _output_axis(graph: onnx.GraphProto, name: str, axes: int) -> int:
    """Which axis of a weight counts outputs: of a matrix, unless it is turned, the last."""
    user = next((node for node in graph.node if name in node.input), None)
    if user is None or user.op_type not in {"MatMul", "Gemm"}:
        return 0
    flipped = any(one.name == "transB" and one.i for one in user.attribute)
    return 0 if flipped else axes - 1
