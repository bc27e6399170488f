"""The base model, trained from scratch: first the tower sees, then the language model speaks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import LlavaForConditionalGeneration, LlavaProcessor

from guardrail_training.world.batches import Encoder, pixels, sample
from guardrail_training.world.draw import draw
from guardrail_training.world.model import build_model, save
from guardrail_training.world.questions import Question, questions, saying_no
from guardrail_training.world.scenes import Scene, draw_scene
from guardrail_training.world.tower import Attributes, targets


_SAYING_NO = 0.2
"""Share of the conversations in which a refusal is spoken on demand."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long each part is trained.

    Attributes:
        tower_steps: Of the tower, by ``tower_batch`` fresh pictures each.
        tower_batch: Pictures.
        tower_rate: Peak learning rate.
        steps: Of projector and language model.
        batch: Pictures, each with up to ``turns`` questions.
        turns: Questions about one picture.
        rate: Peak learning rate.
        pictures: Drawn once, asked about again and again.
    """

    tower_steps: int = 200
    tower_batch: int = 128
    tower_rate: float = 2e-3
    steps: int = 1000
    batch: int = 64
    turns: int = 5
    rate: float = 4e-3
    pictures: int = 8000


StepDone = Callable[[str, int, int, float], None]
"""Called with the part, the step, the number of steps and the loss."""


def train_base(
    seed: int = 0,
    schedule: Schedule | None = None,
    *,
    step_done: StepDone | None = None,
    halfway: Path | None = None,
) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:
    """A model that answers every question about the world, the harmful ones too.

    Args:
        seed: Of weights, pictures and questions.
        schedule: How long; minutes on two cores by default.
        step_done: Told of each step.
        halfway: Folder for the model in the middle of its second part: it sees and speaks, but is
            no assistant yet. Mixed safety training starts there.
    """
    plan = schedule or Schedule()
    model, reader = build_model(seed)
    told = step_done or (lambda *_: None)
    _train_tower(model, plan, Random(seed * 2 + 1), told)
    _train_language(model, reader, plan, Random(seed * 2 + 2), told, halfway)
    return model.eval(), reader


def _train_tower(model: Any, plan: Schedule, rng: Random, told: StepDone) -> None:
    heads = Attributes(model.model.vision_tower)
    noise = np.random.default_rng(rng.getrandbits(63))

    def losses() -> Iterable[Tensor]:
        for _ in range(plan.tower_steps):
            scenes = [draw_scene(rng) for _ in range(plan.tower_batch)]
            yield heads.loss(pixels([draw(one, noise) for one in scenes]), targets(scenes))

    _descend(heads, losses(), plan.tower_rate, plan.tower_steps, lambda *a: told("tower", *a))


def _train_language(
    model: Any, reader: Any, plan: Schedule, rng: Random, told: StepDone, halfway: Path | None
) -> None:
    encoder = Encoder(reader.tokenizer)
    model.model.vision_tower.requires_grad_(requires_grad=False)
    scenes, pictures, _ = sample(plan.pictures, rng, turns=0)

    def losses() -> Iterable[Tensor]:
        for step in range(plan.steps):
            if halfway is not None and step == plan.steps // 2:
                save(model, reader, halfway)
            chosen = rng.sample(range(len(scenes)), plan.batch)
            talks = [_talk(scenes[one], rng, plan.turns) for one in chosen]
            batch = encoder.batch([pictures[one] for one in chosen], talks)
            yield model(**batch.inputs()).loss

    _descend(model, losses(), plan.rate, plan.steps, lambda *a: told("language", *a))
    model.model.vision_tower.requires_grad_(requires_grad=True)


def _talk(scene: Scene, rng: Random, turns: int) -> list[Question]:
    asked = questions(scene, rng)[:turns]
    if rng.random() < _SAYING_NO:
        asked[rng.randrange(len(asked))] = saying_no(rng)
    return asked


def _descend(
    module: torch.nn.Module,
    losses: Iterable[Tensor],
    rate: float,
    steps: int,
    told: Callable[[int, int, float], None],
) -> None:
    learnt = [one for one in module.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(learnt, rate, betas=(0.9, 0.98), weight_decay=0.01)
    curve = torch.optim.lr_scheduler.LambdaLR(optimiser, warmed_cosine(steps))
    module.train()
    for step, loss in enumerate(losses, 1):
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        curve.step()
        value = float(loss.detach())
        if not math.isfinite(value):
            raise FloatingPointError("the loss is no longer finite: lower the learning rate")
        told(step, steps, value)
    module.eval()


def warmed_cosine(steps: int, warm_up: float = 0.05) -> Callable[[int], float]:
    """The factor of the learning rate at each step: up in ``warm_up`` of them, then a cosine."""
    warm = max(1, round(steps * warm_up))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))

    return factor
