"""The detector: reads every picture and scores what it says as if it were a message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from pathlib import Path
from threading import Event
from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from guardrail.detector import Context, Pixels
from guardrail.errors import ModelError
from guardrail.types import Finding, Kind, Part
from guardrail_detectors.kept import Kept
from guardrail_detectors.ocr_injection.engine import EngineName, OcrEngine, load_engine
from guardrail_detectors.ocr_injection.joint import joined, messages
from guardrail_detectors.ocr_injection.layout import Group
from guardrail_detectors.ocr_injection.reading import Reading, read_pages
from guardrail_detectors.ocr_injection.workers import READING
from guardrail_detectors.weights import load_model_folder

LEAST_SCORE = 0.05
"""Findings below it are not reported."""

EXCERPT = 300
"""Characters of text that a finding shows at most."""


class Scorer(Protocol):
    """What judges the text: ``text_guard``'s scorer, or one like it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Categories, one for each column of ``scores``."""
        ...

    def scores(self, texts: Sequence[str], third_party: Sequence[bool], /) -> NDArray[np.float32]:
        """Calibrated scores in [0, 1], shape (len(texts), len(labels))."""
        ...


class OcrInjectionConfig(BaseModel):
    """The ``with:`` block of ``ocr_injection``.

    Attributes:
        engine: ``rapidocr``, or ``easyocr`` (extra ``easyocr``, torch).
        languages: Codes that the engine knows; an unknown one is refused with the list.
        weights: Folder of the engine's model files; by default where its package keeps them.
        max_side: Longest side in pixels of what the engine is shown; larger pictures are shown
            whole and in tiles.
        max_frames: Frames of an animation that are read, evenly chosen.
        threads: CPU threads of one reading (rapidocr).
        text_model: Name of the text model that scores what was read.
        joint: Whether what the pictures of a message say is also scored together with the user's
            words beside them: a harmless request and a harmless list may be an attack.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: EngineName = "rapidocr"
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en", "ch")
    weights: Path | None = None
    max_side: Annotated[int, Field(ge=512, le=4096)] = 2048
    max_frames: Annotated[int, Field(ge=1, le=64)] = 8
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    text_model: str = "text_guard_encoder"
    joint: bool = True


class OcrInjection:
    """Reports, for each frame and category, the passage of text that scores highest.

    The passages are the whole text, each paragraph and sliding groups of lines, so that neither
    padding around an instruction nor spreading it over lines hides it. A text that several frames
    make only together is reported without a box.

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
        self._engine = engine
        self._scorer = scorer
        self._texts: Kept[str, str] = Kept()
        self._scores: Kept[str, NDArray[np.float32]] = Kept()

    @property
    def version(self) -> str:
        """Of this code and of the engine's package, which carries the engine's weights."""
        return f"1+{self._config.engine}-{_installed(self._config.engine)}"

    @property
    def categories(self) -> frozenset[str]:
        """The text model's labels, from its manifest: no weights are read."""
        if self._scorer is not None:
            return frozenset(self._scorer.labels)
        return frozenset(load_model_folder(self._config.text_model).manifest.labels)

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
        tasks = [asyncio.create_task(self._inspect(part, context)) for part in parts if part.image]
        try:
            return [finding for found in await asyncio.gather(*tasks) for finding in found]
        finally:
            for task in tasks:
                task.cancel()

    async def inspect_jointly(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """What pictures of one message say together, and with the user's words beside them.

        Reported at the message's first picture, without a box.

        Raises:
            ImageError: A picture does not decode.
            OverloadError: Too much waits to be read.
        """
        if not self._config.joint:
            return ()
        found: list[Finding] = []
        for pictures, said in messages(parts, context.conversation.parts):
            whole = joined(said, [await self._text(part, context) for part in pictures])
            if whole:
                found += self._report_joint(pictures[0].ref, whole, await self._score(whole))
        return found

    async def _text(self, part: Part, context: Context) -> str:
        """The words in a picture, which ``inspect`` mostly has read already."""
        if part.image is None:
            return ""
        known = self._texts.get(part.image.sha256)
        if known is None:
            frames = await context.pixels(part.image)
            known = (await READING.run(partial(self.read, frames))).text
            self._texts.put(part.image.sha256, known)
        return known

    async def _score(self, whole: str) -> NDArray[np.float32]:
        key = sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
        known = self._scores.get(key)
        if known is None:
            scorer = self._scorer
            if scorer is None:
                raise ModelError("ocr_injection scores nothing before load(); await it first")
            known = (await READING.run(lambda _: scorer.scores([whole], [False])))[0]
            self._scores.put(key, known)
        return known

    def _report_joint(self, ref: str, whole: str, scores: NDArray[np.float32]) -> list[Finding]:
        return [
            Finding(ref, category, float(score), None, None, whole[:EXCERPT])
            for category, score in zip(self._labels(), scores, strict=True)
            if score >= LEAST_SCORE
        ]

    def _labels(self) -> tuple[str, ...]:
        return self._scorer.labels if self._scorer is not None else ()

    def read(self, frames: Sequence[Pixels], stop: Event | None = None) -> Reading:
        """What a picture of these frames says, for tools that show it; blocks for its CPU time.

        Raises:
            ModelError: ``load`` was not awaited before.
        """
        if self._engine is None:
            raise ModelError("ocr_injection reads nothing before load(); await it first")
        limits = {"max_side": self._config.max_side, "max_frames": self._config.max_frames}
        return read_pages(frames, self._engine, stop=stop, **limits)

    def read_text(self, frames: Sequence[Pixels]) -> str:
        """The text of a picture of these frames, paragraphs parted by empty lines."""
        return self.read(frames).text

    async def _inspect(self, part: Part, context: Context) -> list[Finding]:
        if part.image is None:
            return []
        frames = await context.pixels(part.image)
        reading, findings = await READING.run(partial(self._judge, part.ref, frames))
        self._texts.put(part.image.sha256, reading.text)
        return findings

    def _judge(
        self, ref: str, frames: Sequence[Pixels], stop: Event
    ) -> tuple[Reading, list[Finding]]:
        reading = self.read(frames, stop)
        pages = [page.groups() for page in reading.pages if page.lines]
        if not pages or self._scorer is None or stop.is_set():
            return reading, []
        across = reading.across()
        texts = list(dict.fromkeys(group.text for groups in pages for group in groups))
        texts += [across.text] if across else []
        rows = self._scorer.scores(texts, [True] * len(texts))  # (texts, labels)
        findings: list[Finding] = []
        for column, category in enumerate(self._scorer.labels):
            scores = dict(zip(texts, rows[:, column].tolist(), strict=True))
            best = [max(groups, key=partial(_rank, scores)) for groups in pages]
            if across and scores[across.text] > max(scores[group.text] for group in best):
                best.append(across)
            findings += _report(ref, category, best, scores)
        return reading, findings


def _rank(scores: dict[str, float], group: Group) -> tuple[float, int]:
    """Orders groups by score, of equal ones the shorter last: its box is the tighter one."""
    return scores[group.text], -len(group.text)


def _report(
    ref: str, category: str, groups: Iterable[Group], scores: dict[str, float]
) -> list[Finding]:
    return [
        Finding(ref, category, scores[one.text], None, one.box, one.text[:EXCERPT])
        for one in groups
        if scores[one.text] >= LEAST_SCORE
    ]


def _installed(package: str) -> str:
    try:
        return package_version(package)
    except PackageNotFoundError:
        return "missing"
