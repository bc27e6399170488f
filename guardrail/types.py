"""The values that travel through the guard: frozen, slotted, without behaviour of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

Kind = Literal["text", "image", "audio", "file", "tool_call", "tool_result", "opaque"]
"""What a part is. Text, tool calls (their arguments) and tool results carry ``Part.text``."""

Source = Literal["system", "user", "assistant", "tool", "derived"]
"""Who wrote a part. ``derived`` is text that the guard itself read out of another part."""

Side = Literal["input", "output"]
"""``input`` is the request, ``output`` the reply."""

TEXT_KINDS: frozenset[Kind] = frozenset({"text", "tool_call", "tool_result"})
"""The kinds whose content is ``Part.text``."""


class Action(IntEnum):
    """What is done with a request or reply; the severest action wins."""

    ALLOW = 0
    FLAG = 1
    REDACT = 2
    REVISE = 3
    BLOCK = 4


@dataclass(frozen=True, slots=True)
class Image:
    """A picture whose header was checked; its pixels are decoded on demand.

    Attributes:
        data: The very bytes that are scanned and forwarded.
        media_type: By signature, never by claim, e.g. ``image/png``.
        width: Pixels, as displayed (after EXIF orientation).
        height: Pixels, as displayed.
        frames: Number of frames, 1 for a still picture.
        sha256: Hex digest of ``data``; the key of the verdict cache.
    """

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    frames: int
    sha256: str


@dataclass(frozen=True, slots=True)
class File:
    """A file whose bytes are pinned; its pages are read on demand.

    Attributes:
        data: The very bytes that are scanned and forwarded.
        media_type: By signature, or as claimed where any text is one, e.g. ``application/pdf``.
        sha256: Hex digest of ``data``; the key of the verdict cache.
    """

    data: bytes = field(repr=False)
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """One text, image, audio, file, tool call, tool result or opaque thing.

    Attributes:
        ref: JSON Pointer (RFC 6901) of the JSON value that an edit of this part replaces: the
            string of a text, the URL of a picture. Unique within a body.
        kind: What it is.
        source: Who wrote it.
        role: The role as the wire names it, e.g. ``developer``; "" outside messages.
        text: Content of a text, tool call (its arguments) or tool result.
        name: Tool name, file name, or the wire's type name of an opaque part.
        url: Where a picture, audio or file is: ``data:`` or ``http(s):`` URL, verbatim.
        message: Index of the message it belongs to, -1 outside messages; texts and pictures of
            one message can be judged together.
        image: The picture itself, once its bytes are pinned.
        file: The file itself, once its bytes are pinned; None where it is of no type that is read.
    """

    ref: str
    kind: Kind
    source: Source
    role: str = ""
    text: str = ""
    name: str = ""
    url: str = field(default="", repr=False)
    message: int = -1
    image: Image | None = None
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The parts of one body in reading order, and what of the body decides how to answer.

    Attributes:
        parts: In reading order.
        model: The model asked for, "" where the body names none.
        stream: Whether the reply is to be streamed.
        document: The parsed JSON, for the adapter that made this conversation alone.
        usage: What a reply says was used, in its format's words; None where it says nothing.
    """

    parts: tuple[Part, ...]
    model: str = ""
    stream: bool = False
    document: Any = field(default=None, repr=False, compare=False)
    usage: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SystemText:
    """What the model is told as system text in one exchange, and is not to tell anybody.

    Attributes:
        texts: The request's own system parts and what the policy added.
        canary: The marker that the policy put among them, "" for none.
    """

    texts: tuple[str, ...] = field(default=(), repr=False)
    canary: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the displayed picture, in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector saw in one part.

    Attributes:
        ref: The part it was seen in.
        category: A name of the taxonomy, e.g. ``prompt_injection``.
        score: Calibrated to [0, 1].
        span: Start and end (exclusive) in ``Part.text``, in code points; None for the whole part.
        box: Where in the picture; None for the whole part.
        excerpt: The text it is about, for people to read; never logged unless asked for.
    """

    ref: str
    category: str
    score: float
    span: tuple[int, int] | None = None
    box: Box | None = None
    excerpt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Edit: the string at the ref becomes ``text``."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplaceImage:
    """Edit: the picture at the ref becomes these bytes, forwarded inline."""

    data: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Edit: the content item that holds the ref is replaced by a text that says ``notice``."""

    notice: str = "[removed]"


Edit = ReplaceText | ReplaceImage | Drop

CoverageState = Literal["scanned", "transformed", "skipped", "opaque"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one part ended: computed from what ran, never claimed.

    Attributes:
        state: ``scanned`` by at least one stage, ``transformed`` when an edit was made on it,
            ``skipped`` with a reason, or ``opaque``.
        stages: Names of the stages that inspected it, in order.
        reason: Why it was skipped or is opaque, e.g. ``no stage reads audio``.
    """

    state: CoverageState
    stages: tuple[str, ...] = ()
    reason: str = ""


StageError = Literal["timeout", "error", "overload"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one stage said.

    Attributes:
        stage: The stage's name, unique in its policy side.
        action: The severest action of its rules over its findings, or what ``on_error`` says.
        findings: All of them, below thresholds too.
        error: How it failed, None when it did not.
        seconds: Wall time.
        refs: The parts it inspected.
        cached: How many of ``refs`` were answered by the verdict cache.
        version: Of the detector and its model, "" where it has none.
        notes: Ref to how that part was looked at, in the detector's words.
    """

    stage: str
    action: Action
    findings: tuple[Finding, ...] = ()
    error: StageError | None = None
    seconds: float = 0.0
    refs: tuple[str, ...] = ()
    cached: int = 0
    version: str = ""
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all stages of one side said together.

    Attributes:
        action: The severest of the verdicts.
        verdicts: One a stage that ran, in policy order.
        edits: Ref to edit; applied by the adapter.
        coverage: Ref to how that part ended; every part has an entry.
        degraded: Names of stages that failed under ``on_error: allow``.
    """

    action: Action
    verdicts: tuple[Verdict, ...] = ()
    edits: Mapping[str, Edit] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
