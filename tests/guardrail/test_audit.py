"""One line per exchange, computed from verdicts and coverage."""

from __future__ import annotations

import json
import logging
import os

import pytest

from guardrail.audit import AuditLog, ExchangeRecord, as_json, finding_json, outcome_json
from guardrail.errors import PolicyError
from guardrail.types import Action, Box, Coverage, Finding, Outcome, Verdict

FINDING = Finding("/a", "hate", 0.87654321, (3, 9), Box(1, 2, 3, 4, 5), "the secret words")
OUTCOME = Outcome(
    Action.BLOCK,
    (
        Verdict("first", Action.BLOCK, (FINDING,), None, 0.0123456, ("/a", "/b"), 1),
        Verdict("second", Action.ALLOW, (), "timeout", 1.0, ("/a",)),
    ),
    coverage={
        "/a": Coverage("scanned", ("first",)),
        "/b": Coverage("skipped", reason="no stage reads image from user"),
        "/c": Coverage("opaque", reason="nothing reads 'x'"),
    },
    degraded=("second",),
)


def record() -> ExchangeRecord:
    made = ExchangeRecord("id", "default", 2, "digest", "/v1/chat/completions", "gpt")
    made.add("input", OUTCOME)
    return made


def test_the_record_tells_the_story_of_the_exchange():
    told = as_json(record())

    stages = told["sides"]["input"]["stages"]
    assert told["action"] == "BLOCK"
    assert (told["policy"], told["generation"], told["digest"]) == ("default", 2, "digest")
    assert stages[0]["findings"][0]["score"] == 0.8765
    assert stages[0]["cached"] == 1
    assert stages[1]["error"] == "timeout"
    assert told["sides"]["input"]["degraded"] == ["second"]


def test_coverage_counts_every_state_and_names_what_was_not_scanned():
    coverage = outcome_json(OUTCOME)["coverage"]

    assert (coverage["scanned"], coverage["skipped"], coverage["opaque"]) == (1, 1, 1)
    assert coverage["unscanned"] == {
        "/b": "no stage reads image from user",
        "/c": "nothing reads 'x'",
    }


def test_content_is_left_out_unless_asked_for():
    assert "secret" not in json.dumps(as_json(record()))
    assert "the secret words" in json.dumps(as_json(record(), content=True))


def test_a_box_names_its_frame():
    assert finding_json(FINDING)["box"] == [1, 2, 3, 4]
    assert finding_json(FINDING)["frame"] == 5


def test_the_action_of_a_record_never_falls():
    made = record()

    made.add("output", Outcome(Action.FLAG))

    assert made.action is Action.BLOCK


def test_lines_are_appended_whole(tmp_path):
    path = tmp_path / "audit.jsonl"
    for _ in range(2):
        AuditLog(str(path))(record())

    lines = path.read_text().splitlines()
    assert [json.loads(line)["verdict_id"] for line in lines] == ["id", "id"]


def test_the_file_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "audit.jsonl"
    AuditLog(str(path))

    assert path.stat().st_mode & 0o077 == 0


def test_a_dash_is_standard_output(capfd):
    AuditLog("-")(record())

    assert json.loads(capfd.readouterr().out)["verdict_id"] == "id"


def test_a_file_that_cannot_be_opened_says_what_to_do(tmp_path):
    with pytest.raises(PolicyError, match="folder that exists"):
        AuditLog(str(tmp_path / "missing" / "audit.jsonl"))


def test_a_full_disk_is_logged_and_breaks_no_exchange(tmp_path, monkeypatch, caplog):
    log = AuditLog(str(tmp_path / "audit.jsonl"))

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    caplog.set_level(logging.ERROR, "guardrail")
    log(record())

    assert "was not written" in caplog.text


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    log, write = AuditLog(str(tmp_path / "audit.jsonl")), os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:10]))

    log(record())
    log(record())

    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["verdict_id"] for line in lines] == ["id", "id"]


def test_a_line_that_was_cut_off_does_not_take_the_next_with_it(tmp_path, monkeypatch):
    log, write, room = AuditLog(str(tmp_path / "audit.jsonl")), os.write, [10]

    def nearly_full(descriptor: int, data: bytes) -> int:
        if not room:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: room.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", nearly_full)
        log(record())
    log(record())

    first, second = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert len(first) == 10
    assert json.loads(second)["verdict_id"] == "id"


def test_how_a_part_was_looked_at_is_kept():
    told = Verdict("ocr", Action.ALLOW, notes={"/a": ("all at 1", "336 nearest because of dots")})

    (stage,) = outcome_json(Outcome(Action.ALLOW, (told, Verdict("b", Action.ALLOW))))["stages"][:1]

    assert stage["notes"] == {"/a": ["all at 1", "336 nearest because of dots"]}
    assert (
        "notes"
        not in outcome_json(Outcome(Action.ALLOW, (Verdict("b", Action.ALLOW),)))["stages"][0]
    )
