"""The official SDK reads what the guard says: refusals, streams and errors."""

from __future__ import annotations

import anthropic
import httpx2
import pytest

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import Reply
from tests.adapters.claude import BEGIN, WIRE, claude, given_json, said, start, user

NO = "I can't help with that."
EVENTS = ((b"content-type", b"text/event-stream"),)


def client(reply_for):
    """An SDK client whose every request is answered by ``reply_for(request body)``."""

    def answer(asked):
        reply = reply_for(asked.read())
        headers = [(key.decode(), value.decode()) for key, value in reply.headers]
        return httpx2.Response(reply.status, headers=headers, content=reply.body)

    transport = httpx2.MockTransport(answer)
    return anthropic.Anthropic(
        api_key="none",
        base_url="http://guard.invalid",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )


def refusing(style="native"):
    return client(lambda body: claude.refusal(claude.parse(body), Refusal(NO, style, "v1")))


ASKED = {"model": "m", "max_tokens": 64, "messages": [user("hi")]}


def told_of(body):
    """The message that a stream of these bytes amounts to."""
    with client(lambda _: Reply(200, EVENTS, body)).messages.stream(**ASKED) as stream:
        return stream.get_final_message()


def test_a_refusal_is_a_message_with_the_stop_reason_refusal():
    message = refusing().messages.create(**ASKED)

    assert message.stop_reason == message.stop_details.type == "refusal"
    assert message.stop_details.explanation == message.content[0].text == NO
    assert (message.model, message.usage.input_tokens) == ("m", 0)


def test_a_refusal_in_the_style_of_a_message_is_an_answer():
    message = refusing("message").messages.create(**ASKED)

    assert (message.stop_reason, message.stop_details) == ("end_turn", None)
    assert message.content[0].text == NO


def test_a_refusal_in_the_style_of_an_error_is_raised():
    with pytest.raises(anthropic.BadRequestError) as error:
        refusing("error").messages.create(**ASKED)

    assert error.value.body["error"]["code"] == "content_filter"
    assert NO in error.value.message


def test_a_streamed_refusal_is_a_message_with_the_stop_reason_refusal():
    with refusing().messages.stream(**ASKED) as stream:
        message = stream.get_final_message()

    assert (message.stop_reason, message.content[0].text) == ("refusal", NO)
    assert (message.id, message.model) == ("msg_v1", "m")


@pytest.mark.parametrize(
    ("released", "blocks"),
    [
        (start() + said("So far. "), ["So far. ", NO]),
        (start(0, type="tool_use", id="t", name="n", input={}) + given_json('{"a": "b'), [NO]),
    ],
)
def test_a_stream_cut_by_a_block_reads_as_one_refused_message(released, blocks):
    reader = claude.events(Conversation((), "m", stream=True))
    reader.feed(BEGIN + released)

    message = told_of(BEGIN + released + reader.finish(Refusal(NO)))

    assert message.stop_reason == "refusal"
    assert [one.text for one in message.content if one.type == "text"] == blocks
    assert message.usage.input_tokens == 9


@pytest.mark.parametrize("how", ["fail", "finish"])
def test_an_error_in_the_stream_is_raised(how):
    reader = claude.events(Conversation(()))
    ending = (
        reader.fail("The upstream hung up.", "upstream_error")
        if how == "fail"
        else reader.finish(Refusal(NO, "error"))
    )

    with pytest.raises(anthropic.APIError, match=r"hung up|can't help"):
        told_of(BEGIN + start() + said("a") + ending)


def test_a_rewritten_stream_reads_as_the_new_text_and_the_new_input():
    body = (WIRE / "rich.sse").read_bytes()
    reader = claude.events(Conversation(()))
    events = [*reader.feed(body), *reader.close()]
    new = {"/content/2/text": "Nothing to see.", "/content/3/input": '{"city": "[redacted]"}'}

    message = told_of(reader.keep_alive + reader.rewrite(events, new))

    found = {block.type: block for block in message.content}
    assert found["text"].text == "Nothing to see."
    assert found["tool_use"].input == {"city": "[redacted]"}
    assert found["thinking"].thinking == "They ask for the weather."


@pytest.mark.parametrize(
    ("status", "raised", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (413, anthropic.RequestTooLargeError, "request_too_large"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (502, anthropic.InternalServerError, "api_error"),
        (503, anthropic.InternalServerError, "overloaded_error"),
    ],
)
def test_an_error_of_the_guard_is_raised_with_its_type(status, raised, kind):
    with pytest.raises(raised) as error:
        client(lambda _: claude.error(status, "Why.", "code", "/messages/0")).messages.create(
            **ASKED
        )

    assert error.value.body["error"] == {
        "type": kind,
        "message": "Why.",
        "code": "code",
        "param": "/messages/0",
    }


def test_a_question_is_a_request_that_parses():
    body = claude.question(Conversation((), "m"), "Is this safe?")

    (part,) = claude.parse(body).parts
    assert (part.text, part.source) == ("Is this safe?", "user")
