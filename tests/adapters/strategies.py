"""Generated bodies, streams and splits that the adapters' property tests share."""

from __future__ import annotations

import json

from hypothesis import strategies as st

# Without surrogates: half a pair is no JSON text.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
keys = st.one_of(st.sampled_from(["a", "b/c", "d~e", "", "note", "content", "é"]), texts)
numbers = st.one_of(
    st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False)
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
layouts = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")])


@st.composite
def bodies(draw, documents):
    """The bytes of a document: with white space and escapes as some client writes them."""
    document = draw(documents)
    text = json.dumps(
        document,
        separators=draw(layouts),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2])),
    )
    return draw(st.sampled_from(["", " ", "\n"])) + text


@st.composite
def splits(draw, data):
    """``data`` in pieces, cut anywhere, empty pieces included."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


unknown_types = st.sampled_from(["video_url", "hologram", "input_image", "thinking", "x", "Text"])
extras = st.dictionaries(
    st.sampled_from(["x_note", "uuid", "cache_control", "score"]), values, max_size=2
)
text_items = st.builds(lambda t, e: {"type": "text", "text": t, **e}, texts, extras)
image_items = st.builds(
    lambda url, bare: {"type": "image_url", "image_url": url if bare else {"url": url}},
    st.sampled_from(["data:image/png;base64,iVBORw0KGgo=", "https://pictures.example/1.png"]),
    st.booleans(),
)
unknown_items = st.builds(lambda t, v: {"type": t, "payload": v}, unknown_types, values)
file_items = st.builds(
    lambda name, data: {"type": "file", "file": {"filename": name, "file_data": data}}, words, words
)
items = st.one_of(text_items, image_items, unknown_items, file_items, texts)
contents = st.one_of(texts, st.none(), st.lists(items, max_size=4))
tool_calls = st.builds(
    lambda i, name, arguments: {
        "id": i,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    },
    words,
    words,
    texts,
)
roles = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"])


@st.composite
def messages(draw):
    message = {"role": draw(roles), "content": draw(contents)}
    if draw(st.booleans()):
        message["name"] = draw(words)
    if message["role"] == "assistant" and draw(st.booleans()):
        message["tool_calls"] = draw(st.lists(tool_calls, max_size=2))
    if draw(st.booleans()):
        message["x_unknown"] = draw(values)
    return message


schemas = st.fixed_dictionaries(
    {"type": st.just("object"), "description": texts},
    optional={"properties": st.dictionaries(keys, values, max_size=3)},
)
tools = st.builds(
    lambda name, schema: {"type": "function", "function": {"name": name, "parameters": schema}},
    words,
    schemas,
)
requests = st.fixed_dictionaries(
    {"model": texts, "messages": st.lists(messages(), max_size=4)},
    optional={
        "tools": st.lists(tools, max_size=2),
        "stop": st.one_of(texts, st.lists(texts, max_size=2)),
        "stream": st.booleans(),
        "temperature": st.floats(0, 2),
        "user": texts,
        "metadata": st.dictionaries(words, texts, max_size=2),
        "x_unknown": values,
        "documents": st.lists(values, max_size=2),
    },
)

choices = st.builds(
    lambda content, refusal, calls, unknown, logprobs: {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": content,
            "refusal": refusal,
            "tool_calls": calls,
            "x_unknown": unknown,
        },
        "logprobs": logprobs,
        "finish_reason": "stop",
    },
    contents,
    st.one_of(st.none(), texts),
    st.lists(tool_calls, max_size=2),
    values,
    st.one_of(st.none(), st.just({"content": [{"token": "a", "logprob": -0.5}]})),
)
replies = st.fixed_dictionaries(
    {"id": st.just("chatcmpl-1"), "choices": st.lists(choices, min_size=1, max_size=2)},
    optional={"x_unknown": values},
)

deltas = st.one_of(
    st.builds(lambda t: {"content": t}, texts),
    st.builds(lambda t: {"reasoning_content": t}, texts),
    st.builds(lambda t: {"refusal": t, "content": None}, texts),
    st.builds(
        lambda k, t: {"tool_calls": [{"index": k, "function": {"arguments": t}}]},
        st.integers(0, 2),
        texts,
    ),
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def streams(draw):
    """The bytes of a finished stream of chunks, with any line ends and comments."""
    end = draw(line_ends)
    out = [draw(st.sampled_from(["", ": hello" + end + end, "\ufeff"]))]
    for delta in draw(st.lists(deltas, max_size=6)):
        chunk = {
            "id": "chatcmpl-1",
            "choices": [{"index": draw(st.integers(0, 1)), "delta": delta}],
        }
        text = json.dumps(chunk, ensure_ascii=draw(st.booleans()))
        lead = draw(st.sampled_from(["data: ", "data:", "id: 7" + end + "data: "]))
        out.append(lead + text + end + end)
    return ("".join(out) + "data: [DONE]" + end + end).encode()
