"""Edits and system prompts put into Messages bodies."""

from __future__ import annotations

import json

import pytest

from guardrail.errors import WireError
from guardrail.types import Drop, ReplaceImage, ReplaceText
from tests.adapters.claude import WIRE, claude, reply, request, user

TOOLS = (WIRE / "tools.request.json").read_bytes()


def test_a_picture_becomes_an_inline_one():
    body = (WIRE / "pictures.request.json").read_bytes()
    ref = "/messages/0/content/1/source"

    after = json.loads(claude.render(body, {ref: ReplaceImage(b"abc", "image/png")}))

    source = after["messages"][0]["content"][1]["source"]
    assert source == {"type": "base64", "media_type": "image/png", "data": "YWJj"}


def test_a_dropped_picture_within_a_tool_result_is_a_text_there():
    after = json.loads(
        claude.render(TOOLS, {"/messages/2/content/0/content/1/source": Drop("[removed]")})
    )

    result = after["messages"][2]["content"][0]
    assert result["content"][1] == {"type": "text", "text": "[removed]"}
    assert result["tool_use_id"] == "toolu_01"


def test_a_redacted_input_stays_an_object():
    ref = "/messages/1/content/3/input"

    whole = json.loads(claude.render(TOOLS, {ref: ReplaceText('{"city":"[redacted]"}')}))
    broken = json.loads(claude.render(TOOLS, {ref: ReplaceText('{"city":"[redac')}))
    dropped = json.loads(claude.render(TOOLS, {ref: Drop("gone")}))

    inputs = [one["messages"][1]["content"][3]["input"] for one in (whole, broken, dropped)]
    assert inputs == [{"city": "[redacted]"}, {"removed": '{"city":"[redac'}, {"removed": "gone"}]


def test_a_dropped_document_and_a_sealed_block_are_texts():
    pictures = (WIRE / "pictures.request.json").read_bytes()

    document = claude.render(pictures, {"/messages/0/content/4/source": Drop("no PDF")})
    sealed = claude.render(TOOLS, {"/messages/1/content/1": Drop("sealed")})

    assert json.loads(document)["messages"][0]["content"][4] == {"type": "text", "text": "no PDF"}
    assert json.loads(sealed)["messages"][1]["content"][1] == {"type": "text", "text": "sealed"}


def test_an_edit_that_points_nowhere_is_an_error():
    with pytest.raises(WireError, match="no such value"):
        claude.render(reply(), {"/content/3/text": ReplaceText("x")})


BLOCK = {"type": "text", "text": "Own.", "cache_control": {"type": "ephemeral"}}
OURS = {"type": "text", "text": "Ours."}


@pytest.mark.parametrize(
    ("own", "insert", "expected"),
    [
        (None, "prepend", "Ours."),
        ("", "sandwich", "Ours."),
        ([], "append", "Ours."),
        ("Own.", "prepend", "Ours.\n\nOwn."),
        ("Own.", "append", "Own.\n\nOurs."),
        ("Own.", "sandwich", "Ours.\n\nOwn.\n\nOurs."),
        ("Own.", "replace", "Ours."),
        ([BLOCK], "prepend", [OURS, BLOCK]),
        ([BLOCK], "append", [BLOCK, OURS]),
        ([BLOCK], "sandwich", [OURS, BLOCK, OURS]),
        ([BLOCK], "replace", "Ours."),
    ],
)
def test_a_system_prompt_is_put_into_the_system_field(own, insert, expected):
    body = request(user("Hi"), temperature=0.50, **({} if own is None else {"system": own}))

    after = claude.with_system(body, "Ours.", insert)

    assert json.loads(after) == {**json.loads(body), "system": expected}
