"""Edits made in a request's or a reply's bytes; what no edit touches keeps its bytes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Drop, Edit, ReplaceImage, ReplaceText
from guardrail_adapters.splice import Span, locate, replace_spans

_choice = re.compile(r"(/choices/\d+)/text\Z").match


def render(body: bytes, edits: Mapping[str, Edit]) -> bytes:
    """``body`` with the edits made, and ``body`` itself for none.

    A changed choice's ``logprobs`` become null: they say its text again.

    Raises:
        WireError: An edit's ref is not in the body.
    """
    if not edits:
        return body
    text = body.decode()
    along = {f"{found.group(1)}/logprobs" for ref in edits if (found := _choice(ref))}
    spans = locate(text, {*edits, *along})
    values: dict[Span, Any] = {
        spans[ref]: None for ref in along if ref in spans and text[spans[ref][0]] != "n"
    }
    for ref, edit in edits.items():
        if ref not in spans:
            raise WireError(f"{ref!r}: the body has no such value to edit", ref=ref)
        values[spans[ref]] = _edited(ref, text[spans[ref][0]], edit)
    return replace_spans(text, values).encode()


def _edited(ref: str, first: str, edit: Edit) -> Any:
    """The new value at ``ref``, whose old one starts with the character ``first``."""
    match edit:
        case ReplaceImage(data, media_type):
            coded = b64encode(data).decode()
            return coded if ref.endswith("/b64_json") else f"data:{media_type};base64,{coded}"
        case ReplaceText(text):
            # A part whose ref is an object tells that object's keys: they go with their values.
            return {} if first == "{" else text
        case Drop(notice):
            if ref.endswith(("/b64_json", "/url")) or first not in '"[':
                return {} if first == "{" else None
            return notice  # tokens become a text as well, which their place allows
