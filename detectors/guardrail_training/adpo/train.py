"""A hardening run: from a configuration to an MLLM folder whose tower has been trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from guardrail_training.adpo.classes import fitted_heads
from guardrail_training.adpo.config import OPEN_CLIP, HardenConfig
from guardrail_training.adpo.pictures import Rows, collate
from guardrail_training.adpo.steps import adversarial_preference, fare, tecoa
from guardrail_training.mllm import Mllm, load_mllm
from guardrail_training.runs import Loss, claim, is_first, train
from guardrail_training.text_guard.records import DataError


def harden(config: HardenConfig, out: Path) -> Path:
    """Trains the vision encoder of ``config.model`` and writes a model folder to ``out``/model.

    Only the encoder learns; a run that was cut goes on from its last checkpoint.

    Args:
        config: The settings.
        out: Folder of model, log, curves and checkpoints.

    Returns:
        The model folder.

    Raises:
        DataError: The model or the pictures cannot be read, or ``out`` holds another run.
        FloatingPointError: The loss, or one inside an attack, is no longer finite.
    """
    claim(out, config)
    if config.model.startswith(OPEN_CLIP):
        from guardrail_training.adpo.clip import harden_clip  # noqa: PLC0415 - open_clip, 2 s

        return harden_clip(config, out)
    torch.manual_seed(config.run.seed)
    mllm = load_mllm(config.model)
    rows = config.pictures.rows(mllm.side)
    learner, loss = prepared(mllm, config, rows)
    train(learner, rows, collate, loss, config.run, out)
    folder = out / "model"
    if is_first():
        mllm.save(folder)
    return folder


def prepared(mllm: Mllm, config: HardenConfig, rows: Rows) -> tuple[nn.Module, Loss]:
    """What the Trainer trains, with gradients for the tower alone, and its loss."""
    mllm.model.requires_grad_(requires_grad=False)
    mllm.tower.requires_grad_(requires_grad=True)
    match config.method:
        case "fare":
            return mllm.tower, fare(mllm, config)
        case "tecoa":
            seed = config.run.seed
            probed = fitted_heads(mllm, config.pictures, rows, config.head_steps, seed)
            return probed, tecoa(config)
        case "adpo":
            return mllm.model, adversarial_preference(mllm, config)


def transplant(source: Mllm, into: Mllm) -> None:
    """Gives ``into`` the vision encoder of ``source``, weight for weight.

    The projector and language model of ``into`` stay: an encoder that was hardened inside a small
    model serves a larger one that was built on the same original encoder.

    Raises:
        DataError: The encoders are not of the same shape.
    """
    mine: dict[str, Any] = source.tower.state_dict()
    theirs = into.tower.state_dict()
    odd = sorted(mine.keys() ^ theirs.keys()) or sorted(
        name for name in mine if mine[name].shape != theirs[name].shape
    )
    if odd:
        raise DataError(
            f"the encoders differ in {len(odd)} weights, e.g. {odd[0]!r}: transplant into a model "
            "that was built on the encoder which was hardened"
        )
    into.tower.load_state_dict(mine)
