from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from rapidocr import __file__ as rapidocr

from guardrail_detectors.denormals import without_denormals
from guardrail_detectors.onnx import open_session

onnx = pytest.importorskip("onnx", reason="the extra train is not installed")

VALUES = (1.5, -0.0, 0.0, 1e-40, -3e-39, 1e-37, -2.0, 1e-45)
CLEARED = (1.5, -0.0, 0.0, 0.0, 0.0, 1e-37, -2.0, 0.0)
DETECTOR = next((Path(rapidocr).parent / "models").glob("*_det_*.onnx"))


def tensor(values, *, raw=True, kind="float32"):
    array = np.array(values, kind)
    found = onnx.numpy_helper.from_array(array, "weights")
    if not raw:
        found.ClearField("raw_data")
        found.float_data.extend(float(one) for one in array)
    return found


def model(weights):
    """What adds ``weights`` to its input."""
    kind = weights.data_type
    shown = [
        onnx.helper.make_tensor_value_info(name, kind, list(weights.dims)) for name in ("in", "out")
    ]
    node = onnx.helper.make_node("Add", ["in", "weights"], ["out"])
    graph = onnx.helper.make_graph([node], "sum", shown[:1], shown[1:], [weights])
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)


def saved(folder, weights):
    path = folder / "model.onnx"
    path.write_bytes(model(weights).SerializeToString())
    return path


@pytest.mark.parametrize("raw", [True, False])
def test_weights_too_small_to_matter_are_set_to_zero_and_nothing_else_changes(tmp_path, raw):
    path = saved(tmp_path, tensor(VALUES, raw=raw))

    cleared = without_denormals(path)

    assert cleared == model(tensor(CLEARED, raw=raw)).SerializeToString()
    assert path.read_bytes() == model(tensor(VALUES, raw=raw)).SerializeToString()


@pytest.mark.parametrize(
    ("values", "kind"), [(CLEARED, "float32"), ((1, 2, 3), "int32"), ((1e-310, 1.0), "float64")]
)
def test_a_model_without_such_weights_stays_a_file(tmp_path, values, kind):
    assert without_denormals(saved(tmp_path, tensor(values, kind=kind))) is None


def test_a_file_that_is_cut_off_or_changed_anywhere_is_left_to_whoever_loads_it(tmp_path):
    whole = model(tensor(VALUES)).SerializeToString()
    path = tmp_path / "model.onnx"
    broken = [whole[:end] for end in range(len(whole))]
    broken += [
        whole[:at] + bytes([byte]) + whole[at + 1 :]
        for at, byte in product(range(len(whole)), (0x00, 0x7F, 0xFF))
    ]

    sizes = set()
    for data in broken:
        path.write_bytes(data)
        cleared = without_denormals(path)
        sizes.add(None if cleared is None else len(cleared) - len(data))

    assert sizes == {None, 0}


def test_a_file_that_is_not_there_is_left_to_whoever_loads_it(tmp_path):
    assert without_denormals(tmp_path / "none.onnx") is None


def test_a_model_with_weights_in_a_file_beside_it_is_still_loaded(tmp_path):
    path = tmp_path / "model.onnx"
    both = model(tensor(VALUES))
    large = onnx.numpy_helper.from_array(np.ones(4096, np.float32), "large")
    both.graph.initializer.append(large)
    both.graph.node[0].input[1] = "sum"
    both.graph.node.insert(0, onnx.helper.make_node("ReduceMax", ["large"], ["most"], keepdims=0))
    both.graph.node.insert(1, onnx.helper.make_node("Add", ["weights", "most"], ["sum"]))
    onnx.save(
        both, path, save_as_external_data=True, location="weights.bin", size_threshold=1024,
        convert_attribute=False,
    )  # fmt: skip

    (found,) = open_session(path).run(None, {"in": np.zeros(len(VALUES), np.float32)})

    assert (tmp_path / "weights.bin").stat().st_size == 4096 * 4
    assert without_denormals(path) is not None
    assert found.tolist() == (np.array(CLEARED, np.float32) + 1).tolist()


def test_the_reader_of_text_finds_what_it_found_with_them():
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 64, 96)).astype(np.float32)
    as_shipped = onnxruntime.InferenceSession(str(DETECTOR), providers=["CPUExecutionProvider"])
    sessions = (as_shipped, open_session(DETECTOR, providers=("CPUExecutionProvider",)))

    before, after = (
        session.run(None, {session.get_inputs()[0].name: picture})[0] for session in sessions
    )

    assert without_denormals(DETECTOR) is not None
    assert np.array_equal(before, after)
