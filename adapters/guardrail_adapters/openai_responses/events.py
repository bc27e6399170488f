"""One event of a streamed reply: what it says for the first time, and what it says again.

The format says everything up to four times: in pieces, when a part is done, when its item is done,
and in the response at the end. A value that repeats what the pieces said is a repetition: it needs
no second judgement, but changes along when they are redacted. One that differs is a text of its
own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from guardrail.adapter import Delta
from guardrail.types import Kind
from guardrail_adapters.base64_pictures import data_url
from guardrail_adapters.collector import Author, Collector, as_object, malformed
from guardrail_adapters.openai_responses.items import read_item, read_part
from guardrail_adapters.openai_responses.reply import read_response

MAX_INDEX = 1023
"""Of output items and of their parts."""

_AUTHOR = Author("assistant", "assistant", 0)
_SERVER = frozenset(
    {
        "type",
        "sequence_number",
        "output_index",
        "content_index",
        "summary_index",
        "annotation_index",
        "partial_image_index",
        "item_id",
        "logprobs",
        "obfuscation",
    }
)
"""Members of events that the server, not the model, writes, or that repeat a text's tokens."""


class Piece(NamedTuple):
    """A delta and where it stands in the event.

    Attributes:
        delta: Its ref is the value's in the whole reply; a repetition has no text.
        pointer: Of the value in the event.
        start: How many characters of the ref came before.
        repeated: Whether it says all of the ref again.
        logprobs: Pointer of the log probabilities beside it, "" where there are none.
    """

    delta: Delta
    pointer: str
    start: int
    repeated: bool = False
    logprobs: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says.

    Attributes:
        data: Its JSON text, "" for a comment.
        number: The number that the next event of the guard's own would have before it.
        items: How many output items were begun before it.
        started: Whether the response had begun before it.
        pieces: In reading order.
    """

    data: str = field(repr=False)
    number: int
    items: int
    started: bool
    pieces: tuple[Piece, ...] = ()


class PieceReader:
    """Reads the pieces of one stream's events; remembers what was said, to know it again."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._pictures: dict[str, str] = {}
        self._document: dict[str, Any] = {}
        self._pieces: list[Piece] = []
        self._others = 0

    def read(self, document: dict[str, Any]) -> tuple[Piece, ...]:
        """The pieces of one event.

        Raises:
            WireError: A known member is malformed.
        """
        self._document, self._pieces = document, []
        kind = document.get("type")
        if not isinstance(kind, str):
            raise malformed("/type", "a string, the event's type", kind)
        if kind in _PIECES:
            place, member, part = _PIECES[kind]
            self._piece(self._ref(place), member, part)
        elif kind in _WHOLE:
            place, member, part = _WHOLE[kind]
            value = document.get(member)
            if not isinstance(value, str):
                raise malformed(f"/{member}", "a string", value)
            self._tell(self._ref(place), f"/{member}", part, value)
        elif kind == _PARTIAL_PICTURE:
            self._picture(self._ref(""), document.get("partial_image_b64"))
        elif kind != "error":
            self._structure(kind, document)
        return tuple(self._pieces)

    def _structure(self, kind: str, document: dict[str, Any]) -> None:
        """An item, a part, an annotation or a whole response."""
        if isinstance(document.get("item"), dict):
            ref = self._ref("")
            self._gather(ref, "/item", lambda out: read_item(out, 0, ref, document["item"]))
        elif isinstance(document.get("part"), dict):
            ref = self._ref("summary/#" if "summary_index" in document else "content/#")
            self._gather(ref, "/part", lambda out: read_part(out, _AUTHOR, ref, document["part"]))
        elif kind == "response.output_text.annotation.added":
            ref = self._ref(f"content/#/annotations/{self._index('annotation_index')}")
            value = document.get("annotation")
            self._gather(
                ref, "/annotation", lambda out: out.add_leaves(_AUTHOR, ref, value, "reply")
            )
        elif isinstance(document.get("response"), dict):
            response = as_object(document["response"], "/response")
            if response.get("output") is not None:
                self._gather("", "/response", lambda out: read_response(out, response, ""))
        else:
            self._unknown(document)

    def _ref(self, place: str) -> str:
        """The pointer in the whole reply of what the event is about."""
        ref = f"/output/{self._index('output_index')}"
        if "#" in place:
            name = "summary_index" if place.startswith("summary") else "content_index"
            place = place.replace("#", str(self._index(name)))
        return f"{ref}/{place}" if place else ref

    def _index(self, name: str) -> int:
        value = self._document.get(name)
        if type(value) is int and 0 <= value <= MAX_INDEX:
            return value
        raise malformed(f"/{name}", f"an integer from 0 to {MAX_INDEX}", value)

    def _piece(self, ref: str, member: str, kind: Kind) -> None:
        value = self._document.get(member)
        if not isinstance(value, str):
            raise malformed(f"/{member}", "a string", value)
        before = self.texts.get(ref, "")
        self.texts[ref] = before + value
        self._add(ref, f"/{member}", kind, value, start=len(before))

    def _gather(self, ref: str, here: str, read: Callable[[Collector], None]) -> None:
        """Tells the parts that ``read`` finds below ``ref``, which stands at ``here``."""
        out = Collector("reply")
        read(out)
        for part in out.parts:
            pointer = here + part.ref.removeprefix(ref)
            if part.kind == "image":
                self._tell_picture(part.ref, pointer, part.url)
            elif part.kind in ("audio", "file"):  # told in one piece, and not to be read here
                self._tell(part.ref, pointer, "opaque", part.text, part.kind)
            else:
                self._tell(part.ref, pointer, part.kind, part.text, part.name)

    def _tell(self, ref: str, pointer: str, kind: Kind, text: str, name: str = "") -> None:
        known = self.texts.get(ref)
        if known is None:
            self.texts[ref] = text
            self._add(ref, pointer, kind, text, name)
        elif known == text:
            self._add(ref, pointer, kind, "", name, len(known), repeated=True)
        else:
            self._others += 1
            self._add(f"{ref}/-{self._others}", pointer, kind, text, name)

    def _picture(self, ref: str, data: Any) -> None:
        """A preview of a picture that is being drawn: a picture of its own."""
        if not isinstance(data, str):
            raise malformed("/partial_image_b64", "a string, base64", data)
        self._others += 1
        self._tell_picture(f"{ref}/-{self._others}", "/partial_image_b64", data_url(data))

    def _tell_picture(self, ref: str, pointer: str, url: str) -> None:
        """A picture; one that was told before is a repetition."""
        known = self._pictures.setdefault(ref, url)
        if known != url:
            self._others += 1
            ref = f"{ref}/-{self._others}"
        repeated = known == url and ref in self.texts
        self.texts.setdefault(ref, "")
        delta = Delta(ref, "image", "", url="" if repeated else url)
        self._pieces.append(Piece(delta, pointer, 0, repeated))

    def _unknown(self, document: dict[str, Any]) -> None:
        out = Collector("chunk")
        out.add_rest(_AUTHOR, "", document, _SERVER)
        for part in out.parts:
            self._others += 1
            self._add(f"{part.ref}/-{self._others}", part.ref, part.kind, part.text, part.name)

    def _add(
        self,
        ref: str,
        pointer: str,
        kind: Kind,
        text: str = "",
        name: str = "",
        start: int = 0,
        *,
        repeated: bool = False,
    ) -> None:
        beside = f"{pointer.rpartition('/')[0]}/logprobs"
        logprobs = beside if kind == "text" and _has(self._document, beside) else ""
        self._pieces.append(Piece(Delta(ref, kind, text, name), pointer, start, repeated, logprobs))


def _has(document: Mapping[str, Any], pointer: str) -> bool:
    """Whether a list that is not empty stands at a pointer of plain steps."""
    value: Any = document
    for step in pointer[1:].split("/"):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    return isinstance(value, list) and bool(value)


_PARTIAL_PICTURE = "response.image_generation_call.partial_image"

_PIECES: dict[str, tuple[str, str, Kind]] = {
    "response.output_text.delta": ("content/#/text", "delta", "text"),
    "response.refusal.delta": ("content/#/refusal", "delta", "text"),
    "response.reasoning_text.delta": ("content/#/text", "delta", "text"),
    "response.reasoning_summary_text.delta": ("summary/#/text", "delta", "text"),
    "response.function_call_arguments.delta": ("arguments", "delta", "tool_call"),
    "response.mcp_call_arguments.delta": ("arguments", "delta", "tool_call"),
    "response.custom_tool_call_input.delta": ("input", "delta", "tool_call"),
    "response.code_interpreter_call_code.delta": ("code", "delta", "text"),
}
"""Type of event: where in the output item the piece belongs, the member that holds it, its kind."""

_WHOLE: dict[str, tuple[str, str, Kind]] = {
    "response.output_text.done": ("content/#/text", "text", "text"),
    "response.refusal.done": ("content/#/refusal", "refusal", "text"),
    "response.reasoning_text.done": ("content/#/text", "text", "text"),
    "response.reasoning_summary_text.done": ("summary/#/text", "text", "text"),
    "response.function_call_arguments.done": ("arguments", "arguments", "tool_call"),
    "response.mcp_call_arguments.done": ("arguments", "arguments", "tool_call"),
    "response.custom_tool_call_input.done": ("input", "input", "tool_call"),
    "response.code_interpreter_call_code.done": ("code", "code", "text"),
}
"""The same for the events that say all of it again."""
