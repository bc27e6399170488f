"""The whole demo, as a user runs it: real processes, real models, real pictures."""

from __future__ import annotations

import json
import subprocess
import sys

from guardrail.demo.upstream import BAD, answer


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
    assert page.count("<section") == 8
    assert page.count('class="box"/>') >= 2
    assert "expected:" not in page
    # What the stand-in streamed after it turned bad never left.
    assert BAD[:40] in answer("strict-stand-in")
    assert (
        "pipe bomb"
        not in page.replace(json.dumps(BAD), "").split("The user")[-1].split("<table")[0]
    )
