"""The official SDK reads what the guard says: refusals, streams and errors."""

from __future__ import annotations

import httpx2
import openai
import pytest

from guardrail.adapter import Refusal
from guardrail.types import Conversation
from tests.adapters.chat import WIRE, chat, chunk, request, stream, user

NO = "I can't help with that."


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
    return client(lambda body: chat.refusal(chat.parse(body), Refusal(NO, style, "v1")))


def streaming(body):
    """A client that is sent these bytes as a stream."""
    reply = chat.refusal(Conversation((), stream=True), Refusal(NO))
    return client(lambda _: type(reply)(200, reply.headers, body))


def filtered(told):
    """The completion of a stream, which the SDK gives with the error it raises for a filter."""
    with pytest.raises(openai.ContentFilterFinishReasonError):
        told.get_final_completion()
    return told.current_completion_snapshot


def ask(sdk, **options):
    return sdk.chat.completions.create(model="m", messages=[user("hi")], **options)


def test_a_refusal_is_a_completion_that_was_filtered():
    completion = ask(refusing(), n=2)

    assert [choice.finish_reason for choice in completion.choices] == ["content_filter"] * 2
    assert completion.choices[1].message.content == completion.choices[1].message.refusal == NO
    assert completion.usage.total_tokens == 0
    assert completion.model == "m"


def test_a_refusal_in_the_style_of_a_message_is_an_answer():
    (choice,) = ask(refusing("message")).choices

    assert (choice.finish_reason, choice.message.content, choice.message.refusal) == (
        "stop",
        NO,
        None,
    )


def test_a_refusal_in_the_style_of_an_error_is_raised():
    with pytest.raises(openai.BadRequestError) as error:
        ask(refusing("error"))

    assert error.value.code == "content_filter"
    assert NO in error.value.message


def test_a_streamed_refusal_is_a_stream_that_was_filtered():
    with refusing().chat.completions.stream(
        model="m", messages=[user("hi")], stream_options={"include_usage": True}
    ) as told:
        completion = filtered(told)

    (choice,) = completion.choices
    assert (choice.finish_reason, choice.message.role) == ("content_filter", "assistant")
    assert choice.message.content == choice.message.refusal == NO
    assert completion.usage.total_tokens == 0


def test_every_choice_of_a_streamed_refusal_is_filtered():
    chunks = list(ask(refusing(), n=3, stream=True))

    ends = {c.choices[0].index: c.choices[0].finish_reason for c in chunks if c.choices}
    assert ends == {0: "content_filter", 1: "content_filter", 2: "content_filter"}


def test_a_stream_cut_by_a_block_reads_as_one_filtered_completion():
    head = chunk({"role": "assistant", "content": ""}, finish_reason=None)
    said = chunk({"content": "So far. "}, finish_reason=None)
    reader = stream(chat.parse(request(user("hi"), stream=True)))
    reader.feed(head + said)

    with streaming(head + said + reader.finish(Refusal(NO))).chat.completions.stream(
        model="m", messages=[user("hi")]
    ) as told:
        (choice,) = filtered(told).choices

    assert choice.finish_reason == "content_filter"
    assert (choice.message.role, choice.message.content) == ("assistant", f"So far. {NO}")
    assert choice.message.refusal == NO


@pytest.mark.parametrize(
    "ending",
    [
        stream().fail("The upstream hung up.", "upstream_error"),
        stream().finish(Refusal(NO, "error")),
    ],
)
def test_an_error_in_the_stream_is_raised(ending):
    told = ask(streaming(chunk({"content": "a"}) + ending), stream=True)

    with pytest.raises(openai.APIError) as error:
        list(told)

    assert error.value.code in ("upstream_error", "content_filter")


def test_a_rewritten_stream_reads_as_the_new_text():
    body = (WIRE / "plain.sse").read_bytes()
    reader = stream()
    events = [*reader.feed(body), *reader.close()]
    out = reader.rewrite(events, {"/choices/0/message/content": "Nothing to see."})

    with streaming(reader.keep_alive + out).chat.completions.stream(
        model="m", messages=[user("hi")]
    ) as told:
        completion = told.get_final_completion()

    assert completion.choices[0].message.content == "Nothing to see."
    assert completion.choices[0].finish_reason == "stop"


def test_an_error_of_the_guard_is_raised_with_its_code_and_parameter():
    with pytest.raises(openai.InternalServerError) as error:
        ask(client(lambda _: chat.error(503, "Busy.", "guardrail_unavailable", "/n")))

    assert (error.value.code, error.value.param) == ("guardrail_unavailable", "/n")
