"""The official Google SDK, unchanged, through the proxy."""

from __future__ import annotations

import io

import pytest
from google import genai
from google.genai import errors, types
from PIL import Image

from tests.e2e.voices import WORDS


def contents(text: str = "Hello") -> list:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(out, "PNG")
    return [types.Part.from_bytes(data=out.getvalue(), mime_type="image/png"), text]


@pytest.fixture
def client(guarded):
    options = types.HttpOptions(base_url=guarded, retry_options=types.HttpRetryOptions(attempts=1))
    with genai.Client(api_key="key", http_options=options) as made:
        yield made


CONFIG = types.GenerateContentConfig(system_instruction="Be brief.", temperature=0.5)


def test_an_answer_parses(client):
    answer = client.models.generate_content(model="plain", contents=contents(), config=CONFIG)

    assert answer.text == "Hello é 😀"
    assert answer.usage_metadata.total_token_count == 8


def test_a_stream_parses(client):
    told = client.models.generate_content_stream(model="plain", contents=contents())

    assert "".join(one.text or "" for one in told) == "".join(WORDS)


def test_a_function_call_parses(client):
    answer = client.models.generate_content(model="tools", contents="Hello")

    (call,) = answer.function_calls
    assert (call.name, call.args) == ("weather", {"city": "Oslo"})


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_block_is_stopped_for_safety(client, model, text):
    answer = client.models.generate_content(model=model, contents=contents(text))

    (candidate,) = answer.candidates
    assert candidate.finish_reason is types.FinishReason.SAFETY
    assert candidate.content.parts[0].text == "I can't help with this request."
    blocked = answer.prompt_feedback and answer.prompt_feedback.block_reason
    assert (blocked is types.BlockedReason.SAFETY) == (model == "plain")


@pytest.mark.parametrize(("model", "text"), [("plain", "a forbidden thing"), ("bad", "Hello")])
def test_a_streamed_block_is_stopped_for_safety(client, model, text):
    told = list(client.models.generate_content_stream(model=model, contents=contents(text)))

    assert told[-1].candidates[0].finish_reason is types.FinishReason.SAFETY
    assert "forbidden" not in "".join(one.text or "" for one in told)


@pytest.mark.parametrize(
    ("model", "error"), [("failing", errors.ServerError), ("limited", errors.ClientError)]
)
def test_an_error_of_the_upstream_is_the_sdks_own(client, model, error):
    with pytest.raises(error):
        client.models.generate_content(model=model, contents="Hello")


def test_a_bad_request_is_the_sdks_own_error(client):
    broken = types.Part.from_bytes(data=b"no picture", mime_type="image/png")

    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model="plain", contents=[broken])

    assert refused.value.status == "INVALID_ARGUMENT"


@pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")  # the SDK's aiohttp
async def test_the_async_client_gets_the_same(client):
    async with client.aio as opened:
        answer = await opened.models.generate_content(model="plain", contents=contents())
        blocked = await opened.models.generate_content(
            model="plain", contents=contents("a forbidden thing")
        )

    assert answer.text == "Hello é 😀"
    assert blocked.candidates[0].finish_reason is types.FinishReason.SAFETY
