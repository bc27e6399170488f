"""Ollama's format: what it is read as, the laws, streams, and what the guard says in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.adapter import Refusal
from guardrail.cache import VerdictCache
from guardrail.errors import WireError
from guardrail.images import ImageLimits, check_claim, from_data_url, probe
from guardrail.pipeline import run
from guardrail.redact import MASK
from guardrail.stream import Hold, HoldBack
from guardrail.types import Action, Conversation, Drop, ReplaceImage
from guardrail_adapters.base64_pictures import data_url
from guardrail_adapters.leaves import is_identifier
from guardrail_adapters.ollama import OllamaChat, OllamaEmbed, OllamaGenerate
from guardrail_adapters.ollama.render import BLANK
from guardrail_adapters.pointer import split
from tests.adapters.laws import (
    check_nothing_vanishes,
    check_put_get,
    check_refs,
    editable,
    read,
    told,
)
from tests.adapters.strategies import bodies, line_ends, splits, texts, values, words
from tests.adapters.test_splice import pointers_of
from tests.kit import ALLOW_OPAQUE, WordDetector, context, stage

WIRE = Path(__file__).parent / "wire"
SECRET = "bad"
NO = "I can't help with that."

chat, generate, embed = (
    made(clock=lambda: 1_760_000_000.5) for made in (OllamaChat, OllamaGenerate, OllamaEmbed)
)
LENSES = {"chat": chat, "generate": generate, "embed": embed}
RECORDED = [
    (path, getattr(LENSES.get(path.name.split(".")[0], chat), method))
    for suffix, method in (("request", "parse"), ("reply", "parse_reply"))
    for path in sorted(WIRE.glob(f"*.{suffix}.json"))
]
IDS = [path.name for path, _ in RECORDED]


def seen(conversation):
    return [(p.ref, p.kind, p.source, p.text or p.name) for p in conversation.parts]


def request(*messages, **fields):
    return json.dumps({"model": "m", "messages": list(messages), **fields}).encode()


def lines(*documents, end="\n"):
    return "".join(json.dumps(one) + end for one in documents).encode()


def documents(stream):
    return [json.loads(line) for line in stream.decode().splitlines() if line.strip()]


def piece(text, **more):
    message = {"role": "assistant", "content": text}
    return {"model": "m", "message": message, "done": False, **more}


def last(**more):
    return {**piece(""), "done": True, "done_reason": "stop", "eval_count": 3, **more}


def said(stream):
    return "".join(one.get("message", {}).get("content", "") for one in documents(stream))


def test_a_chat_is_read_message_by_message():
    assert seen(chat.parse((WIRE / "chat.request.json").read_bytes())) == [
        ("/messages/0/content", "text", "system", "Be brief."),
        ("/messages/1/content", "text", "user", "What is this? é"),
        ("/messages/1/images/0", "image", "user", ""),
        ("/messages/2/thinking", "text", "assistant", "A ship?"),
        (
            "/messages/2/tool_calls/0/function/arguments",
            "tool_call",
            "assistant",
            '{"city":"Oslo","days":[1,2.5]}',
        ),
        ("/messages/3/content", "tool_result", "tool", "4 degrees, rain"),
        ("/tools/0/function/name", "text", "system", "weather"),
        ("/tools/0/function/description", "text", "system", "The weather of a city."),
        ("/format/description", "text", "system", "An answer."),
        ("/options/stop/0", "text", "user", "THE END"),
        ("/x_note", "text", "user", "read me"),
    ]


def test_a_prompt_is_read_with_all_that_stands_beside_it():
    found = seen(generate.parse((WIRE / "generate.request.json").read_bytes()))

    assert found == [
        ("/prompt", "text", "user", "What is this?"),
        ("/suffix", "text", "user", "The end."),
        ("/system", "text", "system", "Be brief."),
        ("/template", "text", "system", "{{ .Prompt }}"),
        ("/images/0", "image", "user", ""),
        ("/context", "opaque", "user", "context"),
    ]


def test_texts_to_be_embedded_are_read():
    assert [one[3] for one in seen(embed.parse((WIRE / "embed.request.json").read_bytes()))] == [
        "one text",
        "another",
    ]
    assert seen(embed.parse(b'{"prompt": "old way"}'))[0][3] == "old way"


def test_a_reply_streams_unless_it_says_otherwise():
    assert chat.parse(request()).stream
    assert not chat.parse(request(stream=False)).stream
    assert not embed.parse(b'{"input": "x"}').stream


@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_pictures_are_claimed_to_be_what_they_are(name):
    from base64 import b64encode

    from tests.attacks.files import encoded

    url = data_url(b64encode(encoded(name)).decode())

    image = probe(from_data_url(url, ImageLimits()), ImageLimits())
    check_claim(url, image)


@pytest.mark.parametrize("data", ["", "a", "!!!!", "bm9uZQ=="])
def test_what_is_no_picture_is_claimed_to_be_none(data):
    assert data_url(data).startswith("data:application/octet-stream;base64,")


@pytest.mark.parametrize(
    ("lens", "body", "message"),
    [
        (chat, b"[]", "expected a JSON object"),
        (chat, b"{}", "/messages: expected it to be given"),
        (embed, b"{}", "/input: expected it to be given"),
        (chat, b'{"messages": {}}', "/messages: expected an array"),
        (chat, request("x"), "/messages/0: expected a message"),
        (chat, request({"role": "dog"}), "/messages/0/role: unknown role 'dog'"),
        (chat, request({"role": "user", "content": []}), "/messages/0/content: expected a string"),
        (chat, request({"role": "user", "images": [3]}), "/messages/0/images/0: expected a string"),
        (chat, request({"role": "user", "tool_calls": [{}]}), "/function: expected an object"),
        (
            chat,
            request({"role": "user", "tool_calls": [{"function": {"name": "n"}}]}),
            "/arguments: expected an object",
        ),
        (chat, request(stream=3), "/stream: expected true or false"),
        (generate, b'{"prompt": 3}', "/prompt: expected a string"),
    ],
)
def test_a_malformed_request_is_refused_by_name(lens, body, message):
    with pytest.raises(WireError) as error:
        lens.parse(body)

    assert message in str(error.value)
    assert error.value.status == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"message": 3}', b'{"message": null}'])
def test_a_reply_that_is_none_is_the_upstreams_fault(body):
    with pytest.raises(WireError, match="the upstream's reply") as error:
        chat.parse_reply(body)

    assert error.value.status == 502


def test_what_a_reply_used_is_told():
    reply = chat.parse_reply((WIRE / "chat.reply.json").read_bytes())

    assert reply.usage == {"total_duration": 5, "prompt_eval_count": 26, "eval_count": 298}
    assert chat.parse_reply((WIRE / "error.reply.json").read_bytes()).parts == ()


# The laws.


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_an_edit_of_any_part_of_a_recording_changes_that_part_alone(path, parse):
    body = path.read_bytes()
    along = {"/logprobs": None} if b"logprobs" in body else {}

    assert chat.render(body, {}) is body
    for part in editable(parse(body).parts):
        alone = along if part.ref in ("/message/content", "/message/thinking") else {}
        check_put_get(chat, body, parse, part, "nouveau «x»", alone)


calls = st.builds(
    lambda name, given: {"function": {"name": name, "arguments": given}},
    words,
    st.dictionaries(words, values, max_size=2),
)
messages = st.builds(
    lambda role, content, more: {"role": role, "content": content, **more},
    st.sampled_from(["system", "user", "assistant", "tool"]),
    texts,
    st.one_of(
        st.just({}),
        st.builds(lambda c: {"tool_calls": c}, st.lists(calls, max_size=2)),
        st.builds(lambda v: {"x_unknown": v}, values),
        st.builds(lambda t: {"thinking": t}, texts),
    ),
)
requests = st.fixed_dictionaries(
    {"model": texts, "messages": st.lists(messages, max_size=4)}, optional={"x_unknown": values}
)


@given(st.data(), bodies(requests), texts)
def test_an_edit_of_any_part_of_any_body_changes_that_part_alone(data, body, text):
    parts = editable(chat.parse(body.encode()).parts)

    if parts:
        part = data.draw(st.sampled_from(parts))
        check_put_get(chat, body.encode(), chat.parse, part, text)


@given(bodies(requests))
def test_refs_are_unique_and_no_string_vanishes(body):
    def setting(pointer, value):
        tokens = split(pointer)
        return tokens[0] == "model" or tokens[-1] == "role" or is_identifier(value)

    check_refs(body, chat.parse)
    check_nothing_vanishes(body, chat.parse, pointers_of(json.loads(body)), setting)


@pytest.mark.parametrize(("path", "parse"), RECORDED, ids=IDS)
def test_every_part_of_a_recording_can_be_dropped(path, parse):
    body = path.read_bytes()

    for part in parse(body).parts:
        after = chat.render(body, {part.ref: Drop("gone")})

        left = [one for one in parse(after).parts if one.ref == part.ref]
        assert {one.text for one in left} <= {"gone", "removed", '{"removed":"gone"}', ""}, part.ref


def test_a_picture_is_replaced_by_a_picture():
    body = (WIRE / "chat.request.json").read_bytes()
    ref = "/messages/1/images/0"

    drawn = json.loads(chat.render(body, {ref: ReplaceImage(b"abc", "image/png")}))
    dropped = json.loads(chat.render(body, {ref: Drop()}))

    assert drawn["messages"][1]["images"] == ["YWJj"]
    assert dropped["messages"][1]["images"] == [BLANK]
    assert probe(from_data_url(data_url(BLANK), ImageLimits()), ImageLimits()).width == 1


@pytest.mark.parametrize(
    ("insert", "expected"),
    [
        ("prepend", "Ours.\n\nBe brief."),
        ("append", "Be brief.\n\nOurs."),
        ("sandwich", "Ours.\n\nBe brief.\n\nOurs."),
        ("replace", "Ours."),
    ],
)
def test_a_system_prompt_is_put_into_its_place(insert, expected):
    body = (WIRE / "generate.request.json").read_bytes()

    assert json.loads(generate.with_system(body, "Ours.", insert))["system"] == expected
    asked = json.loads(chat.with_system(request(), "Ours.", insert))
    assert asked["messages"][0] == {"role": "system", "content": "Ours."}
    assert embed.with_system(body, "Ours.", insert) is body


# Streams.


async def held(chunks, action, window=6):
    """What leaves of a stream whose content is searched for a word."""
    steps = ((stage(WordDetector(SECRET), action),),)

    async def inspect(parts):
        return await run(steps, parts, context(), VerdictCache(), None, ALLOW_OPAQUE)

    reader = chat.events(Conversation((), "m", stream=True))
    back = HoldBack(reader, inspect, Hold(window=window, tail=len(SECRET)))
    out = b"".join([await back.feed(data) for data in chunks if not back.blocked])
    if not back.blocked:
        out += await back.close()
    return out, back


@given(st.data(), st.lists(texts, max_size=4), line_ends.filter(lambda end: end != "\r"))
def test_any_split_of_a_stream_says_the_same(data, pieces, end):
    body = lines(*map(piece, pieces), last(), end=end)
    whole = told(read(chat, [body]))

    assert told(read(chat, data.draw(splits(body)))) == whole
    assert whole[0].get("/message/content", "") == "".join(pieces)
    assert whole[1] == body


@given(st.data(), st.lists(st.sampled_from(["good ", "b", "a", "d", "bad"]), max_size=8))
async def test_a_word_is_redacted_however_it_is_cut(data, words_):
    body = lines(*map(piece, words_), last())

    out, _ = await held(data.draw(splits(body)), Action.REDACT)

    assert said(out) == re.sub(f"({SECRET})+", MASK, "".join(words_))


async def test_an_allowed_stream_leaves_byte_for_byte():
    body = lines(piece("all "), piece("is well", logprobs=[{"token": "x"}]), last(), end="\r\n")

    out, _ = await held([body], Action.REDACT)

    assert out == body


@given(st.data(), st.integers(0, 8), st.integers(1, 30))
async def test_a_block_at_any_place_ends_the_stream_natively(data, before, window):
    body = lines(*[piece("xxx")] * before, piece("bad"), piece("y"), last())

    out, back = await held(data.draw(splits(body)), Action.BLOCK, window)
    out += back.finish(Refusal(NO))

    assert SECRET not in out.decode()
    assert said(out).endswith(NO)
    end = documents(out)[-1]
    assert (end["done"], end["done_reason"]) == (True, "content_filter")


def test_a_redacted_line_loses_its_log_probabilities():
    reader = chat.events(Conversation((), "m"))
    events = reader.feed(lines(piece("secret", logprobs=[{"token": "secret"}])))

    (out,) = documents(reader.rewrite(events, {"/message/content": "x"}))

    assert (out["message"]["content"], out["logprobs"]) == ("x", None)


def test_calls_and_pictures_of_a_stream_are_parts_of_their_own():
    call = {"function": {"name": "send", "arguments": {"to": "x"}}}
    message = {"role": "assistant", "content": "", "tool_calls": [call], "images": [BLANK]}
    reader = chat.events(Conversation((), "m"))
    events = [*reader.feed(lines({"message": message, "done": False}, last())), *reader.close()]
    kinds = {delta.kind: delta.ref for event in events for delta in event.deltas}

    out = documents(
        reader.rewrite(events, {kinds["tool_call"]: '{"removed": "x"}', kinds["image"]: ""})
    )

    assert out[0]["message"]["tool_calls"][0]["function"]["arguments"] == {"removed": "x"}
    assert out[0]["message"]["images"] == [BLANK]


@pytest.mark.parametrize("body", [b"", b"[]\n", b"{]\n", lines(piece("no end")), b"\xff\n"])
def test_a_stream_that_is_none_is_the_upstreams_fault(body):
    with pytest.raises(WireError) as error:
        read(chat, [body])

    assert error.value.status == 502


def test_a_keep_alive_is_a_line_that_says_nothing():
    (line,) = documents(generate.events(Conversation((), "m")).keep_alive)

    assert (line["response"], line["done"]) == ("", False)


# What the guard says, read by the official client.


def client(reply_for):
    """A client whose every request is answered by ``reply_for(request body)``."""
    import httpx
    import ollama

    def answer(asked):
        reply = reply_for(asked.read())
        headers = [(key.decode(), value.decode()) for key, value in reply.headers]
        return httpx.Response(reply.status, headers=headers, content=reply.body)

    made = ollama.Client(host="http://guard.invalid")
    made._client = httpx.Client(
        transport=httpx.MockTransport(answer), base_url="http://guard.invalid"
    )
    return made


def refusing(lens, style="native"):
    return client(lambda body: lens.refusal(lens.parse(body), Refusal(NO, style, "v1")))


@pytest.mark.parametrize(("style", "reason"), [("native", "content_filter"), ("message", "stop")])
def test_a_refusal_is_an_answer_that_was_filtered(style, reason):
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

    whole = refusing(chat, style).chat(**asked)
    streamed = list(refusing(chat, style).chat(**asked, stream=True))
    completed = refusing(generate, style).generate(model="m", prompt="hi")

    assert (whole.message.content, whole.done_reason) == (NO, reason)
    assert "".join(one.message.content for one in streamed) == NO
    assert streamed[-1].done_reason == reason
    assert completed.response == NO


def test_errors_are_raised_by_the_client():
    import ollama

    with pytest.raises(ollama.ResponseError, match="can't help"):
        refusing(chat, "error").chat(model="m", messages=[])
    with pytest.raises(ollama.ResponseError, match="can't help"):
        refusing(embed).embed(model="m", input="hi")
    broken = chat.events(Conversation(())).fail("The upstream hung up.", "upstream_error")
    reply = type(chat.error(500, "x", "y"))
    lines_ = ((b"content-type", b"application/x-ndjson"),)
    with pytest.raises(ollama.ResponseError, match="hung up"):
        list(client(lambda _: reply(200, lines_, broken)).chat(model="m", stream=True))


def test_questions_are_requests_that_parse():
    for lens in (chat, generate):
        conversation = lens.parse(lens.question(Conversation((), "m"), "Is this safe?"))

        assert [part.text for part in conversation.parts] == ["Is this safe?"]
        assert not conversation.stream
