"""The seam for detectors: parts in, findings out; no thresholds, no actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from guardrail.judge import Judge
from guardrail.types import Conversation, File, Finding, Image, Kind, Part, Side, SystemText

Pixels = NDArray[np.uint8]
"""One decoded frame as displayed, shape (height, width, 3) RGB or (height, width, 4) RGBA."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a file.

    Attributes:
        text: What the file itself says stands there.
        pixels: What is seen there; None where there is nothing but the text.
    """

    text: str
    pixels: Pixels | None = field(default=None, repr=False, compare=False)


class Context(Protocol):
    """What a detector may know and do besides reading its parts."""

    @property
    def side(self) -> Side:
        """Whether the parts come from the request or from the reply."""
        ...

    @property
    def conversation(self) -> Conversation:
        """All parts of the body being inspected, not only those the detector reads."""
        ...

    @property
    def system(self) -> SystemText:
        """What the model was told as system text; on the input side the request's own alone."""
        ...

    @property
    def request(self) -> Conversation:
        """What the parts answer, on the output side; without parts on the input side."""
        ...

    async def ask(self, prompt: str, judge: Judge | None = None) -> str:
        """The answer to ``prompt`` of the upstream's model, or of ``judge``.

        The only way to a network.

        Raises:
            RuntimeError: There is no answer.
        """
        ...

    async def pixels(self, image: Image) -> Sequence[Pixels]:
        """The picture's frames, decoded once a request in a worker process.

        Raises:
            ImageError: The bytes do not decode.
        """
        ...

    async def pages(self, file: File) -> Sequence[Page]:
        """The file's pages, read once a request in a worker process.

        Raises:
            ImageError: The bytes do not decode, or are more than is read.
        """
        ...


class Detector(Protocol):
    """What a third party implements; it imports only ``guardrail``.

    A detector class is called with its validated ``Config`` as the only argument. Optional
    attributes, read with their defaults by the core:

    - ``version: str = "0"``: part of the cache key; raise it when findings change.
    - ``per_part: bool = False``: findings of a part depend on that part alone, so the core may
      keep them by content hash and send only parts it has not seen.
    - ``async inspect_jointly(parts, context)``: findings that parts make only together; called
      after ``inspect`` with all parts the stage reads, seen before or not.
    - ``media_types: frozenset[str]``: which types of files it reads, by signature; it is sent no
      others, and without it all files that ``kinds`` lets through.
    - ``lookback: int | None = None``: the longest match in characters; None means that a match
      may span the whole reply.
    - ``inline: bool = False``: ``inspect`` of a small text takes microseconds and needs no worker.
    - ``principles: Mapping[str, str] = {}``: category to the rule in words, for a model that is to
      revise its answer; without it the taxonomy's description is told.
    - ``eyes_closed: bool = False``: a revision that it causes is asked for without the pictures.
    - ``asks: bool = False``: ``inspect`` asks a model, so that it costs time and tokens.
    - ``notes(part) -> Sequence[str]``: how a part was looked at, the same for the same part; for
      the verdict.
    - ``remarks: Sequence[str] = ()``: what somebody should know who relies on it as it is set up;
      ``check`` and ``/readyz`` say so.
    """

    @property
    def kinds(self) -> frozenset[Kind]:
        """Part kinds it reads; it is sent no others."""
        ...

    @property
    def categories(self) -> frozenset[str]:
        """All it may report; checked against the rules when a policy is loaded."""
        ...

    @property
    def Config(self) -> type[BaseModel]:  # noqa: N802 - names a class
        """Model of its ``with:`` block, with ``extra="forbid"``."""
        ...

    async def load(self) -> None:
        """Read weights; not in ``__init__``, so that checking a policy is instant.

        Raises:
            ModelError: Weights are missing or altered.
        """
        ...

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """Findings about ``parts``, all of kinds it reads; CPU work runs in a worker."""
        ...


class DetectorClass(Protocol):
    """A class whose instances are detectors."""

    Config: type[BaseModel]

    def __call__(self, config: Any, /) -> Detector:
        """A detector with these settings; reads no weights and no network."""
        ...
