from __future__ import annotations

from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from guardrail_training.clip.__main__ import CONFIG, main
from guardrail_training.clip.config import (
    EmbeddedConfig,
    FinetuneConfig,
    HeadsConfig,
    read_config,
)
from guardrail_training.clip.draw.catalogue import drawings
from guardrail_training.clip.errors import ClipTrainingError
from tests.training.clip.test_labelled import picture
from tests.training.clip.tiny import data_folder, icon_folder


def run(*arguments):
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("clip_embedded.yaml", EmbeddedConfig),
        ("clip_heads.yaml", HeadsConfig),
        ("clip_finetune.yaml", FinetuneConfig),
        ("clip_reader.yaml", EmbeddedConfig),
    ],
)
def test_the_shipped_settings_are_read_and_begin_with_their_command(name, kind):
    path = CONFIG.with_name(name)

    assert isinstance(read_config(path), kind)
    assert "guardrail train clip --config FILE" in path.read_text().splitlines()[0]


def test_an_unknown_key_is_named(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("kind: heads\nmodel: x\nexamples: y\nhiden: 3\n")

    with pytest.raises(ClipTrainingError, match="hiden: Extra inputs are not permitted"):
        read_config(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), ("kind: [", "while parsing"), ("kind: other\n", "'embedded'")],
)
def test_settings_that_are_wrong_are_named(tmp_path, content, said):
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ClipTrainingError, match=said):
        read_config(path)


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    icons, data = icon_folder(tmp_path / "icons"), data_folder(tmp_path / "data")

    code, output = run("--data", data, "--icons", icons, "--out", tmp_path / "out", "--dry-run")

    assert code == 0
    assert "pictures: " in output
    learnt = sum(not one.aside for one in drawings())
    assert f"drawings: {learnt}" in output
    assert not (tmp_path / "out").exists()


def test_a_missing_file_of_weights_is_found_by_a_dry_run(tmp_path):
    icons, data = icon_folder(tmp_path / "icons"), data_folder(tmp_path / "data")
    file = tmp_path / "none.pth"

    code, output = run("--data", data, "--icons", icons, "--tower", file, "--dry-run")

    assert code == 2
    assert "--tower" in output
    assert "no such file" in " ".join(output.split())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pretrained": False, "tower_licence": ""}, "layers and tower_licence are about"),
        ({"tower_licence": ""}, "tower_licence is missing"),
    ],
)
def test_kept_weights_have_to_be_somebody_s(tmp_path, changes, said):
    content = yaml.safe_load(CONFIG.read_text()) | changes
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(content))

    with pytest.raises(ClipTrainingError, match=said):
        read_config(path)


def test_without_icons_the_option_is_named(tmp_path):
    code, output = run("--data", tmp_path)

    assert code == 2
    assert "--icons is missing" in output


def test_a_dry_run_of_heads_counts_pictures(tmp_path):
    for name in ("alarm", "harmless"):
        picture(tmp_path / "pictures" / name / "web" / "1.png")

    code, output = run("--data", tmp_path, "--config", "clip_heads.yaml", "--dry-run")

    assert (code, output) == (0, "web: alarm: 1\nweb: harmless: 1\n")


def test_heads_need_a_place_to_go(tmp_path):
    code, output = run("--data", tmp_path, "--config", "clip_heads.yaml")

    assert code == 2
    assert "--out is missing" in output


@pytest.mark.parametrize("option", ["--icons", "--base", "--tower", "--work"])
@pytest.mark.parametrize("name", ["clip_heads.yaml", "clip_finetune.yaml"])
def test_what_only_the_embedded_model_needs_is_refused_elsewhere(tmp_path, option, name):
    code, output = run(
        "--data", tmp_path, "--config", CONFIG.with_name(name), option, tmp_path, "--dry-run"
    )

    assert code == 2
    assert f"{option}: only settings of kind embedded read it" in " ".join(output.split())


def test_a_dry_run_of_fine_tuning_counts_pairs(tmp_path):
    rows = '{"image": "1.png", "text": "a"}\n' * 3
    (tmp_path / "pairs.jsonl").write_text(rows)

    code, output = run("--data", tmp_path, "--config", "clip_finetune.yaml", "--dry-run")

    assert (code, output) == (0, "pairs: 3\nsteps: 1000\nbatch: 64\n")


def test_a_seed_on_the_command_line_replaces_the_settings(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "guardrail_training.clip.train_heads.counted",
        lambda config, data: seen.append(config) or {},
    )

    run("--data", tmp_path, "--config", "clip_heads.yaml", "--dry-run", "--seed", "77")

    assert seen[0].seed == 77
    assert Path(CONFIG).exists()
