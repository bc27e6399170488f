"""The laws of a lens, as checks that each adapter's tests apply to its own bodies and streams."""

from __future__ import annotations

import json

from guardrail.types import Conversation, ReplaceImage, ReplaceText
from guardrail_adapters.leaves import WORDS
from guardrail_adapters.pointer import lookup
from guardrail_adapters.splice import locate, splice


def editable(parts):
    """Parts that hold a value that an edit can replace."""
    nothing = [part for part in parts if part.kind == "tool_call" and not part.text]
    return [
        part
        for part in parts
        if part.kind not in ("opaque", "file", "audio") and part not in nothing
    ]


def check_put_get(adapter, body, parse, part, text, along=None):
    """An edit is read back as what it said, and no byte changes but its own and ``along``'s."""
    edit = (
        ReplaceImage(b"\x89PNG\r\n\x1a\nnew", "image/png")
        if part.kind == "image"
        else ReplaceText(text)
    )
    after = adapter.render(body, {part.ref: edit})
    document = json.loads(after)
    value = lookup(document, part.ref)
    assert after == splice(body, {part.ref: value, **(along or {})})

    again = next((one for one in parse(after).parts if one.ref == part.ref), None)
    if part.kind == "image":
        assert again.url.startswith("data:image/png;base64,")
    elif isinstance(value, str):
        assert value == text
        assert again is None or again.kind == "opaque" or again.text == text
    elif part.kind == "tool_call":
        assert again.text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        assert value == {"removed": text} or value == json.loads(text)


def check_refs(text, parse):
    """Refs are unique and point into the body."""
    refs = [part.ref for part in parse(text.encode()).parts]

    assert len(refs) == len(set(refs))
    assert set(locate(text, refs)) == set(refs)


def check_nothing_vanishes(text, parse, pointers, is_setting):
    """Every string is a part, or within one that is opaque or told whole, or a setting."""
    document = json.loads(text)
    refs = {part.ref: part for part in parse(text.encode()).parts}
    for pointer in pointers:
        value = lookup(document, pointer)
        if not isinstance(value, str) or not value or value in WORDS or pointer in refs:
            continue
        whole = {part.kind for ref, part in refs.items() if pointer.startswith(f"{ref}/")}
        found = whole & {"opaque", "image", "file", "tool_call"}
        assert found or is_setting(pointer, value), pointer


def read(adapter, chunks):
    """The events of a stream."""
    reader = adapter.events(Conversation((), "m", stream=True))
    return [*(one for chunk in chunks for one in reader.feed(chunk)), *reader.close()]


def told(events):
    """What a stream's events say in sum, and the bytes they are."""
    texts: dict[str, str] = {}
    for event in events:
        for delta in event.deltas:
            texts[delta.ref] = texts.get(delta.ref, "") + delta.text
    return texts, b"".join(event.raw for event in events)
