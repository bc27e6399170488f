"""A Hugging Face image-text-to-text model as training sees it: pictures in [0, 1], gradients kept.

Processors read files and give no gradient to pixels. Here pictures are tensors, normalised inside
the graph, so that an attack can reach them and an eps means pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import interpolate
from transformers import AutoModelForImageTextToText, AutoProcessor

from guardrail_training.adapt import TOWERS
from guardrail_training.text_guard.records import DataError


@dataclass(frozen=True, slots=True)
class Tokens:
    """Prompts, some with answers, as ids.

    Attributes:
        input_ids: int64, shape (batch, tokens).
        attention_mask: 0 on padding; same shape.
        answer: True on tokens of the answer and the mark that ends it; same shape.
    """

    input_ids: Tensor
    attention_mask: Tensor
    answer: Tensor

    def to(self, device: torch.device) -> Tokens:
        """On ``device``."""
        return Tokens(
            *(one.to(device) for one in (self.input_ids, self.attention_mask, self.answer))
        )


class Mllm:
    """What turns pictures, prompts and answers into a model's inputs and outputs.

    Args:
        model: LLaVA-shaped: a vision tower, a projector, a language model.
        processor: The model's own; its chat template writes the prompts.

    Raises:
        DataError: The model has no vision encoder under a known name.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.processor = processor
        pictures = processor.image_processor
        self.tower = _tower(model)
        self._mean = torch.tensor(pictures.image_mean)[:, None, None]
        self._std = torch.tensor(pictures.image_std)[:, None, None]
        size = self.tower.config.image_size
        self.side = int(size if isinstance(size, int) else size[0])
        self._known: dict[str, list[int]] = {}

    def pixel_values(self, images: Tensor) -> Tensor:
        """Pictures in [0, 1] as the tower reads them: resized when needed, then normalised."""
        if images.shape[-1] != self.side or images.shape[-2] != self.side:
            size = (self.side, self.side)
            images = interpolate(images, size, mode="bicubic", antialias=True).clamp(0, 1)
        return (images - self._mean.to(images)) / self._std.to(images)

    def features(self, tower: nn.Module, images: Tensor) -> Tensor:
        """What the projector reads of pictures in [0, 1]: (batch, patches, width).

        The layer and whether the class token is left out are those of the model's configuration.

        Args:
            tower: The model's, or a copy of it.
            images: Shape (batch, 3, height, width).
        """
        config = self.model.config
        layers = config.vision_feature_layer
        hidden = tower(self.pixel_values(images), output_hidden_states=True).hidden_states
        chosen = [hidden[one] for one in ([layers] if isinstance(layers, int) else layers)]
        start = int(config.vision_feature_select_strategy == "default")
        return torch.cat([one[:, start:] for one in chosen], dim=-1)

    def prompts(self, prompts: Sequence[str]) -> Tokens:
        """Prompts ready to be answered, padded on the left."""
        rows = [self._ids(self._written(prompt)) for prompt in prompts]
        return self._padded(rows, [0] * len(rows), left=True)

    def conversations(self, prompts: Sequence[str], answers: Sequence[str]) -> Tokens:
        """Prompts with their answers, padded on the right."""
        said = [self._said(*one) for one in zip(prompts, answers, strict=True)]
        asked = [self._ids(self._written(prompt)) for prompt in prompts]
        rows = [[*before, *after] for before, after in zip(asked, said, strict=True)]
        return self._padded(rows, list(map(len, said)), left=False)

    def log_probabilities(
        self, model: Any, images: Tensor, tokens: Tokens
    ) -> tuple[Tensor, Tensor]:
        """Of each token after those before it, beside a picture.

        Args:
            model: The model, a copy, or a wrapper of it.
            images: In [0, 1], shape (batch, 3, height, width).
            tokens: As ``conversations`` gives them.

        Returns:
            Of the tokens that stand there, shape (batch, tokens - 1), and of all words, shape
            (batch, tokens - 1, words); the answer's are at ``tokens.answer[:, 1:]``.
        """
        logits = model(
            input_ids=tokens.input_ids,
            attention_mask=tokens.attention_mask,
            pixel_values=self.pixel_values(images),
        ).logits[:, :-1]
        words = logits.float().log_softmax(-1)
        return words.gather(-1, tokens.input_ids[:, 1:, None])[..., 0], words

    @torch.no_grad()
    def answers(
        self, model: Any, images: Tensor, prompts: Sequence[str], most_tokens: int = 64
    ) -> list[str]:
        """What the model says, by greedy decoding.

        Args:
            model: The model or a copy of it, not wrapped.
            images: In [0, 1].
            prompts: One a picture.
            most_tokens: Where answers are cut.
        """
        tokens = self.prompts(prompts).to(images.device)
        training = model.training
        model.eval()
        said = model.generate(
            input_ids=tokens.input_ids,
            attention_mask=tokens.attention_mask,
            pixel_values=self.pixel_values(images),
            max_new_tokens=most_tokens,
            do_sample=False,
        )
        model.train(training)
        new = said[:, tokens.input_ids.shape[1] :]
        found: list[str] = self.processor.batch_decode(new, skip_special_tokens=True)
        return [one.strip() for one in found]

    def changed_tokens(self, prompt: str, answer: str, other: str) -> list[bool]:
        """Which tokens of ``answer`` a diff against ``other`` marks as replaced or added."""
        mine, theirs = (self._said(prompt, one) for one in (answer, other))
        marks = [True] * len(mine)
        for block in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
            marks[block.a : block.a + block.size] = [False] * block.size
        return marks

    def _said(self, prompt: str, answer: str) -> list[int]:
        """The ids of an answer as they follow its prompt, with the mark that ends it."""
        asked, whole = self._written(prompt), self._written(prompt, answer)
        if not whole.startswith(asked):
            raise DataError("the chat template writes a prompt differently once it is answered")
        said: list[int] = self.processor.tokenizer.encode(
            whole[len(asked) :], add_special_tokens=False
        )
        return said

    def _written(self, prompt: str, answer: str | None = None) -> str:
        content = [{"type": "image"}, {"type": "text", "text": prompt}]
        turns: list[dict[str, Any]] = [{"role": "user", "content": content}]
        if answer is not None:
            turns.append({"role": "assistant", "content": [{"type": "text", "text": answer}]})
        written: str = self.processor.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=answer is None
        )
        return written

    def _ids(self, text: str) -> list[int]:
        """The ids of a prompt, with as many places for the picture as the model wants."""
        if text not in self._known:
            blank = Image.new("RGB", (self.side, self.side))
            encoded = self.processor(images=[blank], text=[text], return_tensors="pt")
            self._known[text] = encoded["input_ids"][0].tolist()
        return self._known[text]

    def _padded(self, rows: list[list[int]], lengths: list[int], *, left: bool) -> Tokens:
        longest = max(map(len, rows))
        shape = (len(rows), longest)
        words = self.processor.tokenizer
        pad = words.eos_token_id if words.pad_token_id is None else words.pad_token_id
        ids, mask = torch.full(shape, pad), torch.zeros(shape, dtype=torch.int64)
        answer = torch.zeros(shape, dtype=torch.bool)
        for number, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            start = longest - len(row) if left else 0
            ids[number, start : start + len(row)] = torch.tensor(row)
            mask[number, start : start + len(row)] = 1
            answer[number, start + len(row) - length : start + len(row)] = True
        return Tokens(ids, mask, answer)

    def save(self, folder: Path) -> None:
        """Writes the model and its processor as a Hugging Face folder."""
        self.model.eval().save_pretrained(folder)
        self.processor.save_pretrained(folder)


def _tower(model: Any) -> Any:
    inner = getattr(model, "model", model)
    for name in sorted(TOWERS):
        if hasattr(inner, name):
            return getattr(inner, name)
    known = ", ".join(sorted(TOWERS))
    raise DataError(f"{type(inner).__name__} has no vision encoder among {known}")


def load_pretrained(source: str | Path, revision: str | None = None) -> tuple[Any, Any]:
    """An image-text-to-text model in float32 and its processor, by Hugging Face name or folder.

    Args:
        source: Name or folder.
        revision: Of a name.

    Raises:
        DataError: It is not there, or is no such model.
    """
    models: Any = AutoModelForImageTextToText
    processors: Any = AutoProcessor
    try:
        processor = processors.from_pretrained(str(source), revision=revision)
        model = models.from_pretrained(str(source), revision=revision, dtype=torch.float32)
    except (OSError, ValueError, KeyError, ImportError) as error:
        why = str(error).strip().partition("\n")[0]
        raise DataError(
            f"model {str(source)!r} cannot be loaded as an image-text-to-text model: {why}; give a "
            "Hugging Face name that this machine can reach, or a folder that save_pretrained wrote"
        ) from None
    return model, processor


def load_mllm(source: str | Path) -> Mllm:
    """What ``load_pretrained`` gives, in evaluation mode.

    Raises:
        DataError: It is not there, or is no image-text-to-text model with a vision encoder.
    """
    model, processor = load_pretrained(source)
    return Mllm(model.eval(), processor)
