"""open_clip architectures of each kind, small enough to export in a second."""

from __future__ import annotations

import json
from pathlib import Path

import open_clip
from transformers import PreTrainedTokenizerFast

from tests.training.encoder.tiny import base_model

TEXT = {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1}

CONFIGS = {
    "tiny-vit": {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": TEXT,
    },
    "tiny-mobile": {
        "embed_dim": 16,
        "vision_cfg": {
            "timm_model_name": "test_efficientnet",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "image_size": 64,
        },
        "text_cfg": {**TEXT, "no_causal_mask": True},
        "custom_text": True,
    },
}


def known(folder: Path) -> None:
    """Registers the architectures with open_clip, and one that is like SigLIP."""
    configs = folder / "configs"
    configs.mkdir()
    tokenizer = base_model(folder / "words")
    for name, one in {**CONFIGS, "tiny-siglip": siglip(tokenizer)}.items():
        (configs / f"{name}.json").write_text(json.dumps(one))
    open_clip.add_model_config(configs)


def siglip(tokenizer: Path) -> dict:
    """Attention pooling, a bias of the logits, a Hugging Face tokenizer after cleaning."""
    return {
        "embed_dim": 32,
        "init_logit_bias": -10,
        "custom_text": True,
        "vision_cfg": {
            "image_size": 160,
            "timm_model_name": "test_vit",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
        },
        "text_cfg": {
            "context_length": 12,
            "vocab_size": PreTrainedTokenizerFast.from_pretrained(tokenizer).vocab_size,
            "hf_tokenizer_name": str(tokenizer),
            "tokenizer_kwargs": {"clean": "canonicalize"},
            "width": 32,
            "heads": 2,
            "layers": 1,
            "no_causal_mask": True,
            "proj_bias": True,
            "pool_type": "last",
        },
    }
