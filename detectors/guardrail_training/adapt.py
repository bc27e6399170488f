"""Which weights of an MLLM learn, by the names that Transformers gives its parts."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal

from peft import LoraConfig, get_peft_model
from torch import nn

from guardrail_training.settings import Lora
from guardrail_training.text_guard.records import DataError

TOWERS = frozenset(
    {"vision_tower", "vision_model", "visual", "vision_encoder", "image_tower", "vision_backbone"}
)
"""What Transformers calls the modules that see."""

PROJECTORS = frozenset(
    {
        "multi_modal_projector",
        "mm_projector",
        "projector",
        "connector",
        "merger",
        "deepstack_merger_list",
        "aligner",
        "embed_vision",
    }
)
"""What it calls those between tower and language model; Qwen's stands inside the tower."""

_HEADS = frozenset({"lm_head"})

Part = Literal["vision", "projector", "language"]
"""What of a model may learn; the language model's head is of it."""

_ROLES: dict[Part, str] = {"vision": "tower", "projector": "projector", "language": "language"}


def role(name: str) -> str:
    """``tower``, ``projector``, ``head`` or ``language``: whose the parameter or module is."""
    parts = set(name.split("."))
    if parts & PROJECTORS:
        return "projector"
    if parts & TOWERS:
        return "tower"
    return "head" if parts & _HEADS else "language"


def learn_only(model: nn.Module, parts: Collection[Part]) -> None:
    """Sets ``requires_grad``: on in ``parts``, off everywhere else.

    Raises:
        DataError: A part that shall rest, or learn alone, is not known by its name.
    """
    known = _known(model)
    if "projector" not in known.values() and len({"projector", "language"} & {*parts}) == 1:
        raise DataError(
            f"no projector among the modules {_modules(known)}; "
            f"known: {', '.join(sorted(PROJECTORS))}"
        )
    for name, parameter in model.named_parameters():
        parameter.requires_grad = known[name] in parts


def with_lora(
    model: nn.Module, lora: Lora, parts: Collection[Part] = ("projector", "language")
) -> Any:
    """The model with adapters on every linear layer of language model and tower, as ``parts`` say.

    The projector learns in full, as in LLaVA's own fine-tuning by LoRA; it is part of the adapters,
    and so off when they are. All else is frozen.

    Raises:
        DataError: No vision tower is known by its name, or ``parts`` have no layers to adapt.
    """
    _known(model)
    roles = {_ROLES[part] for part in parts} - {"projector"}
    targets = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and role(name) in roles
    ]
    if not targets:
        raise DataError("lora: adapts the language model or the vision encoder: add one to `parts`")
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets,
        modules_to_save=(sorted(_projectors(model)) or None) if "projector" in parts else None,
    )
    with warnings.catch_warnings():
        # peft 0.21 asks Transformers 5 by a name that is going to change.
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        return get_peft_model(model, config)


class AdaptersOff:
    """The model that adapters were put on, as it was before they learnt: a reference for free.

    Args:
        adapted: What ``with_lora`` gave; it is as it was after each call.
    """

    def __init__(self, adapted: Any) -> None:
        self._adapted = adapted

    def __call__(self, **inputs: Any) -> Any:
        """The outputs in evaluation mode."""
        training = self._adapted.training
        self._adapted.eval()
        try:
            with self._adapted.disable_adapter():
                return self._adapted(**inputs)
        finally:
            self._adapted.train(training)


def _known(model: nn.Module) -> dict[str, Part]:
    """Each weight's part.

    Raises:
        DataError: No tower is known by its name, so nothing could be kept from learning.
    """
    parts: dict[str, Part] = {role: part for part, role in _ROLES.items()}
    known: dict[str, Part] = {
        name: parts.get(role(name), "language") for name, _ in model.named_parameters()
    }
    if "vision" not in known.values():
        raise DataError(
            f"no vision tower among the modules {_modules(known)}; "
            f"known: {', '.join(sorted(TOWERS))}"
        )
    return known


def _modules(names: Iterable[str]) -> str:
    return ", ".join(sorted({".".join(name.split(".")[:2]) for name in names}))


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
