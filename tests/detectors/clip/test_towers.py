"""Networks that do not fit what the manifest says are refused by name, type and shape."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from guardrail.errors import ModelError
from guardrail_detectors.clip.towers import heads, text_tower, visual_tower
from tests.detectors.clip import tiny


@pytest.fixture
def save(tmp_path):
    def saved(model):
        path = tmp_path / "tower.onnx"
        onnx.save(model, path)
        return path

    return saved


def opened(path, size=tiny.SIZE, length=tiny.LENGTH):
    return visual_tower(path, size, length, 1, None)


def identity(dtype, shape, name="pixel_values", output="embedding"):
    return tiny.graph(
        "odd",
        [helper.make_node("Identity", [name], [output])],
        [helper.make_tensor_value_info(name, dtype, shape)],
        [helper.make_tensor_value_info(output, dtype, shape)],
        {},
    )


def test_a_tower_gives_a_row_for_each_row(save):
    rows = opened(save(tiny.visual()))({"pixel_values": np.ones((3, 3, 32, 32), np.float32)})

    assert rows.shape == (3, 8)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (tiny.visual(size=48), r"shape of pixel_values: \['b', 3, 48, 48\] where \['batch', 3, 32"),
        (tiny.visual(length=4), r"shape of embedding: \['b', 4\] where \['batch', 8\]"),
        (tiny.text(), r"inputs: \['attention_mask', 'input_ids'\] where \['pixel_values'\]"),
        (
            identity(TensorProto.FLOAT16, ["b", 3, 32, 32]),
            r"type of pixel_values: tensor\(float16\) where tensor\(float\)",
        ),
        (
            identity(TensorProto.FLOAT, [1, 3, 32, 32]),
            r"shape of pixel_values: \[1, 3, 32, 32\] where",
        ),
        (
            identity(TensorProto.FLOAT, ["b", 3, 32, 32], output="image_embeds"),
            r"outputs: \['image_embeds'\] where \['embedding'\]",
        ),
        (identity(TensorProto.FLOAT, ["b", 3, 32, 32]), "shape of embedding"),
    ],
    ids=["size", "length", "names", "type", "fixed batch", "output", "output shape"],
)
def test_a_tower_that_does_not_fit_is_refused_with_what_it_has(save, model, words):
    with pytest.raises(ModelError, match=words) as refused:
        opened(save(model))

    assert "guardrail models export" in str(refused.value)


def test_an_output_that_breaks_its_own_declaration_is_refused(save):
    model = tiny.visual()
    model.graph.node[-1].output[0] = "normal"
    model.graph.node.append(helper.make_node("Concat", ["normal", "normal"], ["embedding"], axis=0))

    with pytest.raises(ModelError, match=r"output: \[2, 8\] where \[1, 8\]"):
        opened(save(model))({"pixel_values": np.ones((1, 3, 32, 32), np.float32)})


def test_an_output_without_numbers_is_refused(save):
    tower = opened(save(tiny.visual()))

    with pytest.raises(ModelError, match="not finite"):
        tower({"pixel_values": np.full((1, 3, 32, 32), np.nan, np.float32)})


def test_a_text_tower_without_a_mask_is_shown_none(save):
    model = tiny.text()
    model.graph.node.remove(model.graph.node[1])
    del model.graph.input[1]
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.ones((1, tiny.CONTEXT), np.float32), "mask")
    )
    tower = text_tower(save(model), tiny.CONTEXT, tiny.LENGTH, 1, None)
    tokens = np.full((2, tiny.CONTEXT), 5, np.int64)

    assert tower.inputs == {"input_ids"}
    assert tower({"input_ids": tokens, "attention_mask": tokens}).shape == (2, tiny.LENGTH)


def test_heads_of_another_count_are_refused(save):
    with pytest.raises(ModelError, match=r"shape of scores: \['b', 2\] where \['batch', 3\]"):
        heads(save(tiny.heads(("a", "b"))), tiny.LENGTH, 3)


def test_cuda_on_a_machine_without_it_is_refused_with_the_remedy(save):
    with pytest.raises(
        ModelError, match=r"no execution provider CUDAExecutionProvider .*onnxruntime-gpu"
    ):
        visual_tower(save(tiny.visual()), 32, 8, 1, ("CUDAExecutionProvider",))
