"""The detector ``nudity``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from threading import Event, Lock
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from guardrail.detector import Context, Pixels
from guardrail.types import Box, Finding, Kind, Part
from guardrail_detectors.loading import loaded
from guardrail_detectors.nudity.network import SIDE, NudeNet, Sighting, moved, unrepeated
from guardrail_detectors.packages import installed
from guardrail_detectors.picture_parts import looking, one_by_one, unseen_frames
from guardrail_detectors.unsafe_image.views import pictures, tiles
from guardrail_detectors.weights import digest_of

CATEGORY = "sexual_content"

PartName = Literal[
    "anus_exposed",
    "buttocks_exposed",
    "female_breast_exposed",
    "female_genitalia_exposed",
    "male_genitalia_exposed",
    "anus_covered",
    "armpits_covered",
    "armpits_exposed",
    "belly_covered",
    "belly_exposed",
    "buttocks_covered",
    "face_female",
    "face_male",
    "feet_covered",
    "feet_exposed",
    "female_breast_covered",
    "female_genitalia_covered",
    "male_breast_exposed",
]


class NudityConfig(BaseModel):
    """The ``with:`` block of ``nudity``.

    Attributes:
        parts: What is reported, by the network's names.
        tiles: Parts of a picture that are looked at besides the whole, for what is small.
        max_frames: Frames of an animation that are looked at, evenly chosen.
        threads: CPU threads of one run.
        weights: Another network of NudeNet's; None for the one in its package.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: Annotated[tuple[PartName, ...], Field(min_length=1)] = (
        "anus_exposed",
        "buttocks_exposed",
        "female_breast_exposed",
        "female_genitalia_exposed",
        "male_genitalia_exposed",
    )
    tiles: Annotated[int, Field(ge=0, le=64)] = 5
    max_frames: Annotated[int, Field(ge=1, le=64)] = 8
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    weights: Path | None = None


class Nudity:
    """Reports each naked part of a body with its box, so that ``redact`` paints it over.

    Scores are the network's own confidences: they rank, and are calibrated to nothing.

    Args:
        config: The settings.
    """

    Config = NudityConfig
    kinds: frozenset[Kind] = frozenset({"image"})
    categories: frozenset[str] = frozenset({CATEGORY})
    per_part = True

    def __init__(self, config: NudityConfig) -> None:
        self._config = config
        self._weights = digest_of(config.weights)
        self._network: NudeNet | None = None

    @property
    def version(self) -> str:
        """Of this code, of the package that carries the network, and of another network."""
        return f"1+nudenet-{installed('nudenet')}{self._weights and f'+{self._weights[:12]}'}"

    def notes(self, part: Part) -> tuple[str, ...]:
        """How many frames of an animation are looked at, where it has more."""
        return unseen_frames(part, self._config.max_frames)

    async def load(self) -> None:
        """Loads the network, shared with every detector of equal settings.

        Raises:
            ModelError: The package is missing, or the file is another network.
        """
        if self._network is None:
            config = self._config
            key = (config.weights, self._weights)
            self._network = await asyncio.to_thread(_loaded, key, config.threads)

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The findings in the pictures among ``parts``.

        Raises:
            ImageError: A picture does not decode.
            ModelError: ``load`` was not awaited before.
            OverloadError: Too many pictures wait.
        """
        network = loaded(self._network, "nudity sees")
        return await one_by_one(parts, context, looking(partial(self._judge, network)))

    def _judge(
        self, network: NudeNet, ref: str, frames: Sequence[Pixels], stop: Event
    ) -> list[Finding]:
        seen: list[Sighting] = []
        for frame, picture in pictures(frames, self._config.max_frames):
            if stop.is_set():
                return []
            height, width = picture.shape[:2]
            regions = [Box(0, 0, width, height), *tiles(width, height, SIDE, self._config.tiles)]
            for box in regions:
                region = Box(box.left, box.top, box.right, box.bottom, frame)
                part = picture[box.top : box.bottom, box.left : box.right]
                seen += [moved(one, region) for one in network(part)]
        return [
            Finding(ref, CATEGORY, one.score, None, one.box, one.name.replace("_", " "))
            for one in unrepeated(seen)
            if one.name in self._config.parts
        ]


_LOADING = Lock()


def _loaded(key: tuple[Path | None, str], threads: int) -> NudeNet:
    with _LOADING:
        return _load(key, threads)


@lru_cache(maxsize=8)
def _load(key: tuple[Path | None, str], threads: int) -> NudeNet:
    return NudeNet(key[0], threads)
