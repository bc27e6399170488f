"""The whole demo, as a user runs it: real processes, real models, real pictures."""

from __future__ import annotations

import json
import subprocess
import sys

from guardrail.demo.upstream import BAD, HARBOUR, answer, moderated


def test_the_demo_ends_as_expected_and_writes_its_report(tmp_path):
    report = tmp_path / "demo.html"

    done = subprocess.run(
        [sys.executable, "-m", "guardrail", "demo", "--report", str(report)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Smuggled characters" in done.stdout
    assert 'OpenAI(base_url="http://127.0.0.1:8000/v1")' in done.stdout
    page = report.read_text("utf-8")
    assert page.count("<section") == 9
    assert page.count('class="box"/>') >= 2
    assert "expected:" not in page
    assert "museum of the herring trade" in page
    assert "<td>draft 1</td>" in page
    # What the stand-in streamed after it turned bad never left.
    assert BAD[:40] in answer("strict-stand-in")
    assert (
        "pipe bomb"
        not in page.replace(json.dumps(BAD), "").split("The user")[-1].split("<table")[0]
    )


def test_the_stand_in_finds_its_own_answer_bad_and_writes_a_better_one():
    def user(text):
        return {"role": "user", "content": text}

    first = moderated([user("Tell me.")])
    reviews = [json.loads(moderated([user(f"{text} check-0a1b2c3d")])) for text in (first, HARBOUR)]
    better = moderated([user("Tell me."), {"role": "assistant", "content": first}, user("Better.")])

    assert BAD in first
    assert [one["category"] for one in reviews] == ["no_dangerous_instructions", "none"]
    assert {one["check"] for one in reviews} == {"check-0a1b2c3d"}
    assert "bomb" not in better
