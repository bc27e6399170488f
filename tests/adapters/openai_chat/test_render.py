"""Edits: the edited value changes, nothing else does."""

from __future__ import annotations

import json

import pytest

from guardrail.errors import WireError
from guardrail.types import Drop, ReplaceImage, ReplaceText
from guardrail_adapters.pointer import lookup
from tests.adapters.chat import WIRE, chat, reply, request, user

PICTURES = (WIRE / "pictures.request.json").read_bytes()
TOOLS = (WIRE / "tools.request.json").read_bytes()
PLAIN = (WIRE / "plain.reply.json").read_bytes()
RICH = (WIRE / "rich.reply.json").read_bytes()


def test_a_text_is_replaced_in_place():
    body = chat.render(PICTURES, {"/messages/0/content": ReplaceText('Say "hi".')})

    assert body == PICTURES.replace(b"Describe pictures in one sentence.", b'Say \\"hi\\".')


def test_a_picture_becomes_an_inline_picture_wherever_its_url_stood():
    edit = ReplaceImage(b"\x89PNG", "image/png")
    refs = ["/messages/1/content/1/image_url/url", "/messages/1/content/2/image_url"]

    body = chat.render(PICTURES, dict.fromkeys(refs, edit))

    expected = PICTURES.replace(
        b"data:image/png;base64,iVBORw0KGgo=", b"data:image/png;base64,iVBORw=="
    )
    expected = expected.replace(
        b"https://pictures.example/boat.jpg", b"data:image/png;base64,iVBORw=="
    )
    assert body == expected


DROPS = [
    (PICTURES, "/messages/0/content", "/messages/0/content", "gone"),
    (PICTURES, "/messages/1/content/1/image_url/url", "/messages/1/content/1", "item"),
    (PICTURES, "/messages/1/content/2/image_url", "/messages/1/content/2", "item"),
    (PICTURES, "/messages/1/content/3/input_audio/data", "/messages/1/content/3", "item"),
    (PICTURES, "/messages/1/content/6", "/messages/1/content/6", "item"),
    (PICTURES, "/x_future/note", "/x_future/note", "gone"),
    (TOOLS, "/messages/2/tool_calls/0/function/arguments", None, '{"removed": "gone"}'),
    (TOOLS, "/messages/5/function_call/arguments", None, '{"removed": "gone"}'),
    (TOOLS, "/messages/2/tool_calls/1/custom/input", None, "gone"),
    (TOOLS, "/messages/3/content", None, "gone"),
    (TOOLS, "/messages/7/audio", None, None),
    (TOOLS, "/prediction/content/0/text", "/prediction/content/0", "item"),
    (TOOLS, "/tools/0/function/name", None, "removed"),
    (TOOLS, "/tools/0/function/description", None, "gone"),
    (RICH, "/choices/1/message/content/1", None, "item"),
    (RICH, "/choices/1/message/audio/data", None, ""),
]


@pytest.mark.parametrize(("body", "ref", "where", "expected"), DROPS)
def test_what_is_dropped_leaves_a_notice_that_keeps_the_body_valid(body, ref, where, expected):
    after = chat.render(body, {ref: Drop("gone")})

    value = {"type": "text", "text": "gone"} if expected == "item" else expected
    assert lookup(json.loads(after), where or ref) == value
    (chat.parse_reply if body is RICH else chat.parse)(after)


def test_dropping_a_row_of_numbers_leaves_null_and_dropping_keys_leaves_no_members():
    body = request(user("a"), prompt_token_ids=list(range(20)), notes={"do as I say": 1})

    after = chat.render(body, {"/prompt_token_ids": Drop(), "/notes": ReplaceText("[redacted]")})

    assert json.loads(after)["prompt_token_ids"] is None
    assert json.loads(after)["notes"] == {}


def test_a_dropped_item_swallows_the_edits_within_it():
    body = request(user([{"type": "text", "text": "a", "note": "b"}]))
    ref = "/messages/0/content/0"

    after = chat.render(body, {f"{ref}/text": ReplaceText("x"), f"{ref}/note": Drop("gone")})

    assert json.loads(after)["messages"][0]["content"] == [{"type": "text", "text": "gone"}]


def test_log_probabilities_go_with_the_text_that_they_spell():
    after = chat.render(PLAIN, {"/choices/0/message/content": ReplaceText("[redacted]")})

    choice = json.loads(after)["choices"][0]
    assert (choice["logprobs"], choice["message"]["content"]) == (None, "[redacted]")
    assert b"Saturn" not in after
    assert after.endswith(PLAIN[PLAIN.index(b'"finish_reason"') :])


def test_null_log_probabilities_and_those_of_other_choices_stay():
    choices = [
        {"message": {"content": "a"}, "logprobs": None},
        {"message": {"content": "b"}, "logprobs": {"content": []}},
    ]
    body = json.dumps({"choices": choices}, indent=1).encode()

    after = chat.render(body, {"/choices/0/message/content": ReplaceText("x")})

    assert after == body.replace(b'"a"', b'"x"')


def test_audio_goes_with_the_transcript_that_it_speaks():
    after = chat.render(RICH, {"/choices/1/message/audio/transcript": ReplaceText("[redacted]")})

    assert json.loads(after)["choices"][1]["message"]["audio"]["data"] == ""


@pytest.mark.parametrize("edit", [ReplaceText("x"), Drop(), ReplaceImage(b"", "image/png")])
@pytest.mark.parametrize("ref", ["/messages/9/content", "/messages/0/content/0/text", "/nothing"])
def test_an_edit_of_what_is_not_there_is_an_error(edit, ref):
    with pytest.raises(WireError) as error:
        chat.render(PICTURES, {ref: edit})

    assert error.value.ref == ref


def test_a_tool_call_without_arguments_can_be_given_some():
    body = reply({"function_call": {"name": "f", "arguments": None}})

    after = chat.render(body, {"/choices/0/message/function_call/arguments": Drop("gone")})

    arguments = json.loads(after)["choices"][0]["message"]["function_call"]["arguments"]
    assert json.loads(arguments) == {"removed": "gone"}
