"""JSON that has one reading only; what another parser might read otherwise is refused.

A guard that reads a body one way in front of a model server that reads it another way can be
passed by. Refused are therefore: repeated keys, NaN and Infinity, numbers that overflow, lone
surrogates, byte order marks, any encoding but UTF-8, and nesting that some parsers give up on.
Source: RFC 8259 sections 4, 6, 8 and 9, and RFC 7493 (I-JSON).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isinf
from reprlib import Repr
from typing import Any, NoReturn

from guardrail.errors import WireError
from guardrail_adapters.pointer import child

MAX_DEPTH = 100
"""Arrays and objects within each other, the outermost included."""

MAX_DIGITS = 100
"""Digits of one integer."""

_LONG = 65_536
_BOM = b"\xef\xbb\xbf"
_short = Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2


class _Refused(ValueError):  # noqa: N818 - a verdict on its way out of the C scanner
    """What a hook of the scanner refuses."""


class _RepeatedKeyError(ValueError):
    """An object has the same key twice; where is worth a second reading."""


def loads(body: bytes) -> Any:
    """The value that ``body`` says, however it is read.

    Raises:
        WireError: It is not strict JSON; the message says where and what was expected.
    """
    if body.startswith(_BOM):
        raise WireError("the body starts with a byte order mark; send plain UTF-8 JSON")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise WireError(
            f"the body is not UTF-8 at byte {error.start} ({error.reason}); send UTF-8 JSON"
        ) from None
    return loads_text(text)


def loads_text(text: str) -> Any:
    """As ``loads``, for text that was decoded from UTF-8 before.

    Raises:
        WireError: It is not strict JSON.
    """
    try:
        value = _decode(text)
    except _RepeatedKeyError:
        _refuse_repeated(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise WireError(f"not JSON at {where}: {error.msg}; send one JSON value") from None
    except _Refused as error:
        raise WireError(str(error)) from None
    except RecursionError:
        raise _too_deep() from None
    if "\\" in text and ("\\ud" in text or "\\uD" in text):
        _refuse_lone_surrogates(value)
    # No deeper than its brackets are many, so most short bodies need no walk; in a long one
    # (pictures) the brackets take longer to count than the few values to walk.
    if len(text) > _LONG or text.count("{") + text.count("[") > MAX_DEPTH:
        _refuse_depth(value)
    return value


def shown(value: Any) -> str:
    """``value`` for an error message: its repr, shortened."""
    text = _short.repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedKeyError
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Refused(f"an integer has {len(digits)} digits; at most {MAX_DIGITS} are read")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise _Refused(f"the number {shown(digits)} overflows; send one within IEEE 754 doubles")
    return number


def _constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not JSON; send a number or null")


_decode = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
).decode


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise WireError(
            "a string has half a surrogate pair (\\ud800 to \\udfff alone), which is no character; "
            "send whole characters"
        ) from None


def _too_deep() -> WireError:
    return WireError(f"the JSON is nested deeper than {MAX_DEPTH} levels; send a flatter body")


def _refuse_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        level = [inner for node in level for inner in _children(node) if type(inner) in _NESTING]


_NESTING = (dict, list)


def _children(node: Any) -> Any:
    return node.values() if type(node) is dict else node


class _Members(list[tuple[str, Any]]):
    """An object's members as they stand, repeated keys and all."""


def _refuse_repeated(text: str) -> NoReturn:
    try:
        # Integers unread: one too long was not the first thing refused.
        members = json.JSONDecoder(object_pairs_hook=_Members, parse_int=str).decode(text)
        pointer = next(_repeated(members, ""))
    except (ValueError, RecursionError):
        raise WireError("an object has a key twice; send each key once") from None
    raise WireError(f"{shown(pointer)}: this key stands twice; send each key once", ref=pointer)


def _repeated(value: Any, pointer: str) -> Iterator[str]:
    """Pointers of members whose key stood in their object before."""
    if isinstance(value, _Members):
        seen: set[str] = set()
        for key, inner in value:
            if key in seen:
                yield child(pointer, key)
            seen.add(key)
            yield from _repeated(inner, child(pointer, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _repeated(inner, f"{pointer}/{index}")
