"""What the Messages adapter's tests share: the adapter, its recordings, bodies to make."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from guardrail_adapters.anthropic_messages import AnthropicMessages
from tests.adapters.strategies import extras, line_ends, texts, unknown_types, values, words

WIRE = Path(__file__).parent / "anthropic_messages" / "wire"
REQUESTS = sorted(WIRE.glob("*.request.json"))
REPLIES = sorted(WIRE.glob("*.reply.json"))
STREAMS = sorted(WIRE.glob("*.sse"))

claude = AnthropicMessages()


def request(*messages, **fields):
    """The bytes of a request."""
    document = {"model": "m", "max_tokens": 64, "messages": list(messages), **fields}
    return json.dumps(document).encode()


def user(content):
    """A user's message."""
    return {"role": "user", "content": content}


def reply(*blocks, **fields):
    """The bytes of a reply."""
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    return json.dumps({**head, "content": list(blocks), **fields}).encode()


def event(kind, **members):
    """The bytes of one event of a stream."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n".encode()


def start(index=0, **block):
    """The start of a block, a text without more."""
    block = block or {"type": "text", "text": ""}
    return event("content_block_start", index=index, content_block=block)


def said(text, index=0):
    """A piece of a text block."""
    delta = {"type": "text_delta", "text": text}
    return event("content_block_delta", index=index, delta=delta)


def given_json(text, index=0):
    """A piece of a tool call's input."""
    delta = {"type": "input_json_delta", "partial_json": text}
    return event("content_block_delta", index=index, delta=delta)


def stop(index=0):
    """The end of a block."""
    return event("content_block_stop", index=index)


BEGIN = event(
    "message_start",
    message={
        **json.loads(reply()),
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    },
)
END = event(
    "message_delta",
    delta={"stop_reason": "end_turn", "stop_sequence": None},
    usage={"output_tokens": 5},
) + event("message_stop")


def documents(stream):
    """The JSON of each event of a stream."""
    lines = stream.decode().split("\n")
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def seen(conversation):
    """Ref, kind, source and content of each part."""
    return [(p.ref, p.kind, p.source, p.text or p.url or p.name) for p in conversation.parts]


PNG = "iVBORw0KGgo="
sources = st.sampled_from(
    [
        {"type": "base64", "media_type": "image/png", "data": PNG},
        {"type": "url", "url": "https://pictures.example/1.png"},
        {"type": "file", "file_id": "file_1"},
    ]
)
inputs = st.dictionaries(words, values, max_size=3)
text_blocks = st.builds(lambda t, e: {"type": "text", "text": t, **e}, texts, extras)
picture_blocks = st.builds(lambda s: {"type": "image", "source": s}, sources)
document_blocks = st.builds(
    lambda title, data: {
        "type": "document",
        "title": title,
        "source": {"type": "text", "media_type": "text/plain", "data": data},
    },
    texts,
    texts,
)
thinking_blocks = st.builds(
    lambda t: {"type": "thinking", "thinking": t, "signature": "EqQBCgIYAhIM"}, texts
)
call_blocks = st.builds(
    lambda name, given: {"type": "tool_use", "id": "toolu_1", "name": name, "input": given},
    words,
    inputs,
)
unknown_blocks = st.builds(
    lambda kind, value: {"type": f"{kind}_new", "payload": value}, unknown_types, values
)
result_blocks = st.builds(
    lambda content: {"type": "tool_result", "tool_use_id": "toolu_1", "content": content},
    st.one_of(texts, st.lists(st.one_of(text_blocks, picture_blocks), max_size=3)),
)
user_blocks = st.one_of(text_blocks, picture_blocks, document_blocks, result_blocks, unknown_blocks)
reply_blocks = st.one_of(text_blocks, thinking_blocks, call_blocks, unknown_blocks)
messages = st.one_of(
    st.builds(user, st.one_of(texts, st.lists(user_blocks, max_size=4))),
    st.builds(
        lambda blocks: {"role": "assistant", "content": blocks}, st.lists(reply_blocks, max_size=3)
    ),
)
requests = st.fixed_dictionaries(
    {"model": texts, "max_tokens": st.integers(0, 9), "messages": st.lists(messages, max_size=4)},
    optional={
        "system": st.one_of(texts, st.lists(text_blocks, max_size=2)),
        "stream": st.booleans(),
        "stop_sequences": st.lists(texts, max_size=2),
        "x_unknown": values,
    },
)
replies = st.fixed_dictionaries(
    {"type": st.just("message"), "content": st.lists(reply_blocks, max_size=3)},
    optional={"x_unknown": values},
)
block_streams = st.one_of(
    st.builds(
        lambda pieces: (
            {"type": "text", "text": ""},
            [{"type": "text_delta", "text": one} for one in pieces],
        ),
        st.lists(texts, max_size=4),
    ),
    st.builds(
        lambda pieces: (
            {"type": "tool_use", "id": "t", "name": "n", "input": {}},
            [{"type": "input_json_delta", "partial_json": one} for one in pieces],
        ),
        st.lists(texts, max_size=4),
    ),
)


@st.composite
def streams(draw):
    """The bytes of a finished stream, with any line ends, pings and comments."""
    out = BEGIN
    for index, (block, deltas) in enumerate(draw(st.lists(block_streams, max_size=3))):
        out += start(index, **block)
        for delta in deltas:
            out += draw(st.sampled_from([b"", event("ping"), b": a comment\n\n"]))
            out += event("content_block_delta", index=index, delta=delta)
        out += stop(index)
    return (out + END).replace(b"\n", draw(line_ends).encode())
