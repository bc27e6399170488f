"""The world's MLLM: LLaVA's architecture at a million weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
)

from guardrail_training.text_guard.records import DataError
from guardrail_training.world.draw import SIDE
from guardrail_training.world.language import PATCH, processor

WIDTH = 128
"""Of the tower's patches."""

_LANGUAGE_WIDTH = 96


def build_model(seed: int = 0) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:
    """An untrained model and its processor; the same seed gives the same weights.

    The tower reads (batch, 3, 32, 32) in [-1, 1] and gives 16 patches of ``WIDTH``.
    """
    torch.manual_seed(seed)
    reader = processor()
    words: Any = reader.tokenizer
    config = LlavaConfig(
        vision_config=_vision(),
        text_config=LlamaConfig(
            vocab_size=len(words),
            hidden_size=_LANGUAGE_WIDTH,
            intermediate_size=256,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=256,
            pad_token_id=words.pad_token_id,
            bos_token_id=None,
            eos_token_id=words.eos_token_id,
            tie_word_embeddings=False,
        ),
        image_token_index=words.convert_tokens_to_ids(reader.image_token),
        image_seq_length=(SIDE // PATCH) ** 2,
        vision_feature_select_strategy="default",
        vision_feature_layer=-1,
        tie_word_embeddings=False,
    )
    model = LlavaForConditionalGeneration(config)
    settings: Any = model.generation_config
    settings.eos_token_id, settings.pad_token_id = words.eos_token_id, words.pad_token_id
    settings.max_new_tokens = 32
    return model, reader


def _vision() -> CLIPVisionConfig:
    return CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=320,
        num_hidden_layers=3,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=PATCH,
        projection_dim=WIDTH,
    )


def save(model: Any, reader: Any, folder: Path) -> None:
    """Writes a Hugging Face folder: weights, configuration, tokenizer, processor, template."""
    model.save_pretrained(folder)
    reader.save_pretrained(folder)


def load(folder: Path) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:
    """What ``save`` wrote, in float32 and evaluation mode.

    Raises:
        DataError: The folder holds no such model.
    """
    try:
        model = LlavaForConditionalGeneration.from_pretrained(folder, local_files_only=True)
        reader = LlavaProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise DataError(f"{folder}: holds no LLaVA model: {error}") from None
    ready: Any = model
    return ready.float().eval(), reader
