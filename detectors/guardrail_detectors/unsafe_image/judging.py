"""One picture judged: its views embedded, with and without their text, and scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from guardrail.detector import Pixels
from guardrail.types import Box, Finding
from guardrail_detectors.clip import ClipModel
from guardrail_detectors.clip.preprocess import Tensor
from guardrail_detectors.unsafe_image.text_regions import TextRegions, without_text
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
        masked: Prepared with its text painted over, None where it holds none.
        text: Part of its pixels that is text.
        box: Where it lies; None for the whole of a still picture.
    """

    shown: Tensor
    masked: Tensor | None
    text: float
    box: Box | None


class Judge:
    """Findings in pictures; safe to call from several threads.

    A view that holds text is scored twice. What counts is the score without the text, because the
    words on a sticker say nothing about what is seen; where text covers more than a quarter of the
    view, painting it over could hide what is behind, and the higher score counts. Both are in the
    finding's excerpt.

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

    def __call__(self, ref: str, frames: Sequence[Pixels]) -> list[Finding]:
        """For each category the view of the picture at ``ref`` that scores highest."""
        views = [
            view
            for frame, picture in pictures(frames, self._max_frames)
            for view in self._views(picture, frame, still=len(frames) == 1)
        ]
        shown, masked, score = self._scores(views)  # (views, categories)
        findings = []
        for column, category in enumerate(self.categories):
            best = int(score[:, column].argmax())
            value = float(score[best, column])
            if value >= LEAST_SCORE:
                told = _told(shown[best, column], masked[best, column], views[best])
                findings.append(Finding(ref, category, value, None, views[best].box, told))
        return findings

    def whole(self, picture: Pixels) -> Scores:
        """Scores of a picture as a whole, as shown and as they count: shape (2, categories)."""
        shown, _, score = self._scores(self._views(picture, 0, still=True)[:1])
        return np.stack([shown[0], score[0]])

    def scores(self, tensors: Sequence[Tensor]) -> Scores:
        """Scores of prepared pictures, shape (len(tensors), categories)."""
        embeddings = self._model.pictures(tensors)
        trained = self._model.scores(embeddings)[:, self._columns]
        return np.concatenate([trained, self._sentences.scores(embeddings)], axis=1)

    def _views(self, picture: Pixels, frame: int, *, still: bool) -> list[View]:
        prepare = self._model.folder.preprocess
        height, width = picture.shape[:2]
        mask = self._regions(picture) if self._regions else None
        bare = picture if mask is None else without_text(picture, mask)
        whole = Box(0, 0, width, height, frame)
        parts = [
            replace(one, frame=frame) for one in tiles(width, height, prepare.size, self._tiles)
        ]
        found: list[View] = []
        for box in (whole, *parts):
            region = np.s_[box.top : box.bottom, box.left : box.right]
            fit = squared if box is not whole else np.asarray
            text = 0.0 if mask is None else float(mask[region].mean())
            masked = prepare(fit(bare[region])) if text else None
            place = None if box is whole and still else box
            found.append(View(prepare(fit(picture[region])), masked, text, place))
        return found

    def _scores(self, views: Sequence[View]) -> tuple[Scores, Scores, Scores]:
        """Scores as shown, without text (the same where there is none), and as they count."""
        bare = [(row, view.masked) for row, view in enumerate(views) if view.masked is not None]
        scores = self.scores([*(view.shown for view in views), *(one for _, one in bare)])
        shown = scores[: len(views)]
        masked = shown.copy()
        masked[[row for row, _ in bare]] = scores[len(views) :]
        much = np.array([view.text > MUCH_TEXT for view in views])[:, None]
        return shown, masked, np.where(much, np.maximum(shown, masked), masked)


def _told(shown: float, masked: float, view: View) -> str:
    if view.masked is None:
        return ""
    return f"{shown:.2f} as shown, {masked:.2f} with its text painted over"
