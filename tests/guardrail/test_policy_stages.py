"""Compiling: the stages that run, and which of them share a detector."""

from __future__ import annotations

import pytest
import yaml

from guardrail.detector import Detector
from guardrail.errors import PolicyError
from guardrail.policy import Policy, compile_policy, parse_policy
from guardrail.stage import Revise, Rule
from guardrail.taxonomy import attacks
from guardrail.types import Action
from tests.guardrail.policy_detectors import HERE, Words


def stage(detect: str = "Words", name: str = "", **keys: object) -> dict[str, object]:
    rules = [{"category": "hate", "at_least": 0.5, "action": "block"}]
    named = {"name": name} if name else {}
    common = {"rules": rules, "on_error": "block", "timeout_s": 1.5}
    return {"detect": f"{HERE}:{detect}", **named, **common, **keys}


def policy(*steps: object, output: tuple[object, ...] = ()) -> Policy:
    values = {"version": 1, "name": "p", "input": list(steps), "output": list(output)}
    return parse_policy(yaml.safe_dump(values))


def detectors(*stages: dict[str, object]) -> list[Detector]:
    compiled = compile_policy(policy(*stages), {})
    return [one.detector for step in compiled.input for one in step]


def test_a_stage_carries_what_the_policy_says():
    [[compiled]] = compile_policy(
        policy(
            stage(
                name="n",
                sources=["user", "tool"],
                when={"any_score_at_least": 0.2},
                on_error="allow",
            )
        ),
        {},
    ).input

    assert compiled.name == "n"
    assert compiled.rules == (Rule("hate", 0.5, Action.BLOCK),)
    assert compiled.on_error == "allow"
    assert compiled.timeout_s == 1.5
    assert compiled.sources == {"user", "tool"}
    assert compiled.when == 0.2
    assert isinstance(compiled.detector, Words)
    assert len(compiled.key) == 64


def test_what_is_not_said_is_all_sources_always():
    [[compiled]] = compile_policy(policy(stage()), {}).input

    assert compiled.sources is None
    assert compiled.when is None
    assert compiled.name == f"{HERE}:Words"


def test_order_and_groups_are_kept():
    compiled = compile_policy(
        policy(
            stage(name="first"),
            {"parallel": [stage(name="left"), stage(name="right")]},
            stage(name="last"),
            output=(stage(name="reply"),),
        ),
        {},
    )

    assert [[one.name for one in step] for step in compiled.input] == [
        ["first"],
        ["left", "right"],
        ["last"],
    ]
    assert [[one.name for one in step] for step in compiled.output] == [["reply"]]


@pytest.mark.parametrize("action", ["flag", "redact", "block"])
def test_actions_become_the_cores(action):
    rule = {"category": "*", "at_least": 0, "action": action}

    [[compiled]] = compile_policy(policy(stage(rules=[rule])), {}).input

    assert compiled.rules == (Rule("*", 0.0, Action[action.upper()]),)


@pytest.mark.parametrize(
    ("left", "right", "shared"),
    [
        ({}, {}, True),
        ({"with": {"word": "bad"}}, {}, True),
        ({"with": {"word": "bad", "limit": 3}}, {"with": {"limit": 3, "word": "bad"}}, True),
        ({"timeout_s": 9}, {"on_error": "allow"}, True),
        ({"with": {"word": "bad"}}, {"with": {"word": "ugly"}}, False),
        ({"with": {"depth": {"levels": 2}}}, {}, False),
        ({"detect": "OtherWords"}, {}, False),
    ],
)
def test_equal_settings_share_a_detector_and_no_others_do(left, right, shared):
    first, second = detectors(stage(name="a", **left), stage(name="b", **right))

    assert (first is second) is shared


def test_the_key_tells_stages_apart_as_their_detectors_are():
    compiled = compile_policy(
        policy(stage(name="a"), stage(name="b"), stage(name="c", **{"with": {"word": "x"}})), {}
    )
    a, b, c = (one.key for step in compiled.input for one in step)

    assert a == b != c


def test_another_version_of_a_detector_has_another_key(monkeypatch):
    before = compile_policy(policy(stage()), {}).input[0][0].key

    class Newer(Words):
        def __init__(self, config: object) -> None:
            super().__init__(config)  # type: ignore[arg-type]  # passed on as it came
            self.version = "8"

    monkeypatch.setattr(f"{HERE}.Words", Newer)

    assert compile_policy(policy(stage()), {}).input[0][0].key != before


def test_a_later_policy_uses_loaded_detectors_again():
    made: dict[str, Detector] = {}

    first = compile_policy(policy(stage()), made).input[0][0]
    second = compile_policy(policy(stage(name="renamed", timeout_s=3)), made).input[0][0]

    assert first.detector is second.detector
    assert list(made) == [first.key]


def test_both_sides_share_detectors():
    compiled = compile_policy(policy(stage(), output=(stage(),)), {})

    assert compiled.input[0][0].detector is compiled.output[0][0].detector


def test_compiling_loads_nothing():
    Words.loads = 0

    compile_policy(policy(stage()), {})

    assert Words.loads == 0


def made_in_python(*stages: dict[str, object]) -> Policy:
    return Policy.model_validate({"version": 1, "name": "p", "input": list(stages)})


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([stage("Nope")], "policy: input[0].detect: "),
        ([stage(), stage()], "policy: input[1].detect: the name "),
        ([stage(**{"with": {"wrd": 1}})], "policy: input[0].with.wrd: unknown key 'wrd'; did you mean 'word'?"),
        (
            [stage(rules=[{"category": "hat", "at_least": 0, "action": "flag"}])],
            f"policy: input[0].rules[0].category: '{HERE}:Words' reports no category 'hat'",
        ),
    ],
)  # fmt: skip
def test_a_policy_made_in_python_is_checked_when_it_is_compiled(stages, said):
    with pytest.raises(PolicyError) as caught:
        compile_policy(made_in_python(*stages), {})

    assert str(caught.value).startswith(said)


def test_a_policy_made_in_python_runs():
    assert compile_policy(made_in_python(stage()), {}).input[0][0].name == f"{HERE}:Words"


def test_hazards_are_all_categories_that_are_no_attacks():
    rules = [
        {"category": "hazards", "at_least": 0.5, "action": "flag"},
        {"category": "jailbreak", "at_least": 0.9, "action": "block"},
    ]
    text_guard = {"detect": "text_guard", "rules": rules, "on_error": "block", "timeout_s": 5}

    [[compiled]] = compile_policy(policy(text_guard), {}).input

    categories = {rule.category for rule in compiled.rules if rule.action is Action.FLAG}
    assert {"violent_crimes", "self_harm", "disinformation"} <= categories
    assert not categories & {"prompt_injection", "jailbreak", "hidden_text"}
    assert Rule("jailbreak", 0.9, Action.BLOCK) in compiled.rules


def test_a_detector_without_hazards_cannot_have_a_rule_for_them():
    rules = [{"category": "hazards", "at_least": 0.5, "action": "flag"}]
    hidden = {"detect": "unicode_smuggling", "rules": rules, "on_error": "block", "timeout_s": 1}

    with pytest.raises(PolicyError, match="reports no category 'hazards'"):
        compile_policy(policy(hidden), {})


def test_attacks_are_told_apart_in_the_taxonomy():
    assert attacks() == {
        "adversarial_image",
        "data_exfiltration",
        "hidden_text",
        "jailbreak",
        "opaque",
        "prompt_injection",
        "system_prompt_leak",
        "system_prompt_request",
    }


REVISING = [{"category": "hate", "at_least": 0.5, "action": "revise"}]


def revising(**keys: object) -> dict[str, object]:
    return stage(rules=REVISING, **keys)


def test_a_rule_that_revises_has_bounds_without_being_told_any():
    [[compiled]] = compile_policy(policy(output=(revising(),)), {}).output

    assert compiled.rules == (Rule("hate", 0.5, Action.REVISE),)
    assert compiled.revise == Revise(2, 60.0, 32_768, Action.BLOCK)


def test_the_bounds_of_a_stage_are_those_it_says():
    said = {"rounds": 1, "max_seconds": 2.5, "max_tokens": 30, "exhausted": "flag"}

    [[compiled]] = compile_policy(policy(output=(revising(revise=said),)), {}).output

    assert compiled.revise == Revise(1, 2.5, 30, Action.FLAG)


def test_a_stage_that_revises_nothing_has_no_bounds():
    [[compiled]] = compile_policy(policy(output=(stage(),)), {}).output

    assert compiled.revise is None


def test_a_request_cannot_be_revised():
    with pytest.raises(PolicyError, match=r"input\[0\].rules\[0\].action: a request cannot be"):
        policy(revising())


def test_bounds_that_no_rule_asks_for_are_an_error():
    with pytest.raises(PolicyError, match=r"output\[0\].revise: no rule of this stage has"):
        policy(output=(stage(revise={"rounds": 1}),))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"rounds": 0}, "rounds: expected at least 1"),
        ({"rounds": 11}, "rounds: expected at most 10"),
        ({"exhausted": "allow"}, "exhausted: expected 'block' or 'flag'"),
        ({"max_token": 5}, "did you mean 'max_tokens'"),
    ],
)
def test_bounds_out_of_range_are_an_error(said, message):
    with pytest.raises(PolicyError, match=message):
        policy(output=(revising(revise=said),))
