"""Which views of a picture are worth reading: the picture itself, and more where signs ask for it.

The plan depends on the pixels, on what was read so far and on the settings alone, so that the same
picture is looked at in the same way each time. Each view's name says why it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from guardrail.detector import Pixels
from guardrail.types import Box
from guardrail_detectors.ocr_injection.downscales import ALL_SIDES, shrink, suspicious
from guardrail_detectors.ocr_injection.engine import Line, Rgb
from guardrail_detectors.ocr_injection.layout import box_around
from guardrail_detectors.ocr_injection.small_print import small_print
from guardrail_detectors.ocr_injection.views import View, flatten, native, prepared, scaled

ViewName = Literal["native", "contrast", "provider_downscale", "upscale"]

ALL_VIEWS: tuple[ViewName, ...] = ("native", "contrast", "provider_downscale", "upscale")

TINY = 13
"""Pixels of a line's height with its margins, below which a second look at a larger size pays."""

_MARGIN = 24  # pixels around tiny lines that are looked at again with them
_MOST = 1_500_000  # pixels of a view that was made larger


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be looked at.

    Attributes:
        max_side: Longest side in pixels of a view; larger pictures are shown whole and in tiles.
        views: Kinds of views; ``native`` is one of them.
        sides: Long sides in pixels to which upstreams scale pictures down.
    """

    max_side: int
    views: tuple[ViewName, ...] = ALL_VIEWS
    sides: tuple[int, ...] = ALL_SIDES

    def views_of(self, frame: Pixels, index: int, lines: Sequence[Line]) -> Iterator[View]:
        """The views of a frame, each made once the one before it was read.

        Nothing is shown of a background on which the frame is of one colour.

        Args:
            frame: As displayed, RGB or RGBA.
            index: Its place in the animation.
            lines: Grows by what each view says, with outlines on the displayed picture.
        """
        for name, picture in flatten(frame):
            if (picture == picture[0, 0]).all():
                continue
            sheet = _Sheet(self, f"frame {index}: {name}", picture, index)
            before = len(lines)
            yield from sheet.first()
            yield from sheet.more(lines[before:])


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One frame on one background, as displayed, shape (height, width, 3)."""

    plan: Plan
    name: str
    picture: Rgb
    frame: int

    def first(self) -> Iterator[View]:
        for view in native(self.picture, self.plan.max_side):
            yield self._named(view)

    def more(self, lines: Sequence[Line]) -> Iterator[View]:
        if "provider_downscale" in self.plan.views:
            yield from self._downscales()
        if "upscale" in self.plan.views:
            yield from self._larger(lines)

    def _downscales(self) -> Iterator[View]:
        width = self.picture.shape[1]
        for found in suspicious(self.picture, self.plan.sides):
            small = shrink(self.picture, found.sides, found.kernel)
            why = f"{found.odd} pixels stand out as strokes do"
            name = f"{max(found.sides)} {found.kernel} because {why}"
            yield self._named(View(name, small, scale=found.sides[0] / width))

    def _larger(self, lines: Sequence[Line]) -> Iterator[View]:
        """Tiny lines again, and small print that no line was read from."""
        tiny = [line for line in lines if _height(line) < TINY]
        parts = [(box_around(tiny), f"{len(tiny)} lines are tiny")] if tiny else []
        for part in small_print(self.picture, lines):
            if not any(_holds(box, part.box) for box, _ in parts):
                parts.append((part.box, f"{part.stretches} stretches look like small print"))
        for box, why in parts:
            left, top = max(0, box.left - _MARGIN), max(0, box.top - _MARGIN)
            shown = self.picture[top : box.bottom + _MARGIN, left : box.right + _MARGIN]
            scale = min(3.0, (_MOST / (shown.shape[0] * shown.shape[1])) ** 0.5)
            if scale >= 1.5:
                name = f"{left},{top} at {scale:.2f} because {why}"
                yield self._named(View(name, scaled(shown, scale), scale=scale, left=left, top=top))

    def _named(self, view: View) -> View:
        raised = "contrast" in self.plan.views
        pixels = prepared(view.pixels, raised=raised)
        name = f"{self.name}, {view.name}"
        return View(name, pixels, self.frame, view.scale, view.left, view.top)


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer.left - _MARGIN <= inner.left
        and outer.top - _MARGIN <= inner.top
        and outer.right + _MARGIN >= inner.right
        and outer.bottom + _MARGIN >= inner.bottom
    )


def _height(line: Line) -> float:
    (ax, ay), (bx, by), (cx, cy), _ = line.quad
    return min(float(np.hypot(bx - ax, by - ay)), float(np.hypot(cx - bx, cy - by)))
