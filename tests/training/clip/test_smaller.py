from __future__ import annotations

import logging
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from torch import nn

from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.smaller import in_eight_bits, in_half

PICTURES = np.random.default_rng(0).normal(size=(6, 3, 32, 32)).astype(np.float32)


def exported(path, network):
    torch.manual_seed(0)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.from_numpy(PICTURES[:2]),),
            str(path),
            input_names=["pixel_values"],
            output_names=["embedding"],
            dynamic_axes={"pixel_values": {0: "b"}, "embedding": {0: "b"}},
            opset_version=18,
            dynamo=False,
        )
    return path


def convolutional():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, 2),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, 2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 48),
    )


def of_matrices():
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 64), nn.ReLU(), nn.Linear(64, 48))


def run(path, pictures):
    return ort.InferenceSession(str(path)).run(None, {"pixel_values": pictures})[0]


def cosines(one, other):
    return (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


@pytest.mark.parametrize("make", [convolutional, of_matrices])
def test_eight_bits_are_smaller_and_near(tmp_path, make):
    source = exported(tmp_path / "a.onnx", make())

    in_eight_bits(source, tmp_path / "b.onnx")

    whole, small = (run(tmp_path / name, PICTURES) for name in ("a.onnx", "b.onnx"))
    assert cosines(whole, small).min() > 0.99
    assert (tmp_path / "b.onnx").stat().st_size < source.stat().st_size * 0.6


def test_the_weights_of_a_convolutional_tower_are_scaled_when_it_is_loaded(tmp_path):
    exported(tmp_path / "a.onnx", convolutional())
    in_eight_bits(tmp_path / "a.onnx", tmp_path / "b.onnx")
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "c.onnx")

    ort.InferenceSession(str(tmp_path / "b.onnx"), options)

    kinds = [
        {node.op_type for node in onnx.load(str(tmp_path / name)).graph.node}
        for name in ("b.onnx", "c.onnx")
    ]
    assert kinds[0] >= {"Cast", "Mul"}
    assert not kinds[1] & {"Cast", "Mul"}


def test_a_weight_that_is_no_number_is_refused(tmp_path):
    network = convolutional()
    with torch.no_grad():
        network[4].weight[5, 0] = float("nan")

    with pytest.raises(ClipTrainingError, match="no number"):
        in_eight_bits(exported(tmp_path / "a.onnx", network), tmp_path / "b.onnx")


def test_each_output_channel_has_its_own_scale(tmp_path):
    network = convolutional()
    with torch.no_grad():
        network[4].weight[::2] *= 1e-3
        network[8].weight[::2] *= 1e-3
    source = exported(tmp_path / "a.onnx", network)

    in_eight_bits(source, tmp_path / "b.onnx")

    whole, small = (run(tmp_path / name, PICTURES)[:, ::2] for name in ("a.onnx", "b.onnx"))
    assert cosines(whole, small).min() > 0.999


def test_a_channel_of_zeros_stays_one(tmp_path):
    network = convolutional()
    with torch.no_grad():
        network[4].weight[5] = 0
    source = exported(tmp_path / "a.onnx", network)

    in_eight_bits(source, tmp_path / "b.onnx")

    whole, small = (run(tmp_path / name, PICTURES) for name in ("a.onnx", "b.onnx"))
    assert cosines(whole, small).min() > 0.99


def test_a_convolutional_tower_judges_each_picture_alone(tmp_path):
    exported(tmp_path / "a.onnx", convolutional())
    in_eight_bits(tmp_path / "a.onnx", tmp_path / "b.onnx")

    alone = run(tmp_path / "b.onnx", PICTURES[:1])
    beside = run(tmp_path / "b.onnx", np.concatenate([PICTURES[:1], PICTURES[1:] * 9]))

    assert np.allclose(alone[0], beside[0], atol=1e-5)


def test_a_transformers_ranges_are_taken_anew(tmp_path):
    exported(tmp_path / "a.onnx", of_matrices())
    in_eight_bits(tmp_path / "a.onnx", tmp_path / "b.onnx")

    kinds = {node.op_type for node in onnx.load(str(tmp_path / "b.onnx")).graph.node}

    assert any(kind.startswith("Dynamic") for kind in kinds)


def test_half_precision_takes_and_gives_floats(tmp_path):
    source = exported(tmp_path / "a.onnx", convolutional())

    in_half(source, tmp_path / "b.onnx")

    small = run(tmp_path / "b.onnx", PICTURES)
    assert small.dtype == np.float32
    assert cosines(run(source, PICTURES), small).min() > 0.9999
    assert (tmp_path / "b.onnx").stat().st_size < source.stat().st_size * 0.7


def test_the_librarys_advice_stays_out_of_the_log(tmp_path, caplog):
    exported(tmp_path / "a.onnx", of_matrices())
    level = logging.getLogger().level

    in_eight_bits(tmp_path / "a.onnx", tmp_path / "b.onnx")

    assert not caplog.records
    assert logging.getLogger().level == level
