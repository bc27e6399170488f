"""The command line as a user types it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from guardrail import __version__
from guardrail.cli import app
from guardrail.policy import BUILTIN
from guardrail.schema import schema_text
from tests.attacks.files import encoded

HERE = "tests.guardrail.policy_detectors"
POLICY = f"""
version: 1
name: words
input:
  - detect: {HERE}:Words
    name: words
    rules: [{{category: hate, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 5
"""
PROBES = """
- id: fine
  input: {text: hello}
  expect: {action: allow}
  objective: Harmless passes.
- id: stopped
  input: {text: bad}
  expect: {action: block, category: hate}
  objective: The word is found.
"""


def run(*arguments: object):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "words.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def probes(policy):
    path = policy.with_name("words.probes.yaml")
    path.write_text(PROBES)
    return path


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout.strip() == __version__


COMMANDS = ("serve", "demo", "check", "test", "explain", "schema", "scan", "models", "train")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    done = run(command, "--help")

    assert done.exit_code == 0
    assert len(done.stdout) > 200


def test_the_help_names_every_built_in_policy():
    shown = " ".join(
        CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "300"}).output.split()
    )

    assert "A built-in (default, strict, moderated, monitor) or a file" in shown
    assert sorted(BUILTIN) == ["default", "moderated", "monitor", "strict"]


def test_the_help_lists_every_command():
    text = run("--help").stdout

    assert [name for name in COMMANDS if not re.search(rf"│ {name} ", text)] == []


def test_help_starts_quickly_because_nothing_heavy_is_imported():
    code = (
        "import sys, guardrail.cli\n"
        "print([n for n in ('granian', 'onnxruntime', 'cv2', 'litestar', 'aiohttp') if n in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stderr


def test_the_builtin_policies_check_without_arguments():
    done = run("check")

    assert done.exit_code == 0
    assert all(f"{name}:" in done.stdout for name in BUILTIN)


def test_check_shows_stages_and_what_deserves_a_look(policy):
    policy.write_text(POLICY.replace("on_error: block", "on_error: allow"))

    done = run("check", policy)

    assert done.exit_code == 0
    assert "hate ≥ 0.5 → block" in done.stdout
    assert "on_error: allow lets through what it fails on" in done.stdout
    assert "no output stage: nothing of the reply is inspected" in done.stdout


def test_check_names_line_and_right_word_of_every_wrong_policy_and_ends_with_2(policy):
    other = policy.with_name("other.yaml")
    other.write_text(POLICY.replace("on_error", "on_eror"))
    policy.write_text(POLICY.replace("at_least", "at_leest"))

    done = run("check", policy, other)

    assert done.exit_code == 2
    assert re.search(r"words\.yaml:7:\d+: .*'at_leest'; did you mean 'at_least'", done.stderr)
    assert re.search(r"other\.yaml:8:\d+: .*'on_eror'; did you mean 'on_error'", done.stderr)
    assert "Traceback" not in done.stderr


def test_probes_that_pass_end_with_0(probes):
    for source in (probes, probes.parent, probes.with_name("words.yaml")):
        done = run("test", source)

        assert done.exit_code == 0, done.output
        assert "2 passed, 0 failed" in done.stdout


def test_a_probe_that_fails_ends_with_1_and_says_what_it_lets_through(probes):
    probes.write_text(PROBES.replace("text: bad", "text: good"))

    done = run("test", probes)

    assert done.exit_code == 1
    assert "words stopped: expected block, got allow. The word is found." in done.stdout
    assert "1 passed, 1 failed" in done.stdout


def test_a_probe_with_another_category_fails(probes):
    probes.write_text(PROBES.replace("category: hate", "category: privacy"))

    assert "expected category privacy, got hate" in run("test", probes).stdout


@pytest.mark.parametrize("name", ["nowhere", "words.yaml", "empty"])
def test_a_source_without_probes_is_named(policy, name):
    (policy.parent / "empty").mkdir()

    done = run("test", policy.parent / name)

    assert done.exit_code == 2
    assert name in done.stderr


def test_explain_without_a_request_shows_who_reads_what(policy):
    done = run("explain", "--policy", policy)

    assert done.exit_code == 0
    assert re.search(r"input\s+│ words\s+│ anybody\s+│ ●\s+│\s+│ ●\s+│ ●", done.stdout)
    assert re.search(r"input\s+│ nobody .*block .*block", done.stdout)


def test_explain_shows_parts_findings_and_rules(policy, tmp_path):
    request = tmp_path / "request.json"
    messages = [{"role": "user", "content": "something bad"}]
    request.write_text(json.dumps({"model": "m", "messages": messages}))

    done = run("explain", request, "--policy", policy)

    assert done.exit_code == 0
    assert "verdict: BLOCK" in done.stdout
    assert "/messages/0/content" in done.stdout
    assert "≥ 0.5 → block" in done.stdout


@pytest.mark.parametrize(("body", "words"), [("{", "not JSON"), ('{"messages": 3}', "messages")])
def test_explain_refuses_what_is_no_request(policy, tmp_path, body, words):
    request = tmp_path / "request.json"
    request.write_text(body)

    done = run("explain", request, "--policy", policy)

    assert done.exit_code == 2
    assert words in done.stderr


def test_explain_names_a_file_that_is_missing(policy):
    done = run("explain", "/nowhere.json", "--policy", policy)

    assert (done.exit_code, done.stderr.strip()) == (
        2,
        "error: /nowhere.json: cannot be read: No such file or directory",
    )


def test_the_schema_is_printed_as_it_is():
    assert run("schema").stdout == schema_text()


def test_a_scan_writes_results_and_ends_with_a_summary(policy, tmp_path):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"id": "a", "text": "bad", "label": "harmful"},
        {"id": "b", "text": "fine", "label": "benign"},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))

    done = run("scan", source, "--policy", policy, "--output", output)
    again = run("scan", source, "--policy", policy, "--output", output)

    assert done.exit_code == again.exit_code == 0, done.output
    assert len(output.read_text().splitlines()) == 2
    assert "stopped 100.0%" in done.stdout
    assert "2 results in" in again.stdout


def test_a_folder_of_pictures_is_scanned(policy, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded())

    done = run("scan", folder, "--policy", policy, "--output", tmp_path / "out.jsonl")

    assert done.exit_code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["action"] == "ALLOW"


def test_a_scan_of_nothing_is_an_error(policy, tmp_path):
    done = run("scan", tmp_path / "none", "--policy", policy, "--output", tmp_path / "out.jsonl")

    assert done.exit_code == 2
    assert "neither a file of JSON lines nor a folder" in done.stderr


def test_models_are_listed_and_verified():
    listed = run("models", "list").stdout
    assert "text_guard_encoder" in listed
    assert "text_guard_linear" in listed
    assert run("models", "verify").stdout.splitlines() == [
        "clip_embedded: ok",
        "person_intent: ok",
        "text_guard_encoder: ok",
        "text_guard_linear: ok",
    ]


def test_a_model_that_is_none_fails_verification(tmp_path):
    done = run("models", "verify", tmp_path)

    assert done.exit_code == 1
    assert "neither a shipped model" in done.stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--policy", "defualt"], "did you mean 'default'"),
        ([], "no upstream"),
        (["--upstream", "localhost:8000"], "neither a base URL nor a name"),
        (
            ["--upstream", "http://x", "--api-key-env", "NO_SUCH_VARIABLE"],
            "NO_SUCH_VARIABLE is not set",
        ),
    ],
)
def test_serve_says_what_is_wrong_before_it_starts(options, words):
    done = run("serve", *options)

    assert done.exit_code == 2
    assert words in done.stderr.replace("\n", " ")


def test_serve_says_that_a_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = run("serve", "--upstream", "http://127.0.0.1:1", "--port", port)

    assert done.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr


def test_training_shows_its_own_options():
    done = run("train", "text-guard", "--help")

    assert done.exit_code == 0
    assert "--readings" in done.stdout


def test_training_without_data_is_an_error(tmp_path):
    done = run("train", "text-guard", "--data", tmp_path, "--out", tmp_path / "out")

    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def test_check_advises_a_when_for_a_model_that_is_asked_about_every_reply(policy):
    asking = """
version: 1
name: asking
output:
  - detect: self_moderation
    rules: [{category: "*", at_least: 0.5, action: revise}]
    on_error: block
    timeout_s: 20
"""
    policy.write_text(asking)
    always = run("check", policy)
    policy.write_text(asking.replace("    rules", "    when: {any_score_at_least: 0.3}\n    rules"))
    gated = run("check", policy)

    assert always.exit_code == gated.exit_code == 0
    assert "self_moderation: asks a model about every reply" in always.stdout
    assert "asks a model about every reply" not in gated.stdout
    assert "held to their end" in gated.stdout
