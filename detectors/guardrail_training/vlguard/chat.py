"""Examples in the words of the model: its own chat template, its own processor."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.records import Example

IGNORED = -100
"""Label of a token that is not learnt."""

MAX_PIXELS = 50_000_000


class Examples(Dataset[Example]):
    """Examples by number, as data loaders want them."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, number: int) -> Example:
        return self._examples[number]


def open_picture(path: Path) -> Image.Image:
    """The picture in ``path`` as RGB.

    Raises:
        DataError: It is none, is damaged, or has more than ``MAX_PIXELS`` pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise DataError(f"{path}: has more than {MAX_PIXELS} pixels")
                return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{path}: is no picture that can be read: {error}") from None


class Collator:
    """Examples to the tensors of one batch, labels on answers only.

    The prompt is what the template writes with a generation prompt; what the whole conversation has
    beyond it is the answer with the marks that end it.

    Args:
        reader: The model's processor.

    Raises:
        DataError: The processor has no chat template.
    """

    def __init__(self, reader: Any) -> None:
        if getattr(reader, "chat_template", None) is None:
            raise DataError("the model's processor has no chat template: give the tuned model's")
        self.reader = reader

    def prompt(self, example: Example) -> str:
        """The conversation up to where the model answers."""
        return str(self.reader.apply_chat_template([_asked(example)], add_generation_prompt=True))

    def whole(self, example: Example) -> str:
        """The conversation with the answer."""
        answer = {"role": "assistant", "content": [{"type": "text", "text": example.response}]}
        return str(self.reader.apply_chat_template([_asked(example), answer]))

    def encode(
        self, texts: Sequence[str], pictures: Sequence[Image.Image], side: str
    ) -> dict[str, Tensor]:
        """Tensors of the texts, padded on ``side`` ("left" to generate, "right" to learn)."""
        words = self.reader.tokenizer
        before, words.padding_side = words.padding_side, side
        try:
            return dict(
                self.reader(
                    text=list(texts),
                    images=list(pictures) or None,
                    return_tensors="pt",
                    padding=True,
                    add_special_tokens=False,
                )
            )
        finally:
            words.padding_side = before

    def __call__(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """A batch with ``labels``, int64, shape (batch, tokens).

        Raises:
            DataError: A picture cannot be read, or the template rewrites the prompt when the
                answer follows, so that nobody can tell where the answer starts.
        """
        prompts, wholes = [], []
        for example in examples:
            prompts.append(self.prompt(example))
            wholes.append(self.whole(example))
            if not wholes[-1].startswith(prompts[-1]):
                raise DataError(
                    "the chat template writes another prompt once the answer follows; "
                    f"{prompts[-1]!r} does not start {wholes[-1]!r}"
                )
        pictures = pictures_of(examples)
        batch = self.encode(wholes, pictures, "right")
        tails = [whole[len(prompt) :] for prompt, whole in zip(prompts, wholes, strict=True)]
        starts = self._starts(batch, tails)
        if starts is None:
            starts = self.encode(prompts, pictures, "right")["attention_mask"].sum(1)
        places = torch.arange(batch["input_ids"].shape[1])
        learnt = (places[None, :] >= starts[:, None]) & (batch["attention_mask"] == 1)
        batch["labels"] = batch["input_ids"].where(learnt, torch.tensor(IGNORED))
        return batch

    def _starts(self, batch: dict[str, Tensor], tails: Sequence[str]) -> Tensor | None:
        """Where the answers start, told by their own tokens.

        None when a tokenizer joins the end of the prompt with the answer: then only the prompts,
        encoded with their pictures once more, can tell.
        """
        ends = batch["attention_mask"].sum(1).tolist()
        starts = []
        for row, end, tail in zip(batch["input_ids"], ends, tails, strict=True):
            ids = self.reader.tokenizer.encode(tail, add_special_tokens=False)
            if row[end - len(ids) : end].tolist() != ids:
                return None
            starts.append(end - len(ids))
        return torch.tensor(starts)


def pictures_of(examples: Sequence[Example]) -> list[Image.Image]:
    """The pictures of those examples that have one."""
    return [open_picture(one.image) for one in examples if one.image is not None]


def _asked(example: Example) -> dict[str, Any]:
    parts: list[dict[str, str]] = [{"type": "text", "text": example.instruction}]
    if example.image is not None:
        parts.insert(0, {"type": "image"})
    return {"role": "user", "content": parts}
