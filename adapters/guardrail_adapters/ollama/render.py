"""Edits made in a request's or a reply's bytes; what no edit touches keeps its bytes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Drop, Edit, ReplaceImage, ReplaceText
from guardrail_adapters.arguments import as_object_again
from guardrail_adapters.base64_pictures import ONE_PIXEL
from guardrail_adapters.splice import Span, locate, replace_spans

BLANK = b64encode(ONE_PIXEL).decode()
"""What takes the place of a picture that is taken out."""


def render(body: bytes, edits: Mapping[str, Edit]) -> bytes:
    """``body`` with the edits made, and ``body`` itself for none.

    Changed answers lose their log probabilities, which say them again.

    Raises:
        WireError: An edit's ref is not in the body.
    """
    if not edits:
        return body
    text = body.decode()
    said = {"/message/content", "/response", "/thinking", "/message/thinking"}
    along = {"/logprobs"} if said & edits.keys() else set()
    spans = locate(text, {*edits, *along})
    values: dict[Span, Any] = {spans[ref]: None for ref in along if ref in spans}
    for ref, edit in edits.items():
        if ref not in spans:
            raise WireError(f"{ref!r}: the body has no such value to edit", ref=ref)
        values[spans[ref]] = _edited(ref, text[spans[ref][0]], edit)
    return replace_spans(text, values).encode()


def _edited(ref: str, first: str, edit: Edit) -> Any:
    """The new value at ``ref``, whose old one starts with the character ``first``."""
    arguments = ref.endswith("/function/arguments")
    match edit:
        case ReplaceImage(data, _):
            return b64encode(data).decode()
        case ReplaceText(text):
            # A part whose ref is an object tells that object's keys: they go with their values.
            return as_object_again(text) if arguments else {} if first == "{" else text
        case Drop(notice):
            if arguments:
                return {"removed": notice}
            if first != '"':
                return {} if first == "{" else None
            if ref.rpartition("/")[0].endswith("/images"):
                return BLANK
            return "removed" if ref.endswith("/name") else notice
