from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from guardrail_training.clip.packed import BLOCK, pack, pack_weights, unpack

ROWS = np.random.default_rng(0).normal(size=(96, 256)).astype(np.float32)


def test_four_bits_hold_each_value_to_half_a_step():
    packed, scales = pack(ROWS)

    off = np.abs(unpack(packed, scales) - ROWS).reshape(96, -1, BLOCK)
    assert packed.nbytes == ROWS.size // 2
    assert scales.shape == (96, 256 // BLOCK)
    # Values beyond what a block's scale reaches are cut off; that was worth a finer step.
    assert np.median(off / scales.astype(np.float32)[..., None]) < 0.3
    assert off.max() < 0.35 * np.abs(ROWS).max()


def test_packing_what_was_unpacked_changes_nothing():
    once = unpack(*pack(ROWS))

    again = unpack(*pack(once))

    assert np.array_equal(once, again)


def test_a_block_of_whole_steps_is_kept_by_hand():
    rows = np.zeros((1, BLOCK), np.float32)
    rows[0, :4] = [0.5, -1.0, 3.5, -4.0]  # scale 1/2: 1, -2, 7, -8

    packed, scales = pack(rows)

    assert scales.tolist() == [[0.5]]
    assert packed[0, :2].tolist() == [(1 + 8) | ((-2 + 8) << 4), (7 + 8) | ((-8 + 8) << 4)]
    assert np.array_equal(unpack(packed, scales), rows)


def test_nothing_but_zeros_stays_zero():
    assert not unpack(*pack(np.zeros((2, BLOCK), np.float32))).any()


def model(path, indices):
    """ids → rows of a table → times a matrix; a second matrix of an odd width stays as it is."""
    rng = np.random.default_rng(1)
    constants = {
        "table": rng.normal(size=(300, 64)).astype(np.float32),
        "matrix": rng.normal(size=(64, 288)).astype(np.float32),
        "odd": rng.normal(size=(288, 99)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("MatMul", ["rows", "matrix"], ["wide"]),
        helper.make_node("MatMul", ["wide", "odd"], ["out"]),
    ]
    graph = helper.make_graph(
        nodes,
        "x",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, indices)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [*indices, 99])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(made, str(path))
    return constants


@pytest.mark.parametrize("shape", [[2, 5], [7]])
def test_the_packed_network_computes_with_the_rounded_weights(tmp_path, shape):
    source, target = tmp_path / "a.onnx", tmp_path / "b.onnx"
    constants = model(source, ["n"] if len(shape) == 1 else ["b", "t"])
    ids = np.random.default_rng(2).integers(0, 300, shape)

    pack_weights(source, target)

    (found,) = ort.InferenceSession(str(target)).run(None, {"ids": ids})
    rows = unpack(*pack(constants["table"]))[ids]
    expected = rows @ unpack(*pack(constants["matrix"])) @ constants["odd"]
    assert found.shape == (*shape, 99)
    assert np.allclose(found, expected, atol=1e-3)


def test_the_packed_file_is_a_fraction_of_the_size(tmp_path):
    source, target = tmp_path / "a.onnx", tmp_path / "b.onnx"
    model(source, ["b", "t"])

    pack_weights(source, target)

    packed = (300 * 64 + 64 * 288) * (0.5 + 2 / BLOCK)
    assert target.stat().st_size < packed + 288 * 99 * 4 + 4000
