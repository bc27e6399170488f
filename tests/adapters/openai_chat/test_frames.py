"""Chunks that are read by their frame say what parsing them would say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters import sse
from guardrail_adapters.openai_chat.chunks import read_chunk
from guardrail_adapters.openai_chat.frames import frame_of
from tests.adapters.chat import chat
from tests.adapters.strategies import texts, values


def chunk(content="word ", **more):
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    return {"id": "c", "created": 1, "model": "m", "choices": [choice], **more}


def read(document):
    data = document if isinstance(document, str) else json.dumps(document)
    return read_chunk(json.loads(data), data)


FRAME = frame_of(read(chunk()))
PADDED = frame_of(read(chunk(obfuscation="a1B2")))


def test_a_chunk_that_differs_in_its_text_alone_is_read_by_its_frame():
    said = FRAME.read(json.dumps(chunk("other ")))

    assert said == read(chunk("other "))


@pytest.mark.parametrize(
    "document",
    [chunk(), chunk(model="n", obfuscation="x"), chunk(obfuscation='"'), chunk(obfuscation=3)],
)
def test_what_differs_beside_the_padding_has_to_be_parsed(document):
    assert PADDED.read(json.dumps(document)) is None


def test_padding_may_differ_too():
    said = PADDED.read(json.dumps(chunk("other ", obfuscation="xyz")))

    assert said == read(chunk("other ", obfuscation="xyz"))


@pytest.mark.parametrize(
    "document",
    [
        chunk(""),
        chunk('say "x"'),
        chunk("a\\b"),
        chunk("line\n"),
        chunk("\u00e9"),  # escaped: the wire says \u00e9
        chunk(model="other"),
        chunk(usage={"total_tokens": 3}),
        chunk(x_more="text"),
        {**chunk(), "choices": [{**chunk()["choices"][0], "finish_reason": "stop"}]},
        {**chunk(), "choices": [{**chunk()["choices"][0], "index": 1}]},
        {**chunk(), "choices": [{**chunk()["choices"][0], "delta": {"refusal": "no"}}]},
    ],
)
def test_any_other_chunk_has_to_be_parsed(document):
    assert FRAME.read(json.dumps(document)) is None


@pytest.mark.parametrize(
    "data",
    [
        FRAME.before,
        FRAME.before + "x",
        FRAME.before + 'x"',
        FRAME.before + "x" + FRAME.between[:-1],
        FRAME.before + "x" + FRAME.between + "}",
        FRAME.before + FRAME.between,
        FRAME.before + "a\tb" + FRAME.between,
        FRAME.between,
        "",
    ],
)
def test_what_is_cut_or_goes_on_is_not_taken_for_a_chunk(data):
    assert FRAME.read(data) is None


@pytest.mark.parametrize(
    "document",
    [
        chunk(""),
        chunk(None),
        chunk(x_more="another text"),
        {**chunk(), "choices": [{**chunk()["choices"][0], "finish_reason": "stop"}]},
        {**chunk(), "choices": [{**chunk()["choices"][0], "logprobs": {"content": [{"token": "w"}]}}]},
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "x"}}]},
        {"choices": [{"index": 0, "delta": {"content": "x", "reasoning": "y"}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "x"}}]}}]},
    ],
)  # fmt: skip
def test_a_chunk_that_says_more_than_a_text_makes_no_frame(document):
    assert frame_of(read(document)) is None


pieces = st.one_of(
    texts,
    st.text('ab "\\\n{}', max_size=6),
    st.sampled_from(["word", "word ", "l\u00e4nger", "\u200b", "\U0001f600"]),
)


@given(st.lists(pieces, max_size=12), st.booleans(), st.booleans(), values)
def test_a_stream_read_by_frames_says_what_one_read_chunk_by_chunk_says(
    said, ascii_only, padded, other
):
    documents = [
        chunk(
            text,
            **({"obfuscation": "x" * number} if padded else {}),
            **({"x": other} if number == 3 else {}),
        )
        for number, text in enumerate(said)
    ]
    datas = [json.dumps(one, ensure_ascii=ascii_only) for one in documents]
    reader = chat.events(Conversation((), "m", stream=True))

    events = [event for data in datas for event in reader.feed(sse.event(data))]

    for event, data in zip(events, datas, strict=True):
        expected = read(data)
        assert event.document == expected
        assert event.deltas == tuple(piece.delta for piece in expected.pieces)
        assert event.ends == ()


def test_a_second_key_hidden_in_a_text_is_still_refused():
    reader = chat.events(Conversation((), "m", stream=True))
    reader.feed(sse.event(json.dumps(chunk())))
    doubled = FRAME.before + 'x", "content": "y' + FRAME.between

    with pytest.raises(WireError, match="twice"):
        reader.feed(sse.event(doubled))
