"""Lines put into reading order, grouped to paragraphs, with the way back from text to boxes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from guardrail.types import Box
from guardrail_detectors.ocr_injection.engine import Line, box_around
from guardrail_detectors.ocr_injection.merging import merge

WINDOWS = (2, 4, 8)
"""Sizes in lines of the sliding groups; each slides by half its size."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that are judged as one text.

    Attributes:
        text: Running text: lines joined by spaces, hyphenated words made whole.
        box: The smallest rectangle around its lines; None where they are on several frames.
        score: The engine's mean confidence in its characters; 1 for what it did not read.
    """

    text: str
    box: Box | None
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one frame.

    Attributes:
        text: Paragraphs parted by an empty line.
        spans: For each of ``lines`` its start and end (exclusive) in ``text``.
        lines: In reading order, outlines in pixels of the displayed picture.
        paragraphs: For each the index of its first line and of the line after its last.
        frame: Index of the frame.
        aside: Lines that stand where others do and say something like it: worse readings, or what
            shows on another background alone. They are judged, and are no part of the text.
    """

    text: str
    spans: tuple[Span, ...] = ()
    lines: tuple[Line, ...] = ()
    paragraphs: tuple[Span, ...] = ()
    frame: int = 0
    aside: Page | None = None

    def box(self, start: int, end: int) -> Box | None:
        """The rectangle around the lines that hold ``text[start:end]``, None where none does."""
        pairs = zip(self.lines, self.spans, strict=True)
        held = [line for line, (first, last) in pairs if first < end and start < last]
        return box_around(held, self.frame) if held else None

    def on(self, frame: int) -> Page:
        """The same page on another frame, which shows the same."""
        return replace(self, frame=frame, aside=self.aside and self.aside.on(frame))

    def groups(self, certain: float = 0.0) -> list[Group]:
        """All lines, each paragraph, and sliding groups of lines; no run of lines twice.

        Where some lines have a lower score than ``certain``, also all others and sliding groups of
        those: what is read surely is not made doubtful by what stands between.
        """
        found = self._groups(self.lines, [(0, len(self.lines)), *self.paragraphs])
        sure = tuple(line for line in self.lines if line.score >= certain)
        if sure != self.lines:
            found += self._groups(sure, [(0, len(sure))])
        return found + (self.aside.groups(certain) if self.aside else [])

    def _groups(self, lines: Sequence[Line], runs: list[Span]) -> list[Group]:
        runs = runs + [run for size in WINDOWS for run in _slide(len(lines), size)]
        return [self._group(lines[start:end]) for start, end in dict.fromkeys(runs) if start < end]

    def _group(self, lines: Sequence[Line]) -> Group:
        return Group(join(lines)[0], box_around(lines, self.frame), mean_score(lines))


@dataclass(frozen=True, slots=True)
class _Spot:
    """A line and its extent once the page's tilt is taken out."""

    line: Line
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def lay_out(lines: Sequence[Line], frame: int = 0) -> Page:
    """The page that ``lines`` make, in any order and read in one view or several."""
    kept, aside = merge(lines)
    page = _page(kept, frame)
    return replace(page, aside=lay_out(aside, frame)) if aside else page


def _page(lines: Sequence[Line], frame: int) -> Page:
    text = ""
    spans: list[Span] = []
    ordered: list[Line] = []
    paragraphs: list[Span] = []
    blocks = (block for turned in _turns(lines) for block in _blocks(_level(turned)))
    for block in blocks:
        text += "\n\n" if text else ""
        running, inner = join(block)
        spans += [(start + len(text), end + len(text)) for start, end in inner]
        text += running
        paragraphs.append((len(ordered), len(ordered) + len(block)))
        ordered += block
    return Page(text, tuple(spans), tuple(ordered), tuple(paragraphs), frame)


def join(lines: Iterable[Line]) -> tuple[str, list[Span]]:
    """The running text of ``lines``, and where in it each is.

    A hyphen that ends a line before a small letter breaks a word and goes.
    """
    text = ""
    spans: list[Span] = []
    for line in lines:
        if text[-1:] == "-" and text[-2:-1].isalpha() and line.text[:1].islower():
            text = text[:-1]
            spans[-1] = (spans[-1][0], len(text))
        elif text:
            text += " "
        spans.append((len(text), len(text) + len(line.text)))
        text += line.text
    return text, spans


def mean_score(lines: Iterable[Line]) -> float:
    """The mean confidence in the characters of ``lines``, 1 without any."""
    scored = [(len(line.text), line.score) for line in lines]
    many = sum(length for length, _ in scored)
    return sum(length * score for length, score in scored) / many if many else 1.0


def _slide(count: int, size: int) -> Iterator[Span]:
    for start in range(0, count - size + 1, max(1, size // 2)):
        yield start, start + size


def _turns(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that run the same way, within an eighth of a turn: each way has an order of its own."""
    ways: list[list[Line]] = []
    for line in lines:
        for way in ways:
            if abs(_between(_tilt(way[0]), _tilt(line))) <= math.pi / 4:
                way.append(line)
                break
        else:
            ways.append([line])
    return ways


def _between(one: float, other: float) -> float:
    """The angle from one direction to another, in [-pi, pi)."""
    return (other - one + math.pi) % (2 * math.pi) - math.pi


def _level(lines: Sequence[Line]) -> list[_Spot]:
    """Each line's extent after the page is turned by the median tilt of its lines, one at least."""
    first = _tilt(lines[0])
    tilt = -first - median(_between(first, _tilt(line)) for line in lines)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    spots = []
    for line in lines:
        xs = [x * cosine - y * sine for x, y in line.quad]
        ys = [x * sine + y * cosine for x, y in line.quad]
        spots.append(_Spot(line, min(xs), min(ys), max(xs), max(ys)))
    return spots


def _tilt(line: Line) -> float:
    (left, top), (right, bottom), *_ = line.quad
    return math.atan2(bottom - top, right - left)


def _blocks(spots: Sequence[_Spot]) -> list[list[Line]]:
    """Lines that follow one another, by geometry; blocks and their lines in reading order."""
    ordered = sorted(spots, key=lambda spot: (spot.top, spot.left))
    joined_to = list(range(len(ordered)))  # an earlier one of its block, itself for the first

    def first_of(at: int) -> int:
        while joined_to[at] != at:
            joined_to[at] = at = joined_to[joined_to[at]]
        return at

    for at, one in enumerate(ordered):
        for later in range(at + 1, len(ordered)):
            other = ordered[later]
            if other.top > one.bottom + one.height:
                break
            if _follows(one, other):
                ends = first_of(at), first_of(later)
                joined_to[max(ends)] = min(ends)
    blocks: dict[int, list[_Spot]] = {}
    for at, spot in enumerate(ordered):
        blocks.setdefault(first_of(at), []).append(spot)
    return [_in_rows(block) for block in _in_bands(list(blocks.values()))]


def _in_bands(blocks: list[list[_Spot]]) -> list[list[_Spot]]:
    """Blocks from top to bottom; those that begin at one height, as columns do, left to right."""
    bands: list[list[list[_Spot]]] = []
    for block in blocks:
        first = block[0]
        if bands and first.middle < bands[-1][0][0].bottom:
            bands[-1].append(block)
        else:
            bands.append([block])
    return [
        block for band in bands for block in sorted(band, key=lambda one: min(s.left for s in one))
    ]


def _follows(one: _Spot, other: _Spot) -> bool:
    """Whether two lines of like height stand in one row, or the second just below the first."""
    low, high = sorted((one.height, other.height))
    if high > 1.7 * low:
        return False
    aside = max(one.left, other.left) - min(one.right, other.right)
    if abs(one.middle - other.middle) < 0.5 * low:
        return aside < 1.5 * high
    return aside < 0 and other.top - one.bottom < 0.8 * high


def _in_rows(block: Sequence[_Spot]) -> list[Line]:
    """Top to bottom; lines whose middles are within half a height are a row, left to right."""
    rows: list[list[_Spot]] = []
    for spot in sorted(block, key=lambda spot: spot.middle):
        if rows and spot.middle - rows[-1][0].middle < 0.5 * min(spot.height, rows[-1][0].height):
            rows[-1].append(spot)
        else:
            rows.append([spot])
    return [spot.line for row in rows for spot in sorted(row, key=lambda spot: spot.left)]
