"""What an adapter adds whose format a better answer can be asked in; all of it is optional.

Its laws are those of the lens: ``continued`` and ``counted`` change what they say they change, and
no other byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeGuard, cast

from guardrail.adapter import Adapter, Event, ReplyStream
from guardrail.types import Conversation, Image
from guardrail.wire import Headers


class CountedStream(ReplyStream, Protocol):
    """A stream whose usage can be read and added to."""

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What the stream said was used so far, in its format's words."""
        ...

    def counted(self, events: Sequence[Event], earlier: Mapping[str, Any]) -> Sequence[Event]:
        """``events`` in which every usage is the sum of its own and ``earlier``."""
        ...


class Revisable(Adapter, Protocol):
    """A lens on a format in which a conversation can go on."""

    def continued(self, body: bytes, draft: str, instruction: str) -> bytes | None:
        """The request ``body`` with an answer and a next message of the user behind its last.

        Everything that the request asks for stays: tools, formats, sampling, streaming.

        Args:
            body: A request.
            draft: What the model answered.
            instruction: What the user's next message says.

        Returns:
            None where the format knows no conversation.

        Raises:
            WireError: The body has no place for messages.
        """
        ...

    def counted(self, body: bytes, earlier: Mapping[str, Any]) -> bytes:
        """The whole reply ``body`` whose usage is the sum of its own and ``earlier``."""
        ...

    def tokens(self, usage: Mapping[str, Any]) -> int:
        """How many tokens a usage amounts to, read and written ones together."""
        ...

    def question(
        self, conversation: Conversation, prompt: str, images: Sequence[Image] = ()
    ) -> bytes:
        """A whole, unstreamed request that asks ``prompt`` alone, about ``images``."""
        ...

    def events(self, conversation: Conversation) -> CountedStream:
        """A reader for the streamed reply to ``conversation``."""
        ...


class Asking(Protocol):
    """A lens on a format that an endpoint of the guard's own may speak."""

    def asking(self, key: str) -> tuple[str, Headers]:
        """Path and headers of a question, with ``key`` where the format carries it."""
        ...


def revisable(adapter: Adapter) -> Revisable | None:
    """``adapter`` if its format is one in which a better answer can be asked for."""
    return cast("Revisable", adapter) if hasattr(adapter, "continued") else None


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two usages of a format in sum: numbers add up, objects member by member, the rest stays."""
    total = dict(one)
    for key, value in other.items():
        mine = total.get(key)
        if mine is None:
            total[key] = value
        elif is_number(mine) and is_number(value):
            total[key] = mine + value
        elif isinstance(mine, Mapping) and isinstance(value, Mapping):
            total[key] = added(mine, value)
    return total


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether ``value`` is a number of a usage; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
