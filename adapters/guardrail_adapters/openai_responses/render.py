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

_part = re.compile(r"(/(?:input|output)/\d+/(?:content|output|summary)/\d+)(?=/|\Z)").match
_item = re.compile(r"/(input|output)/\d+\Z").match
_text = re.compile(r"(/output/\d+/content/\d+)/text\Z").match
_ARGUMENTS = re.compile(r"/(?:input|output)/\d+/(?:arguments|input)\Z").match
_SEALS = ("/encrypted_content", "/file_id", "/file_url", "/result")


def render(body: bytes, edits: Mapping[str, Edit]) -> bytes:
    """``body`` with the edits made, and ``body`` itself for none.

    A changed text's ``logprobs`` go along, because they say it again.

    Raises:
        WireError: An edit's ref is not in the body.
    """
    if not edits:
        return body
    text = body.decode()
    parts = {ref: found.group(1) for ref in edits if (found := _part(ref))}
    along = set(_companions(edits))
    spans = locate(text, {*edits, *parts.values(), *along})
    values: dict[Span, Any] = {
        spans[ref]: [] for ref in along if ref in spans and text[spans[ref][0]] == "["
    }
    for ref, edit in edits.items():
        if ref not in spans:
            raise WireError(f"{ref!r}: the body has no such value to edit", ref=ref)
        if isinstance(edit, Drop) and ref in parts:
            span = spans[parts[ref]]
            values[span] = _noted(json.loads(text[slice(*span)]), edit.notice)
        else:
            values[spans[ref]] = _edited(ref, text[spans[ref][0]], edit)
    return replace_spans(text, values).encode()


def _companions(refs: Iterable[str]) -> Iterable[str]:
    for ref in refs:
        if found := _text(ref):
            yield f"{found.group(1)}/logprobs"


def _noted(part: Any, notice: str) -> dict[str, Any]:
    """A text part in place of ``part``, of the type that its place allows."""
    kind = part.get("type") if isinstance(part, dict) else None
    match kind:
        case "output_text" | "refusal":
            return output_text(notice)
        case "summary_text" | "reasoning_text":
            return {"type": kind, "text": notice}
        case _:
            return {"type": "input_text", "text": notice}


def output_text(text: str) -> dict[str, Any]:
    """A part of an answer that says ``text``."""
    return {"type": "output_text", "text": text, "annotations": []}


def _edited(ref: str, first: str, edit: Edit) -> Any:
    """The new value at ``ref``, whose old one starts with the character ``first``."""
    match edit:
        case ReplaceImage(data, media_type):
            coded = b64encode(data).decode()
            return coded if ref.endswith("/result") else f"data:{media_type};base64,{coded}"
        case ReplaceText(text):
            # A part whose ref is an object tells that object's keys: they go with their values.
            return {} if first == "{" else text
        case Drop(notice):
            return _dropped(ref, first, notice)


def noted_item(notice: str) -> dict[str, Any]:
    """A message that says ``notice`` in place of another item of an answer."""
    message = {"type": "message", "id": "msg_removed", "status": "completed"}
    return {**message, "role": "assistant", "content": [output_text(notice)]}


def _dropped(ref: str, first: str, notice: str) -> Any:
    if found := _item(ref):
        if found.group(1) == "output":
            return noted_item(notice)
        return {"type": "message", "role": "user", "content": notice}
    if _ARGUMENTS(ref):
        return json.dumps({"removed": notice})
    if first != '"' or ref.endswith(_SEALS):
        return {} if first == "{" else None
    # Names have to match [a-zA-Z0-9_-]+ or the upstream refuses the request.
    return "removed" if ref.endswith("/name") else notice
