"""The official Anthropic SDK, unchanged, through the proxy and through both transports."""

from __future__ import annotations

import io
from base64 import b64encode

import anthropic
import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic
from PIL import Image

from guardrail import AsyncGuardTransport, GuardTransport
from tests.e2e.conftest import HERE, proxy
from tests.e2e.voices import WORDS

POLICY = str(HERE / "policy.yaml")
TOOLS = [{"name": "weather", "input_schema": {"type": "object"}}]


def messages(text: str = "Hello") -> list:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(out, "PNG")
    data = b64encode(out.getvalue()).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    content = [{"type": "image", "source": source}, {"type": "text", "text": text}]
    return [{"role": "user", "content": content}]


def asked(text: str = "Hello", model: str = "plain", **more):
    return {"model": model, "max_tokens": 99, "messages": messages(text), **more}


@pytest.fixture(params=["proxy", "transport"])
def client(request, guarded, upstream):
    options = {"api_key": "key", "max_retries": 0}
    if request.param == "proxy":
        with Anthropic(base_url=guarded, **options) as made:
            yield made
        return
    inner = httpx2.Client(transport=GuardTransport(POLICY))
    with Anthropic(base_url=upstream, http_client=inner, **options) as made:
        yield made


@pytest.fixture(params=["proxy", "transport"])
async def async_client(request, guarded, upstream):
    options = {"api_key": "key", "max_retries": 0}
    if request.param == "proxy":
        async with AsyncAnthropic(base_url=guarded, **options) as made:
            yield made
        return
    inner = httpx2.AsyncClient(transport=AsyncGuardTransport(POLICY))
    async with AsyncAnthropic(base_url=upstream, http_client=inner, **options) as made:
        yield made


def test_an_answer_parses(client):
    answer = client.messages.create(**asked(system="Be brief."))

    assert answer.content[0].text == "Hello é 😀"
    assert (answer.stop_reason, answer.usage.output_tokens) == ("end_turn", 3)


def test_a_stream_parses(client):
    with client.messages.stream(**asked()) as stream:
        assert "".join(stream.text_stream) == "".join(WORDS)
        assert stream.get_final_message().stop_reason == "end_turn"


def test_a_tool_call_parses(client):
    answer = client.messages.create(**asked(model="tools", tools=TOOLS))

    (call,) = answer.content
    assert (call.name, call.input) == ("weather", {"city": "Oslo"})


def test_a_streamed_tool_call_parses(client):
    with client.messages.stream(**asked(model="tools", tools=TOOLS)) as stream:
        (call,) = stream.get_final_message().content

    assert (call.name, call.input) == ("weather", {"city": "Oslo"})


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_block_is_a_refusal(client, model, text):
    answer = client.messages.create(**asked(text, model))

    assert answer.stop_reason == answer.stop_details.type == "refusal"
    assert answer.content[0].text == "I can't help with this request."


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_streamed_block_is_a_refusal(client, model, text):
    with client.messages.stream(**asked(text, model)) as stream:
        answer = stream.get_final_message()

    assert answer.stop_reason == "refusal"
    assert answer.content[-1].text == "I can't help with this request."
    assert "forbidden" not in "".join(block.text for block in answer.content)


@pytest.mark.parametrize(
    ("model", "error"),
    [("failing", anthropic.InternalServerError), ("limited", anthropic.RateLimitError)],
)
def test_an_error_of_the_upstream_is_the_sdks_own(client, model, error):
    with pytest.raises(error):
        client.messages.create(**asked(model=model))


def test_a_bad_request_is_the_sdks_own_error(client):
    image = {"type": "image", "source": {"type": "url", "url": "https://127.0.0.1/a.png"}}

    with pytest.raises(anthropic.BadRequestError, match="not a public address") as refused:
        client.messages.create(
            model="plain", max_tokens=9, messages=[{"role": "user", "content": [image]}]
        )

    assert refused.value.body["error"]["param"] == "/messages/0/content/0/source"


def test_tokens_are_counted_of_what_may_pass_alone(client):
    counted = {"model": "plain", "messages": messages()}

    assert client.messages.count_tokens(**counted).input_tokens == 14
    with pytest.raises(anthropic.BadRequestError, match="can't help"):
        client.messages.count_tokens(**{**counted, "messages": messages("a forbidden thing")})


async def test_the_async_client_gets_the_same(async_client):
    answer = await async_client.messages.create(**asked())
    blocked = await async_client.messages.create(**asked("a forbidden thing"))
    async with async_client.messages.stream(**asked()) as stream:
        pieces = [piece async for piece in stream.text_stream]

    assert answer.content[0].text == "Hello é 😀"
    assert blocked.stop_reason == "refusal"
    assert "".join(pieces) == "".join(WORDS)


def test_the_proxy_can_hold_the_key(upstream, log, monkeypatch):
    monkeypatch.setenv("THE_KEY", "secret")
    options = ("--api-key-env", "THE_KEY", "--api-key-header", "x-api-key")

    with proxy(upstream, HERE / "policy.yaml", *options) as (url, _):
        Anthropic(base_url=url, api_key="none", max_retries=0).messages.create(**asked())

    assert log.rows(event="request")[-1]["headers"]["x-api-key"] == "secret"
