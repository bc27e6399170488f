"""What the chat adapter's tests share: the adapter, its recordings, and short ways to look."""

from __future__ import annotations

import json
from pathlib import Path

from guardrail_adapters.openai_chat import OpenAIChat

WIRE = Path(__file__).parent / "openai_chat" / "wire"
REQUESTS = sorted(WIRE.glob("*.request.json"))
REPLIES = sorted(WIRE.glob("*.reply.json"))
STREAMS = sorted(WIRE.glob("*.sse"))

chat = OpenAIChat(clock=lambda: 1_760_000_000.9)


def request(*messages, **fields):
    """The bytes of a request."""
    return json.dumps({"model": "m", "messages": list(messages), **fields}).encode()


def user(content, **fields):
    """A user's message."""
    return {"role": "user", "content": content, **fields}


def reply(message, **choice):
    """The bytes of a reply with one choice."""
    message = {"role": "assistant", **message}
    return json.dumps({"id": "c", "choices": [{"index": 0, "message": message, **choice}]}).encode()


def seen(conversation):
    """Ref, kind, source and content of each part."""
    return [(p.ref, p.kind, p.source, p.text or p.url or p.name) for p in conversation.parts]


def stream(conversation=None):
    """A reader of the reply to ``conversation``, a plain request if None."""
    return chat.events(conversation or chat.parse(request(user("hi"), stream=True)))


def chunk(delta=None, index=0, **choice):
    """The bytes of one event with one choice."""
    choice = {"index": index, "delta": delta or {}, **choice}
    told = {"id": "chatcmpl-9", "object": "chat.completion.chunk", "choices": [choice]}
    return b"data: " + json.dumps(told).encode() + b"\n\n"


def documents(events):
    """The JSON of each event of a stream, ``[DONE]`` as a string."""
    lines = [line[6:] for line in events.decode().split("\n") if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]
