"""Every key of every model: what it may hold, and what a misspelling of it is answered with."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from guardrail.errors import PolicyError
from guardrail.opaque import OpaqueActions
from guardrail.policy import Policy, parse_policy
from guardrail.policy_models import SIDES
from guardrail.policy_yaml import Path, dotted, read_yaml
from guardrail.types import Action

WORDS = "tests.guardrail.policy_detectors:Words"

# Every key of every model, each mapping's keys on lines of their own.
FULL = f"""\
version: 1
name: full
description: everything
opaque:
  audio: flag
  file: allow
  unknown: block
block:
  style: error
  message: no
stream:
  mode: buffer
  window: 500
  keep_alive_s: 5
system_prompt:
  insert: append
  text: be good
  canary: true
  defences:
    - name: careful
      when:
        has: [image]
        scores:
          - category: hate
            at_least: 0.3
      text: be careful
input_mode: wait
images:
  max_bytes: 1000
  max_total_bytes: 2000
  max_pixels: 300
  max_side: 40
  max_frames: 5
  max_count: 6
  normalise: true
  remote:
    mode: reject
    schemes: [https, http]
    ports: [443, 8443]
    allow_hosts: ["*.example.org"]
    deny_hosts: [evil.example.org]
    allow_private: [10.0.0.0/8]
    max_redirects: 0
    timeout_s: 4.5
    connect_timeout_s: 1
max_body_bytes: 7
max_parts: 8
input:
  - detect: {WORDS}
    name: words
    with:
      word: ugly
    rules:
      - category: hate
        at_least: 0.5
        action: block
    sources: [user, tool]
    when:
      any_score_at_least: 0.2
    on_error: block
    timeout_s: 2
  - parallel:
      - detect: {WORDS}
        rules: [{{category: "*", at_least: 0, action: flag}}]
        on_error: allow
        timeout_s: 0.5
output:
  - detect: {WORDS}
    rules: [{{category: "*", at_least: 1, action: redact}}, {{category: "*", at_least: 0, action: revise}}]
    revise:
      rounds: 3
      max_seconds: 9
      max_tokens: 99
      exhausted: flag
    on_error: allow
    timeout_s: 1
upstream:
  base_url: https://api.example.org/v1/
  connect_timeout_s: 1
  read_timeout_s: 2
routes:
  - match:
      path: /v1/chat/*
      model: "gpt-*"
      key: "team-*"
    policy: strict
    adapter: openai_chat
    upstream:
      base_url: http://10.0.0.1:8080
unguarded_paths: [/v1/models]
documents:
  max_bytes: 1000
  max_total_bytes: 2000
  max_count: 3
  max_pages: 4
  max_characters: 500
""".replace("message: no", 'message: "no"')

# Routes name other policies, whose detectors are none of this test's business.
ALONE = FULL.replace("    policy: strict\n", "")


def models_in(form: Any) -> Iterator[type[BaseModel]]:
    if get_origin(form) in {Union, UnionType, Annotated, tuple}:
        for inner in get_args(form):
            yield from models_in(inner)
    elif isinstance(form, type) and issubclass(form, BaseModel):
        yield form
        for field in form.model_fields.values():
            yield from models_in(field.annotation)


def keys_of(models: set[type[BaseModel]]) -> set[tuple[str, str]]:
    return {
        (model.__name__, field.alias or name)
        for model in models
        for name, field in model.model_fields.items()
    }


MODELS = set(models_in(Policy))
DOCUMENT = read_yaml(FULL.encode(), "full")


def owner(path: Path) -> str:
    """Name of the model that the last key of ``path`` belongs to, found by its keys."""
    inner = DOCUMENT.value
    for step in path[:-1]:
        inner = inner[step]
    keys = set(inner)
    fitting = [m.__name__ for m in MODELS if keys <= {key for _, key in keys_of({m})}]
    if keys == {"category", "at_least"}:  # a rule has an action besides
        fitting = ["RiskScore"]
    if "base_url" in keys:
        fitting = ["UpstreamRules"]
    assert len(fitting) == 1, (path, fitting)
    return fitting[0]


PATHS = [path for path in DOCUMENT.keys if "with" not in path[:-1]]


def test_the_full_policy_has_every_key_of_every_model():
    found = {(owner(path), path[-1]) for path in PATHS}

    assert found == keys_of(MODELS)
    assert len(MODELS) == 19
    assert len(found) == 86


@pytest.mark.parametrize("path", PATHS, ids=dotted)
@pytest.mark.parametrize(
    "misspell", [lambda key: f"{key}z", lambda key: key[:-1]], ids=["z", "cut"]
)
def test_a_misspelt_key_is_answered_with_its_place_and_the_right_key(path, misspell):
    place = DOCUMENT.place(path, key=True)
    key = str(path[-1])
    wrong = misspell(key)
    lines = FULL.splitlines(keepends=True)
    line = lines[place.line - 1]
    assert line[place.column - 1 :].startswith(key)
    lines[place.line - 1] = line[: place.column - 1] + wrong + line[place.column - 1 + len(key) :]

    with pytest.raises(PolicyError) as caught:
        parse_policy("".join(lines), "full.yaml")

    where = f"full.yaml:{place.line}:{place.column}: {dotted((*path[:-1], wrong))}: "
    said = [text for text in str(caught.value).splitlines() if text.startswith(where)]
    assert len(said) == 1
    assert f"unknown key {wrong!r}; did you mean {key!r}? known: " in said[0]


def test_the_full_policy_is_read_as_written():
    policy = parse_policy(ALONE)

    assert policy.images.remote.allow_private == ("10.0.0.0/8",)
    assert policy.upstream is not None
    assert policy.upstream.base_url == "https://api.example.org/v1"
    assert [stage.label for _, stage in policy.stages("input")] == ["words", WORDS]
    assert policy.stages("input")[0][1].settings == {"word": "ugly"}
    assert policy.opaque_actions == OpaqueActions(Action.FLAG, Action.ALLOW, Action.BLOCK)
    assert policy.stages("output")[0][1].rules[0].severity is Action.REDACT


SHORT = f"""\
version: 1
name: short
input:
  - detect: {WORDS}
    rules: [{{category: hate, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 1
"""


def test_what_is_not_said_has_the_safe_default():
    policy = parse_policy(SHORT)

    assert policy.opaque_actions == OpaqueActions(Action.BLOCK, Action.BLOCK, Action.BLOCK)
    assert policy.images.remote.mode == "inline"
    assert policy.images.remote.schemes == ("https",)
    assert policy.images.remote.ports == (443,)
    assert policy.images.remote.allow_private == ()
    assert policy.stream.mode == "hold"
    assert policy.block.style == "native"
    assert policy.unguarded_paths == ()
    assert policy.system_prompt is None


def test_unset_opaque_kinds_block():
    policy = parse_policy(SHORT + "opaque: {file: flag}\n")

    assert policy.opaque_actions == OpaqueActions(Action.BLOCK, Action.FLAG, Action.BLOCK)


def test_one_opaque_word_is_for_all_kinds():
    policy = parse_policy(SHORT + "opaque: flag\n")

    assert policy.opaque_actions == OpaqueActions(Action.FLAG, Action.FLAG, Action.FLAG)


@pytest.mark.parametrize("field", ["name", "opaque", "input"])
def test_a_policy_is_immutable(field):
    policy = parse_policy(SHORT)

    with pytest.raises(ValidationError, match="frozen"):
        setattr(policy, field, None)


def test_both_sides_empty_guards_nothing():
    with pytest.raises(PolicyError) as caught:
        parse_policy("version: 1\nname: empty\ninput: []\n", "e.yaml")

    assert str(caught.value) == (
        "e.yaml:1:1: guards nothing: give input or output at least one stage"
    )


def test_output_alone_is_a_policy():
    assert parse_policy(SHORT.replace("input:", "output:")).stages("input") == ()


# Text that replaces a line of FULL, and what is said about it.
WRONG = [
    ("version: 1", "version: 2", ":1:10: version: expected 1, got the number 2"),
    ("version: 1", 'version: "1"', ":1:10: version: expected 1, got '1'"),
    (
        "name: full",
        "name: 123",
        ':2:7: name: expected a text, got the number 123; put it in quotes: "123"',
    ),
    (
        "name: full",
        "name: on",
        ':2:7: name: expected a text, got on, which YAML reads as true; put it in quotes: "on"',
    ),
    (
        "name: full",
        'name: "a b"',
        ":2:7: name: expected a text of the form ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$, got 'a b'",
    ),
    ("name: full", 'name: "a\\nb"', ":2:7: name: expected a text of the form"),
    ("name: full", "name:", ":2:1: name: has no value; give it one or delete the line"),
    ("name: full", "name: ~", ":2:1: name: has no value; give it one or delete the line"),
    ("name: full", "name: {a: 1}", ":2:7: name: expected a text, got a mapping"),
    ("name: full", "name: [a]", ":2:7: name: expected a text, got a list of 1"),
    (
        "  audio: flag",
        "  audio: block it",
        ":5:10: opaque.audio: expected 'block', 'flag' or 'allow', got 'block it'; did you mean 'block'?",
    ),
    (
        "  audio: flag",
        "  audio: redact",
        ":5:10: opaque.audio: expected 'block', 'flag' or 'allow', got 'redact'",
    ),
    (
        "  style: error",
        "  style: off",
        ":9:10: block.style: expected 'native', 'error' or 'message', got off, which YAML reads as false",
    ),
    (
        '  message: "no"',
        '  message: ""',
        ":10:12: block.message: expected a text that is not empty, got ''",
    ),
    (
        '  message: "no"',
        "  message: no",
        ':10:12: block.message: expected a text, got no, which YAML reads as false; put it in quotes: "no"',
    ),
    (
        "  window: 500",
        "  window: 49",
        ":13:11: stream.window: expected at least 50, got the number 49",
    ),
    (
        "  window: 500",
        "  window: 100001",
        ":13:11: stream.window: expected at most 100,000, got the number 100001",
    ),
    (
        "  window: 500",
        '  window: "500"',
        ":13:11: stream.window: expected a whole number, got '500'",
    ),
    (
        "  window: 500",
        "  window: 500.5",
        ":13:11: stream.window: expected a whole number, got the number 500.5",
    ),
    (
        "  window: 500",
        "  window: yes",
        ":13:11: stream.window: expected a whole number, got yes, which YAML reads as true",
    ),
    (
        "  window: 500",
        "  window: 5_00",
        ":13:11: stream.window: YAML reads '5_00' as a number in an odd notation",
    ),
    (
        "  keep_alive_s: 5",
        "  keep_alive_s: 0",
        ":14:17: stream.keep_alive_s: expected more than 0, got the number 0",
    ),
    (
        "  max_side: 40",
        "  max_side: -1",
        ":32:13: images.max_side: expected at least 1, got the number -1",
    ),
    (
        "    schemes: [https, http]",
        "    schemes: [ftp]",
        ":38:15: images.remote.schemes[0]: expected 'https' or 'http', got 'ftp'",
    ),
    (
        "    schemes: [https, http]",
        "    schemes: https",
        ":38:14: images.remote.schemes: expected a list, got 'https'",
    ),
    (
        "    schemes: [https, http]",
        "    schemes: []",
        ":38:14: images.remote.schemes: expected at least 1 in the list, got a list of 0",
    ),
    (
        "    ports: [443, 8443]",
        "    ports: [443, 65536]",
        ":39:18: images.remote.ports[1]: expected at most 65,535, got the number 65536",
    ),
    (
        '    allow_hosts: ["*.example.org"]',
        '    allow_hosts: ["https://a.org/x"]',
        ":40:19: images.remote.allow_hosts[0]: 'https://a.org/x' is no host: write it in lower case",
    ),
    (
        '    allow_hosts: ["*.example.org"]',
        "    allow_hosts: [A.org]",
        ":40:19: images.remote.allow_hosts[0]: 'A.org' is no host",
    ),
    (
        "    allow_private: [10.0.0.0/8]",
        "    allow_private: [10.0.0.1/8]",
        ":42:21: images.remote.allow_private[0]: not a network: 10.0.0.1/8 has host bits set",
    ),
    (
        "        at_least: 0.5",
        "        at_least: 1.5",
        ":55:19: input[0].rules[0].at_least: expected at most 1, got the number 1.5",
    ),
    (
        "        at_least: 0.5",
        "        at_least: 50%",
        ":55:19: input[0].rules[0].at_least: expected a number, got '50%'",
    ),
    (
        "        action: block",
        "        action: revise",
        ":56:17: input[0].rules[0].action: a request cannot be revised, only a reply; use flag, redact or block",
    ),
    (
        "        action: block",
        "        action: blok",
        ":56:17: input[0].rules[0].action: expected 'flag', 'redact', 'revise' or 'block', got 'blok'; did you mean 'block'?",
    ),
    (
        "    sources: [user, tool]",
        "    sources: [users]",
        ":57:15: input[0].sources[0]: expected 'system', 'user', 'assistant', 'tool' or 'derived', got 'users'; did you mean 'user'?",
    ),
    (
        "    sources: [user, tool]",
        "    sources: []",
        ":57:14: input[0].sources: expected at least 1 in the list, got a list of 0",
    ),
    (
        "    timeout_s: 2",
        "    timeout_s: 3601",
        ":61:16: input[0].timeout_s: expected at most 3,600, got the number 3601",
    ),
    (
        "  base_url: https://api.example.org/v1/",
        "  base_url: api.example.org",
        ":78:13: upstream.base_url: 'api.example.org' is no base URL: write scheme, host and path only",
    ),
    (
        "  base_url: https://api.example.org/v1/",
        "  base_url: https://u:p@api.example.org",
        ":78:13: upstream.base_url: 'https://u:p@api.example.org' is no base URL",
    ),
    (
        "  base_url: https://api.example.org/v1/",
        "  base_url: https://api.example.org?x=1",
        ":78:13: upstream.base_url:",
    ),
    (
        "  base_url: https://api.example.org/v1/",
        '  base_url: "https://[::1"',
        ":78:13: upstream.base_url: 'https://[::1' is no URL: Invalid IPv6 URL",
    ),
    (
        "  base_url: https://api.example.org/v1/",
        '  base_url: "https://a:b"',
        ":78:13: upstream.base_url: 'https://a:b' is no URL: Port could not be cast",
    ),
    (
        "unguarded_paths: [/v1/models]",
        "unguarded_paths: [v1/models]",
        ":89:19: unguarded_paths[0]: 'v1/models' matches no path: paths start with '/'",
    ),
    (
        "unguarded_paths: [/v1/models]",
        'unguarded_paths: ["/a\\nb"]',
        ":89:19: unguarded_paths[0]: expected a text of the form",
    ),
]


@pytest.mark.parametrize(("line", "instead", "said"), WRONG)
def test_a_wrong_value_is_answered_with_its_place_and_what_was_expected(line, instead, said):
    assert ALONE.count(f"{line}\n") >= 1

    with pytest.raises(PolicyError) as caught:
        parse_policy(ALONE.replace(f"{line}\n", f"{instead}\n", 1), "p.yaml")

    assert str(caught.value).startswith(f"p.yaml{said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("version", "p.yaml:1:1: 'version' is missing: add version: (Version of this format)"),
        (
            "name",
            "p.yaml:1:1: 'name' is missing: add name: (Shown in reply headers and audit records)",
        ),
        ("rules", "p.yaml:4:5: input[0]: 'rules' is missing: add rules:"),
        (
            "on_error",
            "p.yaml:4:5: input[0]: 'on_error' is missing: add on_error: (What a failure or a missed deadline of this stage does: block or allow)",
        ),
        (
            "timeout_s",
            "p.yaml:4:5: input[0]: 'timeout_s' is missing: add timeout_s: (Deadline in seconds)",
        ),
    ],
)
def test_a_missing_key_is_named_with_its_meaning(key, said):
    lines = SHORT.splitlines(keepends=True)

    with pytest.raises(PolicyError) as caught:
        parse_policy("".join(one for one in lines if f"{key}:" not in one), "p.yaml")

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("value", ["5", "[a]", "text", "true"])
def test_a_file_that_is_no_mapping_is_no_policy(value):
    with pytest.raises(PolicyError, match="p:1:1: expected a mapping, got "):
        parse_policy(value, "p")


@pytest.mark.parametrize("step", ["5", "words", "[a]"])
def test_a_step_that_is_no_mapping_is_no_stage(step):
    with pytest.raises(PolicyError, match=r"p:\d+:5: input\[1\]: expected a mapping, got "):
        parse_policy(SHORT + f"  - {step}\n", "p")


def test_a_route_that_matches_nothing_in_particular_is_refused():
    with pytest.raises(PolicyError) as caught:
        parse_policy(SHORT + "routes:\n  - match: {}\n    adapter: openai_chat\n", "p")

    assert str(caught.value) == (
        "p:9:12: routes[0].match: matches nothing in particular: give path, model or key"
    )


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file():
    text = SHORT.replace("0.5", "5").replace("name:", "nam:") + "opaque: maybe\nmax_parts: 0\n"

    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p")

    places = [line.split(" ")[0] for line in str(caught.value).splitlines()]
    assert places == ["p:1:1:", "p:2:1:", "p:5:40:", "p:8:9:", "p:9:12:"]


@pytest.mark.parametrize("side", SIDES)
def test_the_names_of_stages_lead_to_their_lines(side):
    policy = parse_policy(ALONE)

    assert policy.lines(side) == ({"words": 49, WORDS: 63} if side == "input" else {WORDS: 68})
