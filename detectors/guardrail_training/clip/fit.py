"""Locked-text training: pictures are pulled to the frozen embeddings of their captions."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from guardrail_training.clip.bank import CATEGORIES
from guardrail_training.clip.batches import NOTHING, Batch, Mixture, ahead
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.tower import MEAN, STD, at_rest

ALIKE = 0.85
"""Captions that are nearer to the right one than this count neither for nor against it."""

_MOST_SCALE = math.log(100)
_CATEGORIES_WEIGH = 3.0  # of their loss beside that of the captions, which starts ten times as high
_KEPT_EVERY = 250  # steps
_LIFT = 4.0  # of a category that few pictures show, in its loss


@dataclass(frozen=True, slots=True)
class Settings:
    """Of a run.

    Attributes:
        steps: Batches in all; the learning rate follows one cycle over them.
        batch: Pictures of one.
        rate: Peak learning rate.
        seed: Of pictures and weights.
        trunk: Part of the rate that the picture tower's own layers learn at: less when they were
            trained before.
        plain: Share of pictures that are shown plainly.
        stop_after: Batches of this call, for a run in pieces; None for all.
        log: CSV file that losses are appended to.
        material: What else tells the run from others: a digest of model and pictures.
    """

    steps: int
    batch: int = 128
    rate: float = 2e-3
    seed: int = 0
    trunk: float = 1.0
    plain: float = 0.0
    stop_after: int | None = None
    log: Path | None = None
    material: str = ""


class Learner(nn.Module):
    """A timm tower as open_clip holds it, with heads for the categories.

    Args:
        model: The open_clip model; its text tower is not used.
        captions: Embeddings of the captions by each template, shape (templates, things, width).
    """

    def __init__(self, model: Any, captions: NDArray[np.float32]) -> None:
        super().__init__()
        self.model = model
        model.visual.to(memory_format=torch.channels_last)  # a third faster on a processor
        self.heads = nn.Linear(captions.shape[2], len(CATEGORIES))
        self.learns(captions)

    def learns(self, captions: NDArray[np.float32]) -> None:
        """Takes other captions to learn, shape (templates, things, width)."""
        self.captions = torch.from_numpy(captions)

    def train(self, mode: bool = True) -> Learner:
        """As torch's; layers that do not learn keep their statistics."""
        super().train(mode)
        at_rest(self)
        return self

    def forward(self, pixels: Tensor, thing: Tensor, labels: Tensor, template: int) -> Tensor:
        """The loss of a batch: captions and categories.

        Args:
            pixels: Normalised, shape (n, 3, size, size).
            thing: Numbers of captions, ``NOTHING`` for none, shape (n,).
            labels: 0, 1 or NaN, shape (n, categories).
            template: Number of the template whose captions are compared.
        """
        seen = functional.normalize(self.model.visual(pixels), dim=-1)  # (n, width)
        scale = self.model.logit_scale.clamp(max=_MOST_SCALE).exp()
        said = thing != NOTHING
        loss = caption_loss(seen[said], self.captions[template], thing[said], scale)
        odds = self.heads(seen * math.sqrt(seen.shape[1]))
        return loss + _CATEGORIES_WEIGH * category_loss(odds, labels)


def caption_loss(seen: Tensor, captions: Tensor, thing: Tensor, scale: Tensor) -> Tensor:
    """Cross-entropy of the right caption among all, near synonyms of it left out.

    The picture side of CLIP's loss with the text locked (Zhai et al. 2022, LiT, arXiv:2111.07991);
    as captions are frozen, each picture is compared with all of them and not with its batch's.

    Args:
        seen: Embeddings of pictures, shape (n, width).
        captions: Of all things, shape (things, width).
        thing: The right one of each picture, shape (n,).
        scale: Of the cosines.
    """
    if not len(seen):
        return seen.sum()
    logits = scale * seen @ captions.T  # (n, things)
    near = captions[thing] @ captions.T > ALIKE
    near[torch.arange(len(thing)), thing] = False
    return functional.cross_entropy(logits.masked_fill(near, -1e4), thing)


def category_loss(odds: Tensor, labels: Tensor) -> Tensor:
    """Mean logistic loss over the labels that are known, rare positives weighing more."""
    known = ~labels.isnan()
    weight = torch.where(labels == 1, _LIFT, 1.0)
    each = functional.binary_cross_entropy_with_logits(
        odds, labels.nan_to_num(0.0), reduction="none"
    )
    return (each * weight)[known].sum() / known.sum().clamp(min=1)


def prepared(pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures of shape (n, size, size, 3) as the tower sees them, (n, 3, size, size)."""
    values = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(255)
    mean, std = (torch.tensor(one)[:, None, None] for one in (MEAN, STD))
    return ((values - mean) / std).contiguous(memory_format=torch.channels_last)


def fit(
    learner: Learner,
    mixture: Mixture,
    settings: Settings,
    state: Path | None = None,
    step_done: Callable[[int, float], None] = lambda _step, _loss: None,
) -> int:
    """Trains ``learner`` in place and returns how many steps of the run are done.

    Args:
        learner: On the processor.
        mixture: Of pictures.
        settings: Of the run.
        state: File that a run in pieces goes on from, and leaves its state in; a run that was cut
            off ends with the weights of one that was not.
        step_done: Called with the step's number and its loss.

    Raises:
        ClipTrainingError: ``state`` is that of another run.
    """
    learner.train()
    groups = _groups(learner, settings)
    optimizer = torch.optim.AdamW(groups, settings.rate, betas=(0.9, 0.98))
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [one["lr"] for one in groups], settings.steps + 1, pct_start=0.08
    )
    about = _about(learner, settings)
    begun = _restored(state, learner, optimizer, cycle, about)
    count = min(settings.steps - begun, settings.stop_after or settings.steps)
    steps = range(begun, begun + count)
    shown = ahead(mixture, steps, settings.batch, settings.seed, settings.plain)
    for done, batch in enumerate(shown, begun + 1):
        loss = _step(learner, batch, optimizer, done - 1)
        cycle.step()
        step_done(done, loss)
        log_step(settings.log, done, loss, cycle.get_last_lr())
        if state and (done % _KEPT_EVERY == 0 or done == steps.stop):
            states = (learner.state_dict(), optimizer.state_dict(), cycle.state_dict())
            _keep(state, (*states, done, about))
    learner.eval()
    return steps.stop


def _groups(learner: Learner, settings: Settings) -> list[dict[str, Any]]:
    """What learns, by its rate and whether it decays."""
    trunk = {id(one) for one in learner.model.visual.trunk.parameters()}
    found: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for one in learner.parameters():
        if one.requires_grad:
            found.setdefault((id(one) in trunk, one.ndim > 1), []).append(one)
    return [
        {
            "params": weights,
            "lr": settings.rate * (settings.trunk if below else 1.0),
            "weight_decay": 0.05 if decays else 0.0,
        }
        for (below, decays), weights in found.items()
    ]


def _keep(state: Path, kept: tuple[Any, ...]) -> None:
    """Saves beside the file and moves: a run that is cut off while it saves loses nothing."""
    whole = state.with_suffix(".part")
    torch.save(kept, whole)
    whole.replace(state)


def _step(learner: Learner, batch: Batch, optimizer: Any, number: int) -> float:
    optimizer.zero_grad()
    loss = learner(
        prepared(batch.pictures),
        torch.from_numpy(batch.thing),
        torch.from_numpy(batch.labels),
        number % len(learner.captions),
    )
    loss.backward()
    nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _about(learner: Learner, settings: Settings) -> str:
    """What a run must have in common with the one that it goes on from."""
    parts = (
        settings.steps, settings.batch, settings.rate, settings.trunk, settings.seed, settings.plain
    )  # fmt: skip
    captions = sha256(learner.captions.numpy().tobytes()).hexdigest()[:16]
    return f"{parts}, captions {captions}, material {settings.material}"


def _restored(state: Path | None, learner: Learner, optimizer: Any, cycle: Any, about: str) -> int:
    if state is None or not state.is_file():
        return 0
    weights, moments, schedule, done, kept = torch.load(state, weights_only=True)
    if kept != about:
        raise ClipTrainingError(
            f"{state} is of a run with other settings or pictures ({kept}; now {about}): delete it "
            "or name another --work folder"
        )
    learner.load_state_dict(weights)
    optimizer.load_state_dict(moments)
    cycle.load_state_dict(schedule)
    return int(done)


def log_step(path: Path | None, step: int, loss: float, rates: Sequence[Any]) -> None:
    """Appends a step to the CSV file ``path``, with a header when it is new; None for no log."""
    if path is None:
        return
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(("step", "loss", "rate"))
        writer.writerow((step, round(loss, 5), f"{float(rates[0]):.3g}"))
