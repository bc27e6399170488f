"""The detector: reads every picture and scores what it says as if it were a message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from threading import Event

import numpy as np
from numpy.typing import NDArray

from guardrail.detector import Context, Pixels
from guardrail.types import Finding, Image, Kind, Part
from guardrail_detectors.kept import Kept
from guardrail_detectors.loading import loaded
from guardrail_detectors.ocr_injection.beside import Beside, judge_beside, look_beside
from guardrail_detectors.ocr_injection.certainty import weight
from guardrail_detectors.ocr_injection.config import OcrInjectionConfig
from guardrail_detectors.ocr_injection.engine import OcrEngine, load_engine
from guardrail_detectors.ocr_injection.joint import Said, joined, messages
from guardrail_detectors.ocr_injection.judging import Scorer, judge, report_whole
from guardrail_detectors.ocr_injection.montage import montages
from guardrail_detectors.ocr_injection.reading import Reading, read_pages
from guardrail_detectors.packages import installed
from guardrail_detectors.picture_parts import side_by_side, unseen_frames
from guardrail_detectors.weights import digest_of, load_model_folder
from guardrail_detectors.workers import READING

Together = tuple[tuple[Said, ...], tuple[Finding, ...]]
"""What pictures say once they touch, and the findings in it."""


class OcrInjection:
    """Reports, for each frame and category, the passage of text that scores highest.

    Args:
        config: The settings.
        engine: Reads the pictures instead of the one that ``config`` names.
        scorer: Judges the text instead of the one that ``config`` names.
    """

    Config = OcrInjectionConfig
    kinds: frozenset[Kind] = frozenset({"image"})
    per_part = True

    def __init__(
        self,
        config: OcrInjectionConfig,
        *,
        engine: OcrEngine | None = None,
        scorer: Scorer | None = None,
    ) -> None:
        self._config = config
        self._text_model = load_model_folder(config.text_model)
        self._weights = digest_of(config.weights)
        self._engine = engine
        self._scorer = scorer
        self._texts: Kept[str, Said] = Kept()
        self._views: Kept[str, tuple[str, ...]] = Kept(4096)
        self._scores: Kept[str, NDArray[np.float32]] = Kept()
        self._montages: Kept[str, Together] = Kept()

    @property
    def version(self) -> str:
        """Of this code, the engine's package, weights in place of its own, and the text model."""
        engine = f"{self._config.engine}-{installed(self._config.engine)}"
        model = self._text_model.manifest
        text = f"{model.name}-{model.version}-{self._text_model.digest[:12]}"
        return "+".join(one for one in ("6", engine, self._weights[:12], text) if one)

    def notes(self, part: Part) -> Sequence[str]:
        """Who read a picture, and which views of it; nothing about one long forgotten."""
        views = self._views.get(part.image.sha256) if part.image is not None else None
        if views is None:
            return ()
        languages = self._engine.languages if self._engine else self._config.languages
        unseen = unseen_frames(part, self._config.max_frames)
        return (f"{self._config.engine} reads {', '.join(languages)}", *unseen, *views)

    @property
    def categories(self) -> frozenset[str]:
        """The text model's labels, from its manifest: no weights are read."""
        if self._scorer is not None:
            return frozenset(self._scorer.labels)
        return frozenset(self._text_model.manifest.labels)

    async def load(self) -> None:
        """Loads the engine, shared with every detector of equal settings, and the text model.

        Raises:
            ModelError: A package, weights or a language are missing.
        """
        config = self._config
        if self._engine is None:
            self._engine = await asyncio.to_thread(
                load_engine, config.engine, config.languages, config.weights, config.threads
            )
        if self._scorer is None:
            from guardrail_detectors.text_guard.scorer import TextScorer  # noqa: PLC0415

            self._scorer = await asyncio.to_thread(TextScorer.load, config.text_model)

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The findings in the pictures among ``parts``, which are read side by side.

        Raises:
            ImageError: A picture does not decode.
            OverloadError: Too many pictures wait to be read.
        """
        return await side_by_side(parts, context, self._inspect)

    async def inspect_jointly(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """What pictures of one message say together, touching too, and with the user's words.

        Reported at the message's first picture, without a box.

        Raises:
            ImageError: A picture does not decode.
            OverloadError: Too much waits to be read.
        """
        if not self._config.joint:
            return ()
        found: list[Finding] = []
        for pictures, said in messages(parts, context.conversation.parts):
            texts = [await self._text(part, context) for part in pictures]
            together, findings = await self._together(pictures, context)
            found += findings
            for whole in (joined(said, texts), joined(said, together)):
                if whole.text:
                    scores = await self._score(whole.text) * weight(whole.score, self.certain)
                    found += report_whole(pictures[0].ref, whole.text, self.scorer, scores)
        return found

    async def _together(
        self, pictures: Sequence[Part], context: Context
    ) -> tuple[tuple[Said, ...], list[Finding]]:
        """What pictures say once they touch, and the findings in it, at the first of them."""
        images = [part.image for part in pictures if part.image is not None]
        key = " ".join(image.sha256 for image in images) if len(images) > 1 else ""
        known = self._montages.get(key) if key else ((), ())
        if known is None:
            firsts = [(await context.pixels(image))[0] for image in images]
            known = await READING.run(partial(self._montage, montages(firsts)))
            self._montages.put(key, known)
        texts, findings = known
        return texts, [replace(finding, ref=pictures[0].ref) for finding in findings]

    def _montage(self, pictures: Sequence[Pixels], stop: Event) -> Together:
        judged = [self.judge("", [picture], stop) for picture in pictures]
        found = (replace(one, box=None) for _, findings in judged for one in findings)
        return tuple(Said(reading.text, reading.score) for reading, _ in judged), tuple(found)

    async def _text(self, part: Part, context: Context) -> Said:
        """The words in a picture, which ``inspect`` mostly has read already."""
        if part.image is None:
            return Said("")
        known = self._texts.get(part.image.sha256)
        if known is None:
            frames = await context.pixels(part.image)
            known = await READING.run(partial(self._words, part.image, frames))
            self._texts.put(part.image.sha256, known)
        return known

    async def _score(self, whole: str) -> NDArray[np.float32]:
        key = sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
        known = self._scores.get(key)
        if known is None:
            scorer = self.scorer
            known = (await READING.run(lambda _: scorer.scores([whole], [False])))[0]
            self._scores.put(key, known)
        return known

    @property
    def scorer(self) -> Scorer:
        """What judges the text.

        Raises:
            ModelError: ``load`` was not awaited before.
        """
        return loaded(self._scorer, "ocr_injection scores")

    def read(self, frames: Sequence[Pixels], stop: Event | None = None) -> Reading:
        """What a picture of these frames says, for tools that show it; blocks for its CPU time.

        Raises:
            ModelError: ``load`` was not awaited before.
        """
        config = self._config
        return read_pages(
            frames,
            loaded(self._engine, "ocr_injection reads"),
            max_side=config.max_side,
            max_frames=config.max_frames,
            views=config.views,
            sides=config.sides,
            stop=stop,
        )

    def read_text(self, frames: Sequence[Pixels]) -> str:
        """The text of a picture of these frames, paragraphs parted by empty lines."""
        return self.read(frames).text

    async def _inspect(self, part: Part, image: Image, context: Context) -> list[Finding]:
        frames = await context.pixels(image)
        said, findings = await READING.run(partial(self._whole, part.ref, image, frames))
        self._texts.put(image.sha256, said)
        return findings

    def _whole(
        self, ref: str, image: Image, frames: Sequence[Pixels], stop: Event
    ) -> tuple[Said, list[Finding]]:
        """What a picture says, its codes too, and the findings in that and beside it."""
        reading, findings = self.judge(ref, frames, stop)
        self._views.put(image.sha256, reading.views)
        beside = self._beside(image, frames)
        said = Said(reading.text, reading.score)
        if stop.is_set():
            return said, []
        return beside.added_to(said), findings + judge_beside(ref, beside, self.scorer)

    def _words(self, image: Image, frames: Sequence[Pixels], stop: Event) -> Said:
        reading = self.read(frames, stop)
        return self._beside(image, frames).added_to(Said(reading.text, reading.score))

    def _beside(self, image: Image, frames: Sequence[Pixels]) -> Beside:
        config = self._config
        limits = {"codes": config.codes, "metadata": config.metadata}
        return look_beside(image, frames, max_frames=config.max_frames, **limits)

    def judge(
        self, ref: str, frames: Sequence[Pixels], stop: Event
    ) -> tuple[Reading, list[Finding]]:
        """What a picture of these frames says and the findings in it; blocks for its CPU time.

        Raises:
            ModelError: ``load`` was not awaited before.
        """
        reading = self.read(frames, stop)
        if stop.is_set():
            return reading, []
        return reading, judge(ref, reading, self.scorer, self.certain)

    @property
    def certain(self) -> float:
        """The engine's; 0 where the settings say that everything counts in full.

        Raises:
            ModelError: ``load`` was not awaited before.
        """
        return loaded(self._engine, "ocr_injection reads").certain if self._config.certainty else 0
