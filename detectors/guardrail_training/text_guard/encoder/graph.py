"""The trained network as an ONNX graph with 8-bit weights.

Weights are quantised per output channel, activations at run time per token (as in LLM.int8,
Dettmers et al. 2022, arXiv:2208.07339, without its outlier path): a token's scale depends on no
other token, so a text scores the same whatever it is batched with. ONNX Runtime's own dynamic
quantisation takes one scale for the whole batch; measured on this encoder, hidden states of one
text then moved by 0.45 when its neighbours changed, and were four times as far from the float
network.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
_IR_VERSION = 9
_MICROSOFT = "com.microsoft"
_EPSILON = 1e-12
_FAR = -1e4

Array = NDArray[Any]


class Graph:
    """Nodes and constants in the making; each method adds an operation and returns its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: Any) -> str:
        """A named constant."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """One operator with one output."""
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def dense(self, name: str, x: str, weight: Array, bias: Array | None) -> str:
        """``x @ weight.T + bias``, weight (out, in) in 8 bits; ``name`` is the output's."""
        scale = np.maximum(np.abs(weight).max(1), 1e-8) / 127  # (out,)
        whole = np.clip(np.round(weight / scale[:, None]), -127, 127).astype(np.int8).T
        self.constant(f"{name}.w", whole)
        self.constant(f"{name}.s", scale.astype(np.float32))
        self.constant(f"{name}.z", np.zeros(len(scale), np.int8))
        scaled, step = self.quantised(x)
        inputs = (scaled, f"{name}.w", "q.one", f"{name}.s", "q.zero", f"{name}.z")
        self.add("MatMulIntegerToFloat", inputs, f"{name}.i", domain=_MICROSOFT)
        if bias is None:
            return self.add("Mul", (f"{name}.i", step), name)
        self.add("Mul", (f"{name}.i", step), f"{name}.m")
        return self.add("Add", (f"{name}.m", self.constant(f"{name}.b", bias)), name)

    def quantised(self, x: str) -> tuple[str, str]:
        """``x`` as unsigned bytes around 128, and the step of each token."""
        self.add("Abs", (x,), f"{x}.abs")
        self.add("ReduceMax", (f"{x}.abs", "q.last"), f"{x}.max", keepdims=1)
        self.add("Max", (f"{x}.max", "q.tiny"), f"{x}.top")
        self.add("Mul", (f"{x}.top", "q.step"), f"{x}.step")
        self.add("Reciprocal", (f"{x}.step",), f"{x}.inverse")
        self.add("Mul", (x, f"{x}.inverse"), f"{x}.scaled")
        self.add("QuantizeLinear", (f"{x}.scaled", "q.one", "q.zero"), f"{x}.q")
        return f"{x}.q", f"{x}.step"

    def norm(self, name: str, x: str, weight: Array, bias: Array) -> str:
        """Layer normalisation over the last axis."""
        inputs = (x, self.constant(f"{name}.g", weight), self.constant(f"{name}.o", bias))
        return self.add("LayerNormalization", inputs, name, axis=-1, epsilon=_EPSILON)

    def model(self, name: str, outputs: Sequence[tuple[str, list[Any]]]) -> Any:
        """The whole as a model of the inputs ``ids``, ``mask`` and ``third_party``."""
        graph = helper.make_graph(
            self.nodes,
            name,
            [
                helper.make_tensor_value_info(one, TensorProto.INT64, ["batch", "tokens"])
                for one in ("ids", "mask")
            ]
            + [helper.make_tensor_value_info("third_party", TensorProto.INT64, ["batch"])],
            [
                helper.make_tensor_value_info(one, TensorProto.FLOAT, shape)
                for one, shape in outputs
            ],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def write_network(
    weights: dict[str, Array], attention_heads: int, slope: Array, offset: Array, path: Path
) -> None:
    """Writes ids, mask, third_party → scores (batch, heads), token_scores (batch, tokens, heads).

    Args:
        weights: State of a ``TextGuardNetwork``, float32.
        attention_heads: Of the encoder.
        slope: Platt's A of each head, shape (heads,).
        offset: Platt's B.
        path: The ``.onnx`` file.
    """
    graph = Graph()
    graph.constant("q.last", np.array([-1], np.int64))
    graph.constant("q.one", np.float32(1))
    graph.constant("q.zero", np.uint8(128))
    graph.constant("q.tiny", np.float32(1e-6))
    graph.constant("q.step", np.float32(1 / 127))
    x = _embeddings(graph, weights)
    graph.add("Cast", ("mask",), "mask32", to=TensorProto.INT32)
    layers = 1 + max(int(one.split(".")[3]) for one in weights if ".layer." in one)
    for number in range(layers):
        x = _layer(graph, weights, number, x, attention_heads)
    _heads(graph, weights, x, slope, offset)
    heads = len(slope)
    model = graph.model(
        "text_guard_encoder",
        [("scores", ["batch", heads]), ("token_scores", ["batch", "tokens", heads])],
    )
    onnx.save(model, str(path))


def _embeddings(graph: Graph, weights: dict[str, Array]) -> str:
    prefix = "encoder.embeddings."
    table = weights[f"{prefix}word_embeddings.weight"]
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / 127  # (words, 1)
    graph.constant("words", np.round(table / scale).astype(np.int8))
    graph.constant("words.s", scale.astype(np.float32))
    place = weights[f"{prefix}position_embeddings.weight"]
    graph.constant("places", place)
    graph.constant("segments", weights[f"{prefix}token_type_embeddings.weight"])
    graph.constant("start", np.array([0], np.int64))
    graph.add("Gather", ("words", "ids"), "word.q")
    graph.add("Cast", ("word.q",), "word.f", to=TensorProto.FLOAT)
    graph.add("Gather", ("words.s", "ids"), "word.s")
    graph.add("Mul", ("word.f", "word.s"), "word")
    graph.add("Shape", ("ids",), "length", start=1, end=2)
    graph.add("Slice", ("places", "start", "length"), "place")
    graph.add("Unsqueeze", ("third_party", "q.last"), "party")  # (batch, 1)
    graph.add("Gather", ("segments", "party"), "segment")  # (batch, 1, width)
    graph.add("Add", ("word", "place"), "placed")
    graph.add("Add", ("placed", "segment"), "embedded")
    names = (f"{prefix}LayerNorm.weight", f"{prefix}LayerNorm.bias")
    return graph.norm("x", "embedded", *(weights[name] for name in names))


def _layer(graph: Graph, weights: dict[str, Array], number: int, x: str, heads: int) -> str:
    def of(name: str) -> tuple[Array, Array]:
        path = f"encoder.encoder.layer.{number}.{name}"
        return weights[f"{path}.weight"], weights[f"{path}.bias"]

    at = f"l{number}"
    pairs = [of(f"attention.self.{name}") for name in ("query", "key", "value")]
    weight, bias = (np.concatenate(both) for both in zip(*pairs, strict=True))
    graph.dense(f"{at}.qkv", x, weight, bias)
    split = [f"{at}.{name}" for name in "qkv"]
    graph.nodes.append(helper.make_node("Split", [f"{at}.qkv"], split, axis=-1, num_outputs=3))
    inputs = (*split, "", "mask32")
    attended = graph.add(
        "MultiHeadAttention", inputs, f"{at}.attended", domain=_MICROSOFT, num_heads=heads
    )
    graph.dense(f"{at}.mixed", attended, *of("attention.output.dense"))
    graph.add("Add", (f"{at}.mixed", x), f"{at}.sum1")
    graph.norm(f"{at}.half", f"{at}.sum1", *of("attention.output.LayerNorm"))
    weight, bias = of("intermediate.dense")
    wide = graph.dense(f"{at}.wide", f"{at}.half", weight, None)
    graph.constant(f"{at}.wide.b", bias)
    graph.add("BiasGelu", (wide, f"{at}.wide.b"), f"{at}.bent", domain=_MICROSOFT)
    graph.dense(f"{at}.narrow", f"{at}.bent", *of("output.dense"))
    graph.add("Add", (f"{at}.narrow", f"{at}.half"), f"{at}.sum2")
    return graph.norm(f"{at}.out", f"{at}.sum2", *of("output.LayerNorm"))


def _heads(graph: Graph, weights: dict[str, Array], x: str, slope: Array, offset: Array) -> None:
    """Mean head plus loudest token, calibrated; see ``TextGuardNetwork.forward``."""
    graph.add("Cast", ("mask",), "kept", to=TensorProto.FLOAT)
    graph.add("Unsqueeze", ("kept", "q.last"), "column")  # (batch, tokens, 1)
    graph.add("Mul", (x, "column"), "masked")
    graph.constant("tokens.axis", np.array([1], np.int64))
    graph.add("ReduceSum", ("masked", "tokens.axis"), "total", keepdims=0)
    graph.add("ReduceSum", ("kept", "tokens.axis"), "count", keepdims=1)
    graph.add("Div", ("total", "count"), "mean")
    graph.constant("whole.w", weights["whole.weight"].T)
    graph.add("MatMul", ("mean", "whole.w"), "whole.m")
    graph.add("Add", ("whole.m", graph.constant("whole.b", weights["whole.bias"])), "whole")
    graph.constant("token.w", weights["token.weight"].T)
    graph.add("MatMul", (x, "token.w"), "token.m")
    graph.add("Add", ("token.m", graph.constant("token.b", weights["token.bias"])), "token")
    _loudest(graph)
    graph.add("Add", ("whole", "loudest"), "odds")
    graph.add("Mul", ("odds", graph.constant("slope", slope.astype(np.float32))), "odds.m")
    graph.add("Add", ("odds.m", graph.constant("offset", offset.astype(np.float32))), "odds.c")
    graph.add("Sigmoid", ("odds.c",), "scores")
    graph.add("Sigmoid", ("token",), "token_scores")


def _loudest(graph: Graph) -> None:
    """The maximum over tokens that are neither padding nor [CLS] nor [SEP].

    A token is inner when it and its successor are of the text and it is not the first; a text
    without any falls back to all its tokens.
    """
    graph.constant("second", np.array([1], np.int64))
    graph.constant("end", np.array([2**31], np.int64))
    graph.add("Slice", ("kept", "second", "end", "tokens.axis"), "next")
    graph.constant("pads.next", np.array([0, 0, 0, 1], np.int64))
    graph.add("Pad", ("next", "pads.next"), "next.p")
    graph.constant("pads.first", np.array([0, 1, 0, 0], np.int64))
    graph.add("Slice", ("next.p", "second", "end", "tokens.axis"), "inner.s")
    graph.add("Pad", ("inner.s", "pads.first"), "inner")  # 0 at [CLS], 0 at [SEP]
    graph.add("ReduceMax", ("inner", "tokens.axis"), "has", keepdims=1)
    graph.constant("one", np.float32(1))
    graph.add("Sub", ("one", "has"), "lacks")
    graph.add("Mul", ("kept", "lacks"), "instead")
    graph.add("Add", ("inner", "instead"), "heard")  # (batch, tokens)
    graph.add("Sub", ("one", "heard"), "deaf")
    graph.constant("far", np.float32(_FAR))
    graph.add("Mul", ("deaf", "far"), "silence")
    graph.add("Unsqueeze", ("silence", "q.last"), "silence.c")
    graph.add("Add", ("token", "silence.c"), "audible")
    graph.add("ReduceMax", ("audible", "tokens.axis"), "loudest", keepdims=0)
