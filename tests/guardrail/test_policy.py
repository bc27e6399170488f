"""Loading: files, routes, digests, and what a stage's names and rules are checked against."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.errors import PolicyError
from guardrail.policy import BUILTIN, Policy, builtin_folder, load_policy, parse_policy
from guardrail.policy_parts import PolicyModel
from tests.guardrail.policy_detectors import HERE, Words
from tests.guardrail.test_policy_models import FULL

STAGE = """\
  - detect: {detect}
    rules:
      - {{category: hate, at_least: 0.5, action: block}}
    on_error: block
    timeout_s: 1
"""
SHORT = "version: 1\nname: short\ninput:\n" + STAGE.format(detect=f"{HERE}:Words")


def with_stage(text: str) -> str:
    return "version: 1\nname: p\ninput:\n" + text


def refusal(text: str | bytes) -> str:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    return str(caught.value)


@pytest.fixture
def write(tmp_path: Path):
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return written


def test_a_file_is_loaded_with_where_it_came_from(write):
    path = write("mine.yaml", SHORT)

    policy = load_policy(path)

    assert policy.name == "short"
    assert policy.source == str(path)
    assert policy.files == (path,)
    assert policy.digest == sha256(SHORT.encode()).hexdigest()
    assert policy.lines("input") == {f"{HERE}:Words": 4}


def test_a_path_may_be_a_text(write):
    path = write("mine.yaml", SHORT)

    assert load_policy(str(path)) == load_policy(path)


def test_loading_again_gives_the_same_policy(write):
    path = write("mine.yaml", SHORT)

    first, second = load_policy(path), load_policy(path)

    assert first == second
    assert first.digest == second.digest
    assert first.model_dump() == second.model_dump()


def test_a_comment_changes_the_digest_and_nothing_else(write):
    plain = load_policy(write("a.yaml", SHORT))
    commented = load_policy(write("b.yaml", SHORT + "# a note\n"))

    assert plain.digest != commented.digest
    assert plain.model_dump() == commented.model_dump()


def test_loading_reads_no_weights():
    Words.loads = 0

    parse_policy(SHORT)

    assert Words.loads == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "defualt",
            "no policy 'defualt': not a file; did you mean 'default'? built-in: default, moderated, monitor, strict",
        ),
        (
            "nothing.yaml",
            "no policy 'nothing.yaml': not a file; built-in: default, moderated, monitor, strict",
        ),
        (Path("default"), "no policy 'default': not a file; did you mean 'default'?"),
        ("a\0b", "no policy 'a\\x00b': not a file"),
        ("x" * 5000, "no policy 'xxx"),
        ("", "no policy '': not a file"),
        ("/", "no policy '/': not a file"),
    ],
)
def test_what_is_no_policy_is_answered_with_the_built_in_ones(source, said):
    with pytest.raises(PolicyError) as caught:
        load_policy(source)

    assert str(caught.value).startswith(said)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")

    with pytest.raises(PolicyError, match="not a file"):
        load_policy(tmp_path / "pipe.yaml")


def test_a_file_that_cannot_be_read_is_no_traceback(write, monkeypatch):
    path = write("secret.yaml", SHORT)

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)

    with pytest.raises(PolicyError, match="cannot be read: Permission denied"):
        load_policy(path)


def test_every_built_in_name_is_a_file():
    assert [name for name in BUILTIN if not (builtin_folder() / f"{name}.yaml").is_file()] == []


def test_an_unknown_detector_is_answered_with_the_nearest_and_all_names():
    assert refusal(with_stage(STAGE.format(detect="text_gard"))) == (
        "p.yaml:4:13: input[0].detect: no detector 'text_gard'; did you mean 'text_guard'? "
        "known: adversarial_image, document_injection, link_exfiltration, nudity, ocr_injection, person_inference, self_moderation, system_prompt_leak, system_prompt_request, text_guard, unicode_smuggling, unsafe_image"
    )


@pytest.mark.parametrize(
    ("detect", "said"),
    [
        (
            "tests.nowhere:Words",
            "cannot be imported: ModuleNotFoundError: No module named 'tests.nowhere'",
        ),
        (f"{HERE}:Wrds", "cannot be imported: AttributeError: module"),
        (f"{HERE}:NOT_A_CLASS", "is no detector: it needs the attribute Config"),
        (f"{HERE}:Loose", "Config must refuse unknown settings"),
        (f"{HERE}:Mute", "is no detector: it lacks load, inspect"),
        (f"{HERE}:MuteInside", "categories must be a frozenset that is not empty, got None"),
        (
            f"{HERE}:NoCategories",
            "categories must be a frozenset that is not empty, got frozenset()",
        ),
        (f"{HERE}:Unready", "weights 'tiny' are missing: run guardrail models pull tiny"),
        (f"{HERE}:Crashing", "cannot be made: RuntimeError: boom"),
    ],
)
def test_a_class_that_is_no_detector_is_refused_at_its_line(detect, said):
    message = refusal(with_stage(STAGE.format(detect=detect)))

    assert message.startswith("p.yaml:4:13: input[0].detect: ")
    assert said in message
    assert "\n" not in message


def test_a_rule_for_a_category_that_is_never_reported_is_dead():
    text = with_stage(STAGE.format(detect=f"{HERE}:Words").replace("hate", "privasy"))

    assert refusal(text) == (
        f"p.yaml:6:20: input[0].rules[0].category: '{HERE}:Words' reports no category 'privasy'; "
        "did you mean 'privacy'? it reports: hate, privacy"
    )


def test_a_rule_for_any_category_is_never_dead():
    text = with_stage(STAGE.format(detect=f"{HERE}:Words").replace("hate", '"*"'))

    assert parse_policy(text).stages("input")[0][1].rules[0].category == "*"


@pytest.mark.parametrize(
    ("settings_text", "said"),
    [
        (
            "{wrd: x}",
            "p.yaml:9:12: input[0].with.wrd: unknown key 'wrd'; did you mean 'word'? known: depth, limit, word",
        ),
        ("{limit: 0}", "p.yaml:9:19: input[0].with.limit: expected at least 1, got the number 0"),
        ("{limit: many}", "p.yaml:9:19: input[0].with.limit: expected a whole number, got 'many'"),
        ("{word: 5}", 'p.yaml:9:18: input[0].with.word: expected a text, got the number 5; put it in quotes: "5"'),
        ("{word: null}", "p.yaml:9:18: input[0].with.word: expected a text, got nothing"),
        ("{depth: {level: 2}}", "p.yaml:9:20: input[0].with.depth.level: unknown key 'level'; did you mean 'levels'? known: levels, shape"),
        ("{depth: {shape: rond}}", "p.yaml:9:27: input[0].with.depth.shape: expected 'flat' or 'round', got 'rond'; did you mean 'round'?"),
        ("[word]", "p.yaml:9:11: input[0].with: expected a mapping, got a list of 1"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_answered_at_its_own_line(settings_text, said):
    stage = STAGE.format(detect=f"{HERE}:Words") + f"    with: {settings_text}\n"

    assert refusal(with_stage(stage)) == said


def test_the_settings_of_a_stage_that_is_wrong_elsewhere_are_checked_too():
    stage = STAGE.format(detect=f"{HERE}:Words").replace("timeout_s: 1", "timeout_s: 0")

    lines = refusal(with_stage(stage + "    with: {limit: 0}\n")).splitlines()

    assert [line.split(" ")[1] for line in lines] == ["input[0].timeout_s:", "input[0].with.limit:"]


def test_two_stages_of_one_name_on_one_side_are_refused():
    stage = STAGE.format(detect=f"{HERE}:Words")

    assert refusal(with_stage(stage + stage)) == (
        f"p.yaml:9:13: input[1].detect: the name '{HERE}:Words' is taken on this side; "
        "give this one a name of its own with `name:`"
    )


def test_a_name_of_its_own_tells_two_stages_apart():
    stage = STAGE.format(detect=f"{HERE}:Words")

    policy = parse_policy(with_stage(stage + stage + "    name: again\n"))

    assert list(policy.lines("input")) == [f"{HERE}:Words", "again"]


def test_one_name_may_stand_on_both_sides():
    stage = STAGE.format(detect=f"{HERE}:Words")

    policy = parse_policy(with_stage(stage) + "output:\n" + stage)

    assert policy.lines("input").keys() == policy.lines("output").keys()


def test_a_name_is_unique_inside_groups_too():
    stage = STAGE.format(detect=f"{HERE}:Words").replace("\n", "\n    ").replace("  - ", "      - ")

    message = refusal(with_stage(f"  - parallel:\n{stage}\n{stage}"))

    assert "input[0].parallel[1].detect: the name" in message


def test_the_name_of_the_cores_own_verdict_is_taken():
    stage = STAGE.format(detect=f"{HERE}:Words") + "    name: opaque\n"

    assert "input[0].name: the name 'opaque' is taken" in refusal(with_stage(stage))


def test_a_route_names_a_file_beside_the_policy(write):
    other = write("other.yaml", SHORT.replace("name: short", "name: other"))
    main = write(
        "main.yaml", SHORT + "routes:\n  - match: {model: 'gpt-*'}\n    policy: other.yaml\n"
    )

    policy = load_policy(main)

    [(route, routed)] = policy.routed()
    assert route.match.model == "gpt-*"
    assert routed.name == "other"
    assert policy.files == (main, other)


def test_a_route_without_a_policy_keeps_this_one():
    policy = parse_policy(SHORT + "routes:\n  - {match: {path: /v1/x}, adapter: openai_chat}\n")

    assert policy.routed() == ((policy.routes[0], policy),)


ROUTES = "routes:\n  - match: {model: x}\n    "


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            "adapter: openai_chatt",
            ":11:14: routes[0].adapter: no adapter 'openai_chatt'; did you mean 'openai_chat'? known: anthropic_count_tokens, anthropic_messages, gemini, ollama_chat, ollama_embed, ollama_generate, openai_chat, openai_completions, openai_embeddings, openai_image_edits, openai_image_variations, openai_images, openai_responses",
        ),
        (
            "policy: strickt",
            ":11:13: routes[0].policy: the policy it names is wrong:\n  no policy 'strickt': not a file; did you mean 'strict'?",
        ),
        (
            "policy: main.yaml",
            ":11:13: routes[0].policy: the policy it names is wrong:\n",
        ),
        ("policy: ../main.yaml", ":11:13: routes[0].policy: the policy it names is wrong:\n"),
    ],
)
def test_a_route_to_nowhere_is_refused_at_its_line(write, entry, said):
    main = write("main.yaml", SHORT + ROUTES + entry + "\n")

    with pytest.raises(PolicyError) as caught:
        load_policy(main)

    assert str(caught.value).startswith(f"{main}{said}")


def test_what_is_wrong_in_a_routed_policy_has_its_own_file_and_line(write):
    other = write("other.yaml", SHORT.replace("hate", "hat"))
    main = write("main.yaml", SHORT + ROUTES + "policy: other.yaml\n")

    with pytest.raises(PolicyError) as caught:
        load_policy(main)

    first, second = str(caught.value).splitlines()
    assert first == f"{main}:11:13: routes[0].policy: the policy it names is wrong:"
    assert second.startswith(f"  {other}:6:20: input[0].rules[0].category: ")


@pytest.mark.parametrize("target", ["main.yaml", "other.yaml", "third.yaml"])
def test_a_routed_policy_has_no_routes_so_that_nothing_goes_in_circles(write, target):
    write("other.yaml", SHORT + ROUTES + "policy: main.yaml\n")
    write("third.yaml", SHORT + ROUTES + "adapter: openai_chat\n")
    main = write("main.yaml", SHORT + ROUTES + f"policy: {target}\n")

    with pytest.raises(PolicyError, match="a policy that a route names has no routes of its own"):
        load_policy(main)


def test_a_policy_from_text_reaches_no_file(write, monkeypatch, tmp_path):
    write("other.yaml", SHORT)
    monkeypatch.chdir(tmp_path)

    message = refusal(SHORT + ROUTES + "policy: other.yaml\n")

    assert (
        "can route to built-in ones only; built-in: default, moderated, monitor, strict" in message
    )


def test_a_policy_made_in_python_has_no_file_and_a_digest():
    values = yaml.safe_load(SHORT)

    policy, same = Policy.model_validate(values), Policy.model_validate(values)

    assert policy.files == ()
    assert policy.lines("input") == {}
    assert len(policy.digest) == 64
    assert policy.digest == same.digest
    assert policy.digest != Policy.model_validate(values | {"name": "other"}).digest


def test_a_policy_made_in_python_cannot_name_others():
    values = yaml.safe_load(SHORT + ROUTES + "policy: strict\n")

    with pytest.raises(PolicyError, match="its routes name strict, which only load_policy reads"):
        Policy.model_validate(values).routed()


KEYS = st.sampled_from(
    [
        "version",
        "name",
        "input",
        "output",
        "detect",
        "rules",
        "parallel",
        "with",
        "opaque",
        "routes",
        "match",
        "policy",
        "images",
        "remote",
        "stream",
        "upstream",
        "(stage)",
        "",
        "é",
        "on_error",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([1, "block", f"{HERE}:Words", "*", "strict", "hold", 0.5])
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


def loads_or_is_refused(text: str | bytes) -> None:
    try:
        said = f"p:{parse_policy(text, 'p').name}"
    except PolicyError as error:
        said = str(error)

    assert said.startswith("p:")


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_any_values_are_a_policy_or_a_policy_error(values):
    loads_or_is_refused(yaml.safe_dump(values))


@given(st.dictionaries(KEYS, TREES, max_size=4))
@settings(max_examples=200, deadline=None)
def test_a_good_policy_with_anything_in_it_is_a_policy_or_a_policy_error(values):
    loads_or_is_refused(yaml.safe_dump(yaml.safe_load(SHORT) | values))


@given(
    st.integers(0, len(FULL)),
    st.integers(0, 12),
    st.text(alphabet="[]{}:,-?&*!|>'\" \n\tab0.~", max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_a_policy_with_a_damaged_spot_is_a_policy_or_a_policy_error(at, cut, put):
    loads_or_is_refused(FULL[:at] + put + FULL[at + cut :])


@given(st.text() | st.binary())
@settings(deadline=None)
def test_any_text_is_a_policy_or_a_policy_error(text):
    loads_or_is_refused(text)


def test_settings_of_the_policy_itself_document_their_meaning():
    undocumented = [
        f"{model.__name__}.{name}"
        for model in PolicyModel.__subclasses__()
        if model.__module__.startswith("guardrail.policy")
        for name, field in model.model_fields.items()
        if not field.description
    ]

    assert undocumented == []
