"""The detector ``unsafe_image``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from threading import Event

from guardrail.detector import Context, Pixels
from guardrail.types import Finding, Kind, Part
from guardrail_detectors.clip import load_clip
from guardrail_detectors.clip.folder import labels_of
from guardrail_detectors.clip.known import choose, embedded_remarks
from guardrail_detectors.loading import loaded
from guardrail_detectors.picture_parts import looking, side_by_side, unseen_frames
from guardrail_detectors.unsafe_image.config import UnsafeImageConfig
from guardrail_detectors.unsafe_image.judging import Judge
from guardrail_detectors.unsafe_image.text_regions import TextRegions
from guardrail_detectors.unsafe_image.zero_shot import ZeroShot


class UnsafeImage:
    """Reports, for each category, the part of a picture that shows it most.

    Args:
        config: The settings.
    """

    Config = UnsafeImageConfig
    kinds: frozenset[Kind] = frozenset({"image"})
    per_part = True

    def __init__(self, config: UnsafeImageConfig) -> None:
        self._config = config
        self._folder = choose(config.model)
        self._heads, self._written = config.judged(labels_of(self._folder))
        self._judge: Judge | None = None

    @property
    def version(self) -> str:
        """The model's name, version and the start of the digest of its files."""
        manifest = self._folder.manifest
        return f"2+{manifest.name}-{manifest.version}-{self._folder.digest[:12]}"

    @property
    def categories(self) -> frozenset[str]:
        """The model's heads that are used, and the categories in sentences."""
        return frozenset((*self._heads, *self._written))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What somebody who relies on it should know."""
        return embedded_remarks("unsafe_image", self._folder)

    def notes(self, part: Part) -> tuple[str, ...]:
        """How many frames of an animation are looked at, where it has more."""
        return unseen_frames(part, self._config.max_frames)

    async def load(self) -> None:
        """Loads the model, shared with every detector that uses it, and embeds the sentences.

        Raises:
            ModelError: The folder is incomplete or altered, or the device is missing.
        """
        if self._judge is None:
            self._judge = await asyncio.to_thread(self._loaded)

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The findings in the pictures among ``parts``, which are judged side by side.

        Raises:
            ImageError: A picture does not decode.
            ModelError: ``load`` was not awaited before.
            OverloadError: Too many pictures wait.
        """
        judge = loaded(self._judge, "unsafe_image judges")
        return await side_by_side(parts, context, looking(partial(_judged, judge)))

    def _loaded(self) -> Judge:
        config = self._config
        model = load_clip(str(self._folder.path), config.variant, config.device, config.threads)
        sentences = ZeroShot(model, self._written, config.negatives)
        regions = TextRegions() if config.mask_text else None
        return Judge(model, self._heads, sentences, regions, config.tiles, config.max_frames)


def _judged(judge: Judge, ref: str, frames: Sequence[Pixels], stop: Event) -> list[Finding]:
    return judge(ref, frames, stop)
