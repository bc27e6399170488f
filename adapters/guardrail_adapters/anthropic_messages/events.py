"""One event of a streamed reply: the pieces of text in it, and where in the event they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guardrail.adapter import Delta
from guardrail.types import Kind
from guardrail_adapters.collector import as_object, malformed
from guardrail_adapters.leaves import is_identifier, leaves
from guardrail_adapters.pointer import child

MAX_INDEX = 1023
"""Of content blocks."""

SERVER = frozenset({"type", "index", "usage", "context_management"})
"""Members of events that the server, not the model, writes."""

_ENDING = frozenset({"container", "stop_details", "stop_reason", "stop_sequence"})
_SEALS = frozenset({"type", "cache_control", "signature", "encrypted_index", "file_id"})
_CALLS = ("tool_use", "server_tool_use", "mcp_tool_use")


class Piece(NamedTuple):
    """A delta and the pointer of its value in the event, "" where it has none."""

    delta: Delta
    pointer: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a client is that has read a stream up to here.

    Attributes:
        started: Whether the message has begun.
        open: Indices of blocks that were started and not stopped.
        blocks: How many blocks were started.
    """

    started: bool = False
    open: tuple[int, ...] = ()
    blocks: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says.

    Attributes:
        data: Its JSON text, "" for a comment.
        before: What came before it.
        pieces: In reading order.
    """

    data: str = field(repr=False)
    before: Progress
    pieces: tuple[Piece, ...] = ()


def index_of(document: dict[str, Any]) -> int:
    """The index of the block that an event is about.

    Raises:
        WireError: It is none.
    """
    value = document.get("index")
    if type(value) is int and 0 <= value <= MAX_INDEX:
        return value
    raise malformed("/index", f"an integer from 0 to {MAX_INDEX}", value)


class PieceReader:
    """Reads the pieces of one stream's events; counts citations, whose places events do not say."""

    def __init__(self) -> None:
        self._citations = 0
        self._pieces: list[Piece] = []

    def read(self, document: dict[str, Any]) -> tuple[Piece, ...]:
        """The pieces of one event.

        Raises:
            WireError: A known member is malformed.
        """
        self._pieces = []
        match document.get("type"):
            case "content_block_start":
                self._start(document)
            case "content_block_delta":
                self._delta(document)
            case "message_start":
                message = as_object(document.get("message"), "/message")
                self._whole("/message/content", "/message/content", message.get("content"))
            case "message_delta":
                ending = as_object(document.get("delta"), "/delta")
                self._others("", "/delta", ending, _ENDING)
            case "content_block_stop" | "message_stop" | "ping" | "error":
                pass
            case _:
                self._others("", "", document, SERVER)
        return tuple(self._pieces)

    def _start(self, document: dict[str, Any]) -> None:
        ref, here = f"/content/{index_of(document)}", "/content_block"
        block = as_object(document.get("content_block"), here)
        kind = block.get("type")
        if kind in _CALLS:
            self._call(ref, here, block)
        elif kind in ("text", "thinking"):
            self._string(f"{ref}/{kind}", f"{here}/{kind}", block.get(kind, ""), "text")
            self._others(ref, here, block, frozenset({kind, "citations"}))
            citations = block.get("citations") or []
            if not isinstance(citations, list):
                raise malformed(f"{here}/citations", "a list", citations)
            for number, citation in enumerate(citations):
                self._citation(ref, f"{here}/citations/{number}", citation)
        elif isinstance(kind, str) and kind.endswith("_tool_result"):
            self._others(ref, here, block, frozenset({"tool_use_id"}))
        else:
            self._add(ref, here, "opaque", name=str(kind)[:64])

    def _call(self, ref: str, here: str, block: dict[str, Any]) -> None:
        name = block.get("name")
        if not isinstance(name, str):
            raise malformed(f"{here}/name", "a string", name)
        self._add(f"{ref}/input", "", "tool_call", name=name)
        if block.get("input"):  # it comes in deltas, and how they add to this nobody can know
            self._add(f"{ref}/input/-", f"{here}/input", "opaque", name="input")
        if not is_identifier(name):
            self._add(f"{ref}/name", f"{here}/name", "text", name)
        self._others(ref, here, block, frozenset({"name", "id", "input", "caller"}))

    def _delta(self, document: dict[str, Any]) -> None:
        ref, here = f"/content/{index_of(document)}", "/delta"
        delta = as_object(document.get("delta"), here)
        kind = delta.get("type")
        known = _DELTAS.get(kind) if isinstance(kind, str) else None
        if known is not None:
            member, of_block, part = known
            self._string(f"{ref}/{of_block}", f"{here}/{member}", delta.get(member), part)
            self._others(ref, here, delta, frozenset({member}))
        elif kind == "citations_delta":
            self._citation(ref, f"{here}/citation", delta.get("citation"))
        elif kind != "signature_delta":
            self._add(f"{ref}/-", here, "opaque", name=str(kind)[:64])

    def _citation(self, ref: str, here: str, citation: Any) -> None:
        where = f"{ref}/citations/{self._citations}"
        self._citations += 1
        if isinstance(citation, dict):
            self._others(where, here, citation)

    def _others(
        self,
        ref: str,
        here: str,
        members: dict[str, Any],
        known: frozenset[str] = frozenset(),
    ) -> None:
        """The members that are neither known nor a seal; each is complete in itself."""
        for key, value in members.items():
            if key not in known and key not in _SEALS:
                self._whole(child(ref, key), child(here, key), value)

    def _whole(self, ref: str, here: str, value: Any) -> None:
        for leaf in leaves(value, "", "chunk"):
            if leaf.opaque:
                self._add(f"{ref}{leaf.ref}/-", f"{here}{leaf.ref}", "opaque", name=leaf.opaque)
            else:
                self._add(f"{ref}{leaf.ref}", f"{here}{leaf.ref}", "text", leaf.text)

    def _string(self, ref: str, here: str, value: Any, kind: Kind) -> None:
        if not isinstance(value, str):
            raise malformed(here, "a string", value)
        if value:
            self._add(ref, here, kind, value)

    def _add(self, ref: str, here: str, kind: Kind, text: str = "", name: str = "") -> None:
        self._pieces.append(Piece(Delta(ref, kind, text, name), here))


_DELTAS: dict[str, tuple[str, str, Kind]] = {
    "text_delta": ("text", "text", "text"),
    "thinking_delta": ("thinking", "thinking", "text"),
    "input_json_delta": ("partial_json", "input", "tool_call"),
}
"""Type of delta: its member, the block's member that it adds to, and what that is."""
