"""One picture judged: its views embedded, with and without their text, and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

import numpy as np
from numpy.typing import NDArray

from guardrail.detector import Pixels
from guardrail.types import Box, Finding
from guardrail_detectors.clip import ClipModel
from guardrail_detectors.clip.preprocess import Preprocess, Tensor
from guardrail_detectors.unsafe_image.text_regions import Text, TextRegions, without_text
from guardrail_detectors.unsafe_image.views import pictures, squared, tiles
from guardrail_detectors.unsafe_image.zero_shot import ZeroShot

LEAST_SCORE = 0.05
"""Findings below it are not reported."""

MUCH_TEXT = 0.25
"""Part of a view that may be text for the score without it to count alone."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """One thing that the network is shown.

    Attributes:
        shown: Prepared, as it is.
        masked: Prepared with what was read in it painted over, None where that is nothing.
        bare: Prepared with what only looks like text painted over too, None where that is nothing.
        text: Part of its pixels that was read.
        box: Where it lies; None for the whole of a still picture.
    """

    shown: Tensor
    masked: Tensor | None
    bare: Tensor | None
    text: float
    box: Box | None


class Judge:
    """Findings in pictures; safe to call from several threads.

    A view that holds text is scored twice. What counts is the score without the text, because the
    words on a sticker say nothing about what is seen; where text covers more than a quarter of the
    view, painting it over could hide what is behind, and the higher score counts. Both are in the
    finding's excerpt. What looks like text and could not be read is painted over in one more
    score, and the highest counts: letters that are bent hide nothing, and neither does a texture.

    Args:
        model: Embeds.
        heads: Those of the model's labels that are used.
        sentences: Scores all other categories.
        regions: Finds text; None to leave it in.
        tiles: Parts of a picture at most.
        max_frames: Frames at most.
    """

    def __init__(
        self,
        model: ClipModel,
        heads: Sequence[str],
        sentences: ZeroShot,
        regions: TextRegions | None,
        tiles: int,
        max_frames: int,
    ) -> None:
        self._model = model
        self._columns = [model.labels.index(name) for name in heads]
        self._sentences = sentences
        self._regions = regions
        self._tiles = tiles
        self._max_frames = max_frames
        self.categories = (*heads, *sentences.categories)

    def __call__(
        self, ref: str, frames: Sequence[Pixels], stop: Event | None = None
    ) -> list[Finding]:
        """For each category the view of the picture at ``ref`` that scores highest.

        Args:
            ref: Of the picture.
            frames: All frames, as displayed.
            stop: Looked at before each frame; once it is set nothing is found.
        """
        best: dict[str, Finding] = {}
        for frame, picture in pictures(frames, self._max_frames):
            if stop is not None and stop.is_set():
                return []
            for one in self._findings(ref, self._views(picture, frame, still=len(frames) == 1)):
                if one.category not in best or one.score > best[one.category].score:
                    best[one.category] = one
        return [best[category] for category in self.categories if category in best]

    def _findings(self, ref: str, views: Sequence[View]) -> Iterator[Finding]:
        shown, painted, score = self._scores(views)  # (views, categories)
        for column, category in enumerate(self.categories):
            top = int(score[:, column].argmax())
            value = float(score[top, column])
            if value >= LEAST_SCORE:
                told = _told(shown[top, column], painted[top, column], views[top])
                yield Finding(ref, category, value, None, views[top].box, told)

    def whole(self, picture: Pixels) -> Scores:
        """Scores of a picture as a whole, as shown and as they count: shape (2, categories)."""
        box = Box(0, 0, picture.shape[1], picture.shape[0])
        shown, _, score = self._scores([self._layers(picture).view(box, None, np.asarray)])
        return np.stack([shown[0], score[0]])

    def scores(self, tensors: Sequence[Tensor]) -> Scores:
        """Scores of prepared pictures, shape (len(tensors), categories)."""
        embeddings = self._model.pictures(tensors)
        trained = self._model.scores(embeddings)[:, self._columns]
        return np.concatenate([trained, self._sentences.scores(embeddings)], axis=1)

    def _views(self, picture: Pixels, frame: int, *, still: bool) -> list[View]:
        layers = self._layers(picture)
        height, width = picture.shape[:2]
        whole = Box(0, 0, width, height, frame)
        parts = [
            replace(one, frame=frame)
            for one in tiles(width, height, layers.prepare.size, self._tiles)
        ]
        first = layers.view(whole, None if still else whole, np.asarray)
        return [first, *(layers.view(box, box, squared) for box in parts)]

    def _layers(self, picture: Pixels) -> _Layers:
        text = self._regions(picture) if self._regions else None
        masked = bare = picture
        if text is not None:
            masked = without_text(picture, text.read) if text.read.any() else picture
            bare = without_text(picture, text.read | text.unread) if text.unread.any() else masked
        return _Layers(self._model.folder.preprocess, picture, masked, bare, text)

    def _scores(self, views: Sequence[View]) -> tuple[Scores, Scores, Scores]:
        """Scores as shown, with all that looks like text painted over, and as they count."""
        more = [
            (row, kind, tensor)
            for row, view in enumerate(views)
            for kind, tensor in enumerate((view.masked, view.bare))
            if tensor is not None
        ]
        scores = self.scores([*(view.shown for view in views), *(one for *_, one in more)])
        shown = scores[: len(views)]
        masked, painted = shown.copy(), shown.copy()
        for (row, kind, _), found in zip(more, scores[len(views) :], strict=True):
            painted[row] = found  # what is bare comes after what is masked
            if kind == 0:
                masked[row] = found
        much = np.array([view.text > MUCH_TEXT for view in views])[:, None]
        unread = np.array([view.bare is not None for view in views])[:, None]
        counted = np.where(much, np.maximum(shown, masked), masked)
        return shown, painted, np.where(unread, np.maximum(counted, painted), counted)


@dataclass(frozen=True, slots=True)
class _Layers:
    """A picture, without what was read in it, and without what looks like text as well."""

    prepare: Preprocess
    shown: Pixels
    masked: Pixels
    bare: Pixels
    text: Text | None

    def view(self, box: Box, place: Box | None, fit: Callable[[Pixels], Pixels]) -> View:
        """The part ``box``, told as lying at ``place``."""
        region = np.s_[box.top : box.bottom, box.left : box.right]

        def prepared(picture: Pixels) -> Tensor:
            return self.prepare(fit(picture[region]))

        read = 0.0 if self.text is None else float(self.text.read[region].mean())
        unread = self.text is not None and bool(self.text.unread[region].any())
        return View(
            prepared(self.shown),
            prepared(self.masked) if read else None,
            prepared(self.bare) if unread else None,
            read,
            place,
        )


def _told(shown: float, painted: float, view: View) -> str:
    if view.masked is None and view.bare is None:
        return ""
    return f"{shown:.2f} as shown, {painted:.2f} with its text painted over"
