"""What the guard says itself."""

from __future__ import annotations

import json

import pytest

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import header
from tests.adapters.chat import chat, documents, request, user

NO = Refusal("I can't help with that.", verdict_id="v9", param="/messages/0/content")


def asked(**fields):
    return chat.parse(request(user("hi"), **fields))


def test_a_native_refusal_is_a_filtered_completion():
    reply = chat.refusal(asked(), NO)

    assert reply.status == 200
    assert header(reply.headers, b"content-type") == b"application/json"
    assert json.loads(reply.body) == {
        "id": "chatcmpl-v9",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "I can't help with that.",
                    "refusal": "I can't help with that.",
                },
                "logprobs": None,
                "finish_reason": "content_filter",
            }
        ],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }


def test_a_refusal_in_the_style_of_a_message_is_an_ordinary_answer():
    (choice,) = json.loads(chat.refusal(asked(), Refusal("No.", style="message")).body)["choices"]

    assert choice["finish_reason"] == "stop"
    assert choice["message"] == {"role": "assistant", "content": "No.", "refusal": None}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_refusal_in_the_style_of_an_error_is_a_bad_request(streamed):
    reply = chat.refusal(asked(stream=streamed), Refusal("No.", style="error", param="/messages/0"))

    assert reply.status == 400
    assert json.loads(reply.body) == {
        "error": {
            "message": "No.",
            "type": "invalid_request_error",
            "param": "/messages/0",
            "code": "content_filter",
            "innererror": {"code": "ResponsibleAIPolicyViolation"},
        }
    }


def test_a_refusal_has_as_many_choices_as_were_asked_for():
    reply = json.loads(chat.refusal(asked(n=3), NO).body)

    assert [choice["index"] for choice in reply["choices"]] == [0, 1, 2]


def test_a_refusal_reports_the_usage_of_an_upstream_that_was_called():
    usage = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}

    assert json.loads(chat.refusal(asked(), Refusal("No.", usage=usage)).body)["usage"] == usage


@pytest.mark.parametrize(("options", "chunks"), [(None, 4), ({"include_usage": True}, 5)])
def test_a_streamed_refusal_is_a_whole_stream(options, chunks):
    reply = chat.refusal(asked(stream=True, n=2, stream_options=options), NO)

    told = documents(reply.body)
    assert header(reply.headers, b"content-type") == b"text/event-stream"
    assert (len(told), told[-1]) == (chunks + 1, "[DONE]")
    assert told[0]["choices"][0]["delta"] == {
        "role": "assistant",
        "content": NO.text,
        "refusal": NO.text,
    }
    assert [d["choices"][0]["finish_reason"] for d in told[1:4:2]] == ["content_filter"] * 2
    assert ("usage" in told[-2]) is (options is not None)


def test_a_refusal_reads_as_one_by_the_adapter_itself():
    reply = chat.refusal(asked(), NO)

    assert [part.text for part in chat.parse_reply(reply.body).parts] == [NO.text, NO.text]


def test_a_refusal_needs_no_more_than_a_conversation_without_a_document():
    reply = chat.refusal(Conversation((), "m"), NO)

    assert len(json.loads(reply.body)["choices"]) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (413, "invalid_request_error"),
        (429, "rate_limit_error"),
        (502, "server_error"),
        (503, "server_error"),
    ],
)
def test_an_error_has_the_envelope_of_the_format(status, kind):
    reply = chat.error(status, "Too bad.", "some_code", "/n")

    assert reply.status == status
    assert json.loads(reply.body) == {
        "error": {"message": "Too bad.", "type": kind, "param": "/n", "code": "some_code"}
    }


def test_an_error_about_the_whole_body_names_no_parameter():
    assert json.loads(chat.error(400, "x", "y").body)["error"]["param"] is None
