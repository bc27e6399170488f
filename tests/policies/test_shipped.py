"""The policies that come with the package: they load, they say what they claim, they have probes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from guardrail.guard import Guard
from guardrail.policy import BUILTIN, compile_policy, load_policy
from guardrail.policy_models import SIDES
from guardrail.probes import load_probes, probe_image
from guardrail.registry import adapter_for_path
from guardrail.schema import schema_text
from guardrail.taxonomy import categories
from guardrail.types import Action
from guardrail.wire import Reply, Request
from guardrail_detectors.ocr_injection.config import OcrInjectionConfig

FOLDER = Path(__file__).resolve().parents[2] / "policies"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.is_file())
ALIKE = [name for name in BUILTIN if name != "moderated"]
LOOKED_AT = ["unsafe_image", "ocr_injection", "document_injection"]
STAGES = ["unicode_smuggling", "system_prompt_request", "text_guard", *LOOKED_AT]
TOLD_APART = [*STAGES[:3], "text_guard_of_tools", *LOOKED_AT]
UNREAD = ("/v1/models", "/v1beta/models", "/api/tags", "/api/version")
OUTPUT = [
    "unicode_smuggling",
    "link_exfiltration",
    "system_prompt_leak",
    "unsafe_image",
    "text_guard",
]


def rules(name: str, side: str) -> list[tuple[str, str, float, str]]:
    return [
        (stage.label, rule.category, rule.at_least, rule.action)
        for _, stage in load_policy(name).stages(side)
        for rule in stage.rules
    ]


def test_the_folder_holds_what_is_known_to_be_in_it():
    policies = [f"{name}{end}" for name in BUILTIN for end in (".yaml", ".probes.yaml")]

    assert sorted([*policies, "README.md", "schema.json", "taxonomy.yaml"]) == FILES


@pytest.mark.parametrize("name", BUILTIN)
def test_a_shipped_policy_loads_by_its_name_and_by_its_file(name):
    policy = load_policy(name)

    assert policy.name == name
    assert policy == load_policy(FOLDER / f"{name}.yaml")


@pytest.mark.parametrize("name", ALIKE)
def test_a_shipped_policy_compiles_and_shares_its_detectors(name):
    compiled = compile_policy(load_policy(name), made := {})

    stages = [stage for step in (*compiled.input, *compiled.output) for stage in step]
    assert len(stages) == (11 if name == "monitor" else 12)
    assert len(made) == 8


@pytest.mark.parametrize("name", ALIKE)
def test_cheap_stages_run_first(name):
    policy = load_policy(name)

    expected = STAGES if name == "monitor" else TOLD_APART
    assert [stage.label for _, stage in policy.stages("input")] == expected
    assert [stage.label for _, stage in policy.stages("output")] == OUTPUT


@pytest.mark.parametrize("name", ALIKE)
def test_every_stage_is_explained_by_the_comment_above_it(name):
    lines = (FOLDER / f"{name}.yaml").read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("  - detect:")]

    assert len(starts) == (11 if name == "monitor" else 12)
    assert [lines[n] for n in starts if not lines[n - 1].startswith("  # ")] == []


@pytest.mark.parametrize("name", BUILTIN)
def test_a_shipped_policy_names_the_schema_for_editors(name):
    first = (FOLDER / f"{name}.yaml").read_text().splitlines()[0]

    assert first == "# yaml-language-server: $schema=schema.json"


@pytest.mark.parametrize("side", SIDES)
def test_the_monitor_never_refuses_and_never_changes(side):
    policy = load_policy("monitor")

    assert {action for *_, action in rules("monitor", side)} == {"flag"}
    assert {stage.on_error for _, stage in policy.stages(side)} == {"allow"}
    assert policy.opaque_actions.unknown is Action.FLAG
    assert policy.system_prompt is None


@pytest.mark.parametrize("name", BUILTIN)
def test_every_frame_that_is_let_through_is_read(name):
    policy = load_policy(name)
    stages = [one for _, one in policy.stages("input") if one.detect == "ocr_injection"]
    read = [OcrInjectionConfig(**one.settings).max_frames for one in stages]

    assert read == [policy.images.max_frames]


@pytest.mark.parametrize("name", ["default", "strict", "moderated"])
def test_an_enforcing_policy_fails_closed(name):
    policy = load_policy(name)
    actions = policy.opaque_actions

    assert {stage.on_error for side in SIDES for _, stage in policy.stages(side)} == {"block"}
    assert {actions.audio, actions.file, actions.unknown} == {Action.BLOCK}
    assert policy.unguarded_paths == (() if name == "strict" else UNREAD)
    assert policy.images.remote.allow_private == ()


@pytest.mark.parametrize("path", UNREAD)
def test_what_is_forwarded_unread_is_one_path_that_no_adapter_reads(path):
    assert not set("*?[") & set(path)
    assert adapter_for_path(path) is None


@pytest.mark.parametrize("path", UNREAD)
async def test_the_first_calls_of_the_providers_clients_pass(path):
    guard = Guard.from_policy("default")
    asked = Request("GET", path)

    async def upstream(request: Request) -> Reply:
        assert (request.method, request.path) == (asked.method, asked.path)
        return Reply(200, (), b"{}")

    assert (await guard.handle(asked, upstream)).status == 200


def test_the_default_leaves_allowed_bodies_alone():
    assert load_policy("default").system_prompt is None


def test_strict_tells_the_model_the_rules_and_fetches_nothing():
    policy = load_policy("strict")

    assert policy.system_prompt is not None
    assert policy.images.remote.mode == "reject"
    assert policy.block.style == "error"


def test_moderated_judges_requests_as_default_does_and_asks_about_risky_answers_alone():
    policy = load_policy("moderated")
    *others, asking = [stage for _, stage in policy.stages("output")]

    assert policy.input == load_policy("default").input
    assert [stage.label for stage in others] == OUTPUT
    assert (asking.detect, asking.revise.exhausted) == ("self_moderation", "block")
    assert asking.when is not None
    assert {action for *_, action in rules("moderated", "output")} == {
        "redact",
        "block",
        "flag",
        "revise",
    }


@pytest.mark.parametrize("side", SIDES)
def test_whatever_default_does_strict_does_at_no_higher_score(side):
    severity = {"flag": 1, "redact": 2, "block": 3}
    strict = rules("strict", side)
    gentler = [
        (label, category, score, action)
        for label, category, score, action in rules("default", side)
        if not any(
            label == at and wanted in {category, "*"} and severity[act] >= severity[action] and low <= score
            for at, wanted, low, act in strict
        )
    ]  # fmt: skip

    assert gentler == []


@pytest.mark.parametrize("name", BUILTIN)
def test_every_rule_of_a_shipped_policy_names_a_category_of_the_taxonomy(name):
    named = {category for side in SIDES for _, category, *_ in rules(name, side)}

    assert named - {"*", "hazards"} <= set(categories())


def test_the_schema_file_is_what_the_code_makes():
    assert (FOLDER / "schema.json").read_text() == schema_text()


def test_the_schema_lists_every_top_level_key_that_the_policies_use():
    known = json.loads((FOLDER / "schema.json").read_text())["properties"]
    used = {
        key for name in BUILTIN for key in yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    }

    assert used <= set(known)


def test_the_examples_of_the_readme_load(tmp_path):
    text = (FOLDER / "README.md").read_text()
    examples = re.findall(r"```yaml\n(version: 1\n.*?)```", text, flags=re.DOTALL)

    assert len(examples) >= 1
    for example in examples:
        path = tmp_path / "example.yaml"
        path.write_text(example)
        assert load_policy(path).name


@pytest.mark.parametrize("name", BUILTIN)
def test_a_shipped_policy_has_probes_of_both_kinds_and_both_sides(name):
    probes = load_probes(FOLDER / f"{name}.probes.yaml")

    assert len(probes) >= 12
    assert {probe.side for probe in probes} == set(SIDES)
    assert len([p for p in probes if p.expect.action == "allow"]) >= 5
    assert len([p for p in probes if p.input.image is not None]) >= 3


@pytest.mark.parametrize("name", BUILTIN)
def test_every_picture_of_a_probe_can_be_drawn(name):
    pictures = [p.input.image for p in load_probes(FOLDER / f"{name}.probes.yaml") if p.input.image]

    assert [probe_image(one)[:4] for one in pictures] == [b"\x89PNG"] * len(pictures)


@pytest.mark.parametrize("name", BUILTIN)
def test_a_probe_expects_only_what_a_rule_can_do(name):
    probes = [p for p in load_probes(FOLDER / f"{name}.probes.yaml") if p.expect.category]
    impossible = [
        probe.id
        for probe in probes
        if not any(
            action == probe.expect.action and category in {probe.expect.category, "*"}
            for _, category, _, action in rules(name, probe.side)
        )
    ]

    assert len(probes) >= 7
    assert impossible == []


def test_every_attack_probe_of_default_is_a_probe_of_the_others():
    attacks = {
        name: {p.id for p in load_probes(FOLDER / f"{name}.probes.yaml") if p.expect.category}
        for name in BUILTIN
    }

    assert attacks["default"] == attacks["monitor"]
    assert attacks["strict"] - attacks["default"] == {"the_policys_own_words_in_the_answer"}
    assert attacks["default"] <= attacks["strict"]
    assert attacks["default"] < attacks["moderated"]
