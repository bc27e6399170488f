from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from guardrail import Guard
from guardrail.explain import matrix, verdict_tables, where
from guardrail.policy import parse_policy
from guardrail.types import Action, Box, Finding, Verdict
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


async def test_how_a_part_was_looked_at_is_told_and_never_taken_for_markup(guard):
    conversation, outcome = await guard.acheck_body(b'{"messages": []}')
    verdict = Verdict("ocr", Action.ALLOW, notes={"/a": ("[bold]", "336 nearest")})

    text = shown(
        verdict_tables(conversation, replace(outcome, verdicts=(verdict,)), guard.snapshot)
    )

    assert "ocr looked at /a: [bold]; 336 nearest" in text
