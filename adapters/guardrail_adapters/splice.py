"""Changes single values of a JSON text and leaves every other byte as it was.

The text was accepted by ``strict_json`` before; spans are found by descending to them, and what
lies beside the way is skipped by the C scanner. Spans are offsets in the decoded text: decoding
and encoding UTF-8 strictly gives the same bytes back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from guardrail.errors import WireError
from guardrail_adapters.pointer import child, split

Span = tuple[int, int]
"""Start and exclusive end of a value in the text."""

Plan = Callable[[Sequence[Any]], tuple[Mapping[int, Any], Collection[int]]]
"""An array's elements to what is inserted before which index, and the indices to remove."""

_solid = re.compile(r"[^ \t\n\r]").search
_raw_decode = json.JSONDecoder().raw_decode


@dataclass(slots=True)
class _Node:
    """One step of the pointers looked for; ``pointer`` is set where one of them ends."""

    pointer: str | None = None
    steps: dict[str, _Node] = field(default_factory=dict)


def splice(body: bytes, values: Mapping[str, Any]) -> bytes:
    """``body`` where each pointer's value is the given one; ``body`` itself for none.

    Where one pointer lies within another, the outer one's value stands.

    Raises:
        WireError: A pointer is not in the body.
    """
    return splice_text(body.decode(), values).encode() if values else body


def splice_text(text: str, values: Mapping[str, Any]) -> str:
    """As ``splice``, for decoded text.

    Raises:
        WireError: A pointer is not in the text.
    """
    found = locate(text, values)
    for pointer in values:
        if pointer not in found:
            raise WireError(f"{pointer!r}: the body has no such value to change", ref=pointer)
    return replace_spans(text, {found[pointer]: values[pointer] for pointer in values})


def replace_spans(text: str, values: Mapping[Span, Any]) -> str:
    """``text`` where each span holds the JSON of its value; spans within others are dropped."""
    pieces: list[str] = []
    last = 0
    for (start, end), value in sorted(values.items(), key=lambda one: (one[0][0], -one[0][1])):
        if start < last:
            continue
        pieces += (text[last:start], written(value))
        last = end
    return "".join([*pieces, text[last:]])


def written(value: Any) -> str:
    """``value`` as compact JSON in ASCII.

    Escapes, because line readers exist that split at U+2028 and its like.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def locate(text: str, pointers: Iterable[str]) -> dict[str, Span]:
    """Spans of those ``pointers`` that are in ``text``.

    Raises:
        WireError: The text is not JSON.
    """
    root = _Node()
    for pointer in pointers:
        node = root
        for token in split(pointer):
            node = node.steps.setdefault(token, _Node())
        node.pointer = pointer
    found: dict[str, Span] = {}
    try:
        _descend(text, _next(text, 0), root, found)
    except (ValueError, IndexError, RecursionError):
        raise WireError("the body to be changed is not JSON") from None
    return found


def splice_array(body: bytes, pointer: str, plan: Plan) -> bytes:
    """``body`` where the array at ``pointer`` gained and lost whole elements.

    What stays, stays as it was written, the white space between elements included.

    Args:
        body: Strict JSON.
        pointer: Where the array is.
        plan: Given the elements, says before which index (their number for the end) a value is
            inserted, and which indices are removed.

    Raises:
        WireError: There is no array at ``pointer``.
    """
    text = body.decode()
    start = _located(text, pointer)[0]
    if text[start] != "[":
        raise WireError(f"{pointer!r}: expected an array", ref=pointer)
    spans, values = _elements(text, start)
    inserts, removes = plan(values)
    pieces: list[str] = []
    for index, (left, right) in enumerate(spans):
        if index in inserts:
            pieces += ("," if pieces else "", written(inserts[index]))
        if index in removes:
            continue
        if pieces:
            pieces.append(text[spans[index - 1][1] : left] if index else ",")
        pieces.append(text[left:right])
    if len(spans) in inserts:
        pieces += ("," if pieces else "", written(inserts[len(spans)]))
    head, tail = (spans[0][0], spans[-1][1]) if spans else (start + 1, start + 1)
    return "".join([text[:head], *pieces, text[tail:]]).encode()


def append(body: bytes, pointer: str, *values: Any) -> bytes:
    """``body`` where the array at ``pointer`` has ``values`` behind its last element.

    Raises:
        WireError: There is no array at ``pointer``.
    """
    for value in values:
        body = splice_array(body, pointer, partial(_behind, value))
    return body


def _behind(value: Any, elements: Sequence[Any]) -> tuple[Mapping[int, Any], Collection[int]]:
    return {len(elements): value}, ()


def set_member(body: bytes, pointer: str, value: Any) -> bytes:
    """``body`` where the object member at ``pointer`` is ``value``: replaced, or put first.

    Raises:
        WireError: The pointer's parent is no object.
    """
    text = body.decode()
    *parents, key = split(pointer)
    parent = ""
    for token in parents:
        parent = child(parent, token)
    found = locate(text, (pointer,)).get(pointer)
    if found is not None:
        return replace_spans(text, {found: value}).encode()
    start = _located(text, parent)[0]
    if text[start] != "{":
        raise WireError(f"{parent!r}: expected an object", ref=parent)
    comma = "" if text[_next(text, start + 1)] == "}" else ","
    member = f"{written(key)}:{written(value)}{comma}"
    return (text[: start + 1] + member + text[start + 1 :]).encode()


def _located(text: str, pointer: str) -> Span:
    found = locate(text, (pointer,))
    if pointer not in found:
        raise WireError(f"{pointer!r}: the body has no such value to change", ref=pointer)
    return found[pointer]


def _next(text: str, at: int) -> int:
    """The first place from ``at`` on that is not white space."""
    if text[at] > " ":
        return at
    found = _solid(text, at)
    if found is None:
        raise ValueError("the text ends early")
    return found.start()


def _descend(text: str, at: int, node: _Node, found: dict[str, Span]) -> int:
    """Notes the spans that ``node`` leads to in the value at ``at``; the value's end."""
    if node.steps and text[at] == "{":
        end = _object(text, at, node, found)
    elif node.steps and text[at] == "[":
        end = _array(text, at, node, found)
    else:
        end = _raw_decode(text, at)[1]
    if node.pointer is not None:
        found[node.pointer] = (at, end)
    return end


def _object(text: str, at: int, node: _Node, found: dict[str, Span]) -> int:
    at = _next(text, at + 1)
    while text[at] != "}":
        key, at = _raw_decode(text, at)
        at = _next(text, _next(text, at) + 1)  # over the colon
        step = node.steps.get(key)
        at = _raw_decode(text, at)[1] if step is None else _descend(text, at, step, found)
        at = _next(text, at)
        if text[at] == ",":
            at = _next(text, at + 1)
    return at + 1


def _array(text: str, at: int, node: _Node, found: dict[str, Span]) -> int:
    at = _next(text, at + 1)
    index = 0
    while text[at] != "]":
        step = node.steps.get(str(index))
        at = _raw_decode(text, at)[1] if step is None else _descend(text, at, step, found)
        at = _next(text, at)
        if text[at] == ",":
            at = _next(text, at + 1)
        index += 1
    return at + 1


def _elements(text: str, at: int) -> tuple[list[Span], list[Any]]:
    """Spans and values of the elements of the array at ``at``."""
    spans: list[Span] = []
    values: list[Any] = []
    at = _next(text, at + 1)
    while text[at] != "]":
        value, end = _raw_decode(text, at)
        spans.append((at, end))
        values.append(value)
        at = _next(text, end)
        if text[at] == ",":
            at = _next(text, at + 1)
    return spans, values
