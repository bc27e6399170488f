"""The detector ``person_inference``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from guardrail.detector import Context
from guardrail.types import TEXT_KINDS, Conversation, Finding, Image, Kind, Part
from guardrail_detectors.clip.known import EMBEDDED
from guardrail_detectors.kept import Kept
from guardrail_detectors.loading import loaded
from guardrail_detectors.person_inference.faces import Presence, Way, presence, resolved
from guardrail_detectors.person_inference.intent import NAME, Intent, Scores
from guardrail_detectors.picture_parts import one_by_one
from guardrail_detectors.weights import load_model_folder
from guardrail_detectors.workers import LOOKING

LEAST_SCORE = 0.05
"""Findings below it are not reported."""

EXCERPT = 200
"""Characters of the question that a finding shows at most."""


class PersonInferenceConfig(BaseModel):
    """The ``with:`` block of ``person_inference``.

    Attributes:
        faces: What tells whether a face is there: ``nudenet`` (extra ``nudity``), ``clip`` (the
            best installed one), ``assume`` that any picture may show one, or ``auto``: the first of
            them that is there.
        intent: Folder of the heads that judge the words.
        text_model: The CLIP whose text tower those were trained on.
        threads: CPU threads of one look for faces.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    faces: Way = "auto"
    intent: Annotated[str, StringConstraints(min_length=1)] = NAME
    text_model: Annotated[str, StringConstraints(min_length=1)] = EMBEDDED
    threads: Annotated[int, Field(ge=1, le=64)] = 2


class PersonInference:
    """Reports pictures with a face that the user's words ask to name or to judge.

    The words are all of the user's in the picture's message and after it: ``who is that?`` may come
    a turn later. The score is that of the words times how surely a face is there.

    Args:
        config: The settings.
        found: Tells faces instead of what ``config`` names.
    """

    Config = PersonInferenceConfig
    kinds: frozenset[Kind] = frozenset({"image"})

    def __init__(self, config: PersonInferenceConfig, *, found: Presence | None = None) -> None:
        self._config = config
        self._folder = load_model_folder(config.intent)
        self._way: Way = resolved(config.faces)
        self._present = found
        self._intent: Intent | None = None
        self._faces: Kept[str, float] = Kept()

    @property
    def version(self) -> str:
        """Of the heads, and what tells faces."""
        manifest = self._folder.manifest
        return f"1+{manifest.name}-{manifest.version}-{self._folder.digest[:12]}+{self._way}"

    @property
    def categories(self) -> frozenset[str]:
        """The heads' labels."""
        return frozenset(self._folder.manifest.labels)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What somebody who relies on it should know."""
        if self._config.faces != "auto" or self._way != "assume":
            return ()
        said = (
            "person_inference has nothing here to look for faces with, and takes every picture for "
            "one of a person: pip install 'mllm-guardrail[nudity]', or pull a CLIP"
        )
        return (said,)

    async def load(self) -> None:
        """Loads the heads, the text tower, and what tells faces.

        Raises:
            ModelError: A model or package is missing or altered.
        """
        config = self._config
        if self._intent is None:
            self._intent = await asyncio.to_thread(Intent.load, config.intent, config.text_model)
        if self._present is None:
            self._present = await asyncio.to_thread(presence, self._way, config.threads)

    async def inspect(self, parts: Sequence[Part], context: Context) -> Sequence[Finding]:
        """The findings about the pictures among ``parts``; none is decoded unless words ask.

        Raises:
            ImageError: A picture does not decode.
            ModelError: ``load`` was not awaited before.
            OverloadError: Too many pictures wait.
            WireError: The words are more than can be judged.
        """
        intent = loaded(self._intent, "person_inference judges")
        return await one_by_one(parts, context, partial(self._inspect, intent))

    async def _inspect(
        self, intent: Intent, part: Part, image: Image, context: Context
    ) -> list[Finding]:
        said = words(context.conversation, part)
        if not said:
            return []
        scores = await LOOKING.run(partial(_scores, intent, said))  # (texts, labels)
        if scores.max() < LEAST_SCORE:
            return []
        sure = await self._face(image, context)
        found: list[Finding] = []
        for column, category in enumerate(intent.labels):
            row = int(np.argmax(scores[:, column]))
            score = float(scores[row, column]) * sure
            if score >= LEAST_SCORE:
                told = said[row][:EXCERPT]
                found.append(Finding(part.ref, category, score, None, None, told))
        return found

    async def _face(self, image: Image, context: Context) -> float:
        present = self._present
        if present is None:
            return 0.0
        known = self._faces.get(image.sha256)
        if known is None:
            frames = await context.pixels(image) if self._way != "assume" else ()
            known = await LOOKING.run(lambda _: present(frames))
            self._faces.put(image.sha256, known)
        return known


def _scores(intent: Intent, texts: Sequence[str], stop: Event) -> Scores:
    return intent.scores(texts, stop)


def words(conversation: Conversation, picture: Part) -> list[str]:
    """What the user says in the message of ``picture`` and after it, in order."""
    return [
        part.text
        for part in conversation.parts
        if part.kind in TEXT_KINDS
        and part.source == "user"
        and part.message >= picture.message
        and part.text.strip()
    ]
