"""The chain from settings to an exported model, by its command, and on two processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch
import yaml
from typer.testing import CliRunner

from guardrail.cli import app
from guardrail_detectors.weights import load_model_folder
from guardrail_training.mllm import load_pretrained
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.gate import GateError
from guardrail_training.vlguard.run import Options, plan, read_mixture, run
from tests.training.vlguard.sets import settings

ANY = {"attack_success": 1, "over_refusal": 1, "helpfulness_lost": 1, "helpfulness_by": "right"}


@pytest.fixture
def config(base):
    return settings(model=str(base), gate=ANY)


def written(folder, config):
    """The settings as a file."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(json.loads(config.model_dump_json())))
    return path


def command(*words):
    return CliRunner().invoke(app, ["train", "vlguard", *map(str, words)])


def test_data_to_exported_model(config, data, tmp_path):
    folder = run(config, Options(data, tmp_path, "guardrail train vlguard"))

    assert folder == tmp_path / "export"
    measured = json.loads((tmp_path / "evaluation.json").read_text())
    assert set(measured) == {"before", "after"}
    assert set(measured["after"]["subsets"]) == {"unsafe", "safe_unsafe", "safe_safe", "helpful"}
    assert all(rate["examples"] == 4 for rate in measured["after"]["subsets"].values())
    assert (tmp_path / "log.csv").read_text().startswith("step,loss,")
    assert len((tmp_path / "after.jsonl").read_text().splitlines()) == 16
    tuned, _ = load_pretrained(str(folder / "model"))
    assert not any("lora" in name for name, _ in tuned.named_parameters())
    tower = load_model_folder(str(folder / "tower"))
    tower.verify()
    assert tower.manifest.metrics == measured
    assert tower.manifest.training_data["helpful"] == 16


def test_the_exported_tower_is_the_base_models(config, data, tmp_path, base):
    folder = run(config, Options(data, tmp_path))

    before, after = (
        load_pretrained(str(one))[0].model.vision_tower.state_dict()
        for one in (base, folder / "model")
    )
    assert all(torch.equal(one, after[name]) for name, one in before.items())


def test_nothing_is_exported_when_the_gate_is_not_passed(base, data, tmp_path):
    config = settings(model=str(base), gate=ANY | {"attack_success": 0})

    with pytest.raises(GateError, match="attack_success is 100"):
        run(config, Options(data, tmp_path))

    assert not (tmp_path / "export").exists()
    assert (tmp_path / "evaluation.json").exists()


def test_held_out_and_tested_pictures_are_never_learnt_from(config, data, tmp_path):
    train = json.loads((data / "train.json").read_text())
    test = json.loads((data / "test.json").read_text())
    (tmp_path / "images").symlink_to(data / "images")
    for name in ("helpful.json", "held_out.json", "test.json"):
        (tmp_path / name).write_text((data / name).read_text())
    (tmp_path / "train.json").write_text(json.dumps([*train, test[0]]))
    both = json.loads((data / "helpful.json").read_text())
    held_out = json.loads((data / "held_out.json").read_text())
    (tmp_path / "helpful.json").write_text(json.dumps([*both, held_out[0]]))

    found = read_mixture(config, Options(tmp_path, tmp_path))

    assert found.dropped == [test[0]["image"], held_out[0]["image"]]
    assert {one.name for one in found.train}.isdisjoint({test[0]["image"], held_out[0]["image"]})


def test_mixed_mode_takes_every_helpful_conversation(config, data, tmp_path):
    post_hoc, mixed = (
        read_mixture(config.model_copy(update={"mode": mode}), Options(data, tmp_path)).train
        for mode in ("post_hoc", "mixed")
    )

    assert sum(one.subset == "helpful" for one in post_hoc) == 16
    assert sum(one.subset == "helpful" for one in mixed) == 24
    assert len(mixed) == 24 + 8 + 2 * 8


def test_no_helpfulness_needs_force(config, data, tmp_path):
    alone = config.model_copy(update={"helpfulness": None})

    with pytest.raises(DataError, match="--force"):
        read_mixture(alone, Options(data, tmp_path))

    assert len(read_mixture(alone, Options(data, tmp_path, force=True)).train) == 24


def test_a_plan_counts_and_trains_nothing(config, data, tmp_path):
    found = plan(config, Options(data, tmp_path / "out"))

    assert found["train"] == {"unsafe": 8, "safe_unsafe": 8, "safe_safe": 8, "helpful": 16}
    assert found["steps"] == 5
    assert set(found["weights that learn"]) == {"projector", "language"}
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_it_would_do(config, data, tmp_path):
    path = written(tmp_path, config)

    result = command("--config", path, "--data", data, "--out", tmp_path / "out", "--dry-run")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["dropped"] == 0
    assert not (tmp_path / "out").exists()


def test_the_command_trains_a_few_steps_and_exports(config, data, tmp_path):
    path, out = written(tmp_path, config), tmp_path / "out"

    result = command(
        "--config", path, "--data", data, "--out", out, "--max-steps", 1, "--seed", 5
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert f"wrote {out / 'export'}" in result.output.replace("\n", "")
    steps = (out / "log.csv").read_text().splitlines()[1:]
    assert [line.split(",")[0] for line in steps] == ["1"]
    assert (out / "export" / "model" / "README.md").exists()


def test_the_command_ends_with_one_when_the_gate_is_not_passed(base, data, tmp_path):
    path = written(tmp_path, settings(model=str(base), gate=ANY | {"attack_success": 0}))

    result = command("--config", path, "--data", data, "--out", tmp_path / "o", "--max-steps", 1)

    assert result.exit_code == 1
    assert "not exported: attack_success" in result.output


@pytest.mark.parametrize(
    ("changed", "options", "said"),
    [
        ({}, ["--resume"], "no checkpoint to resume from"),
        ({"model": "/nowhere"}, [], "model '/nowhere' cannot be loaded"),
        ({"train": {"file": "none.json", "images": "images"}}, [], "none.json: cannot be read"),
        (
            {"train": {"file": "train.json", "images": "elsewhere"}},
            [],
            "16 of 16 pictures are missing",
        ),
        ({"train": {"file": "helpful.json", "images": "images"}}, [], "entry 0: lacks the field"),
        ({"helpfulness": None}, [], "--force"),
    ],
)
def test_what_is_wrong_ends_with_two_and_is_named(config, data, tmp_path, changed, options, said):
    path = written(tmp_path, settings(**(json.loads(config.model_dump_json()) | changed)))

    result = command("--config", path, "--data", data, "--out", tmp_path / "out", *options)

    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_a_config_is_looked_up_among_those_that_ship(data, tmp_path):
    result = command("--config", "vlguard_world.yaml", "--data", data, "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert "5000 examples are asked for, but there are 24" in " ".join(result.output.split())


@pytest.mark.slow
def test_two_processes_train_what_one_does(config, data, tmp_path):
    """Half the batch on each of two processes is the same step as the whole on one."""
    one = config.model_copy(update={"batch": 8, "method": "full"})
    two = config.model_copy(update={"batch": 4, "method": "full"})
    alone = run(one, Options(data, tmp_path / "one", max_steps=2))
    path = written(tmp_path, two)
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words += ["-m", "guardrail_training.vlguard", "--config", path, "--data", data]
    words += ["--out", tmp_path / "two", "--max-steps", "2"]

    done = subprocess.run(
        list(map(str, words)),
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=240,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    both = load_pretrained(str(tmp_path / "two" / "export" / "model"))[0].state_dict()
    first = load_pretrained(str(alone / "model"))[0].state_dict()
    for name, weight in first.items():
        torch.testing.assert_close(both[name], weight, atol=1e-4, rtol=1e-2)
