"""Whole replies: completed texts, vectors, drawn pictures."""

from __future__ import annotations

from typing import Any

from guardrail.errors import WireError
from guardrail.types import Conversation
from guardrail_adapters.base64_pictures import data_url
from guardrail_adapters.collector import (
    Author,
    Collector,
    as_array,
    as_object,
    from_upstream,
    malformed,
    usage_of,
)
from guardrail_adapters.openai_chat.reply import CHOICE, ENVELOPE
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import loads

_VECTORS = frozenset({"embedding", "index", "object"})
_DRAWN = frozenset({"b64_json", "url"})
_PICTURE = frozenset({"background", "output_format", "quality", "size"})


def read_completions(body: bytes) -> Conversation:
    """The texts of a completion.

    Raises:
        WireError: Not strict JSON, or not a completion (status 502).
    """
    return _read(body, "choices", _choice)


def read_embeddings(body: bytes) -> Conversation:
    """Vectors hold no parts; what else a server adds does.

    Raises:
        WireError: Not strict JSON, or not a list of vectors (status 502).
    """
    return _read(body, "data", _vector)


def read_pictures(body: bytes) -> Conversation:
    """The pictures of a reply, inline or by URL, and the prompts they were really drawn from.

    Raises:
        WireError: Not strict JSON, or not a list of pictures (status 502).
    """
    return _read(body, "data", _picture)


def _read(body: bytes, holder: str, read: Any) -> Conversation:
    try:
        document = as_object(loads(body), "", "a JSON object")
        out = Collector("reply")
        if holder in document or not isinstance(document.get("error"), dict):
            for index, one in enumerate(as_array(document.get(holder), f"/{holder}")):
                ref = f"/{holder}/{index}"
                read(out, Author("assistant", "assistant", index), ref, as_object(one, ref))
            for key, value in document.items():
                if key not in ENVELOPE and key not in _PICTURE and key != holder:
                    out.add_leaves(Author("assistant"), child("", key), value)
    except WireError as error:
        raise from_upstream(error) from None
    model = document.get("model")
    model = model if isinstance(model, str) else ""
    return Conversation(tuple(out.parts), model, document=document, usage=usage_of(document))


def _choice(out: Collector, author: Author, ref: str, choice: dict[str, Any]) -> None:
    out.add_text(author, f"{ref}/text", choice.get("text"))
    out.add_rest(author, ref, choice, CHOICE | {"text"})


def _vector(out: Collector, author: Author, ref: str, one: dict[str, Any]) -> None:
    out.add_rest(author, ref, one, _VECTORS)


def _picture(out: Collector, author: Author, ref: str, one: dict[str, Any]) -> None:
    data, url = one.get("b64_json"), one.get("url")
    if data is not None:
        if not isinstance(data, str):
            raise malformed(f"{ref}/b64_json", "a string, base64", data)
        out.add(author, f"{ref}/b64_json", "image", url=data_url(data))
    if url is not None:
        if not isinstance(url, str):
            raise malformed(f"{ref}/url", "a string", url)
        out.add(author, f"{ref}/url", "image", url=url)
    out.add_rest(author, ref, one, _DRAWN)
