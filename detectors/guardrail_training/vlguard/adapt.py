"""Which weights learn: projector and language model do, the vision tower does not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModelForImageTextToText, AutoProcessor

from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.config import Lora

TOWERS = frozenset(
    {"vision_tower", "vision_model", "visual", "vision_encoder", "image_tower", "vision_backbone"}
)
"""What Transformers calls the modules that see."""

PROJECTORS = frozenset(
    {
        "multi_modal_projector",
        "mm_projector",
        "connector",
        "merger",
        "deepstack_merger_list",
        "aligner",
        "embed_vision",
    }
)
"""What it calls those between tower and language model; Qwen's stands inside the tower."""

_HEADS = frozenset({"lm_head"})


def load_model(name: str, revision: str | None = None) -> tuple[Any, Any]:
    """An image-text-to-text model in float32 and its processor, by Hugging Face name or folder.

    Raises:
        DataError: There is none; the message says why.
    """
    processors: Any = AutoProcessor
    models: Any = AutoModelForImageTextToText
    try:
        reader = processors.from_pretrained(name, revision=revision)
        model = models.from_pretrained(name, revision=revision, dtype=torch.float32)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise DataError(
            f"model {name!r}: cannot be loaded as an image-text-to-text model: {error}"
        ) from None
    return model, reader


def role(name: str) -> str:
    """``tower``, ``projector``, ``head`` or ``language``: whose the parameter or module is."""
    parts = set(name.split("."))
    if parts & PROJECTORS:
        return "projector"
    if parts & TOWERS:
        return "tower"
    return "head" if parts & _HEADS else "language"


def freeze_tower(model: nn.Module) -> None:
    """Sets ``requires_grad``: off in the vision tower, on everywhere else.

    Raises:
        DataError: No tower is known by its name, so nothing could be kept from learning.
    """
    roles = {name: role(name) for name, _ in model.named_parameters()}
    if "tower" not in roles.values():
        tops = sorted({".".join(name.split(".")[:2]) for name in roles})
        raise DataError(
            f"no vision tower among the modules {', '.join(tops)}; "
            f"known: {', '.join(sorted(TOWERS))}"
        )
    for name, parameter in model.named_parameters():
        parameter.requires_grad = roles[name] != "tower"


def with_lora(model: nn.Module, lora: Lora) -> Any:
    """The model with adapters on every linear layer of its language model.

    The projector learns in full, as in LLaVA's own fine-tuning by LoRA; all else is frozen.
    """
    targets = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and role(name) == "language"
    ]
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets,
        modules_to_save=sorted(set(_projectors(model))) or None,
    )
    with warnings.catch_warnings():
        # peft 0.21 asks Transformers 5 by a name that is going to change.
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        return get_peft_model(model, config)


def _projectors(model: nn.Module) -> Iterator[str]:
    """The outermost projector modules, by their full names."""
    for name, _ in model.named_modules():
        parts = name.split(".")
        if parts[-1] in PROJECTORS and not PROJECTORS & set(parts[:-1]):
            yield name


def learning(model: nn.Module) -> dict[str, int]:
    """How many weights learn, by role; an adapter has the role of its layer."""
    found: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            found[role(name)] = found.get(role(name), 0) + parameter.numel()
    return found
