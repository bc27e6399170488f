"""What the training commands share."""

from __future__ import annotations

import pytest
import torch
import typer
from torch import nn
from typer.testing import CliRunner

from guardrail_training.adpo.config import HardenConfig
from guardrail_training.command import changed, refused, trainer, tried
from guardrail_training.text_guard.records import DataError

SETTINGS = HardenConfig(method="fare", model="a", pictures={"kind": "world", "count": 3})


def test_what_the_command_line_says_replaces_the_settings_and_nothing_else():
    found = changed(SETTINGS, "b", 7, 5)

    assert (found.model, found.run.seed, found.run.steps) == ("b", 7, 5)
    assert found.model_copy(update={"model": "a", "run": SETTINGS.run}) == SETTINGS


def test_what_it_does_not_say_stays_a_seed_of_zero_too():
    assert changed(SETTINGS, None, None, None) == SETTINGS
    assert changed(changed(SETTINGS, None, 7, None), None, 0, None).run.seed == 0


@pytest.mark.parametrize("error", [DataError("no pictures"), FloatingPointError("no pictures")])
def test_what_is_wrong_is_said_and_ends_with_two(error, capsys):
    with pytest.raises(typer.Exit) as caught, refused():
        raise error

    assert caught.value.exit_code == 2
    assert capsys.readouterr().err == "error: no pictures\n"


def test_a_mistake_of_the_program_is_not_dressed_up():
    with pytest.raises(KeyError), refused():
        raise KeyError("x")


@pytest.fixture
def run(tmp_path):
    """A command on ``SETTINGS``; its trainer says what it is told, and writes nothing."""
    file = tmp_path / "run.yaml"
    file.write_text(SETTINGS.model_dump_json(), "utf-8")
    app = typer.Typer()
    app.command()(
        trainer(
            HardenConfig,
            lambda settings, out: out / f"{settings.model}-{settings.run.seed}",
            lambda settings: f"tried {settings.method} on {settings.model}",
            "Train what is told.",
        )
    )
    return lambda *more: CliRunner().invoke(
        app, ["--config", str(file), "--out", str(tmp_path / "out"), *more]
    )


def test_a_command_trains_with_the_settings_as_changed_and_says_where(run, tmp_path):
    done = run("--model", "b", "--seed", "7")

    assert done.exit_code == 0
    out = tmp_path / "out"
    assert done.output == f"wrote {out / 'b-7'}; its log is {out / 'log.csv'}\n"


def test_a_dry_run_of_a_command_tries_and_does_not_train(run):
    assert run("--model", "b", "--dry-run").output == "tried fare on b\n"


def test_a_command_refuses_settings_that_are_wrong_with_two(run, tmp_path):
    (tmp_path / "run.yaml").write_text("method: fgsm\n", "utf-8")

    done = run()

    assert done.exit_code == 2
    assert "error: " in done.output
    assert "method" in done.output


def test_the_help_of_a_command_says_what_it_does(run):
    assert "Train what is told." in run("--help").output


def test_a_tried_batch_says_what_learns_and_changes_nothing():
    model = nn.Linear(2, 1)
    model.bias.requires_grad_(requires_grad=False)
    before = model.weight.detach().clone()

    said = tried(
        model, lambda net, batch: (net(batch["x"]).sum() * 0 + 1.5, {}), {"x": torch.ones(1, 2)}
    )

    assert said == "2 weights learn, the first batch's loss is 1.5000"
    assert torch.equal(model.weight, before)
