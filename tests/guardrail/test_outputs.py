"""Results that cannot be written are told before the work."""

from __future__ import annotations

import os

import pytest
from typer.testing import CliRunner

from guardrail import demo, scan_progress
from guardrail.cli import app
from guardrail.errors import PolicyError
from guardrail.outputs import check_output


def never(*_, **__):
    raise AssertionError("work was begun")


@pytest.fixture
def idle(monkeypatch):
    monkeypatch.setattr(scan_progress.Guard, "from_policy", never)
    monkeypatch.setattr(demo, "servers", never)


@pytest.mark.parametrize(
    ("arguments", "option"),
    [(["scan", "traffic.jsonl", "--output"], "--output"), (["demo", "--report"], "--report")],
)
def test_a_command_into_a_missing_folder_ends_before_its_work(idle, tmp_path, arguments, option):
    path = tmp_path / "missing" / "results"

    ended = CliRunner().invoke(app, [*arguments, str(path)])

    assert ended.exit_code == 2
    assert f"error: {option} {path}: there is no folder {path.parent}; create it" in ended.stderr


def test_a_folder_is_no_file_for_results(tmp_path):
    with pytest.raises(PolicyError, match=r"--output .* is a folder; name a file in it"):
        check_output(tmp_path, "--output")


def test_a_file_is_no_folder_for_results(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(PolicyError, match="there is no folder"):
        check_output(tmp_path / "file" / "results", "--output")


@pytest.mark.parametrize("exists", [True, False])
def test_what_cannot_be_written_is_told(tmp_path, monkeypatch, exists):
    path = tmp_path / "results"
    if exists:
        path.touch()
    monkeypatch.setattr(os, "access", lambda asked, _: asked not in {tmp_path, path})

    with pytest.raises(PolicyError, match="cannot be written"):
        check_output(path, "--output")


def test_a_file_that_can_be_written_is_not_made_yet(tmp_path):
    check_output(tmp_path / "results", "--output")

    assert list(tmp_path.iterdir()) == []
