"""What ``check`` remarks about a policy that is valid and easily not meant."""

from __future__ import annotations

import pytest

from guardrail.check import checked
from guardrail.policy import load_policy, parse_policy

PLAIN = """
version: 1
name: p
{more}
input: &stages
  - detect: unicode_smuggling
    rules: [{{category: hidden_text, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 1
output:
  - detect: {output}
    rules: [{{category: "*", at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 1
"""


def remarks(more: str = "", output: str = "unicode_smuggling") -> list[str]:
    return checked(parse_policy(PLAIN.format(more=more, output=output)))[1]


def test_a_plain_policy_is_remarked_upon_with_nothing():
    assert remarks() == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("stream: {mode: window, window: 120}", "up to 120 characters of an answer"),
        ("input_mode: race", "sends requests to the upstream that are then refused"),
        ("system_prompt: {canary: true}", "no output stage looks for it"),
        ("images: {remote: {mode: passthrough}}", "pictures that nobody looked at"),
    ],
)
def test_what_gives_something_up_is_said(more, said):
    (remark,) = remarks(more)

    assert said in remark


def test_a_canary_that_is_looked_for_is_nothing_to_remark_upon():
    assert remarks("system_prompt: {canary: true}", "system_prompt_leak") == []


@pytest.mark.parametrize("name", ["default", "strict"])
def test_the_shipped_policies_give_up_neither_bound_nor_canary(name):
    said = " ".join(checked(load_policy(name))[1])

    assert "window lets" not in said
    assert "race" not in said
    assert "canary" not in said
