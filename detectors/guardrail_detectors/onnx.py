"""ONNX Runtime sessions: opened one way, on whatever hardware there is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from guardrail.errors import ModelError
from guardrail_detectors.denormals import without_denormals

PREFERRED = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""Execution providers, best first; those that this machine has are used."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_session(
    path: Path, threads: int = 1, providers: tuple[str, ...] | None = None, *, spin: bool = False
) -> Any:
    """An ``onnxruntime.InferenceSession`` for the model at ``path``.

    Args:
        path: The ``.onnx`` file.
        threads: Within one operator.
        providers: Execution providers that must be there; None for the best there is.
        spin: Whether threads wait for one another awake during a run; they sleep between runs.

    Raises:
        ModelError: The file is not a model, or a provider that was asked for is missing.
    """
    import onnxruntime as ort  # noqa: PLC0415 - 0.1 s that only a loaded detector should cost

    available = ort.get_available_providers()
    wanted = [name for name in PREFERRED if name in available] if providers is None else providers
    missing = [name for name in wanted if name not in available]
    if missing:
        raise ModelError(
            f"{path.name}: no execution provider {', '.join(missing)} on this machine; it has: "
            f"{', '.join(available)}; for CUDA replace onnxruntime by onnxruntime-gpu"
        )
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning between operators saves a fifth of a small run; between runs it would only heat.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spin else "0")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    if model := without_denormals(path):
        key = "session.model_external_initializers_file_folder_path"
        options.add_session_config_entry(key, str(path.parent))
    try:
        session = ort.InferenceSession(model or str(path), options, providers=list(wanted))
    except Exception as error:  # the library raises its own, undocumented types
        raise ModelError(f"{path}: not a model that loads: {error}") from error
    if providers is not None and wanted[0] not in session.get_providers():
        # The library goes on without a provider whose driver is missing, and only warns.
        raise ModelError(
            f"{path.name}: {wanted[0]} does not start on this machine; install its driver and "
            "libraries, or choose another device"
        )
    return session
