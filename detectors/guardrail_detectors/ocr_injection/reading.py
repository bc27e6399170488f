"""All the text of a picture: frames chosen, views shown to an engine, lines laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

import numpy as np

from guardrail.detector import Pixels
from guardrail.errors import ImageError
from guardrail_detectors.ocr_injection.downscales import ALL_SIDES
from guardrail_detectors.ocr_injection.engine import Line, OcrEngine
from guardrail_detectors.ocr_injection.layout import Group, Page, lay_out, mean_score
from guardrail_detectors.ocr_injection.planning import ALL_VIEWS, Plan, ViewName
from guardrail_detectors.ocr_injection.views import choose_frames

MOST_LINES = 2000
"""Of a frame, as often as views show them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in a picture, and how.

    Attributes:
        pages: One a frame that was looked at, in order.
        views: Names of the views that the engine was shown, in order.
    """

    pages: tuple[Page, ...]
    views: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of all frames, what several of them show once, parted by empty lines."""
        return "\n\n".join(dict.fromkeys(page.text for page in self.pages if page.text))

    @property
    def score(self) -> float:
        """The engine's mean confidence in the characters of all frames, 1 without any."""
        return mean_score(line for page in self.pages for line in page.lines)

    def across(self) -> Group | None:
        """The frames' texts as one, for a sentence spread over frames; None for a still picture."""
        texts = list(dict.fromkeys(page.text for page in self.pages if page.text))
        return Group(" ".join(texts), None, self.score) if len(texts) > 1 else None


def read_pages(
    frames: Sequence[Pixels],
    engine: OcrEngine,
    *,
    max_side: int,
    max_frames: int,
    views: Sequence[ViewName] = ALL_VIEWS,
    sides: Sequence[int] = ALL_SIDES,
    stop: Event | None = None,
) -> Reading:
    """Everything that ``engine`` reads in ``frames``.

    A frame equal to the one looked at before it is not read again. Once ``stop`` is set the rest
    is left out: nobody waits for the result any more.

    Args:
        frames: All frames, as displayed.
        engine: Reads each view.
        max_side: Longest side of a view, in pixels.
        max_frames: Frames to look at, evenly chosen.
        views: Kinds of views.
        sides: Long sides in pixels to which upstreams scale pictures down.
        stop: Looked at before each view.

    Raises:
        ImageError: A frame has more than ``MOST_LINES``.
    """
    plan = Plan(max_side, tuple(views), tuple(sides))
    pages: list[Page] = []
    shown: list[str] = []
    before: Pixels | None = None
    for index in choose_frames(len(frames), max_frames):
        frame = frames[index]
        if before is not None and np.array_equal(frame, before):
            pages.append(pages[-1].on(index))
            continue
        lines: list[Line] = []
        for view in plan.views_of(frame, index, lines):
            if stop is not None and stop.is_set():
                return Reading(tuple(pages), tuple(shown))
            shown.append(view.name)
            lines += map(view.place, engine.read(view.pixels))
            _check_number(lines)
        pages.append(lay_out(lines, index))
        before = frame
    return Reading(tuple(pages), tuple(shown))


def _check_number(lines: Sequence[Line]) -> None:
    if len(lines) > MOST_LINES:
        message = f"the picture has more than {MOST_LINES} lines of text; send a part of it"
        raise ImageError(message, status=413)
