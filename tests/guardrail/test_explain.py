from __future__ import annotations

import io

import pytest
from rich.console import Console

from guardrail import Guard
from guardrail.explain import matrix, verdict_tables, where
from guardrail.policy import parse_policy
from guardrail.system_prompt import canary_of
from guardrail.types import Box, Finding
from tests.guardrail.test_cli import POLICY


def shown(renderable: object) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(renderable)
    return console.export_text()


@pytest.fixture
def guard():
    return Guard(parse_policy(POLICY))


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding("/a", "hate", 1.0), "/a"),
        (Finding("/a", "hate", 1.0, (3, 9)), "/a characters 3 to 9"),
        (Finding("/a", "hate", 1.0, None, Box(1, 2, 3, 4)), "/a pixels 1,2 to 3,4"),
        (Finding("/a", "hate", 1.0, None, Box(1, 2, 3, 4, 5)), "/a pixels 1,2 to 3,4 of frame 5"),
    ],
)
def test_a_place_is_told_in_words(finding, words):
    assert where(finding) == words


async def test_a_part_that_nobody_reads_is_shown_as_what_it_is(guard):
    body = b'{"messages": [{"role": "user", "content": [{"type": "[bold]", "x": 1}]}]}'

    conversation, outcome = await guard.acheck_body(body)
    text = shown(verdict_tables(conversation, outcome, guard.snapshot))

    assert "verdict: BLOCK" in text
    assert "opaque" in text
    assert "[bold]" in text


async def test_a_finding_below_every_rule_is_shown_without_one(guard):
    conversation, outcome = await guard.acheck_body(
        b'{"messages": [{"role": "user", "content": "fine"}]}'
    )

    text = shown(verdict_tables(conversation, outcome, guard.snapshot))

    assert "verdict: ALLOW" in text
    assert "scanned" in text


def test_every_kind_has_a_column_and_every_side_a_row_for_nobody(guard):
    text = shown(matrix(guard.snapshot))

    assert text.count("nobody") == 2
    assert all(kind in text for kind in ("text", "image", "tool_call", "audio", "file", "opaque"))


RISKY = """
version: 1
name: p
system_prompt:
  canary: true
  defences: [{name: hate, when: {scores: [{category: hate, at_least: 0.5}]}, text: Stay calm.}]
input:
  - detect: tests.guardrail.policy_detectors:Words
    rules: [{category: hate, at_least: 0.5, action: flag}]
    on_error: block
    timeout_s: 5
"""


@pytest.mark.parametrize(("said", "names"), [("bad", "hate"), ("fine", "none")])
async def test_what_would_be_added_to_the_system_text_is_shown_without_the_canary(said, names):
    guard = Guard(parse_policy(RISKY))
    body = b'{"messages": [{"role": "user", "content": "%s"}]}' % said.encode()

    text = shown(verdict_tables(*await guard.acheck_body(body), guard.snapshot))

    assert f"system text (prepend, with a canary; defences: {names}):" in text
    assert ("Stay calm." in text) == (names == "hate")
    assert canary_of(guard.snapshot.policy.digest) not in text


async def test_nothing_is_said_of_a_system_text_that_a_blocked_request_would_have_had():
    guard = Guard(parse_policy(RISKY.replace("action: flag", "action: block")))
    body = b'{"messages": [{"role": "user", "content": "bad"}]}'

    assert "system text" not in shown(
        verdict_tables(*await guard.acheck_body(body), guard.snapshot)
    )
