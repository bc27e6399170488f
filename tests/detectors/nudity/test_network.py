"""Boxes out of the network's numbers, by hand, and out of the real network."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from guardrail.errors import ModelError
from guardrail.types import Box
from guardrail_detectors.nudity import network as module
from guardrail_detectors.nudity.network import (
    NudeNet,
    Sighting,
    moved,
    package_weights,
    shared,
    unrepeated,
)
from tests.detectors.clip.tiny import graph
from tests.detectors.nudity.harmless import figure


def saved(path, rows, names="{0: 'FACE_FEMALE', 1: 'FEET_EXPOSED'}"):
    """A network that answers ``rows`` (centre, size, scores) whatever it is shown."""
    answer = np.array(rows, np.float32).T[None]  # (1, 4 + names, anchors)
    model = graph(
        "constant",
        [
            helper.make_node("ReduceSum", ["images", "axes"], ["sum"], keepdims=1),
            helper.make_node("Mul", ["sum", "none"], ["nothing"]),
            helper.make_node("Reshape", ["nothing", "shape"], ["flat"]),
            helper.make_node("Add", ["answer", "flat"], ["output0"]),
        ],
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 320, 320])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(answer.shape))],
        {
            "axes": np.array([0, 1, 2, 3], np.int64),
            "none": np.float32(0),
            "shape": np.array([1, 1, 1], np.int64),
            "answer": answer,
        },
    )
    if names:
        helper.set_model_props(model, {"names": names})
    onnx.save(model, path)
    return path


def test_a_box_is_scaled_back_to_the_picture(tmp_path):
    network = NudeNet(saved(tmp_path / "n.onnx", [[100, 60, 40, 20, 0.1, 0.9]]), 1)

    (seen,) = network(np.zeros((320, 640, 3), np.uint8))

    assert seen == Sighting("feet_exposed", pytest.approx(0.9), Box(160, 100, 240, 140))


def test_a_box_is_cut_to_the_picture_and_one_outside_is_dropped(tmp_path):
    rows = [[0, 0, 100, 100, 0.9, 0], [160, 300, 40, 40, 0.8, 0]]
    network = NudeNet(saved(tmp_path / "n.onnx", rows), 1)

    seen = network(np.zeros((160, 320, 3), np.uint8))

    assert [one.box for one in seen] == [Box(0, 0, 50, 50)]


def test_what_is_unsure_is_not_seen_and_no_score_leaves_the_scale(tmp_path):
    rows = [[50, 50, 20, 20, 0.04, 0], [150, 150, 20, 20, 1.2, 0]]
    network = NudeNet(saved(tmp_path / "n.onnx", rows), 1)

    assert [one.score for one in network(np.zeros((320, 320, 3), np.uint8))] == [1.0]


def test_of_two_boxes_at_one_place_the_surer_stays():
    near, same, far = Box(0, 0, 100, 100), Box(5, 0, 105, 100), Box(200, 0, 300, 100)
    seen = [Sighting("a", 0.5, near), Sighting("a", 0.9, same), Sighting("a", 0.4, far)]

    assert [one.score for one in unrepeated(seen)] == [0.9, 0.4]


def test_boxes_of_other_names_or_frames_are_others():
    box, later = Box(0, 0, 9, 9), Box(0, 0, 9, 9, frame=1)
    seen = [Sighting("a", 0.5, box), Sighting("b", 0.9, box), Sighting("a", 0.4, later)]

    assert len(unrepeated(seen)) == 3


def test_what_two_boxes_share_by_hand():
    """10 by 10 and 10 by 10 that share 5 by 10: 50 of 150."""
    assert shared(Box(0, 0, 10, 10), Box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert shared(Box(0, 0, 10, 10), Box(10, 0, 20, 10)) == 0


def test_what_is_seen_in_a_part_is_told_of_the_whole():
    seen = moved(Sighting("a", 0.5, Box(1, 2, 3, 4)), Box(100, 200, 300, 400, frame=2))

    assert seen.box == Box(101, 202, 103, 204, frame=2)


@pytest.mark.parametrize("names", ["", "{", "{1: 'A'}", "[]", "7", "__import__('os')"])
def test_a_network_that_names_no_parts_is_refused(tmp_path, names):
    path = saved(tmp_path / "n.onnx", [[1, 1, 1, 1, 0, 0]], names)

    with pytest.raises(ModelError, match="names no parts"):
        NudeNet(path, 1)


def test_a_network_that_answers_other_columns_is_refused(tmp_path):
    network = NudeNet(saved(tmp_path / "n.onnx", [[1, 1, 1, 1, 0, 0]], "{0: 'A'}"), 1)

    with pytest.raises(ModelError, match="not what its metadata says"):
        network(np.zeros((9, 9, 3), np.uint8))


def test_without_the_package_the_message_says_how_to_get_it_and_its_licence(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)

    with pytest.raises(ModelError, match=r"mllm-guardrail\[nudity\].*AGPL-3\.0"):
        package_weights()


def test_a_package_without_its_network_is_named(monkeypatch, tmp_path):
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(module, "find_spec", lambda _: Spec)

    with pytest.raises(ModelError, match=r"320n\.onnx: missing; pip install"):
        package_weights()


def test_the_real_network_boxes_a_drawn_figure():
    pytest.importorskip("nudenet", reason="the extra `nudity` is not installed")
    network = NudeNet(None, 1)

    seen = network(figure())

    assert len(network.names) == 18
    assert seen
    assert {one.name for one in seen} <= set(network.names)
    assert all(0 <= one.box.left < one.box.right <= 320 for one in seen)
