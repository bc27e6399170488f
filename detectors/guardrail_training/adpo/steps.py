"""One training step of each method: attack the batch, then the loss."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Protocol

import torch
from torch import Tensor

from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.losses import class_entropy, embedding_distance, with_clean
from guardrail_training.attacks.attack import attack
from guardrail_training.mllm import Mllm
from guardrail_training.objectives.answers import total
from guardrail_training.objectives.visual import adpo, adversarial_image, preferred_image
from guardrail_training.preference.views import Asked, scored
from guardrail_training.runs import Loss

Noted = tuple[Tensor, dict[str, float]]


def unwrapped(model: Any) -> Any:
    """The module itself where a distributed run has wrapped it."""
    return getattr(model, "module", model)


class Encoder(Protocol):
    """A vision tower, and how pictures in [0, 1] become what is read of it."""

    @property
    def tower(self) -> Any:
        """The tower, a ``nn.Module``."""
        ...

    def features(self, tower: Any, images: Tensor) -> Tensor:
        """Of pictures by a copy or a wrapper of the tower: (batch, …)."""
        ...


def fare(encoder: Encoder, config: HardenConfig) -> Loss:
    """FARE: the attacked picture's embedding shall be the original encoder's of the clean one.

    The model that the loss is given is the tower.
    """
    original = deepcopy(encoder.tower).eval().requires_grad_(requires_grad=False)

    def loss(tower: Any, batch: Mapping[str, Any]) -> Noted:
        images = batch["images"]
        with torch.no_grad():
            wanted = encoder.features(original.to(images.device), images)
        plain = unwrapped(tower)

        def far(moved: Tensor) -> Tensor:
            return embedding_distance(encoder.features(plain, moved), wanted)

        attacked = attack(config.attack, far, images, (plain,))
        away = embedding_distance(encoder.features(tower, attacked), wanted)
        if config.clean_weight == 0:
            return away.mean(), {"attacked": float(away.detach().mean())}
        clean = embedding_distance(encoder.features(tower, images), wanted)
        notes = {"attacked": float(away.detach().mean()), "clean": float(clean.detach().mean())}
        return with_clean(away, clean, config.clean_weight).mean(), notes

    return loss


def tecoa(config: HardenConfig) -> Loss:
    """TeCoA: the attacked picture shall be classified right by heads that do not learn.

    The model that the loss is given is a tower with heads.
    """

    def loss(probed: Any, batch: Mapping[str, Any]) -> Noted:
        images, targets = batch["images"], batch["targets"]
        plain = unwrapped(probed)

        def wrong(moved: Tensor) -> Tensor:
            return class_entropy(plain(moved), targets)

        attacked = attack(config.attack, wrong, images, (plain,))
        missed = class_entropy(probed(attacked), targets)
        if config.clean_weight == 0:
            return missed.mean(), {"attacked": float(missed.detach().mean())}
        clean = class_entropy(probed(images), targets)
        notes = {"attacked": float(missed.detach().mean()), "clean": float(clean.detach().mean())}
        return with_clean(missed, clean, config.clean_weight).mean(), notes

    return loss


def adversarial_preference(mllm: Mllm, config: HardenConfig) -> Loss:
    """AdPO: what is said of clean pictures is chosen, what is said of attacked ones rejected.

    Both answers are the policy's own, at this step, or the chosen one is the original model's (see
    ``chosen_by``). A pair of equal answers states no preference and its preference term is left
    out. The model that the loss is given is the MLLM.
    """
    reference = deepcopy(mllm.model).eval().requires_grad_(requires_grad=False)

    def loss(model: Any, batch: Mapping[str, Any]) -> Noted:
        images, prompts = batch["images"], list(batch["prompts"])
        plain = unwrapped(model)
        reference.to(images.device)  # the Trainer moves what it trains, and nothing else
        speaker = plain if config.chosen_by == "policy" else reference
        chosen = mllm.answers(speaker, images, prompts, config.most_tokens)
        attacked = _attacked(mllm, config, (plain, reference), Asked(images, prompts, chosen))
        rejected = mllm.answers(plain, attacked, prompts, config.most_tokens)
        answers = scored(
            mllm,
            model,
            reference,
            {
                "chosen": Asked(images, prompts, chosen),
                "rejected_adversarial": Asked(attacked, prompts, rejected),
                "chosen_adversarial": Asked(attacked, prompts, chosen),
            },
        )
        differ = torch.tensor([a != b for a, b in zip(chosen, rejected, strict=True)]).to(images)
        ratios = answers["chosen"].log_ratio, answers["rejected_adversarial"].log_ratio
        preferred = differ * preferred_image(*ratios, config.beta)
        aio = adversarial_image(
            answers["chosen_adversarial"].policy, answers["chosen_adversarial"].mask
        )
        notes = {
            "misled": float(differ.mean()),
            "preferred": float(preferred.detach().mean()),
            "adversarial": float(aio.detach().mean()),
            "gap": float((ratios[0] - ratios[1]).detach().mean()),
        }
        return adpo(preferred, aio, config.weight).mean(), notes

    return loss


def _attacked(mllm: Mllm, config: HardenConfig, models: tuple[Any, Any], asked: Asked) -> Tensor:
    """The pictures of ``asked`` after the attack on policy and reference that the settings name."""
    policy, reference = models
    if config.attack_on == "embedding":
        original = Mllm(reference, mllm.processor).tower
        with torch.no_grad():
            wanted = mllm.features(original, asked.images)

        def far(moved: Tensor) -> Tensor:
            return embedding_distance(mllm.features(mllm.tower, moved), wanted)

        return attack(config.attack, far, asked.images, (mllm.tower,))
    tokens = mllm.conversations(asked.prompts, asked.answers).to(asked.images.device)

    def unlikely(moved: Tensor) -> Tensor:
        return -total(mllm.log_probabilities(policy, moved, tokens)[0], tokens.answer[:, 1:])

    return attack(config.attack, unlikely, asked.images, (policy,))
