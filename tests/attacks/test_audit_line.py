"""No client writes as much into the audit log as it likes."""

from __future__ import annotations

import json

import pytest

from guardrail import Guard, Request
from guardrail.audit import AuditLog, as_json
from guardrail.policy import parse_policy
from tests.guardrail.test_guard import JSON, PATH, Upstream

LONG = "my password is hunter2 " * 20_000
KEYS = {f"{n}{LONG[:2000]}": ["bad words"] for n in range(300)}
WORDS = """
version: 1
name: p
input:
  - detect: tests.guardrail.policy_detectors:Words
    name: words
    rules: [{category: hate, at_least: 0.5, action: flag}]
    on_error: block
    timeout_s: 5
"""


@pytest.mark.parametrize(
    "more",
    [{"model": LONG}, KEYS, {LONG: "bad words"}],
    ids=["model", "many keys", "a long key"],
)
@pytest.mark.parametrize("sources", ["", "    sources: [tool]"], ids=["findings", "unscanned"])
async def test_a_line_stays_short_whatever_a_request_says(more, sources, tmp_path):
    path, records = tmp_path / "audit.jsonl", []
    guard = Guard(parse_policy(WORDS + sources), observers=[AuditLog(str(path)), records.append])
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}], **more}

    await guard.handle(Request("POST", PATH, b"", JSON, json.dumps(body).encode()), Upstream())
    await guard.close()

    (line,) = path.read_text().splitlines()
    assert len(line) < 150_000
    told, coverage = as_json(records[0]), records[0].sides["input"].coverage
    unscanned = told["sides"]["input"]["coverage"].get("unscanned", {})
    left = told["sides"]["input"]["coverage"].get("unscanned_more", 0)
    assert len(told["model"]) <= 256
    assert len(unscanned) + left == sum(one.state != "scanned" for one in coverage.values())
