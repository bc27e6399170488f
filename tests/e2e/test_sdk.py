"""The official SDK, unchanged, through the proxy and through both transports."""

from __future__ import annotations

import io
from base64 import b64encode

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from PIL import Image

from guardrail import AsyncGuardTransport, GuardTransport
from tests.e2e.conftest import HERE
from tests.e2e.voices import CALL, WORDS

POLICY = str(HERE / "policy.yaml")
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(out, "PNG")
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"


def messages(text: str = "Hello") -> list:
    image = {"type": "image_url", "image_url": {"url": picture(), "detail": "low"}}
    return [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": text}, image]},
    ]


@pytest.fixture(params=["proxy", "transport"])
def client(request, guarded, upstream):
    options = {"api_key": "key", "max_retries": 0}
    if request.param == "proxy":
        with OpenAI(base_url=f"{guarded}/v1", **options) as made:
            yield made
        return
    inner = httpx2.Client(transport=GuardTransport(POLICY))
    with OpenAI(base_url=f"{upstream}/v1", http_client=inner, **options) as made:
        yield made


@pytest.fixture(params=["proxy", "transport"])
async def async_client(request, guarded, upstream):
    options = {"api_key": "key", "max_retries": 0}
    if request.param == "proxy":
        async with AsyncOpenAI(base_url=f"{guarded}/v1", **options) as made:
            yield made
        return
    inner = httpx2.AsyncClient(transport=AsyncGuardTransport(POLICY))
    async with AsyncOpenAI(base_url=f"{upstream}/v1", http_client=inner, **options) as made:
        yield made


def test_an_answer_parses(client):
    answer = client.chat.completions.create(model="plain", messages=messages())

    assert answer.choices[0].message.content == "Hello é 😀"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 8


def test_a_stream_parses(client):
    stream = client.chat.completions.create(model="plain", messages=messages(), stream=True)

    assert "".join(one.choices[0].delta.content or "" for one in stream) == "".join(WORDS)


def test_a_tool_call_parses(client):
    answer = client.chat.completions.create(model="tools", messages=messages(), tools=TOOLS)

    (call,) = answer.choices[0].message.tool_calls
    assert (call.function.name, call.function.arguments) == (CALL["name"], CALL["arguments"])


def test_a_streamed_tool_call_parses(client):
    stream = client.chat.completions.create(
        model="tools", messages=messages(), tools=TOOLS, stream=True
    )

    deltas = [call for one in stream for call in one.choices[0].delta.tool_calls or ()]
    assert "".join(one.function.arguments or "" for one in deltas) == CALL["arguments"]


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_block_is_a_content_filter(client, model, text):
    answer = client.chat.completions.create(model=model, messages=messages(text))

    choice = answer.choices[0]
    assert choice.finish_reason == "content_filter"
    assert choice.message.content == choice.message.refusal == "I can't help with this request."


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_streamed_block_is_a_content_filter(client, model, text):
    chunks = [*client.chat.completions.create(model=model, messages=messages(text), stream=True)]

    assert chunks[-1].choices[0].finish_reason == "content_filter"
    assert "forbidden" not in "".join(one.choices[0].delta.content or "" for one in chunks)


@pytest.mark.parametrize(
    ("model", "error"),
    [("failing", openai.InternalServerError), ("limited", openai.RateLimitError)],
)
def test_an_error_of_the_upstream_is_the_sdks_own(client, model, error):
    with pytest.raises(error):
        client.chat.completions.create(model=model, messages=messages())


def test_a_bad_request_is_the_sdks_own_error(client):
    image = {"type": "image_url", "image_url": {"url": "https://127.0.0.1/a.png"}}

    with pytest.raises(openai.BadRequestError, match="not a public address") as refused:
        client.chat.completions.create(
            model="plain", messages=[{"role": "user", "content": [image]}]
        )

    assert refused.value.param == "/messages/0/content/0/image_url/url"


async def test_the_async_client_gets_the_same(async_client):
    create = async_client.chat.completions.create

    answer = await create(model="plain", messages=messages())
    blocked = await create(model="plain", messages=messages("a forbidden thing"))
    stream = await create(model="plain", messages=messages(), stream=True)
    pieces = [one.choices[0].delta.content or "" async for one in stream]

    assert answer.choices[0].message.content == "Hello é 😀"
    assert blocked.choices[0].finish_reason == "content_filter"
    assert "".join(pieces) == "".join(WORDS)


def test_responses_and_their_streams_parse(client):
    asked = {"model": "plain", "input": [{"role": "user", "content": "Hello"}]}

    answer = client.responses.create(**asked, instructions="Be brief.")
    with client.responses.stream(**asked) as stream:
        told = stream.get_final_response()

    assert answer.output_text == "Hello é 😀"
    assert told.output_text == "".join(WORDS)


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_blocked_response_is_incomplete(client, model, text):
    image = {"type": "input_image", "image_url": picture()}
    content = [{"type": "input_text", "text": text}, image]
    asked = {"model": model, "input": [{"role": "user", "content": content}]}

    answer = client.responses.create(**asked)
    with client.responses.stream(**asked) as stream:
        told = list(stream)

    for response in (answer, told[-1].response):
        assert response.incomplete_details.reason == "content_filter"
        assert response.output[0].content[0].refusal == "I can't help with this request."
    assert "forbidden" not in repr(told)


def test_a_streamed_function_call_of_a_response_parses(client):
    with client.responses.stream(model="tools", input="Hello") as stream:
        (call,) = stream.get_final_response().output

    assert (call.name, call.arguments) == (CALL["name"], CALL["arguments"])
