"""Weights in four bits: half a byte and a sixty-fourth of a scale each, undone by plain operators.

Rows are cut into blocks of 32 values that share a half-precision scale. The operators that unpack
matrices have constant inputs, so ONNX Runtime computes them once, when the model is loaded;
rows of a table of words are unpacked as they are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BLOCK = 32
"""Values that share a scale."""

LEAST = 16_384
"""Smaller constants stay as they are."""

_TRIED = (1.0, 7 / 8, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
"""Parts of the largest value that a block's scale is tried for; the first of the nearest fits is
taken. With the first two, packing what was unpacked gives the same bytes."""

_MIDDLE = 8

Floats = NDArray[np.float32]


def pack(rows: Floats) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """``rows`` of shape (n, width) in four bits: bytes (n, width / 2), scales (n, width / 32).

    A byte holds an even column's value in its low half and the next column's in its high half, as
    whole numbers from -8 to 7 shifted by 8.
    """
    blocks = rows.reshape(len(rows), -1, BLOCK)  # (n, blocks, 32)
    most = np.maximum(np.abs(blocks).max(2), 1e-6)
    best = np.full(most.shape, np.inf)
    scales = most / 7
    for part in _TRIED:
        tried = (most * part / 7).astype(np.float16).astype(np.float32)
        off = ((blocks - _rounded(blocks, tried) * tried[..., None]) ** 2).sum(2)
        scales = np.where(off < best, tried, scales)
        best = np.minimum(off, best)
    whole = (_rounded(blocks, scales) + _MIDDLE).astype(np.uint8).reshape(rows.shape)
    halves = whole[:, ::2] | (whole[:, 1::2] << 4)
    return halves.astype(np.uint8), np.asarray(scales, np.float16)


def unpack(packed: NDArray[np.uint8], scales: NDArray[np.float16]) -> Floats:
    """What ``pack`` keeps of its rows, shape (n, width)."""
    whole = np.stack([packed & 15, packed >> 4], 2).reshape(len(packed), -1)
    blocks = (whole.astype(np.float32) - _MIDDLE).reshape(len(packed), -1, BLOCK)
    return (blocks * scales.astype(np.float32)[..., None]).reshape(len(packed), -1)


def pack_weights(source: Path, target: Path) -> None:
    """Writes ``source`` with its large matrices in four bits.

    Matrices that a ``Gather`` looks rows up in and those that a ``MatMul`` or ``Gemm`` multiplies
    by are packed; their width must be a multiple of 32.
    """
    model = onnx.load(str(source))
    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    nodes: list[Any] = [_constant("p.low", np.uint8(15)), _constant("p.four", np.uint8(4))]
    nodes += [_constant("p.middle", np.float32(_MIDDLE)), _constant("p.last", np.array([-1]))]
    done: set[str] = set()
    for node in graph.node:
        name = _weight(node, constants)
        if name and name not in done and node.op_type != "Gather":
            nodes += _matrix(name, numpy_helper.to_array(constants[name]))
            done.add(name)
        if name and node.op_type == "Gather":
            nodes += _lookup(node, numpy_helper.to_array(constants[name]))
            done.add(name)
            continue
        nodes.append(node)
    kept = [one for one in graph.initializer if one.name not in done]
    _replace(graph.initializer, kept)
    _replace(graph.node, nodes)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _replace(field: Any, items: Iterable[Any]) -> None:
    items = list(items)
    del field[:]
    field.extend(items)


def _rounded(blocks: Floats, scales: Any) -> Floats:
    return np.asarray(np.clip(np.round(blocks / scales[..., None]), -8, 7), np.float32)


def _weight(node: Any, constants: Any) -> str:
    """The packable constant of a node, or ""."""
    place = {"Gather": 0, "MatMul": 1, "Gemm": 1}.get(node.op_type)
    if place is None or node.input[place] not in constants:
        return ""
    one = constants[node.input[place]]
    large = len(one.dims) == 2 and one.dims[0] * one.dims[1] >= LEAST
    fits = large and one.data_type == TensorProto.FLOAT and one.dims[1] % BLOCK == 0
    axis = {item.name: item.i for item in node.attribute}.get("axis", 0)
    return one.name if fits and not (node.op_type == "Gather" and axis) else ""


def _matrix(name: str, weights: Floats) -> list[Any]:
    """Nodes that give ``weights`` its name back."""
    packed, scales = pack(weights)
    shape = _constant(f"{name}.shape", np.array(weights.shape, np.int64))
    return [
        _constant(f"{name}.p", packed),
        _constant(f"{name}.s", scales),
        shape,
        *_unpacking(name, f"{name}.p", f"{name}.s"),
        helper.make_node("Reshape", [f"{name}.blocks", f"{name}.shape"], [name]),
    ]


def _lookup(node: Any, weights: Floats) -> list[Any]:
    """Nodes that look rows up in the packed table and unpack those alone."""
    name, out = node.input[0], node.output[0]
    packed, scales = pack(weights)
    width = np.array([weights.shape[1]], np.int64)
    return [
        _constant(f"{out}.table", packed),
        _constant(f"{out}.scales", scales),
        helper.make_node("Gather", [f"{out}.table", node.input[1]], [f"{out}.p"]),
        helper.make_node("Gather", [f"{out}.scales", node.input[1]], [f"{out}.s"]),
        *_unpacking(out, f"{out}.p", f"{out}.s"),
        _constant(f"{out}.width", width),
        helper.make_node("Shape", [node.input[1]], [f"{out}.ids"]),
        helper.make_node("Concat", [f"{out}.ids", f"{out}.width"], [f"{out}.shape"], axis=0),
        helper.make_node("Reshape", [f"{out}.blocks", f"{out}.shape"], [out], name=f"{name}.rows"),
    ]


def _unpacking(name: str, packed: str, scales: str) -> list[Any]:
    """Nodes from bytes (…, width / 2) and scales (…, blocks) to ``name.blocks`` (-1, 32)."""
    by_block = np.array([-1, BLOCK], np.int64)
    return [
        helper.make_node("BitwiseAnd", [packed, "p.low"], [f"{name}.l"]),
        helper.make_node("BitShift", [packed, "p.four"], [f"{name}.h"], direction="RIGHT"),
        helper.make_node("Unsqueeze", [f"{name}.l", "p.last"], [f"{name}.l1"]),
        helper.make_node("Unsqueeze", [f"{name}.h", "p.last"], [f"{name}.h1"]),
        helper.make_node("Concat", [f"{name}.l1", f"{name}.h1"], [f"{name}.both"], axis=-1),
        helper.make_node("Cast", [f"{name}.both"], [f"{name}.f"], to=TensorProto.FLOAT),
        helper.make_node("Sub", [f"{name}.f", "p.middle"], [f"{name}.c"]),
        _constant(f"{name}.by", by_block),
        helper.make_node("Reshape", [f"{name}.c", f"{name}.by"], [f"{name}.cb"]),
        _constant(f"{name}.one", np.array([-1, 1], np.int64)),
        helper.make_node("Cast", [scales], [f"{name}.s32"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", [f"{name}.s32", f"{name}.one"], [f"{name}.sb"]),
        helper.make_node("Mul", [f"{name}.cb", f"{name}.sb"], [f"{name}.blocks"]),
    ]


def _constant(name: str, value: Any) -> Any:
    tensor = numpy_helper.from_array(np.asarray(value), name)
    return helper.make_node("Constant", [], [name], value=tensor)
