"""The official SDK reads what the guard says: refusals, streams and errors."""

from __future__ import annotations

import httpx2
import openai
import pytest

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from guardrail.wire import Reply
from tests.adapters.answers import WIRE, Tale, responses

NO = "I can't help with that."
EVENTS = ((b"content-type", b"text/event-stream"),)


def client(reply_for):
    """An SDK client whose every request is answered by ``reply_for(request body)``."""

    def answer(asked):
        reply = reply_for(asked.read())
        headers = [(key.decode(), value.decode()) for key, value in reply.headers]
        return httpx2.Response(reply.status, headers=headers, content=reply.body)

    transport = httpx2.MockTransport(answer)
    return openai.OpenAI(
        api_key="none",
        base_url="http://guard.invalid/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )


def refusing(style="native"):
    return client(lambda body: responses.refusal(responses.parse(body), Refusal(NO, style, "v1")))


def events_of(body):
    """The events of a stream of these bytes, as the SDK's helper gives them."""
    with client(lambda _: Reply(200, EVENTS, body)).responses.stream(model="m", input="hi") as told:
        return list(told)


def test_a_refusal_is_a_response_that_was_filtered():
    answer = refusing().responses.create(model="m", input="hi")

    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "content_filter")
    assert answer.output[0].content[0].refusal == NO
    assert (answer.model, answer.usage.total_tokens) == ("m", 0)


def test_a_refusal_in_the_style_of_a_message_is_an_answer():
    answer = refusing("message").responses.create(model="m", input="hi")

    assert (answer.status, answer.output_text) == ("completed", NO)


def test_a_refusal_in_the_style_of_an_error_is_raised():
    with pytest.raises(openai.BadRequestError) as error:
        refusing("error").responses.create(model="m", input="hi")

    assert error.value.code == "content_filter"


@pytest.mark.parametrize("style", ["native", "message"])
def test_a_streamed_refusal_is_read_by_the_sdks_helper(style):
    with refusing(style).responses.stream(model="m", input="hi") as told:
        last = list(told)[-1]

    ended = {"native": "response.incomplete", "message": "response.completed"}[style]
    part = last.response.output[0].content[0]
    assert last.type == ended
    assert getattr(part, "refusal", None) == NO or part.text == NO


def test_a_stream_cut_by_a_block_is_read_by_the_sdks_helper():
    head = Tale().begin().says("So far. ", end=False).body
    reader = responses.events(Conversation((), "m", stream=True))
    reader.feed(head)

    told = events_of(head + reader.finish(Refusal(NO)))

    assert told[-1].type == "response.incomplete"
    assert told[-1].response.incomplete_details.reason == "content_filter"
    assert told[-1].response.output[0].content[0].refusal == NO


def test_a_rewritten_stream_reads_as_the_new_text():
    body = (WIRE / "rich.sse").read_bytes()
    reader = responses.events(Conversation(()))
    events = [*reader.feed(body), *reader.close()]
    new = {"/output/1/content/0/text": "Nothing.", "/output/2/arguments": '{"city": "[x]"}'}

    told = events_of(reader.keep_alive + reader.rewrite(events, new))

    response = told[-1].response
    assert response.output_text == "Nothing."
    assert response.output[2].arguments == '{"city": "[x]"}'


def test_a_failure_is_an_error_event():
    head = Tale().begin().says("So far. ", end=False).body
    ending = responses.events(Conversation(())).fail("The upstream hung up.", "upstream_error")
    told = client(lambda _: Reply(200, EVENTS, head + ending)).responses.create(
        model="m", input="hi", stream=True
    )

    last = list(told)[-1]

    assert (last.type, last.code, last.message) == (
        "error",
        "upstream_error",
        "The upstream hung up.",
    )


def test_an_error_of_the_guard_is_raised_with_its_code():
    with pytest.raises(openai.InternalServerError) as error:
        client(lambda _: responses.error(503, "Busy.", "guardrail_unavailable")).responses.create(
            model="m", input="hi"
        )

    assert error.value.code == "guardrail_unavailable"


def test_a_question_is_a_request_that_parses():
    body = responses.question(Conversation((), "m"), "Is this safe?")

    (part,) = responses.parse(body).parts
    assert (part.text, part.source) == ("Is this safe?", "user")
