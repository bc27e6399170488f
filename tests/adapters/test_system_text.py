"""A policy's system text in every wire format: where it goes, and that nothing else moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.registry import ADAPTERS, adapter
from guardrail_adapters.splice import locate
from tests.adapters.strategies import layouts, texts, values

INSERTS = ["prepend", "append", "sandwich", "replace"]
OURS = "Our rule: be kind. \u00e9"


@dataclass(frozen=True)
class Format:
    """One wire format: how to write a request with system texts, and where they stand.

    Attributes:
        name: The adapter's.
        make: A request from system texts that follow each other and what the user says.
        place: Key of the field that holds system text.
        joined: Whether system texts are one string, with blank lines between them.
    """

    name: str
    make: Callable[[list[str], str], dict[str, Any]]
    place: str
    joined: bool = False


def said(role: str, content: object) -> dict[str, Any]:
    return {"role": role, "content": content}


def chat(role: str) -> Callable[[list[str], str], dict[str, Any]]:
    return lambda own, user: {
        "messages": [*(said(role, one) for one in own), said("user", user), said("assistant", "A")]
    }


def blocks(own: list[str], user: str) -> dict[str, Any]:
    block = [{"type": "text", "text": one, "cache_control": {"type": "ephemeral"}} for one in own]
    return {"system": block, "messages": [said("user", user)]}


def string(place: str, **rest: Any) -> Callable[[list[str], str], dict[str, Any]]:
    def make(own: list[str], user: str) -> dict[str, Any]:
        filled = {
            key: [said("user", user)] if value is ... else user for key, value in rest.items()
        }
        return {**({place: "\n\n".join(own)} if own else {}), **filled}

    return make


def parts(key: str) -> Callable[[list[str], str], dict[str, Any]]:
    def make(own: list[str], user: str) -> dict[str, Any]:
        system = {key: {"parts": [{"text": one} for one in own]}} if own else {}
        return {**system, "contents": [{"role": "user", "parts": [{"text": user}]}]}

    return make


FORMATS = {
    "chat": Format("openai_chat", chat("system"), "messages"),
    "chat of a developer": Format("openai_chat", chat("developer"), "messages"),
    "messages, string": Format("anthropic_messages", string("system", messages=...), "system", joined=True),
    "messages, blocks": Format("anthropic_messages", blocks, "system"),
    "responses": Format("openai_responses", string("instructions", input="x"), "instructions", joined=True),
    "responses with items": Format("openai_responses", string("instructions", input=...), "instructions", joined=True),
    "gemini": Format("gemini", parts("systemInstruction"), "systemInstruction"),
    "gemini, snake case": Format("gemini", parts("system_instruction"), "system_instruction"),
    "ollama chat": Format("ollama_chat", chat("system"), "messages"),
    "ollama generate": Format("ollama_generate", string("system", prompt="x"), "system", joined=True),
}  # fmt: skip
WITHOUT_A_PLACE = {
    "openai_completions": {"model": "m", "prompt": "x"},
    "openai_embeddings": {"model": "m", "input": "x"},
    "openai_images": {"model": "m", "prompt": "x"},
    "ollama_embed": {"model": "m", "input": "x"},
}
nonempty = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def wanted(own: list[str], insert: str) -> list[str]:
    match insert:
        case "prepend":
            return [OURS, *own]
        case "append":
            return [*own, OURS]
        case "sandwich":
            return [OURS, *own, OURS]
        case _:
            return [OURS]


def system_texts(name: str, body: bytes) -> list[str]:
    found = adapter(name).parse(body).parts
    return [part.text for part in found if part.source == "system" and part.kind == "text"]


def test_every_format_is_tested_or_has_no_place_for_system_text():
    tested = {one.name for one in FORMATS.values()}

    forms = {"openai_image_edits", "openai_image_variations"}  # whose tests are test_edits.py's
    assert tested | {*WITHOUT_A_PLACE, "anthropic_count_tokens"} | forms == set(ADAPTERS)


@pytest.mark.parametrize("insert", INSERTS)
@pytest.mark.parametrize("case", FORMATS.values(), ids=FORMATS.keys())
@settings(max_examples=20, deadline=None)
@given(st.lists(nonempty, max_size=3), texts, values, layouts, st.booleans())
def test_the_model_reads_the_text_where_the_policy_says(
    case, insert, own, user, other, layout, ascii_only
):
    document = {"model": "m", "x_other": other, **case.make(own, user or "u")}
    body = json.dumps(document, separators=layout, ensure_ascii=ascii_only).encode()

    after = adapter(case.name).with_system(body, OURS, insert)

    expected = wanted(own, insert)
    if insert == "sandwich" and not own and case.place != "messages":
        expected = [OURS]  # a field has nothing that it could stand around
    expected = ["\n\n".join(expected)] if case.joined else expected
    assert system_texts(case.name, after) == expected


@pytest.mark.parametrize("insert", INSERTS)
@pytest.mark.parametrize("case", FORMATS.values(), ids=FORMATS.keys())
@settings(max_examples=20, deadline=None)
@given(st.lists(nonempty, max_size=2), texts, values, layouts, st.booleans())
def test_no_byte_beside_the_place_changes(case, insert, own, user, other, layout, ascii_only):
    document = {"x_first": other, **case.make(own, user or "u"), "x_last": [1.50, other]}
    body = json.dumps(document, separators=layout, ensure_ascii=ascii_only)

    after = adapter(case.name).with_system(body.encode(), OURS, insert).decode()

    for key in document:
        if key != case.place:
            assert raw(after, f"/{key}") == raw(body, f"/{key}")
    kept = [key for key in json.loads(after) if key in document]
    assert kept == list(document)


def raw(text: str, pointer: str) -> str:
    start, end = locate(text, [pointer])[pointer]
    return text[start:end]


@pytest.mark.parametrize("insert", INSERTS)
@pytest.mark.parametrize("case", FORMATS.values(), ids=FORMATS.keys())
def test_other_messages_and_blocks_keep_their_bytes(case, insert):
    body = json.dumps(case.make(["Own rule."], "Hi"), indent=3)

    after = adapter(case.name).with_system(body.encode(), OURS, insert).decode()

    for line in ('"user"', '"Hi"'):
        if line in body:
            assert line in after
    if insert != "replace" and not case.joined:
        assert '"Own rule."' in after
    if insert == "replace":
        assert "Own rule." not in after


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("openai_responses", {"input": [said("developer", "Own"), said("user", "Hi")]}),
        ("openai_responses", {"input": [said("user", "Hi"), {"type": "message", **said("system", "Own")}]}),
        ("anthropic_messages", {"system": "Own", "messages": [said("system", "Own"), said("user", "Hi")]}),
        ("anthropic_messages", {"messages": [said("user", "Hi"), said("system", "Own")]}),
        ("gemini", {"contents": [{"role": "system", "parts": [{"text": "Own"}]}, {"role": "user", "parts": [{"text": "Hi"}]}]}),
    ],
)  # fmt: skip
def test_replace_leaves_no_system_text_of_the_caller_anywhere(name, body):
    after = adapter(name).with_system(json.dumps(body).encode(), OURS, "replace")

    assert system_texts(name, after) == [OURS]
    assert b"Hi" in after


@pytest.mark.parametrize("insert", ["prepend", "append", "sandwich"])
def test_system_messages_among_the_input_stay_unless_they_are_replaced(insert):
    body = {"input": [said("developer", "Own"), said("user", "Hi")]}

    after = adapter("openai_responses").with_system(json.dumps(body).encode(), OURS, insert)

    assert json.loads(after)["input"] == body["input"]


@pytest.mark.parametrize("insert", INSERTS)
@pytest.mark.parametrize("name", WITHOUT_A_PLACE)
def test_a_format_without_a_place_gives_the_body_back_itself(name, insert):
    body = json.dumps(WITHOUT_A_PLACE[name]).encode()

    assert adapter(name).with_system(body, OURS, insert) is body


def test_what_counts_tokens_counts_the_system_text_too():
    body = json.dumps({"model": "m", "messages": [said("user", "Hi")]}).encode()

    after = adapter("anthropic_count_tokens").with_system(body, OURS, "prepend")

    assert json.loads(after)["system"] == OURS


@pytest.mark.parametrize("case", FORMATS.values(), ids=FORMATS.keys())
def test_prepending_twice_puts_the_later_text_first(case):
    body = json.dumps(case.make([], "Hi")).encode()
    once = adapter(case.name).with_system(body, "one", "prepend")

    twice = adapter(case.name).with_system(once, "two", "prepend")

    assert "\n\n".join(system_texts(case.name, twice)) == "two\n\none"
