"""JSON Pointer (RFC 6901): where a value stands in a JSON text."""

from __future__ import annotations

from typing import Any

from guardrail.errors import WireError


def child(pointer: str, token: str) -> str:
    """The pointer of member ``token`` of the object at ``pointer``, escaped where needed."""
    if "~" in token or "/" in token:
        token = token.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{token}"


def split(pointer: str) -> list[str]:
    """The unescaped reference tokens of ``pointer``; none for the whole document.

    Raises:
        WireError: It is neither empty nor starts with a slash.
    """
    if not pointer:
        return []
    if pointer[0] != "/":
        raise WireError(f"{pointer!r} is no JSON Pointer; one starts with '/'", ref=pointer)
    tokens = pointer[1:].split("/")
    if "~" in pointer:
        return [token.replace("~1", "/").replace("~0", "~") for token in tokens]
    return tokens


def lookup(document: Any, pointer: str) -> Any:
    """The value at ``pointer`` in a parsed document.

    Raises:
        WireError: Nothing stands there.
    """
    value = document
    for token in split(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and is_index(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise WireError(f"{pointer!r}: the body has no such value", ref=pointer)
    return value


def is_index(text: str) -> bool:
    """Whether a token names an array element: decimal digits without a leading zero."""
    return text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0")
