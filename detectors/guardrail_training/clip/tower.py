"""The embedded model's architecture: a small picture tower beside a frozen sentence encoder.

It is an open_clip model by its configuration, in an open_clip folder (``open_clip_config.json``
beside the weights), so that everything that reads open_clip models reads it.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from guardrail_training.clip.errors import ClipTrainingError

CONTEXT = 64
"""Tokens of a text."""

MEAN = (0.5, 0.5, 0.5)
STD = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Tower:
    """A picture tower.

    Attributes:
        name: Of an architecture of timm.
        size: Of a side of what it sees.
        weights: File of pretrained weights; None for those that timm downloads, "" for random ones.
        layers: Topmost groups of layers, as timm counts them, that learn; 0 for all.
    """

    name: str
    size: int
    weights: Path | str | None = ""
    layers: int = 0


def configuration(text: Path, tower: Tower) -> dict[str, Any]:
    """The ``model_cfg`` of open_clip; embeddings are as wide as the encoder's own.

    Args:
        text: Folder of the sentence encoder.
        tower: Of pictures.
    """
    return {
        "embed_dim": json.loads((text / "config.json").read_text("utf-8"))["hidden_size"],
        "vision_cfg": {
            "timm_model_name": tower.name,
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "image_size": tower.size,
        },
        "text_cfg": {
            "hf_model_name": str(text),
            "hf_tokenizer_name": str(text),
            "hf_pooler_type": "mean_pooler",
            "hf_proj_type": None,
            "context_length": CONTEXT,
        },
    }


def build(text: Path, tower: Tower, seed: int) -> Any:
    """A new model: the picture tower with a random projection, the encoder of ``text`` frozen.

    Raises:
        ClipTrainingError: There is no such tower, or its weights cannot be had.
    """
    torch.manual_seed(seed)
    config = configuration(text, tower)
    vision = config["vision_cfg"] | {"timm_model_pretrained": tower.weights is None}
    try:
        model = open_clip.CustomTextCLIP(config["embed_dim"], vision, config["text_cfg"])
    except Exception as error:  # noqa: BLE001 - timm and the hub raise whatever they like
        raise ClipTrainingError(
            f"picture tower {tower.name!r}: {error}; without a network name a file of its weights: "
            "--tower FILE"
        ) from None
    visual: Any = model.visual
    if tower.weights:
        restore(visual.trunk, Path(tower.weights))
    if tower.layers:
        lock_all_but(visual, tower.layers)
    model.lock_text_tower()
    return model


def restore(trunk: nn.Module, file: Path) -> None:
    """Gives ``trunk`` the weights in ``file``: safetensors, or a state dict that torch saved.

    Names that differ from timm's are matched by their order, as ports of the same network often
    only rename; each shape has to agree. Weights beyond the trunk's, a classifier's, are left out.

    Raises:
        ClipTrainingError: The file cannot be read, or holds another network.
    """
    try:
        safe = file.suffix == ".safetensors"
        found: dict[str, Tensor] = (
            load_file(file) if safe else torch.load(file, map_location="cpu", weights_only=True)
        )
    except Exception as error:  # noqa: BLE001 - hostile files raise anything
        raise ClipTrainingError(f"{file}: no weights: {error}") from None
    wanted = trunk.state_dict()
    if not set(wanted) <= set(found):
        found = dict(zip(wanted, found.values(), strict=False))
    kept = {name: found[name] for name in wanted if name in found}
    wrong = [name for name, one in wanted.items() if kept.get(name, one[None]).shape != one.shape]
    if wrong:
        raise ClipTrainingError(
            f"{file}: the weights of another network: {wrong[0]} is missing or has another shape"
        )
    trunk.load_state_dict(kept)


def lock_all_but(visual: Any, layers: int) -> None:
    """Lets only the ``layers`` topmost groups of an open_clip picture tower learn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # open_clip imports timm's by an old name
        visual.lock(unlocked_groups=layers)


def at_rest(model: nn.Module) -> None:
    """Keeps the statistics of layers that do not learn, after ``model.train()``."""
    for one in model.modules():
        if isinstance(one, nn.modules.batchnorm._BatchNorm) and not one.weight.requires_grad:  # noqa: SLF001 - the base of all of them
            one.eval()


def save(model: nn.Module, folder: Path, tower: Tower) -> str:
    """Makes ``folder``, that of the sentence encoder, an open_clip folder as well.

    Returns:
        The name that open_clip loads it by, ``local-dir:…``.
    """
    content = {
        "model_cfg": configuration(folder, tower),
        "preprocess_cfg": {
            "size": tower.size,
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
