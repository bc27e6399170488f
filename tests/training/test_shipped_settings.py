"""The settings that ship are read, and each says by which command."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from guardrail.cli import app
from guardrail_training.adpo.compare import Comparison
from guardrail_training.adpo.config import HardenConfig
from guardrail_training.preference.train import PreferenceConfig
from guardrail_training.settings import CONFIGS, read_settings

SHIPPED = {
    "adpo.yaml": HardenConfig,
    "fare.yaml": HardenConfig,
    "fare_clip.yaml": HardenConfig,
    "tecoa.yaml": HardenConfig,
    "preference.yaml": PreferenceConfig,
    "robustness_world.yaml": Comparison,
}


@pytest.mark.parametrize("name", SHIPPED)
def test_settings_are_read_by_their_name_and_head_with_their_command(name, tmp_path):
    settings = read_settings(tmp_path / name, SHIPPED[name])

    head = "".join((CONFIGS / name).read_text("utf-8").splitlines(keepends=True)[:2])
    assert settings
    assert f"--config {name} --out FOLDER" in head


@pytest.mark.parametrize("method", ["adpo", "fare", "tecoa"])
def test_a_method_s_settings_are_the_method_s(method, tmp_path):
    settings = read_settings(tmp_path / f"{method}.yaml", HardenConfig)

    assert settings.method == method
    assert (settings.attack.eps, settings.attack.steps) == (2, 10)
    assert settings.run.batch * settings.run.accumulate == 128


def test_every_trainer_of_a_comparison_is_a_whole_configuration(tmp_path):
    plan = read_settings(tmp_path / "robustness_world.yaml", Comparison)

    methods = {name: plan.settings(name, 1).method for name in plan.trainers}
    assert methods == {
        "fare": "fare", "tecoa": "tecoa", "adpo_output": "adpo", "adpo": "adpo",
        "fare_300": "fare", "adpo_output_300": "adpo",
    }  # fmt: skip
    assert [plan.settings(name, 1).run.steps for name in ("fare", "fare_300")] == [100, 300]
    assert plan.settings("fare", 2).run.seed == 2
    assert plan.steps >= 50


@pytest.mark.parametrize("command", ["adpo", "fare", "tecoa", "preference"])
def test_a_command_leads_to_its_trainer(command):
    found = CliRunner().invoke(app, ["train", command, "--help"])

    assert found.exit_code == 0, found.output
    assert "--dry-run" in found.output
    assert "--max-steps" in found.output
