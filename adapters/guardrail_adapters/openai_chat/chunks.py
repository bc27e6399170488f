"""One chunk of a streamed reply: the pieces of text in it, and where in the chunk they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guardrail.adapter import Delta
from guardrail.types import Kind
from guardrail_adapters.collector import as_array, as_object, malformed
from guardrail_adapters.leaves import is_identifier, leaves
from guardrail_adapters.openai_chat.reply import CHOICE, ENVELOPE
from guardrail_adapters.pointer import child

MAX_INDEX = 1023
"""Of choices and of tool calls."""


class Piece(NamedTuple):
    """A delta and the pointer of its value in the chunk, "" where it has none."""

    delta: Delta
    pointer: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one event says.

    Attributes:
        data: The chunk's JSON text.
        pieces: In reading order.
        logprobs: Pointers of those log probabilities that are not null, by the ref of the choice
            that they belong to.
        choices: Indices of the choices it speaks of.
        finished: Those of them that it ends.
        roles: Those whose message's role it says.
    """

    data: str = field(repr=False)
    pieces: tuple[Piece, ...] = ()
    logprobs: tuple[tuple[str, str], ...] = ()
    choices: tuple[int, ...] = ()
    finished: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()


def read_chunk(document: dict[str, Any], data: str) -> Chunk:
    """The pieces of one chunk.

    Raises:
        WireError: A known member is malformed.
    """
    return _Reader().read(document, data)


class _Reader:
    """Collects what one chunk holds."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._logprobs: list[tuple[str, str]] = []
        self._choices: list[int] = []
        self._choice_read = 0
        self._finished: list[int] = []
        self._roles: list[int] = []

    def read(self, document: dict[str, Any], data: str) -> Chunk:
        choices = document.get("choices")
        if choices is not None:
            for at, choice in enumerate(as_array(choices, "/choices")):
                self._choice(as_object(choice, f"/choices/{at}"), at)
        for key, value in document.items():
            if key not in ENVELOPE and (key != "error" or choices):
                where = child("", key)
                self.whole(where, where, value)
        return Chunk(
            data,
            tuple(self._pieces),
            tuple(self._logprobs),
            tuple(self._choices),
            tuple(self._finished),
            tuple(self._roles),
        )

    def _choice(self, choice: dict[str, Any], at: int) -> None:
        here = f"/choices/{at}"
        index = _index(choice.get("index", at), f"{here}/index")
        self._choices.append(index)
        self._choice_read = index
        if choice.get("finish_reason") is not None:
            self._finished.append(index)
        message = f"/choices/{index}/message"
        before = len(self._pieces)
        delta = choice.get("delta")
        if delta is not None:
            delta = as_object(delta, f"{here}/delta")
            if delta.get("role") is not None:
                self._roles.append(index)
            self._delta(delta, f"{here}/delta", message)
        if choice.get("logprobs") is not None:
            self._logprobs.append((f"/choices/{index}", f"{here}/logprobs"))
            if len(self._pieces) == before:
                # Its tokens are text too: the event has to wait for a judgement.
                where = f"{here}/delta/content" if delta and "content" in delta else ""
                self._add(f"{message}/content", where, "text")
        for key, value in choice.items():
            if key not in CHOICE and key != "delta":
                self.unknown(child(f"/choices/{index}", key), child(here, key), value)

    def _delta(self, delta: dict[str, Any], here: str, message: str) -> None:
        for key, value in delta.items():
            if value is None or value == "":
                continue
            if isinstance(value, str):
                if key != "role" or not is_identifier(value):
                    self._add(child(message, key), child(here, key), "text", value)
                continue
            read = _READERS.get(key, _Reader.unknown)
            read(self, child(message, key), child(here, key), value)

    def tool_calls(self, ref: str, here: str, calls: Any) -> None:
        """Calls told apart by their index, their arguments in fragments."""
        for at, call in enumerate(as_array(calls, here)):
            call = as_object(call, f"{here}/{at}")  # noqa: PLW2901
            index = _index(call.get("index", at), f"{here}/{at}/index")
            self._tool_call(f"{ref}/{index}", f"{here}/{at}", call)

    def _tool_call(self, ref: str, here: str, call: dict[str, Any]) -> None:
        for key, value in call.items():
            if value is None or key == "index":
                continue
            if key in ("function", "custom"):
                self.function(f"{ref}/{key}", f"{here}/{key}", value)
            elif key in ("id", "type"):
                self._name(f"{ref}/{key}", f"{here}/{key}", value)
            else:
                self.unknown(child(ref, key), child(here, key), value)

    def function(self, ref: str, here: str, function: Any) -> None:
        """The name of a function or custom tool, and a fragment of what it is given."""
        function = as_object(function, here)
        field_name = "input" if here.endswith("/custom") else "arguments"
        name = _fragment(function, here, "name")
        given = _fragment(function, here, field_name)
        if name or given:
            where = f"{here}/{field_name}" if field_name in function else ""
            self._add(f"{ref}/{field_name}", where, "tool_call", given, name)
        self._name(f"{ref}/name", f"{here}/name", name)
        for key, value in function.items():
            if key not in ("name", field_name):
                self.unknown(child(ref, key), child(here, key), value)

    def audio(self, ref: str, here: str, audio: Any) -> None:
        """A fragment of spoken audio, and of its transcript."""
        for key, value in as_object(audio, here).items():
            if value is None or value == "":
                continue
            if key == "data":
                self._add(f"{ref}/data", f"{here}/data", "audio")
            elif key == "id":
                self._name(f"{ref}/id", f"{here}/id", value)
            else:
                self.unknown(child(ref, key), child(here, key), value)

    def whole(self, ref: str, here: str, value: Any) -> None:
        """The strings of a structure that is complete in itself."""
        for leaf in _strings(value):
            if leaf.opaque:
                self._add(f"{ref}{leaf.ref}/-", f"{here}{leaf.ref}", "opaque", name=leaf.opaque)
            else:
                self._add(f"{ref}{leaf.ref}", f"{here}{leaf.ref}", "text", leaf.text)

    def unknown(self, ref: str, here: str, value: Any) -> None:
        """A string is text; how the pieces of a structure add up, nobody can know."""
        if isinstance(value, str):
            self._add(ref, here, "text", value)
        elif next(iter(_strings(value)), None) is not None:
            # Not the field's own ref: its pieces may be texts elsewhere in the stream.
            self._add(f"{ref}/-", here, "opaque", name=here.rpartition("/")[2])

    def _name(self, ref: str, here: str, value: Any) -> None:
        if not (isinstance(value, str) and is_identifier(value)):
            self.unknown(ref, here, value)

    def _add(self, ref: str, here: str, kind: Kind, text: str = "", name: str = "") -> None:
        self._pieces.append(Piece(Delta(ref, kind, text, name, self._choice_read), here))


_READERS: dict[str, Callable[[_Reader, str, str, Any], None]] = {
    "tool_calls": _Reader.tool_calls,
    "function_call": _Reader.function,
    "audio": _Reader.audio,
    "annotations": _Reader.whole,
    "reasoning_details": _Reader.whole,
}


def _fragment(function: dict[str, Any], here: str, key: str) -> str:
    value = function.get(key)
    if value is not None and not isinstance(value, str):
        raise malformed(f"{here}/{key}", "a string", value)
    return value or ""


def _strings(value: Any) -> Iterator[Any]:
    return leaves(value, "", "chunk")


def _index(value: Any, where: str) -> int:
    if type(value) is int and 0 <= value <= MAX_INDEX:
        return value
    raise malformed(where, f"an integer from 0 to {MAX_INDEX}", value)
