"""Edits made in a request's or a reply's bytes; what no edit touches keeps its bytes."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Drop, Edit, ReplaceImage, ReplaceText
from guardrail_adapters.splice import Span, locate, replace_spans

_item = re.compile(r"(/(?:messages/\d+|choices/\d+/message|prediction)/content/\d+)(?:/|\Z)").match
_answer = re.compile(r"(/choices/\d+)/message/").match
_ARGUMENTS = re.compile(r".*/(?:tool_calls/\d+/function|function_call)/arguments\Z").match
_transcript = re.compile(r"(/choices/\d+/message/audio)/transcript\Z").match


def render(body: bytes, edits: Mapping[str, Edit]) -> bytes:
    """``body`` with the edits made, and ``body`` itself for none.

    Two values go along with an edit, because they say again what it takes away: a changed
    choice's ``logprobs`` become null, a changed transcript's audio empty.

    Raises:
        WireError: An edit's ref is not in the body.
    """
    if not edits:
        return body
    text = body.decode()
    items = {ref: found.group(1) for ref in edits if (found := _item(ref))}
    along = dict(_companions(edits))
    spans = locate(text, {*edits, *items.values(), *along})
    values: dict[Span, Any] = {
        spans[ref]: value
        for ref, value in along.items()
        if ref in spans and text[spans[ref][0]] != "n"  # null already
    }
    for ref, edit in edits.items():
        if ref not in spans:
            raise WireError(f"{ref!r}: the body has no such value to edit", ref=ref)
        if isinstance(edit, Drop) and ref in items:
            values[spans[items[ref]]] = {"type": "text", "text": edit.notice}
        else:
            values[spans[ref]] = _edited(ref, text[spans[ref][0]], edit)
    return replace_spans(text, values).encode()


def removed(notice: str) -> str:
    """The arguments of a tool call that was taken out: JSON still, for clients that parse them."""
    return json.dumps({"removed": notice})


def _companions(refs: Iterable[str]) -> Iterable[tuple[str, Any]]:
    for ref in refs:
        if found := _answer(ref):
            yield f"{found.group(1)}/logprobs", None
        if found := _transcript(ref):
            yield f"{found.group(1)}/data", ""


def _edited(ref: str, first: str, edit: Edit) -> Any:
    """The new value at ``ref``, whose old one starts with the character ``first``."""
    match edit:
        case ReplaceImage(data, media_type):
            return f"data:{media_type};base64,{b64encode(data).decode()}"
        case Drop(notice):
            return _dropped(ref, first, notice)
        case ReplaceText(text):
            # A part whose ref is an object tells that object's keys: they go with their values.
            return {} if first == "{" else text


def _dropped(ref: str, first: str, notice: str) -> Any:
    if _ARGUMENTS(ref):
        return removed(notice)
    if first == "{":
        return None if ref.endswith("/audio") else {}
    if first != '"':
        return None
    if ref.endswith("/audio/data"):
        return ""
    # Names have to match [a-zA-Z0-9_-]+ or the upstream refuses the request.
    return "removed" if ref.endswith("/name") else notice
