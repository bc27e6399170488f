"""The detector ``adversarial_image``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from guardrail.detector import Context, Pixels
from guardrail.types import Box, Finding, Kind, Part
from guardrail_detectors.adversarial_image.measure import (
    Distances,
    calibration_of,
    distances,
    key_of,
)
from guardrail_detectors.clip import ClipModel, Device, load_clip
from guardrail_detectors.clip.known import AUTO, choose, embedded_remarks
from guardrail_detectors.loading import loaded
from guardrail_detectors.picture_parts import looking, one_by_one, unseen_frames
from guardrail_detectors.unsafe_image.views import pictures

CATEGORY = "adversarial_image"

LEAST_SCORE = 0.05
"""Findings below it are not reported."""


class AdversarialImageConfig(BaseModel):
    """The ``with:`` block of ``adversarial_image``.

    Attributes:
        model: As for ``unsafe_image``. A perturbation is seen best by the model it was made for.
        variant: Which weights of the model; None for its own choice.
        device: ``cuda`` must be there when asked for.
        max_frames: Frames of an animation that are looked at, evenly chosen.
        threads: CPU threads of one run; None for as many as there are processors, four at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, StringConstraints(min_length=1)] = AUTO
    variant: Literal["fp32", "fp16", "int8"] | None = None
    device: Device = "auto"
    max_frames: Annotated[int, Field(ge=1, le=64)] = 4
    threads: Annotated[int, Field(ge=1, le=64)] | None = None


class AdversarialImage:
    """Reports pictures of which a CLIP thinks otherwise after a slight disturbance.

    What is computed into a picture to move an embedding holds for that picture alone: JPEG, blur,
    resizing and noise undo part of it, and leave an ordinary picture where it was.

    Args:
        config: The settings.

    Source: Xu et al. 2018, "Feature squeezing", arXiv:1704.01155.
    """

    Config = AdversarialImageConfig
    kinds: frozenset[Kind] = frozenset({"image"})
    categories: frozenset[str] = frozenset({CATEGORY})
    per_part = True

    def __init__(self, config: AdversarialImageConfig) -> None:
        self._config = config
        self._folder = choose(config.model)
        self._model: ClipModel | None = None

    @property
    def version(self) -> str:
        """The model's name, version and the start of the digest of its files."""
        manifest = self._folder.manifest
        return f"1+{manifest.name}-{manifest.version}-{self._folder.digest[:12]}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What somebody who relies on it should know."""
        return embedded_remarks("adversarial_image", self._folder)

    def notes(self, part: Part) -> tuple[str, ...]:
        """How many frames of an animation are looked at, where it has more."""
        return unseen_frames(part, self._config.max_frames)

    async def load(self) -> None:
        """Loads the model, shared with every detector that uses it.

        Raises:
            ModelError: The folder is incomplete or altered, or the device is missing.
        """
        if self._model is None:
            config = self._config
            self._model = await asyncio.to_thread(
                load_clip, str(self._folder.path), config.variant, config.device, config.threads
            )

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The findings in the pictures among ``parts``.

        Raises:
            ImageError: A picture does not decode.
            ModelError: ``load`` was not awaited before.
            OverloadError: Too many pictures wait.
        """
        model = loaded(self._model, "adversarial_image judges")
        return await one_by_one(parts, context, looking(partial(self._judge, model)))

    def _judge(
        self, model: ClipModel, ref: str, frames: Sequence[Pixels], stop: Event
    ) -> list[Finding]:
        shown = list(pictures(frames, self._config.max_frames))
        rows: list[Distances] = []
        for _, picture in shown:
            if stop.is_set():
                return []
            rows.append(distances(model, [picture]))
        measured = np.concatenate(rows)
        key = key_of(model, self._config.variant)
        scores = calibration_of(key).scores(measured)
        best = int(scores.argmax())
        if scores[best] < LEAST_SCORE:
            return []
        frame, picture = shown[best]
        height, width = picture.shape[:2]
        box = Box(0, 0, width, height, frame) if len(frames) > 1 else None
        return [Finding(ref, CATEGORY, float(scores[best]), None, box)]
