"""Qwen2-VL at some thousand random weights: another architecture, another processor."""

from __future__ import annotations

import torch
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
)

from guardrail_training.world.language import ROLES, tokenizer

MARKS = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
TEMPLATE = (
    "{% for m in messages %}{{ '<' + m.role + '>' }}"
    "{% for part in m.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ ' ' + part.text }}{% endif %}"
    "{% endfor %}{% if m.role == 'assistant' %}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def tiny_qwen(folder):
    """A folder as ``save_pretrained`` writes it."""
    torch.manual_seed(0)
    words = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer().backend_tokenizer,
        pad_token="<pad>",
        eos_token="<end>",
        unk_token="<unk>",
        additional_special_tokens=[*ROLES.values(), *MARKS],
    )
    start, end, image, video = words.convert_tokens_to_ids(list(MARKS))
    size = {"shortest_edge": 32 * 32, "longest_edge": 32 * 32}
    patches = {"patch_size": 8, "merge_size": 2, "size": size}
    reader = Qwen2VLProcessor(
        Qwen2VLImageProcessor(**patches),
        words,
        Qwen2VLVideoProcessor(**patches),
        chat_template=TEMPLATE,
    )
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": len(words),
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 256,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "mrope_section": [1, 1, 2],
            },
            "bos_token_id": None,
            "eos_token_id": words.eos_token_id,
            "pad_token_id": words.pad_token_id,
        },
        vision_config={
            "depth": 2,
            "embed_dim": 32,
            "hidden_size": 32,
            "num_heads": 4,
            "mlp_ratio": 2,
            "patch_size": 8,
        },
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    Qwen2VLForConditionalGeneration(config).save_pretrained(folder)
    reader.save_pretrained(folder)
    return folder
