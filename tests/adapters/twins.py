"""What the Gemini adapter's tests share: the adapter, its recordings, bodies to make."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from guardrail_adapters.gemini import Gemini
from tests.adapters.strategies import extras, line_ends, texts, unknown_types, values, words

WIRE = Path(__file__).parent / "gemini" / "wire"
REQUESTS = sorted(WIRE.glob("*.request.json"))
REPLIES = sorted(WIRE.glob("*.reply.json"))

PATH = "/v1beta/models/gemini-2.0-flash"
gemini = Gemini().addressed(f"{PATH}:generateContent", b"")
as_events = Gemini().addressed(f"{PATH}:streamGenerateContent", b"alt=sse&key=1")
as_array = Gemini().addressed(f"{PATH}:streamGenerateContent", b"")


def request(*parts, **fields):
    """The bytes of a request."""
    return json.dumps({"contents": [{"role": "user", "parts": list(parts)}], **fields}).encode()


def response(*parts, finish="STOP", index=0, **fields):
    """A response object."""
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": index}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **fields}


def event_stream(*responses, end="\n"):
    """The bytes of a stream of events."""
    return "".join(f"data: {json.dumps(one)}{end}{end}" for one in responses).encode()


def array_stream(*responses, gap="\n,\r\n"):
    """The bytes of a stream as an array."""
    return f"[{gap.join(json.dumps(one) for one in responses)}\n]".encode()


def documents(stream):
    """The response objects of a stream in either form."""
    text = stream.decode()
    if text.startswith("["):
        return json.loads(text)
    lines = text.split("\n")
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def said(stream):
    """The words of a stream, without thoughts."""
    parts = [
        part
        for one in documents(stream)
        for candidate in one.get("candidates", ())
        for part in candidate.get("content", {}).get("parts", ())
    ]
    return "".join(part.get("text", "") for part in parts if not part.get("thought"))


def seen(conversation):
    """Ref, kind, source and content of each part."""
    return [(p.ref, p.kind, p.source, p.text or p.url or p.name) for p in conversation.parts]


text_parts = st.builds(lambda t, e: {"text": t, **e}, texts, extras)
blobs = st.sampled_from(
    [
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        {"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}},
        {"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/1.png"}},
    ]
)
calls = st.builds(
    lambda key, name, given: {key: {"name": name, "args": given}},
    st.sampled_from(["functionCall", "function_call"]),
    words,
    st.dictionaries(words, values, max_size=3),
)
answers = st.builds(
    lambda value: {"functionResponse": {"name": "n", "response": {"result": value}}}, values
)
strangers = st.builds(lambda key, value: {f"{key} new": value}, unknown_types, values)
thoughts = st.builds(lambda t: {"text": t, "thought": True}, texts)
contents = st.builds(
    lambda role, parts: {"role": role, "parts": parts},
    st.sampled_from(["user", "model", "function"]),
    st.lists(st.one_of(text_parts, blobs, calls, answers, strangers, thoughts), max_size=4),
)
requests = st.fixed_dictionaries(
    {"contents": st.lists(contents, max_size=4)},
    optional={
        "systemInstruction": st.builds(
            lambda parts: {"parts": parts}, st.lists(text_parts, max_size=2)
        ),
        "generationConfig": st.builds(
            lambda stop: {"stopSequences": stop}, st.lists(texts, max_size=2)
        ),
        "x_unknown": values,
    },
)
replies = st.builds(
    lambda parts, more: response(*parts, **more),
    st.lists(st.one_of(text_parts, calls, strangers, thoughts), max_size=4),
    st.one_of(st.just({}), st.builds(lambda v: {"xUnknown": v}, values)),
)


@st.composite
def streams(draw):
    """A finished stream: how it is read, and its bytes."""
    pieces = draw(st.lists(st.lists(st.one_of(text_parts, thoughts, calls), max_size=2)))
    told = [response(*parts, finish="") for parts in pieces[:4]]
    told.append(response({"text": "."}, usageMetadata={"totalTokenCount": 9}))
    if draw(st.booleans()):
        return as_events, event_stream(*told, end=draw(line_ends))
    return as_array, array_stream(*told, gap=draw(st.sampled_from([",", "\n,\r\n", " , "])))
