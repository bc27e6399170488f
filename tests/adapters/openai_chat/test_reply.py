"""Whole replies: which parts are found, and what is refused."""

from __future__ import annotations

import json

import pytest

from guardrail.errors import WireError
from tests.adapters.chat import REPLIES, WIRE, chat, reply, seen


def recorded(name):
    return chat.parse_reply((WIRE / name).read_bytes())


def test_there_are_recordings_to_look_at():
    assert len(REPLIES) == 3


def test_a_plain_answer_is_one_text():
    conversation = recorded("plain.reply.json")

    assert seen(conversation) == [
        ("/choices/0/message/content", "text", "assistant", "Saturn, Jupiter, Uranus and Neptune.")
    ]
    assert conversation.model == "gpt-4o-mini-2024"
    assert conversation.document["usage"]["total_tokens"] == 21


def test_everything_a_choice_says_is_found_its_content_first():
    first, second = "/choices/0/message", "/choices/1/message"

    assert seen(recorded("rich.reply.json")) == [
        (f"{first}/content", "text", "assistant", "See the table."),
        (f"{first}/reasoning_content", "text", "assistant", "First look at the table."),
        (f"{first}/annotations/0/url_citation/title", "text", "assistant", "Tables"),
        (
            f"{first}/annotations/0/url_citation/url",
            "text",
            "assistant",
            "https://tables.example/1",
        ),
        (f"{first}/tool_calls/0/function/arguments", "tool_call", "assistant", '{"id":1}'),
        (f"{second}/content/0/text", "text", "assistant", "A list."),
        (f"{second}/content/1", "opaque", "assistant", "chart"),
        (f"{second}/refusal", "text", "assistant", "Not that part."),
        (f"{second}/audio/transcript", "text", "assistant", "Spoken words."),
        (f"{second}/audio/data", "audio", "assistant", "data:audio/;base64,UklGRg=="),
        ("/choices/1/mood", "text", "assistant", "calm and happy"),
        ("/citations/0", "text", "assistant", "https://tables.example/1"),
    ]


def test_an_error_object_has_no_parts():
    assert recorded("error.reply.json").parts == ()


def test_an_error_beside_choices_hides_nothing():
    body = json.loads(reply({"content": "hi"})) | {"error": {"message": "oops"}}

    texts = [part.text for part in chat.parse_reply(json.dumps(body).encode()).parts]

    assert texts == ["hi", "oops"]


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ({"content": None, "reasoning": "because"}, ["text"]),
        ({"content": None, "reasoning": {"steps": ["because"]}}, ["text"]),
        (
            {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}}]},
            ["image"],
        ),
        ({"images": "data:image/png;base64,A"}, ["opaque"]),
        ({"sketch": "data:image/svg+xml;base64,A"}, ["opaque"]),
        ({"aside": "a remark"}, ["text"]),
        ({"content": ""}, []),
        ({"role": "a role that talks"}, ["text"]),
        ({"function_call": {"name": "f", "arguments": None}}, ["tool_call"]),
    ],
)
def test_other_fields_of_a_message_are_read(message, kinds):
    assert [part.kind for part in chat.parse_reply(reply(message)).parts] == kinds


REFUSED = [
    (b"", "Expecting value"),
    (b"[]", "expected a JSON object"),
    (b'"text"', "expected a JSON object"),
    (b"{}", "/choices: expected an array"),
    (b'{"error":null}', "/choices: expected an array"),
    (b'{"choices":{}}', "/choices: expected an array"),
    (b'{"choices":[1]}', "/choices/0: expected an object"),
    (b'{"choices":[{}]}', "/choices/0/message: expected an object"),
    (b'{"choices":[{"message":{"content":1}}]}', "/choices/0/message/content: expected a string"),
    (b'{"choices":[],"choices":[]}', "stands twice"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_a_malformed_reply_is_the_upstreams_fault(body, message):
    with pytest.raises(WireError) as error:
        chat.parse_reply(body)

    assert error.value.status == 502
    assert str(error.value).startswith("the upstream's reply: ")
    assert message in str(error.value)
