"""``guardrail models``: what there is, what can be had, and how it comes."""

from __future__ import annotations

import json
import re
import socket

import pytest
from typer.testing import CliRunner

from guardrail.cli import app
from guardrail_detectors.weights import HOME_VARIABLE
from tests.detectors.clip.tiny import clip_folder
from tests.detectors.served import serving


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def made(tmp_path):
    return clip_folder(tmp_path / "made")


def run(*arguments: object):
    return CliRunner().invoke(app, ["models", *map(str, arguments)])


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_list_says_what_ships_and_what_can_be_pulled():
    listed = run("list").stdout

    assert "Models that ship" in listed
    assert "Installed in" not in listed
    for name in ("vit_b_32", "vit_l_14", "mobileclip2_s0", "siglip2_b_16", "fare_vit_b_32"):
        assert name in listed
    assert "not pinned" in listed


def test_the_list_says_what_is_installed(made):
    run("add", made, "--name", "vit_b_32")

    listed = words(run("list").stdout)

    assert "Installed in" in listed
    assert "image_text_embeddi" in listed
    assert re.search(r"vit_b_32 │ ViT-B-32 │ .* │ not pinned │ installed", listed)


def test_the_list_shows_a_broken_folder_for_what_it_is(home):
    (home / "spoilt").mkdir(parents=True)
    (home / "spoilt" / "manifest.json").write_text("{")

    assert re.search("spoilt.*manifest.json", words(run("list").stdout))


def test_an_added_folder_is_verified_with_all_others(made, home):
    done = run("add", made)
    assert done.exit_code == 0
    assert done.stdout.split(": ") == [str(home / "tiny_clip"), "installed\n"]

    verified = run("verify")

    assert "tiny_clip: ok" in verified.stdout.splitlines()
    assert verified.exit_code == 0


def test_an_installed_model_that_was_altered_fails_verification(made, home):
    run("add", made)
    (home / "tiny_clip" / "golden.json").write_text("{}")

    verified = run("verify", "tiny_clip")

    assert verified.exit_code == 1
    assert "checksum differs" in words(verified.stdout)


def test_a_task_that_nothing_here_runs_is_said(made):
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps({**manifest, "task": "juggling"}))

    assert "nothing here knows how to run it" in words(run("verify", made).stdout)


def test_a_folder_is_added_from_a_server(made, home):
    with serving() as served:
        for path in made.rglob("*"):
            if path.is_file():
                served.files[f"/{path.relative_to(made)}"] = path.read_bytes()

        done = run("add", served.url, "--name", "far")

    assert done.exit_code == 0
    assert (home / "far" / "manifest.json").is_file()


def test_models_are_installed_where_an_option_says(made, tmp_path):
    run("add", made, "--home", tmp_path / "elsewhere")

    assert (tmp_path / "elsewhere" / "tiny_clip").is_dir()


def test_a_pull_without_a_network_ends_with_what_to_do(monkeypatch):
    monkeypatch.setattr("guardrail_detectors.clip.installing.exporter", lambda: None)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"

        done = run("pull", "vit_b_32", "--endpoint", endpoint)

    assert done.exit_code == 2
    assert "cannot be reached" in done.stderr
    assert "guardrail models export ViT-B-32 --weights" in words(done.stderr)


def test_a_pull_of_an_unknown_name_ends_with_those_there_are():
    done = run("pull", "vit_h_14")

    assert done.exit_code == 2
    assert "vit_l_14" in done.stderr


def test_an_export_never_writes_over_what_is_there(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("mine")

    done = run("export", "ViT-B-32", "--output", tmp_path / "there")

    assert done.exit_code == 2
    assert "something is there" in done.stderr


def test_an_export_is_called_by_the_folders_name_unless_it_is_given_one(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        "guardrail_detectors.clip.installing.exporter", lambda: lambda *given: calls.append(given)
    )

    run("export", "ViT-B-32", "--output", tmp_path / "Ours")
    run("export", "RN50", "--output", tmp_path / "x", "--weights", "w.safetensors", "--name", "n")

    assert calls == [
        ("ViT-B-32", None, tmp_path / "Ours", "ours"),
        ("RN50", "w.safetensors", tmp_path / "x", "n"),
    ]
