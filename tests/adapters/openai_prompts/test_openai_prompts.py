"""Completions, embeddings and image generation: the laws, streams, and the official SDK."""

from __future__ import annotations

import json
import re

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.adapter import Refusal
from guardrail.cache import VerdictCache
from guardrail.errors import WireError
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action, Conversation, Drop, ReplaceImage
from guardrail.wire import Reply
from guardrail_adapters.openai_prompts import OpenAICompletions, OpenAIEmbeddings, OpenAIImages
from guardrail_adapters.pointer import split
from tests.adapters.laws import (
    check_nothing_vanishes,
    check_put_get,
    check_refs,
    editable,
    read,
    told,
)
from tests.adapters.strategies import bodies, splits, texts, values
from tests.adapters.test_splice import pointers_of
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

SECRET = "bad"
NO = "I can't help with that."
PNG = "iVBORw0KGgo="

completions, embeddings, images = (
    made(clock=lambda: 1_760_000_000.5)
    for made in (OpenAICompletions, OpenAIEmbeddings, OpenAIImages)
)


def seen(conversation):
    return [(p.ref, p.kind, p.source, p.text or p.name) for p in conversation.parts]


def chunk(text, finish=None, index=0, **more):
    choice = {"index": index, "text": text, "logprobs": None, "finish_reason": finish, **more}
    told_ = {"id": "cmpl-9", "object": "text_completion", "created": 5, "choices": [choice]}
    return f"data: {json.dumps({**told_, 'model': 'm'})}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def documents(stream):
    lines = [line[6:] for line in stream.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def said(stream):
    return "".join(c.get("text", "") for one in documents(stream) for c in one.get("choices", ()))


@pytest.mark.parametrize(
    ("lens", "document", "parts"),
    [
        (
            completions,
            {"prompt": "Once", "suffix": "The end.", "stop": ["x y"], "user": "u", "n": 2},
            [
                ("/prompt", "text", "user", "Once"),
                ("/suffix", "text", "user", "The end."),
                ("/stop/0", "text", "user", "x y"),
            ],
        ),
        (
            completions,
            {"prompt": ["a b", "c d"]},
            [("/prompt/0", "text", "user", "a b"), ("/prompt/1", "text", "user", "c d")],
        ),
        (completions, {"prompt": [1, 2, 3]}, [("/prompt", "opaque", "user", "tokens")]),
        (
            embeddings,
            {"input": [[1, 2], "a b"], "dimensions": 3},
            [("/input/0", "opaque", "user", "tokens"), ("/input/1", "text", "user", "a b")],
        ),
        (images, {"prompt": "A ship", "size": "auto"}, [("/prompt", "text", "user", "A ship")]),
    ],
)
def test_prompts_are_read(lens, document, parts):
    assert seen(lens.parse(json.dumps(document).encode())) == parts


@pytest.mark.parametrize(
    ("lens", "body", "message"),
    [
        (completions, b"[]", "expected a JSON object"),
        (completions, b"{}", "/prompt: expected it to be given"),
        (embeddings, b'{"prompt": "x"}', "/input: expected it to be given"),
        (completions, b'{"prompt": 3}', "/prompt: expected a string"),
        (completions, b'{"prompt": [{}]}', "/prompt/0: expected a string or an array"),
        (completions, b'{"prompt": "x", "n": 0}', "/n: expected an integer from 1 to 128"),
        (completions, b'{"prompt": "x", "stream": 1}', "/stream: expected true or false"),
        (images, b'{"prompt": "x", "stream": true}', "/stream: streamed pictures"),
    ],
)
def test_a_malformed_request_is_refused_by_name(lens, body, message):
    with pytest.raises(WireError) as error:
        lens.parse(body)

    assert message in str(error.value)
    assert error.value.status == 400


def test_replies_are_read():
    choice = {"text": "upon a time", "index": 0, "finish_reason": "stop", "logprobs": None}
    completed = json.dumps({"choices": [choice], "usage": {"total_tokens": 3}}).encode()
    vectors = json.dumps({"object": "list", "data": [{"embedding": [0.1], "index": 0}]}).encode()
    drawn = json.dumps(
        {"data": [{"b64_json": PNG, "revised_prompt": "A red ship"}, {"url": "https://x.example"}]}
    ).encode()

    assert completions.parse_reply(completed).usage == {"total_tokens": 3}
    assert seen(completions.parse_reply(completed))[0][3] == "upon a time"
    assert embeddings.parse_reply(vectors).parts == ()
    assert [(ref, kind) for ref, kind, *_ in seen(images.parse_reply(drawn))] == [
        ("/data/0/b64_json", "image"),
        ("/data/0/revised_prompt", "text"),
        ("/data/1/url", "image"),
    ]
    assert completions.parse_reply(b'{"error": {"message": "no"}}').parts == ()


@pytest.mark.parametrize("lens", [completions, embeddings, images])
@pytest.mark.parametrize("body", [b"{", b"{}", b'{"choices": {}, "data": {}}', b"[]"])
def test_a_reply_that_is_none_is_the_upstreams_fault(lens, body):
    with pytest.raises(WireError, match="the upstream's reply") as error:
        lens.parse_reply(body)

    assert error.value.status == 502


# The laws.

prompts = st.one_of(texts, st.lists(st.one_of(texts, st.lists(st.integers(0, 9), min_size=1))))
requests = st.fixed_dictionaries(
    {"prompt": prompts}, optional={"model": texts, "suffix": texts, "x_unknown": values}
)
replies = st.builds(
    lambda said_, more: {
        "choices": [
            {"text": text, "index": at, "logprobs": {"tokens": [text]}}
            for at, text in enumerate(said_)
        ],
        **more,
    },
    st.lists(texts, max_size=3),
    st.one_of(st.just({}), st.builds(lambda v: {"x_unknown": v}, values)),
)
SIDES = st.one_of(
    st.tuples(bodies(requests), st.just(completions.parse)),
    st.tuples(bodies(replies), st.just(completions.parse_reply)),
)


@given(st.data(), SIDES, texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, side, text):
    body, parse = side[0].encode(), side[1]
    parts = editable(parse(body).parts)

    assert completions.render(body, {}) is body
    if parts:
        part = data.draw(st.sampled_from(parts))
        found = re.fullmatch(r"(/choices/\d+)/text", part.ref)
        along = {f"{found[1]}/logprobs": None} if found else {}
        check_put_get(completions, body, parse, part, text, along)


@given(SIDES)
def test_refs_are_unique_and_point_into_the_body(side):
    check_refs(*side)


@given(bodies(requests))
def test_every_string_of_a_request_is_in_a_part_or_is_a_setting(body):
    def setting(pointer, value):
        return split(pointer)[0] == "model"

    check_nothing_vanishes(body, completions.parse, pointers_of(json.loads(body)), setting)


def test_pictures_and_tokens_are_replaced_in_their_place():
    drawn = json.dumps({"data": [{"b64_json": PNG}, {"url": "https://x.example"}]}).encode()
    picture = ReplaceImage(b"abc", "image/webp")

    after = json.loads(images.render(drawn, {"/data/0/b64_json": picture, "/data/1/url": picture}))
    gone = json.loads(images.render(drawn, {"/data/0/b64_json": Drop()}))
    told_ = json.loads(completions.render(b'{"prompt": [1, 2]}', {"/prompt": Drop("[removed]")}))

    assert after["data"] == [{"b64_json": "YWJj"}, {"url": "data:image/webp;base64,YWJj"}]
    assert gone["data"][0] == {"b64_json": None}
    assert told_ == {"prompt": "[removed]"}


def test_there_is_no_place_for_a_system_prompt():
    body = b'{"prompt": "x"}'

    assert completions.with_system(body, "Ours.", "prepend") is body


# Streams.


async def held(chunks, action, window=6):
    """What leaves of a stream whose content is searched for a word."""
    steps = ((stage(WordDetector(SECRET), action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    reader = completions.events(Conversation((), "m", stream=True))
    back = HoldBack(reader, inspect, Hold(window=window, tail=len(SECRET)))
    out = b"".join([await back.feed(data) for data in chunks if not back.blocked])
    if not back.blocked:
        out += await back.close()
    return out, back


@given(st.data(), st.lists(texts, max_size=4))
def test_any_split_of_a_stream_says_the_same(data, pieces):
    body = b"".join(map(chunk, pieces)) + chunk("", "stop") + DONE
    whole = told(read(completions, [body]))

    assert told(read(completions, data.draw(splits(body)))) == whole
    assert whole[0].get("/choices/0/text", "") == "".join(pieces)
    assert whole[1] == body


@given(st.data(), st.lists(st.sampled_from(["good ", "b", "a", "d", "bad"]), max_size=8))
async def test_a_word_is_redacted_however_it_is_cut(data, words):
    pieces = [chunk(word, logprobs={"tokens": [word]}) for word in words]
    body = b"".join(pieces) + chunk("", "stop") + DONE

    out, _ = await held(data.draw(splits(body)), Action.REDACT)

    assert said(out) == re.sub(f"({SECRET})+", MASK, "".join(words))
    assert SECRET not in out.decode()


@given(st.data(), st.integers(0, 8), st.integers(1, 30))
async def test_a_block_at_any_place_ends_the_stream_natively(data, before, window):
    body = b"".join([*[chunk("xxx")] * before, chunk("bad"), chunk("y"), chunk("", "stop"), DONE])

    out, back = await held(data.draw(splits(body)), Action.BLOCK, window)
    out += back.finish(Refusal(NO))

    assert SECRET not in out.decode()
    assert said(out).endswith(NO)
    assert documents(out)[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert documents(out)[-1]["object"] == "text_completion"
    assert out.endswith(DONE)


# The official SDK.


def client(reply_for):
    """An SDK client whose every request is answered by ``reply_for(request body)``."""

    def answer(asked):
        reply = reply_for(asked.read())
        headers = [(key.decode(), value.decode()) for key, value in reply.headers]
        return httpx2.Response(reply.status, headers=headers, content=reply.body)

    return openai.OpenAI(
        api_key="none",
        base_url="http://guard.invalid/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
    )


def refusing(lens, style="native"):
    return client(lambda body: lens.refusal(lens.parse(body), Refusal(NO, style, "v1")))


@pytest.mark.parametrize(("style", "reason"), [("native", "content_filter"), ("message", "stop")])
def test_a_refusal_is_a_completion_that_was_filtered(style, reason):
    create = refusing(completions, style).completions.create

    whole = create(model="m", prompt="hi", n=2)
    options = {"include_usage": True}
    streamed = list(create(model="m", prompt="hi", stream=True, stream_options=options))

    assert [(one.text, one.finish_reason) for one in whole.choices] == [(NO, reason)] * 2
    assert streamed[0].choices[0].text == NO
    assert streamed[-1].usage.total_tokens == 0


def test_where_nothing_can_say_no_a_refusal_is_an_error():
    for ask in (
        lambda: refusing(embeddings).embeddings.create(model="m", input="hi"),
        lambda: refusing(images).images.generate(model="m", prompt="hi"),
        lambda: refusing(completions, "error").completions.create(model="m", prompt="hi"),
    ):
        with pytest.raises(openai.BadRequestError) as error:
            ask()
        assert error.value.code == "content_filter"


def test_an_error_in_the_stream_is_raised():
    reader = completions.events(Conversation(()))
    body = chunk("a") + reader.finish(Refusal(NO, "error"))
    headers = ((b"content-type", b"text/event-stream"),)

    with pytest.raises(openai.APIError):
        list(
            client(lambda _: Reply(200, headers, body)).completions.create(
                model="m", prompt="hi", stream=True
            )
        )


def test_a_question_is_a_request_that_parses():
    (part,) = completions.parse(completions.question(Conversation((), "m"), "Is it safe?")).parts

    assert (part.text, part.source) == ("Is it safe?", "user")
