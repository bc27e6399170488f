"""Edits made in a request's or a reply's bytes; what no edit touches keeps its bytes."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from guardrail.errors import WireError
from guardrail.types import Drop, Edit, ReplaceImage, ReplaceText
from guardrail_adapters.arguments import as_object_again
from guardrail_adapters.splice import Span, locate, replace_spans

# The innermost part that holds a ref, and what of it the ref is.
_part = re.compile(r"(/(?:.*/)?parts/\d+)/[^/]+").match
_CALL = re.compile(r".*/parts/\d+/function_?[cC]all\Z").match
_ARGUMENTS = re.compile(r".*/parts/\d+/function_?[cC]all/args\Z").match
_RESULTS = re.compile(r"((?:/\d+)?/candidates/\d+)/content/").match


def render(body: bytes, edits: Mapping[str, Edit]) -> bytes:
    """``body`` with the edits made, and ``body`` itself for none.

    A changed candidate's log probabilities become empty, because they say it again.

    Raises:
        WireError: An edit's ref is not in the body.
    """
    if not edits:
        return body
    text = body.decode()
    parts = {
        ref: found.group(1)
        for ref, edit in edits.items()
        if isinstance(edit, Drop) and (found := _part(ref)) and not _ARGUMENTS(ref)
    }
    along = {
        f"{found.group(1)}/{name}"
        for ref in edits
        if (found := _RESULTS(ref))
        for name in ("logprobsResult", "logprobs_result")
    }
    spans = locate(text, {*edits, *parts.values(), *along})
    values: dict[Span, Any] = {spans[ref]: {} for ref in along if ref in spans}
    for ref, edit in edits.items():
        if ref not in spans:
            raise WireError(f"{ref!r}: the body has no such value to edit", ref=ref)
        if isinstance(edit, Drop) and ref in parts and "unction" not in ref.rpartition("parts")[2]:
            values[spans[parts[ref]]] = {"text": edit.notice}
        else:
            values[spans[ref]] = _edited(ref, text[slice(*spans[ref])], edit)
    return replace_spans(text, values).encode()


def _edited(ref: str, old: str, edit: Edit) -> Any:
    """The new value at ``ref``, where ``old`` stands."""
    match edit:
        case ReplaceImage(data, media_type):
            snake = "mime_type" in json.loads(old)
            key = "mime_type" if snake else "mimeType"
            return {key: media_type, "data": b64encode(data).decode()}
        case ReplaceText(text) if _ARGUMENTS(ref):
            return as_object_again(text)
        case ReplaceText(text):
            # A part whose ref is an object tells that object's keys: they go with their values.
            return {} if old[0] == "{" else text
        case Drop(notice):
            return _dropped(ref, old, notice)


def _dropped(ref: str, old: str, notice: str) -> Any:
    if _CALL(ref):
        return {"name": "removed", "args": {"removed": notice}}
    if _ARGUMENTS(ref):
        return {"removed": notice}
    if old[0] != '"' or ref.endswith(("/cachedContent", "/cached_content")):
        return {} if old[0] == "{" else None
    # Names have to match [a-zA-Z0-9_-]+ or the upstream refuses the request.
    return "removed" if ref.endswith("/name") else notice
