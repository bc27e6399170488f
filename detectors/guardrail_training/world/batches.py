"""Conversations about pictures as tensors, without the detour over files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor

from guardrail_training.world.draw import SIDE, draw
from guardrail_training.world.language import IMAGE, PATCH
from guardrail_training.world.questions import Question, questions
from guardrail_training.world.scenes import Scene, draw_scene

IGNORED = -100
"""Label of a token that is not learnt."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures and conversations, padded at the end.

    Attributes:
        pixel_values: float32 in [-1, 1], shape (batch, 3, 32, 32).
        input_ids: int64, shape (batch, tokens).
        attention_mask: Same shape; 0 on padding.
        labels: Same shape; ``IGNORED`` everywhere but on answers and the marks that end them.
    """

    pixel_values: Tensor
    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """On ``device``."""
        return replace(self, **{name: getattr(self, name).to(device) for name in self.__slots__})

    def inputs(self) -> dict[str, Tensor]:
        """The keyword arguments of the model's ``forward``, labels included."""
        return {name: getattr(self, name) for name in self.__slots__}


def pixels(pictures: Sequence[np.ndarray[Any, Any]]) -> Tensor:
    """uint8 pictures of shape (32, 32, 3) as the processor gives them: (batch, 3, 32, 32)."""
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    return stacked.float() / 127.5 - 1


class Encoder:
    """Turns conversations into ids with a cache of every sentence.

    Args:
        words: The world's tokenizer.
    """

    def __init__(self, words: Any) -> None:
        self._words = words
        self._known: dict[str, list[int]] = {}

    def ids(self, text: str) -> list[int]:
        """The ids of ``text``, special tokens as written."""
        if text not in self._known:
            self._known[text] = self._words.encode(text, add_special_tokens=False)
        return self._known[text]

    def conversation(self, turns: Sequence[Question]) -> tuple[list[int], list[int]]:
        """Ids and labels of a conversation about one picture; the answers are learnt."""
        ids: list[int] = []
        labels: list[int] = []
        for number, turn in enumerate(turns):
            picture = IMAGE * ((SIDE // PATCH) ** 2) if number == 0 else ""
            asked = self.ids(f"<user>{picture} {turn.text}<assistant>")
            answered = self.ids(f"{turn.answer}<end>")
            ids += asked + answered
            labels += [IGNORED] * len(asked) + answered
        return ids, labels

    def batch(
        self, pictures: Sequence[np.ndarray[Any, Any]], talks: Sequence[Sequence[Question]]
    ) -> Batch:
        """Pictures with their conversations, one each."""
        coded = [self.conversation(turns) for turns in talks]
        longest = max(len(ids) for ids, _ in coded)
        pad = self._words.pad_token_id
        return Batch(
            pixels(pictures),
            torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in coded]),
            torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in coded]),
            torch.tensor([row + [IGNORED] * (longest - len(row)) for _, row in coded]),
        )


def sample(
    count: int, rng: Random, *, turns: int, safe: bool | None = None
) -> tuple[list[Scene], list[np.ndarray[Any, Any]], list[list[Question]]]:
    """Scenes, their pictures and up to ``turns`` questions about each.

    Args:
        count: Of pictures.
        rng: Decides.
        turns: Most questions of one conversation.
        safe: Only harmless pictures and questions, or any when None.
    """
    noise = np.random.default_rng(rng.getrandbits(63))
    scenes = [draw_scene(rng, safe=safe) for _ in range(count)]
    asked = [
        [one for one in questions(scene, rng) if safe is None or one.harm is None][:turns]
        for scene in scenes
    ]
    return scenes, [draw(scene, noise) for scene in scenes], asked
