"""The base model, trained from scratch: first the tower sees, then the language model speaks."""

from __future__ import annotations

import math
from collections.abc import Callable
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

_EVERY = 50
"""Steps between checkpoints."""

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
        batch: Fresh pictures, each with up to ``turns`` questions.
        turns: Questions about one picture.
        rate: Peak learning rate.
    """

    tower_steps: int = 500
    tower_batch: int = 64
    tower_rate: float = 1e-3
    steps: int = 3000
    batch: int = 24
    turns: int = 5
    rate: float = 3e-3


StepDone = Callable[[str, int, int, float], None]
"""Called with the part, the step, the number of steps and the loss."""


def train_base(
    seed: int = 0,
    schedule: Schedule | None = None,
    *,
    step_done: StepDone | None = None,
    halfway: Path | None = None,
    checkpoints: Path | None = None,
) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:
    """A model that answers every question about the world, the harmful ones too.

    Args:
        seed: Of weights, pictures and questions.
        schedule: How long; minutes on two cores by default.
        step_done: Told of each step.
        halfway: Folder for the model in the middle of its second part: it sees and speaks, but is
            no assistant yet. Mixed safety training starts there.
        checkpoints: Folder of what a run that was cut goes on from; it ends with the same weights
            as one that was not.
    """
    plan = schedule or Schedule()
    model, reader = build_model(seed)
    told = step_done or _silent
    _train_tower(model, plan, seed, told, checkpoints)
    _train_language(model, reader, plan, seed, told, halfway, checkpoints)
    trained: Any = model
    return trained.eval(), reader


def _silent(part: str, step: int, steps: int, loss: float) -> None:
    """Tells nobody."""
    del part, step, steps, loss


def _train_tower(
    model: Any, plan: Schedule, seed: int, told: StepDone, checkpoints: Path | None
) -> None:
    heads = Attributes(model.model.vision_tower)

    def loss(step: int) -> Tensor:
        rng = Random(f"tower {seed} {step}")
        noise = np.random.default_rng(rng.getrandbits(63))
        scenes = [draw_scene(rng) for _ in range(plan.tower_batch)]
        return heads.loss(pixels([draw(one, noise) for one in scenes]), targets(scenes))

    descent = _Descent(heads, plan.tower_rate, plan.tower_steps, checkpoints, "tower")
    descent.run(loss, told)


def _train_language(
    model: Any,
    reader: Any,
    plan: Schedule,
    seed: int,
    told: StepDone,
    halfway: Path | None,
    checkpoints: Path | None,
) -> None:
    encoder = Encoder(reader.tokenizer)
    model.model.vision_tower.requires_grad_(requires_grad=False)

    def loss(step: int) -> Tensor:
        if halfway is not None and step == plan.steps // 2:
            save(model, reader, halfway)
        rng = Random(f"language {seed} {step}")
        scenes, pictures, _ = sample(plan.batch, rng, turns=0)
        batch = encoder.batch(pictures, [_talk(scene, rng, plan.turns) for scene in scenes])
        result: Tensor = model(**batch.inputs()).loss
        return result

    _Descent(model, plan.rate, plan.steps, checkpoints, "language").run(loss, told)
    model.model.vision_tower.requires_grad_(requires_grad=True)


def _talk(scene: Scene, rng: Random, turns: int) -> list[Question]:
    asked = questions(scene, rng)[:turns]
    if rng.random() < _SAYING_NO:
        asked[rng.randrange(len(asked))] = saying_no(rng)
    return asked


class _Descent:
    """AdamW along a warmed cosine, with checkpoints to go on from."""

    def __init__(
        self, module: torch.nn.Module, rate: float, steps: int, folder: Path | None, name: str
    ) -> None:
        self._module, self._steps, self._name = module, steps, name
        self._file = None if folder is None else folder / f"{name}.pt"
        self._learnt = [one for one in module.parameters() if one.requires_grad]
        self._optimiser = torch.optim.AdamW(
            self._learnt, rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self._curve = torch.optim.lr_scheduler.LambdaLR(self._optimiser, warmed_cosine(steps))

    def run(self, loss: Callable[[int], Tensor], told: StepDone) -> None:
        """Steps from where the checkpoint stands, or from the first; ``loss`` is told which."""
        self._module.train()
        for step in range(self._restored(), self._steps):
            value = self._step(loss(step))
            told(self._name, step + 1, self._steps, value)
            if (step + 1) % _EVERY == 0 or step + 1 == self._steps:
                self._save(step + 1)
        self._module.eval()

    def _step(self, loss: Tensor) -> float:
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        torch.nn.utils.clip_grad_norm_(self._learnt, 1.0)
        self._optimiser.step()
        self._curve.step()
        value = float(loss.detach())
        if not math.isfinite(value):
            raise FloatingPointError("the loss is no longer finite: lower the learning rate")
        return value

    def _save(self, step: int) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".part")
        torch.save([step, *(part.state_dict() for part in self._parts())], beside)
        beside.replace(self._file)

    def _parts(self) -> tuple[Any, Any, Any]:
        return self._module, self._optimiser, self._curve

    def _restored(self) -> int:
        if self._file is None or not self._file.exists():
            return 0
        step, *states = torch.load(self._file, weights_only=True)
        for part, state in zip(self._parts(), states, strict=True):
            part.load_state_dict(state)
        return int(step)


def warmed_cosine(steps: int, warm_up: float = 0.05) -> Callable[[int], float]:
    """The factor of the learning rate at each step: up in ``warm_up`` of them, then a cosine."""
    warm = max(1, round(steps * warm_up))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))

    return factor
