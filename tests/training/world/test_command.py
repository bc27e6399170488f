"""``guardrail train world``: a model and its data in one folder; a run that was cut goes on."""

from __future__ import annotations

import pytest
import torch
from typer.testing import CliRunner

from guardrail.cli import app
from guardrail_training.world.model import load
from guardrail_training.world.pretrain import train_base
from tests.training.world.tiny import LITTLE, little_base


def test_the_command_writes_base_halfway_and_data(tmp_path):
    words = ["--out", str(tmp_path), "--tower-steps", "1", "--steps", "2", "--share", "0.001"]

    result = CliRunner().invoke(app, ["train", "world", *words])

    assert result.exit_code == 0, result.output
    assert "of its answers are right" in result.output
    assert {one.name for one in tmp_path.iterdir()} == {"base", "halfway", "data", "checkpoints"}
    assert load(tmp_path / "base")[0].config.model_type == "llava"


def test_a_run_that_was_cut_ends_with_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("guardrail_training.world.pretrain._EVERY", 1)

    def cut(part, step, _steps, _loss):
        if (part, step) == ("language", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_base(0, LITTLE, step_done=cut, checkpoints=tmp_path)
    seen = []
    model, _ = train_base(
        0, LITTLE, step_done=lambda part, step, *_: seen.append((part, step)), checkpoints=tmp_path
    )

    assert seen == [("language", 3), ("language", 4)]
    whole = little_base()[0].state_dict()
    assert all(torch.equal(one, whole[name]) for name, one in model.state_dict().items())
