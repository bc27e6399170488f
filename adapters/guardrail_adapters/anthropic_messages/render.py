"""Edits made in a request's or a reply's bytes; what no edit touches keeps its bytes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Drop, Edit, ReplaceImage, ReplaceText
from guardrail_adapters.arguments import as_object_again
from guardrail_adapters.splice import Span, locate, replace_spans

# The innermost block that holds a ref: of a message, of the system prompt, of a tool's result.
_block = re.compile(r"(/(?:.*/)?(?:content|system)/\d+)(?=/|\Z)").match
_INPUT = re.compile(r".*/content/\d+/input\Z").match


def render(body: bytes, edits: Mapping[str, Edit]) -> bytes:
    """``body`` with the edits made, and ``body`` itself for none.

    Raises:
        WireError: An edit's ref is not in the body.
    """
    if not edits:
        return body
    text = body.decode()
    blocks = {ref: found.group(1) for ref in edits if (found := _block(ref)) and not _INPUT(ref)}
    spans = locate(text, {*edits, *blocks.values()})
    values: dict[Span, Any] = {}
    for ref, edit in edits.items():
        if ref not in spans:
            raise WireError(f"{ref!r}: the body has no such value to edit", ref=ref)
        if isinstance(edit, Drop) and ref in blocks:
            values[spans[blocks[ref]]] = {"type": "text", "text": edit.notice}
        else:
            values[spans[ref]] = _edited(ref, text[spans[ref][0]], edit)
    return replace_spans(text, values).encode()


def _edited(ref: str, first: str, edit: Edit) -> Any:
    """The new value at ``ref``, whose old one starts with the character ``first``."""
    match edit:
        case ReplaceImage(data, media_type):
            return {"type": "base64", "media_type": media_type, "data": b64encode(data).decode()}
        case ReplaceText(text) if _INPUT(ref):
            return as_object_again(text)
        case ReplaceText(text):
            # A part whose ref is an object tells that object's keys: they go with their values.
            return {} if first == "{" else text
        case Drop(notice):
            return _dropped(ref, first, notice)


def _dropped(ref: str, first: str, notice: str) -> Any:
    if _INPUT(ref):
        return {"removed": notice}
    if first != '"' or ref == "/container":
        return {} if first == "{" else None
    # Names have to match [a-zA-Z0-9_-]+ or the upstream refuses the request.
    return "removed" if ref.endswith("/name") else notice
