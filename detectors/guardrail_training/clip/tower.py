"""The embedded model's architecture: a small residual network beside a frozen sentence encoder.

It is an open_clip model by its configuration, in an open_clip folder (``open_clip_config.json``
beside the weights), so that everything that reads open_clip models reads it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file
from timm.models import ResNet, register_model
from timm.models.resnet import BasicBlock
from torch import nn

CONTEXT = 64
"""Tokens of a text."""

MEAN = (0.5, 0.5, 0.5)
STD = (0.25, 0.25, 0.25)


@register_model
def guardrail_resnet10(pretrained: bool = False, **settings: Any) -> ResNet:
    """A residual network of one block a stage: 2.8 million weights, made for two cores.

    Dense convolutions: on a processor they train four times as many operations a second as the
    depthwise ones of mobile networks, and lose nothing in eight bits.
    """
    if pretrained:
        raise ValueError("guardrail_resnet10 has no pretrained weights")
    settings.pop("pretrained_cfg", None)
    settings.pop("pretrained_cfg_overlay", None)
    settings.pop("cache_dir", None)
    block: Any = BasicBlock
    network = ResNet(
        block,
        (1, 1, 1, 1),
        channels=(64, 128, 224, 320),
        stem_width=24,
        stem_type="deep_tiered",
        avg_down=True,
        **settings,
    )
    known: Any = network
    known.default_cfg = {"input_size": (3, 80, 80), "pool_size": (3, 3)}  # open_clip asks for it
    return network


def configuration(text: Path, size: int) -> dict[str, Any]:
    """The ``model_cfg`` of open_clip; embeddings are as wide as the encoder's own.

    Args:
        text: Folder of the sentence encoder.
        size: Of pictures.
    """
    return {
        "embed_dim": json.loads((text / "config.json").read_text("utf-8"))["hidden_size"],
        "vision_cfg": {
            "timm_model_name": "guardrail_resnet10",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "image_size": size,
        },
        "text_cfg": {
            "hf_model_name": str(text),
            "hf_tokenizer_name": str(text),
            "hf_pooler_type": "mean_pooler",
            "hf_proj_type": None,
            "context_length": CONTEXT,
        },
    }


def build(text: Path, size: int, seed: int) -> Any:
    """A new model: random picture tower, the encoder of ``text`` frozen."""
    torch.manual_seed(seed)
    config = configuration(text, size)
    model = open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], config["text_cfg"])
    model.lock_text_tower()
    return model


def save(model: nn.Module, folder: Path, size: int) -> str:
    """Makes ``folder``, that of the sentence encoder, an open_clip folder as well.

    Returns:
        The name that open_clip loads it by, ``local-dir:…``.
    """
    content = {
        "model_cfg": configuration(folder, size),
        "preprocess_cfg": {
            "size": size,
            "mean": MEAN,
            "std": STD,
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }
    (folder / "open_clip_config.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    weights = {name: one.detach().contiguous().clone() for name, one in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return f"local-dir:{folder}"
