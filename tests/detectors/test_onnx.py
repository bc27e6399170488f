from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from guardrail.errors import ModelError
from guardrail_detectors.onnx import PREFERRED, open_session
from guardrail_detectors.weights import MODELS

MODEL = MODELS / "text_guard_linear" / "model.onnx"


def test_a_model_runs_on_what_there_is():
    session = open_session(MODEL)

    ids, values = np.zeros((2, 3), np.int64), np.zeros((2, 3), np.float32)
    (scores,) = session.run(None, {"ids": ids, "values": values})

    assert scores.shape[0] == 2
    assert session.get_providers()[-1] == "CPUExecutionProvider"
    assert set(session.get_providers()) <= set(PREFERRED)


def test_a_provider_that_is_missing_is_named_with_those_there_are():
    with pytest.raises(
        ModelError, match=r"no execution provider NoSuchProvider .*CPUExecutionProvider"
    ):
        open_session(MODEL, providers=("NoSuchProvider",))


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x08\x07"])
def test_a_file_that_is_no_model_is_refused(tmp_path, data):
    path = tmp_path / "model.onnx"
    path.write_bytes(data)

    with pytest.raises(ModelError, match=r"model\.onnx: not a model that loads"):
        open_session(path)


def test_a_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(ModelError, match="not a model that loads"):
        open_session(tmp_path / "none.onnx")


def test_a_provider_that_is_there_and_does_not_start_is_named(monkeypatch):
    monkeypatch.setattr(
        onnxruntime,
        "get_available_providers",
        lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"],
    )

    with (
        pytest.warns(UserWarning, match="CUDAExecutionProvider"),
        pytest.raises(ModelError, match="CUDAExecutionProvider does not start on this machine"),
    ):
        open_session(MODEL, providers=("CUDAExecutionProvider", "CPUExecutionProvider"))
