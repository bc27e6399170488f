"""The comparison: intervals by hand, what is there is kept, the table says what was measured."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from guardrail_training.adpo.__main__ import app
from guardrail_training.adpo.compare import Comparison, compare, table, wilson
from tests.training.small import small_folder

RESULTS = [
    {"trainer": "plain", "seed": 0, "clean": [True] * 4, "attacked": {"2.0": [True] + [False] * 3}},
    {"trainer": "plain", "seed": 1, "clean": [True] * 4, "attacked": {"2.0": [False] * 4}},
]


def test_an_interval_is_wilson_s():
    """10 of 20: 0.5 ± 1.96/(1 + 0.19208)·√(0.25/20 + 0.0024) around 0.5."""
    low, high = wilson(0.5, 20)

    assert (low, high) == (pytest.approx(0.2993, abs=1e-4), pytest.approx(0.7007, abs=1e-4))
    assert wilson(0.0, 20)[0] == pytest.approx(0, abs=1e-12)


def test_a_table_pools_seeds_counts_pictures_once_and_shows_each_seed():
    """0 and 1 of 4 pictures: a share of 0.125 of four trials, not of eight."""
    lines = table(RESULTS).splitlines()

    assert lines[0] == "| trainer | clean | ε = 2/255 |"
    assert lines[2] == "| plain | 100.0 [51.0, 100.0] (100, 100) | 12.5 [1.3, 60.4] (25, 0) |"


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    base = small_folder(tmp_path_factory.mktemp("base"))
    given = {
        "method": "fare",
        "pictures": {"kind": "world", "count": 4},
        "attack": {"eps": 2, "steps": 1},
        "run": {"steps": 1, "batch": 2, "save_every": 1},
    }
    return Comparison(
        bases=(base,), trainers={"fare": given}, pictures={"count": 4}, radii=(2,), steps=2
    )


def test_what_is_measured_is_kept_and_a_limit_begins_nothing(plan, tmp_path):
    assert compare(plan, tmp_path, limit_s=-1) == []

    first = compare(plan, tmp_path)
    (tmp_path / "plain" / "0" / "result.json").write_text(json.dumps(first[0] | {"cpu_s": -1}))
    again = compare(plan, tmp_path)

    assert [(one["trainer"], one["seed"]) for one in first] == [("plain", 0), ("fare", 0)]
    assert len(first[0]["clean"]) == 4
    assert again[0]["cpu_s"] == -1


def test_the_command_prints_the_table_and_draws_it(plan, tmp_path):
    config = tmp_path / "plan.yaml"
    config.write_text(plan.model_dump_json(), "utf-8")

    found = CliRunner().invoke(
        app, ["compare", "--config", str(config), "--out", str(tmp_path / "out")]
    )

    assert found.exit_code == 0, found.output
    assert "| fare |" in found.output
    assert (tmp_path / "out" / "robustness.png").read_bytes().startswith(b"\x89PNG")


def harden_command(plan, tmp_path, *more):
    config = tmp_path / "harden.yaml"
    config.write_text(plan.settings("fare", 0).model_dump_json(), "utf-8")
    out = tmp_path / "out"
    return CliRunner().invoke(app, ["harden", "--config", str(config), "--out", str(out), *more])


def test_a_dry_run_tries_a_batch_and_writes_nothing(plan, tmp_path):
    found = harden_command(plan, tmp_path, "--dry-run")

    assert found.exit_code == 0, found.output
    assert "fare: 4 pictures" in found.output
    assert not (tmp_path / "out").exists()


def test_the_command_hardens_and_keeps_the_settings_as_they_were_run(plan, tmp_path):
    found = harden_command(plan, tmp_path, "--seed", "3", "--max-steps", "2")

    assert found.exit_code == 0, found.output
    written = (tmp_path / "out" / "config.yaml").read_text("utf-8")
    assert "seed: 3" in written
    assert "steps: 2" in written
    assert (tmp_path / "out" / "model" / "config.json").exists()


@pytest.mark.parametrize("command", ["harden", "compare"])
def test_bad_settings_end_with_two_and_name_the_field(tmp_path, command):
    config = tmp_path / "bad.yaml"
    config.write_text("method: fgsm\n", "utf-8")

    found = CliRunner().invoke(app, [command, "--config", str(config), "--out", str(tmp_path)])

    assert found.exit_code == 2
    assert "method" in found.output
