"""What earlier rounds used, added to what a reply says of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from guardrail.adapter import Event
from guardrail.errors import WireError
from guardrail.revisable import is_number
from guardrail_adapters import sse
from guardrail_adapters.pointer import child, lookup
from guardrail_adapters.splice import splice, splice_text
from guardrail_adapters.strict_json import loads, loads_text

Wrap = Callable[[bytes, str, str], bytes]
"""An event's bytes, the JSON in them and the new JSON to the event's new bytes."""


def counted(body: bytes, places: Sequence[str], earlier: Mapping[str, Any]) -> bytes:
    """A whole reply whose usage, wherever it says it, is its own and ``earlier`` in sum.

    Only numbers that the reply says itself change; no member is added.

    Args:
        body: JSON.
        places: Pointers of the objects that hold a usage in this format.
        earlier: What was used before.
    """
    return splice(body, dict(_sums(loads(body), places, earlier)))


def number(usage: Mapping[str, Any], *keys: str) -> int:
    """The sum of those members of a usage that are there."""
    values = (usage.get(key) for key in keys)
    return sum(int(value) for value in values if is_number(value))


def counted_events(
    events: Sequence[Event], places: Sequence[str], earlier: Mapping[str, Any], wrap: Wrap
) -> list[Event]:
    """The events of a stream, each usage in them the sum of its own and ``earlier``."""
    return [_counted(one, places, earlier, wrap) for one in events]


def in_event(raw: bytes, old: str, new: str) -> bytes:  # noqa: ARG001 - one shape for all forms
    """A server-sent event that says ``new``."""
    return sse.with_data(raw, new.replace("\n", " "))


def in_text(raw: bytes, old: str, new: str) -> bytes:
    """A line or an array's element that says ``new``, with what stands around it."""
    head, _, tail = raw.rpartition(old.encode())
    return head + new.encode() + tail


def _counted(one: Event, places: Sequence[str], earlier: Mapping[str, Any], wrap: Wrap) -> Event:
    told: Any = one.document
    data = getattr(told, "data", "")
    values = dict(_sums(loads_text(data), places, earlier)) if data else {}
    if not values:
        return one
    new = splice_text(data, values)
    return replace(one, raw=wrap(one.raw, data, new), document=replace(told, data=new))


def _sums(
    document: Any, places: Sequence[str], earlier: Mapping[str, Any]
) -> Iterator[tuple[str, int | float]]:
    """Pointer and sum of each number of a usage."""
    for place in places:
        try:
            usage = lookup(document, place)
        except WireError:
            continue
        yield from _added(place, usage, earlier)


def _added(
    pointer: str, usage: Any, earlier: Mapping[str, Any]
) -> Iterator[tuple[str, int | float]]:
    if not isinstance(usage, dict):
        return
    for key, before in earlier.items():
        now = usage.get(key)
        if isinstance(before, Mapping):
            yield from _added(child(pointer, key), now, before)
        elif is_number(now) and is_number(before):
            yield child(pointer, key), now + before
