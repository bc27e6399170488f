"""The embedded model's architecture: a small picture tower beside a frozen sentence encoder.

It is an open_clip model by its configuration, in an open_clip folder (``open_clip_config.json``
beside the weights), so that everything that reads open_clip models reads it.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import open_clip
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from guardrail_training.clip.errors import ClipTrainingError

CONTEXT = 64
"""Tokens of a text."""

MEAN = STD = (0.5, 0.5, 0.5)
"""Of pixels in [0, 1], as TensorFlow's networks were trained; timm's ``tf_`` towers have them."""

_MOST_BYTES = 500_000_000
"""Of a file of weights."""


Weights = Path | Literal["timm", "random"]


@dataclass(frozen=True, slots=True)
class Tower:
    """A picture tower.

    Attributes:
        name: Of an architecture of timm.
        size: Of a side of what it sees.
        weights: Those that it starts with: a file, what timm downloads, or random ones.
        layers: Topmost groups of layers, as timm counts them, that learn; 0 for all.
    """

    name: str
    size: int
    weights: Weights = "random"
    layers: int = 0

    def check(self) -> None:
        """Nothing, when there is such a tower.

        Raises:
            ClipTrainingError: timm does not know it, or the file is not there.
        """
        if not timm.is_model(self.name):
            raise ClipTrainingError(
                f"tower: timm has no {self.name!r}; `python -c 'import timm; "
                "print(timm.list_models())'` lists what it has"
            )
        if isinstance(self.weights, Path) and not self.weights.is_file():
            raise ClipTrainingError(f"--tower {self.weights}: there is no such file")

    def source(self) -> dict[str, str]:
        """Where the first weights are from: a name, and the SHA-256 of a file; {} for random."""
        match self.weights:
            case "random":
                return {}
            case "timm":
                known: Any = timm.get_pretrained_cfg(self.name)
                return {"name": f"{known.hf_hub_id if known else self.name} (timm)"}
            case file:
                return {"name": file.name, "sha256": sha256(file.read_bytes()).hexdigest()}


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
    tower.check()
    torch.manual_seed(seed)
    config = configuration(text, tower)
    vision = config["vision_cfg"] | {"timm_model_pretrained": tower.weights == "timm"}
    try:
        model = open_clip.CustomTextCLIP(config["embed_dim"], vision, config["text_cfg"])
    except Exception as error:  # noqa: BLE001 - timm and the hub raise whatever they like
        raise ClipTrainingError(
            f"picture tower {tower.name!r}: {error}; without a network name a file of its weights: "
            "--tower FILE"
        ) from None
    visual: Any = model.visual
    if isinstance(tower.weights, Path):
        restore(visual.trunk, tower.weights)
    if tower.layers:
        lock_all_but(visual, tower.layers)
    model.lock_text_tower()
    return model


def restore(trunk: nn.Module, file: Path) -> None:
    """Gives ``trunk`` the weights in ``file``: safetensors, or a state dict that torch saved.

    Where the names are not timm's, the weights of a state dict are taken in their order, as ports
    of a network often only rename: each has to agree in its last name, its shape and its kind of
    number. What is left over, a classifier's, is left out.

    Raises:
        ClipTrainingError: The file cannot be read, or holds another network.
    """
    found = _read(file)
    wanted = trunk.state_dict()
    if not set(wanted) <= set(found):
        found = {
            name: one
            for name, (given, one) in zip(wanted, found.items(), strict=False)
            if name.rsplit(".", 1)[-1] == given.rsplit(".", 1)[-1]
        }
    for name, one in wanted.items():
        given = found.get(name)
        if given is None or given.shape != one.shape or given.dtype != one.dtype:
            raise ClipTrainingError(
                f"{file}: the weights of another network: {name} is missing or has another shape "
                "or kind of number"
            )
        if not bool(given.isfinite().all()):
            raise ClipTrainingError(f"{file}: {name} has values that are no numbers")
    trunk.load_state_dict({name: found[name] for name in wanted})


def _read(file: Path) -> dict[str, Tensor]:
    if file.is_file() and file.stat().st_size > _MOST_BYTES:
        raise ClipTrainingError(f"{file}: more than {_MOST_BYTES:,} bytes of weights")
    try:
        found: Any = (
            load_file(file)
            if file.suffix == ".safetensors"
            else torch.load(file, map_location="cpu", weights_only=True)
        )
    except Exception as error:  # noqa: BLE001 - hostile files raise anything
        # Its message would advise to run what the file holds.
        raise ClipTrainingError(
            f"{file}: no weights: {type(error).__name__}; expected safetensors, or a state dict "
            "that torch loads without running code"
        ) from None
    if not isinstance(found, dict) or not all(isinstance(one, Tensor) for one in found.values()):
        raise ClipTrainingError(f"{file}: no weights: expected a state dict, names to tensors")
    return found


def lock_all_but(visual: Any, layers: int) -> None:
    """Lets only the ``layers`` topmost groups of an open_clip picture tower learn.

    Raises:
        ClipTrainingError: The tower can only be locked whole, or has fewer groups.
    """
    try:
        with warnings.catch_warnings():
            # open_clip imports timm's helpers by an old name
            warnings.filterwarnings("ignore", "Importing from timm.models.helpers", FutureWarning)
            visual.lock(unlocked_groups=layers)
    except (AssertionError, NotImplementedError) as error:
        raise ClipTrainingError(
            f"layers: {layers}: {type(visual).__name__} cannot be locked in parts ({error}); 0 "
            "lets all of it learn"
        ) from None
    if all(one.requires_grad for one in visual.parameters()):
        raise ClipTrainingError(f"layers: {layers}: the tower has no more than that; 0 for all")


def at_rest(model: nn.Module) -> None:
    """Keeps the statistics of layers that do not learn, after ``model.train()``."""
    for one in model.modules():
        if isinstance(one, nn.BatchNorm1d | nn.BatchNorm2d):
            own = list(one.parameters(recurse=False))
            if own and not any(weight.requires_grad for weight in own):
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
