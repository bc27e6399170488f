"""One trainer for every objective: pairs in, an aligned MLLM folder out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn

from guardrail_training.adapt import AdaptersOff, Part, learn_only, with_lora
from guardrail_training.attacks.attack import Attack, attack
from guardrail_training.mllm import Mllm, load_mllm
from guardrail_training.objectives.answers import total
from guardrail_training.objectives.registry import (
    OBJECTIVES,
    Evidence,
    View,
    Weights,
    objective,
)
from guardrail_training.preference.corrupt import Corruption
from guardrail_training.preference.records import Pairs, collate, read_pairs
from guardrail_training.preference.views import Asked, scored
from guardrail_training.runs import Loss, Run, claim, is_first, train
from guardrail_training.settings import Lora, Strict
from guardrail_training.text_guard.records import DataError

_ATTACKED: frozenset[View] = frozenset({"chosen_adversarial", "rejected_adversarial"})


class PreferenceConfig(Strict):
    """What is trained on which pairs, towards what.

    Attributes:
        objective: Name in ``objectives.registry``.
        model: Policy, and its frozen copy the reference: a Hugging Face name or a folder.
        reference: Another reference, e.g. one trained against attacks.
        pairs: JSONL of pairs.
        images: Folder of their pictures.
        parts: What of the model learns.
        lora: Adapters instead of whole weights of language model and vision encoder; the reference
            is then the model with its adapters off, not a copy.
        weights: Of the objective.
        corruption: Of pictures, for objectives that compare pictures.
        attack: On pictures, for adversarial objectives; it raises the DPO loss.
        run: Length, rate, seed.
    """

    objective: str
    model: str
    reference: str | None = None
    pairs: Path
    images: Path
    parts: Annotated[tuple[Part, ...], Field(min_length=1)] = ("projector", "language")
    lora: Lora | None = None
    weights: Weights = Weights()
    corruption: Corruption = Corruption()
    attack: Attack = Attack(method="pgd", eps=2, steps=10)
    run: Run = Run()

    @field_validator("objective")
    @classmethod
    def _known(cls, name: str) -> str:
        objective(name)
        return name


def align(config: PreferenceConfig, out: Path) -> Path:
    """Trains the model on the pairs and writes it to ``out``/model.

    Args:
        config: The settings.
        out: Folder of model, log, curves and checkpoints.

    Returns:
        The model folder.

    Raises:
        DataError: The model, the pairs or a picture cannot be read, or ``out`` holds another run.
        FloatingPointError: The loss is no longer finite.
    """
    claim(out, config)
    torch.manual_seed(config.run.seed)
    mllm, rows, loss = prepared(config)
    train(mllm.model, rows, collate, loss, config.run, out)
    folder = out / "model"
    if is_first():
        if config.lora is not None:
            mllm.model = mllm.model.merge_and_unload()
        mllm.save(folder)
    return folder


def prepared(config: PreferenceConfig) -> tuple[Mllm, Pairs, Loss]:
    """The model with gradients for the parts that learn, its pairs, and the loss."""
    mllm = load_mllm(config.model)
    pairs = read_pairs(config.pairs)
    if "margin" in OBJECTIVES[config.objective].needs:
        odd = [
            pair.id for pair in pairs if pair.score_chosen is None or pair.score_rejected is None
        ]
        if odd:
            raise DataError(
                f"{config.pairs}: {config.objective} needs score_chosen and score_rejected; "
                f"{len(odd)} pairs lack them, e.g. {odd[0]!r}"
            )
    rows = Pairs(pairs, config.images, mllm.side)
    if config.lora is None:
        learn_only(mllm.model, config.parts)
    else:
        mllm.model = with_lora(mllm.model, config.lora, config.parts)
    return mllm, rows, preference_loss(mllm, _reference(mllm, config), config)


def _reference(mllm: Mllm, config: PreferenceConfig) -> Any | None:
    if not OBJECTIVES[config.objective].keeps_reference:
        return None
    if config.reference is None and config.lora is not None:
        return AdaptersOff(mllm.model)
    model = load_mllm(config.reference).model if config.reference else deepcopy(mllm.model)
    return model.eval().requires_grad_(requires_grad=False)


def preference_loss(mllm: Mllm, reference: Any | None, config: PreferenceConfig) -> Loss:
    """The mean of the objective over a batch of pairs."""
    chosen = objective(config.objective)

    def loss(model: Any, batch: Mapping[str, Any]) -> tuple[Tensor, dict[str, float]]:
        if isinstance(reference, nn.Module):
            reference.to(batch["images"].device)  # the Trainer moves what it trains, nothing else
        asked = _asked(mllm, config, chosen.reads, batch)
        answers = scored(mllm, model, reference, asked, divergences="divergence" in chosen.needs)
        evidence = Evidence(answers, batch["margin"] if "margin" in chosen.needs else None)
        value = chosen.compute(evidence, config.weights).mean()
        notes: dict[str, float] = {}
        if "rejected" in answers:
            gap = (answers["chosen"].log_ratio - answers["rejected"].log_ratio).detach()
            notes = {"gap": float(gap.mean()), "preferred": float((gap > 0).float().mean())}
        return value, notes

    return loss


def _asked(
    mllm: Mllm, config: PreferenceConfig, reads: Sequence[View], batch: Mapping[str, Any]
) -> dict[View, Asked]:
    images, prompts = batch["images"], batch["prompts"]
    chosen, rejected = batch["chosen"], batch["rejected"]
    moved = images
    if _ATTACKED & set(reads):
        moved = attacked(mllm, config.attack, batch)
    shifted = [*chosen[1:], chosen[0]]
    views: dict[View, Asked] = {
        "chosen": Asked(images, prompts, chosen, rejected),
        "rejected": Asked(images, prompts, rejected, chosen),
        "chosen_adversarial": Asked(moved, prompts, chosen),
        "rejected_adversarial": Asked(moved, prompts, rejected),
        "chosen_mismatched": Asked(images, prompts, shifted),
    }
    if "chosen_corrupted" in reads:
        views["chosen_corrupted"] = Asked(config.corruption(images), prompts, chosen)
    return {view: views[view] for view in reads}


def attacked(mllm: Mllm, settings: Attack, batch: Mapping[str, Any]) -> Tensor:
    """Pictures beside which the policy likes the rejected answers more than the chosen ones.

    That raises the DPO loss: the reference does not see the perturbation as a variable of it.
    """
    prompts = batch["prompts"]
    device = batch["images"].device
    better, worse = (
        mllm.conversations(prompts, batch[name]).to(device) for name in ("chosen", "rejected")
    )

    def prefers_worse(moved: Tensor) -> Tensor:
        liked, disliked = (
            total(mllm.log_probabilities(mllm.model, moved, one)[0], one.answer[:, 1:])
            for one in (worse, better)
        )
        return liked - disliked

    return attack(settings, prefers_worse, batch["images"], (mllm.model,))
