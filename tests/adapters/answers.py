"""What the Responses adapter's tests share: the adapter, its recordings, bodies to make."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from guardrail_adapters.openai_responses import OpenAIResponses
from tests.adapters.strategies import extras, line_ends, texts, unknown_types, values, words

WIRE = Path(__file__).parent / "openai_responses" / "wire"
REQUESTS = sorted(WIRE.glob("*.request.json"))
REPLIES = sorted(WIRE.glob("*.reply.json"))
STREAMS = sorted(WIRE.glob("*.sse"))

responses = OpenAIResponses(clock=lambda: 1_760_000_000.9)


def request(*items, **fields):
    """The bytes of a request."""
    return json.dumps({"model": "m", "input": list(items), **fields}).encode()


def user(content):
    """A user's message."""
    return {"role": "user", "content": content}


def response(*items, **fields):
    """A response object."""
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m"}
    return {**head, "status": "completed", "output": list(items), **fields}


def message(*parts, index=0):
    """An output message."""
    head = {"type": "message", "id": f"msg_{index}", "role": "assistant", "status": "completed"}
    return {**head, "content": list(parts)}


def text_part(text, **more):
    """A part of an output message."""
    return {"type": "output_text", "text": text, "annotations": [], **more}


class Tale:
    """A stream being written: ``body`` holds its bytes."""

    def __init__(self):
        self.body, self.count, self.items = b"", 0, []

    def event(self, kind, **members):
        told = {"type": kind, "sequence_number": self.count, **members}
        self.body += f"event: {kind}\ndata: {json.dumps(told)}\n\n".encode()
        self.count += 1
        return self

    def begin(self):
        return self.event("response.created", response=response(status="in_progress"))

    def says(self, *pieces, end=True, logprobs=False):
        """An output message in pieces, and all its repetitions."""
        index = len(self.items)
        at = {"item_id": f"msg_{index}", "output_index": index, "content_index": 0}
        empty = {**message(index=index), "status": "in_progress"}
        self.event("response.output_item.added", output_index=index, item=empty)
        self.event("response.content_part.added", **at, part=text_part(""))
        tokens = [{"token": "x", "logprob": -0.5}] if logprobs else []
        for piece in pieces:
            self.event("response.output_text.delta", **at, delta=piece, logprobs=tokens)
        if end:
            text = "".join(pieces)
            part = text_part(text, logprobs=tokens * len(pieces))
            self.event("response.output_text.done", **at, text=text, logprobs=part["logprobs"])
            self.event("response.content_part.done", **at, part=part)
            self.items.append(message(part, index=index))
            self.event("response.output_item.done", output_index=index, item=self.items[-1])
        return self

    def calls(self, *pieces):
        """A function call in pieces, and all its repetitions."""
        index = len(self.items)
        call = {"type": "function_call", "id": f"fc_{index}", "call_id": "c", "name": "send"}
        at = {"item_id": call["id"], "output_index": index}
        empty = {**call, "arguments": ""}
        self.event("response.output_item.added", output_index=index, item=empty)
        for piece in pieces:
            self.event("response.function_call_arguments.delta", **at, delta=piece)
        given = "".join(pieces)
        self.event("response.function_call_arguments.done", **at, arguments=given)
        self.items.append({**call, "arguments": given})
        return self.event("response.output_item.done", output_index=index, item=self.items[-1])

    def end(self):
        usage = {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14}
        return self.event("response.completed", response=response(*self.items, usage=usage))


def documents(stream):
    """The JSON of each event of a stream."""
    lines = stream.decode().split("\n")
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def seen(conversation):
    """Ref, kind, source and content of each part."""
    return [(p.ref, p.kind, p.source, p.text or p.url or p.name) for p in conversation.parts]


input_texts = st.builds(lambda t, e: {"type": "input_text", "text": t, **e}, texts, extras)
input_images = st.sampled_from(
    [
        {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="},
        {"type": "input_image", "image_url": "https://pictures.example/1.png", "detail": "low"},
        {"type": "input_image", "file_id": "file_1"},
    ]
)
unknown_parts = st.builds(lambda k, v: {"type": f"{k}_new", "payload": v}, unknown_types, values)
input_parts = st.one_of(input_texts, input_images, unknown_parts)
output_parts = st.one_of(
    st.builds(text_part, texts), st.builds(lambda t: {"type": "refusal", "refusal": t}, texts)
)
calls = st.builds(
    lambda name, given: {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c",
        "name": name,
        "arguments": given,
    },
    words,
    texts,
)
outputs = st.builds(
    lambda output: {"type": "function_call_output", "call_id": "c", "output": output},
    st.one_of(texts, st.lists(st.one_of(input_texts, input_images), max_size=3)),
)
reasonings = st.builds(
    lambda t: {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": t}],
    },
    texts,
)
strangers = st.builds(lambda k, v: {"type": f"{k}_call", "payload": v}, unknown_types, values)
output_items = st.one_of(
    st.builds(lambda parts: message(*parts), st.lists(output_parts, max_size=3)),
    calls,
    reasonings,
    strangers,
)
input_items = st.one_of(
    st.builds(user, st.one_of(texts, st.lists(input_parts, max_size=3))), outputs, output_items
)
requests = st.fixed_dictionaries(
    {"model": texts, "input": st.one_of(texts, st.lists(input_items, max_size=4))},
    optional={"instructions": texts, "stream": st.booleans(), "x_unknown": values},
)
replies = st.builds(
    lambda items, more: response(*items, **more),
    st.lists(output_items, max_size=3),
    st.one_of(st.just({}), st.builds(lambda v: {"x_unknown": v}, values)),
)


@st.composite
def streams(draw):
    """The bytes of a finished stream, with any line ends and comments."""
    tale = Tale().begin()
    for kind, pieces in draw(
        st.lists(st.tuples(st.booleans(), st.lists(texts, max_size=4)), max_size=3)
    ):
        (tale.says if kind else tale.calls)(*pieces)
        tale.body += draw(st.sampled_from([b"", b": a comment\n\n"]))
    return tale.end().body.replace(b"\n", draw(line_ends).encode())
