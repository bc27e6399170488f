"""Which views of a picture are worth reading: the picture itself, and more where signs ask for it.

The plan depends on the pixels, on what was read so far and on the settings alone, so that the same
picture is looked at in the same way each time. Each view's name says why it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from guardrail.detector import Pixels
from guardrail.types import Box
from guardrail_detectors.ocr_injection.downscales import ALL_SIDES, shrink, suspicious
from guardrail_detectors.ocr_injection.engine import Line, Rgb, box_around
from guardrail_detectors.ocr_injection.small_print import height_of, small_print
from guardrail_detectors.ocr_injection.views import View, flatten, native, prepared, scaled

ViewName = Literal["native", "contrast", "provider_downscale", "upscale"]

ALL_VIEWS: tuple[ViewName, ...] = ("native", "contrast", "provider_downscale", "upscale")

TINY = 13
"""Pixels of a line's height with its margins, below which a second look at a larger size pays."""

_MARGIN = 24  # pixels around tiny lines that are looked at again with them
_MOST = 1_500_000  # pixels of a view that was made larger
_LOOKS, _MOST_LOOKS = 4, 16  # such views of a frame, and as many at the least scale
_LARGEST, _LARGE, _LEAST = 3.0, 2.0, 1.5  # times, as far as there is room


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
            yield from sheet.more(lines, before)


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

    def more(self, lines: Sequence[Line], before: int) -> Iterator[View]:
        """What signs ask for; the sheet's own lines are those of ``lines`` from ``before`` on."""
        if "provider_downscale" in self.plan.views:
            yield from self._downscales()
        if "upscale" in self.plan.views:
            yield from self._larger(lines[before:])

    def _downscales(self) -> Iterator[View]:
        width = self.picture.shape[1]
        for found in suspicious(self.picture, self.plan.sides):
            small = shrink(self.picture, found.sides, found.kernel)
            why = f"{found.odd} pixels stand out as strokes do"
            name = f"{max(found.sides)} {found.kernel} because {why}"
            yield self._named(View(name, small, scale=found.sides[0] / width))

    def _larger(self, lines: Sequence[Line]) -> Iterator[View]:
        """Tiny lines again, and small print that no line was read from."""
        tiny = [_Small(box_around([line]), 1, 0) for line in lines if height_of(line) < TINY]
        unread = [_Small(one.box, 0, one.stretches) for one in small_print(self.picture, lines)]
        parts = _packed([*tiny, *unread], self.plan.max_side)
        left_out = len(parts) - _MOST_LOOKS
        for number, part in enumerate(parts[:_MOST_LOOKS], 1):
            left, top = max(0, part.box.left - _MARGIN), max(0, part.box.top - _MARGIN)
            bottom, right = part.box.bottom + _MARGIN, part.box.right + _MARGIN
            shown = self.picture[top:bottom, left:right]
            room = (_MOST / (shown.shape[0] * shown.shape[1])) ** 0.5
            scale = min(_LARGEST, room, self.plan.max_side / max(shown.shape[:2]))
            name = f"{left},{top} at {scale:.2f} because {part.why}"
            if number == _MOST_LOOKS and left_out > 0:
                name += f"; {left_out} emptier parts are not looked at"
            yield self._named(View(name, scaled(shown, scale), scale=scale, left=left, top=top))

    def _named(self, view: View) -> View:
        raised = "contrast" in self.plan.views
        pixels = prepared(view.pixels, raised=raised)
        name = f"{self.name}, {view.name}"
        return View(name, pixels, self.frame, view.scale, view.left, view.top)


@dataclass(frozen=True, slots=True)
class _Small:
    """A part of a picture that is worth a larger look.

    Attributes:
        box: Where.
        lines: Tiny lines in it.
        stretches: Those in it that look like small print.
    """

    box: Box
    lines: int
    stretches: int

    @property
    def why(self) -> str:
        tiny = f"{self.lines} lines are tiny" if self.lines else ""
        alike = f"{self.stretches} stretches look like small print" if self.stretches else ""
        return " and ".join(one for one in (tiny, alike) if one)

    def with_(self, other: _Small) -> _Small:
        """Both, and what lies between them."""
        one, two = self.box, other.box
        box = Box(
            min(one.left, two.left),
            min(one.top, two.top),
            max(one.right, two.right),
            max(one.bottom, two.bottom),
        )
        return _Small(box, self.lines + other.lines, self.stretches + other.stretches)

    @property
    def shown(self) -> int:
        """Pixels of it with its margins."""
        wide, high = self._sides
        return wide * high

    def fits(self, scale: float, side: int) -> bool:
        """Whether it may be shown so much larger, ``side`` pixels long at most."""
        return self.shown * scale**2 <= _MOST and max(self._sides) * scale <= side

    @property
    def _sides(self) -> tuple[int, int]:
        box = self.box
        return box.right - box.left + 2 * _MARGIN, box.bottom - box.top + 2 * _MARGIN


def _packed(parts: Sequence[_Small], side: int) -> list[_Small]:
    """``parts`` in as few as may be shown, each as large as it can then be, the fullest first."""
    groups: list[_Small] = []
    for scale in (_LARGEST, _LARGE, _LEAST):
        groups = []
        for part in sorted(parts, key=lambda one: (one.box.top, one.box.left)):
            joined = ((n, one.with_(part)) for n, one in enumerate(groups))
            fitting = [(n, one) for n, one in joined if one.fits(scale, side)]
            if fitting:
                number, whole = min(fitting, key=lambda one: one[1].shown)
                groups[number] = whole
            elif part.shown * _LEAST**2 <= _MOST:
                groups.append(part)
        if len(groups) <= _LOOKS:
            return groups
    return sorted(groups, key=lambda one: -(one.lines + one.stretches))
