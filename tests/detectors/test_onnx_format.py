"""Weights are found wherever an ONNX file may keep them, and nothing else is taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from guardrail_detectors.onnx_format import external_files, float32_weights

onnx = pytest.importorskip("onnx", reason="the extra train is not installed")


def outside(name):
    """A tensor whose values lie in the file ``name``."""
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[4])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", name), ("offset", "0"), ("length", "16")):
        tensor.external_data.add(key=key, value=value)
    return tensor


def graph(*nodes, initializers=()):
    return onnx.helper.make_graph(list(nodes), "g", [], [], list(initializers))


def node(**attributes):
    return onnx.helper.make_node("Constant", [], ["y"], **attributes)


def sparse():
    indices = onnx.numpy_helper.from_array(np.arange(4, dtype=np.int64), "i")
    return onnx.helper.make_sparse_tensor(outside("far.bin"), indices, [9])


def in_function():
    made = onnx.helper.make_model(graph())
    opset = [onnx.helper.make_opsetid("", 17)]
    made.functions.append(
        onnx.helper.make_function("d", "f", [], ["y"], [node(value=outside("far.bin"))], opset)
    )
    return made


PLACES = {
    "an initializer": onnx.helper.make_model(graph(initializers=[outside("far.bin")])),
    "a constant": onnx.helper.make_model(graph(node(value=outside("far.bin")))),
    "a branch": onnx.helper.make_model(
        graph(node(then_branch=graph(initializers=[outside("far.bin")])))
    ),
    "a branch of a branch": onnx.helper.make_model(
        graph(node(a=graph(node(b=graph(node(value=outside("far.bin")))))))
    ),
    "a sparse constant": onnx.helper.make_model(graph(node(sparse_value=sparse()))),
    "a function": in_function(),
}


@pytest.mark.parametrize("place", PLACES)
def test_files_with_weights_are_named_wherever_the_model_names_them(place):
    assert external_files(PLACES[place].SerializeToString()) == {"far.bin"}


def test_a_model_in_one_file_names_none():
    inside = onnx.numpy_helper.from_array(np.ones(3, np.float32), "location")

    assert (
        external_files(onnx.helper.make_model(graph(initializers=[inside])).SerializeToString())
        == set()
    )


def test_graphs_in_graphs_without_end_are_no_model():
    deep = graph(initializers=[outside("far.bin")])
    for _ in range(30):
        deep = graph(node(a=deep))

    with pytest.raises(ValueError, match="without end"):
        external_files(onnx.helper.make_model(deep).SerializeToString())


@pytest.mark.parametrize("data", [b"\x3f", b"\x3a\x80", b"\x3a\x05a", b"\xff" * 12, b"\x39abc"])
def test_what_is_cut_off_is_no_model(data):
    with pytest.raises(ValueError, match=r"cut off|wire type"):
        external_files(data)


def test_only_float32_weights_of_the_graph_are_told():
    single = onnx.numpy_helper.from_array(np.full(3, 1.5, np.float32), "a")
    double = onnx.numpy_helper.from_array(np.full(3, 1.5), "b")
    data = onnx.helper.make_model(graph(initializers=[single, double])).SerializeToString()

    ((start, end),) = float32_weights(data)

    assert np.frombuffer(data, "<f4", 3, start).tolist() == [1.5, 1.5, 1.5]
    assert end - start == 12
