"""Collects the parts of a body: what messages, requests and replies share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from guardrail.errors import WireError
from guardrail.part_limit import check_parts
from guardrail.types import Kind, Part, Source
from guardrail_adapters.leaves import Reading, is_identifier, leaves
from guardrail_adapters.pointer import child
from guardrail_adapters.strict_json import shown


class Author(NamedTuple):
    """Whose parts are being read: their source, role and message index."""

    source: Source
    role: str = ""
    message: int = -1


class Collector:
    """Parts in reading order, and the reading that unknown fields get."""

    def __init__(self, reading: Reading) -> None:
        self.parts: list[Part] = []
        self.reading: Reading = reading

    def add(
        self, author: Author, ref: str, kind: Kind, text: str = "", name: str = "", url: str = ""
    ) -> None:
        """One part.

        Raises:
            WireError: It is one more than a request may have (status 413).
        """
        check_parts(len(self.parts) + 1)
        part = Part(ref, kind, author.source, author.role, text, name, url, author.message)
        self.parts.append(part)

    def add_text(self, author: Author, ref: str, value: Any, kind: Kind = "text") -> None:
        """A field that has to be a string; an empty one is no part.

        Raises:
            WireError: It is none.
        """
        if not isinstance(value, str):
            raise malformed(ref, "a string", value)
        if value:
            self.add(author, ref, kind, value)

    def add_leaves(
        self, author: Author, ref: str, value: Any, reading: Reading | None = None
    ) -> None:
        """Whatever can and cannot be read in a value of unknown meaning."""
        if value is None or isinstance(value, int | float):
            return
        for leaf in leaves(value, ref, reading or self.reading):
            if leaf.opaque:
                self.add(author, leaf.ref, "opaque", name=leaf.opaque)
            else:
                self.add(author, leaf.ref, "text", leaf.text)

    def add_name(self, author: Author, ref: str, value: Any) -> None:
        """An id or type: a part only if it is more than an identifier."""
        if not (isinstance(value, str) and is_identifier(value)):
            self.add_leaves(author, ref, value)

    def add_rest(
        self, author: Author, ref: str, members: dict[str, Any], known: frozenset[str]
    ) -> None:
        """The members of an object that are not ``known``."""
        for key, value in members.items():
            if key not in known:
                self.add_leaves(author, child(ref, key), value)


def read_fields(
    out: Collector,
    document: dict[str, Any],
    settings: frozenset[str],
    readers: Mapping[str, Callable[[Collector, str, Any], None]],
    author: Author,
) -> None:
    """The top-level fields of a request, each by its reader; unknown ones are ``author``'s words.

    Raises:
        WireError: A known field is malformed.
    """
    for key, value in document.items():
        if value is None or key in settings:
            continue
        read = readers.get(key)
        if read is None:
            out.add_leaves(author, child("", key), value)
        else:
            read(out, f"/{key}", value)


def author_of(
    message: dict[str, Any], ref: str, index: int, sources: Mapping[str, Source]
) -> Author:
    """Who speaks in a message with a role.

    Raises:
        WireError: The role is none of ``sources``.
    """
    role = message.get("role")
    if isinstance(role, str) and role in sources:
        return Author(sources[role], role, index)
    raise WireError(
        f"{ref}/role: unknown role {shown(role)}; expected one of: {', '.join(sources)}",
        ref=f"{ref}/role",
    )


def as_object(value: Any, ref: str, expected: str = "an object") -> dict[str, Any]:
    """``value`` if it is a JSON object.

    Raises:
        WireError: It is not.
    """
    if isinstance(value, dict):
        return value
    raise malformed(ref, expected, value)


def as_array(value: Any, ref: str) -> list[Any]:
    """``value`` if it is a JSON array.

    Raises:
        WireError: It is not.
    """
    if isinstance(value, list):
        return value
    raise malformed(ref, "an array", value)


def malformed(ref: str, expected: str, value: Any) -> WireError:
    """The error for a value that is not what the format says."""
    return WireError(f"{ref or 'the body'}: expected {expected}, got {shown(value)}", ref=ref)


def from_upstream(error: WireError) -> WireError:
    """The same error, as the fault of the upstream (status 502)."""
    return WireError(f"the upstream's reply: {error}", ref=error.ref, status=502)


def usage_of(document: Any, key: str = "usage") -> dict[str, Any] | None:
    """The object under ``key`` that says what a reply used, None where there is none."""
    usage = document.get(key) if isinstance(document, dict) else None
    return usage if isinstance(usage, dict) else None
