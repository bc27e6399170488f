"""Locked-text training of any open_clip model: the pictures learn, the texts stay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from guardrail_detectors.clip import Preprocess
from guardrail_training.clip.config import FinetuneConfig
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.export import Source, export, load, preprocess_of
from guardrail_training.clip.fit import log_step
from guardrail_training.clip.manifest import About
from guardrail_training.clip.scenery import read_picture
from guardrail_training.clip.tower import at_rest, lock_all_but
from guardrail_training.text_guard.gather import progress_bar

COMMAND = "guardrail train clip --config clip_finetune.yaml --data FOLDER --out FOLDER"

_CROP = 0.8  # least part of a picture's sides that a step is shown


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture's file and what it shows."""

    image: Path
    text: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of JSON lines ``{"image": path beside the file, "text": caption}``.

    Raises:
        ClipTrainingError: The file is missing, a line is no such object, or there are under two.
    """
    pairs = []
    try:
        lines = path.read_text("utf-8").rstrip("\n").split("\n")
    except OSError as error:
        raise ClipTrainingError(f"{path}: cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            pairs.append(Pair(path.parent / str(row["image"]), str(row["text"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ClipTrainingError(
                f"{path}:{number}: expected an object with image and text: {error!r}"
            ) from None
    if len(pairs) < 2:
        raise ClipTrainingError(f"{path}: {len(pairs)} pairs; two at least are needed to compare")
    return pairs


def finetune(
    config: FinetuneConfig,
    data: Path,
    out: Path,
    max_steps: int | None = None,
    log: Path | None = None,
) -> Path:
    """Trains the picture tower and exports the model folder ``out``.

    Args:
        config: The settings.
        data: Folder that the pairs' file is relative to.
        out: The model folder.
        max_steps: At most so many steps.
        log: CSV of losses.

    Returns:
        ``out``.

    Raises:
        ClipTrainingError: The model or the pairs cannot be read.
    """
    pairs = read_pairs(data / config.pairs)
    torch.manual_seed(config.seed)
    source = load(config.model, config.pretrained)
    steps = min(config.steps, max_steps or config.steps)
    locked(source.model, config.layers)
    _fit(source, pairs, config, steps, log)
    counts = {"pairs": len(pairs), "steps": steps, "batch": config.batch}
    about = About(out.name.lower(), command=COMMAND, data=counts)
    return export(source, out, about)


def locked(model: nn.Module, layers: int) -> None:
    """Lets nothing learn but the picture tower and the temperature.

    Args:
        model: Of open_clip.
        layers: Topmost groups of the picture tower that learn; 0 for all.
    """
    for name, one in model.named_parameters():
        one.requires_grad = name.startswith("visual.") or name == "logit_scale"
    if layers:
        lock_all_but(model.get_submodule("visual"), layers)


def pair_loss(seen: Tensor, said: Tensor, scale: Tensor, texts: Sequence[str]) -> Tensor:
    """CLIP's symmetric loss on a batch; pairs with the same text do not count as wrong.

    Args:
        seen: Embeddings of pictures, shape (n, width).
        said: Of their captions, same shape.
        scale: Of the cosines.
        texts: The captions.

    Source: Radford et al. 2021, arXiv:2103.00020, figure 3; locked text: Zhai et al. 2022,
    arXiv:2111.07991.
    """
    logits = scale * seen @ said.T  # (n, n)
    same = torch.tensor([[one == other for other in texts] for one in texts])
    same.fill_diagonal_(fill_value=False)
    logits = logits.masked_fill(same, -1e4)
    right = torch.arange(len(texts))
    return (functional.cross_entropy(logits, right) + functional.cross_entropy(logits.T, right)) / 2


def _fit(
    source: Source, pairs: Sequence[Pair], config: FinetuneConfig, steps: int, log: Path | None
) -> None:
    model = source.model.train()
    at_rest(model)
    weights = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(weights, config.rate, weight_decay=0.1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.rate, steps + 1)
    rng = np.random.default_rng(config.seed)
    prepare = preprocess_of(model)
    with progress_bar() as progress:
        task = progress.add_task("fine-tuning", total=steps)
        for number, batch in zip(range(steps), _batches(pairs, config.batch, rng), strict=False):
            loss = _step(source, batch, prepare, optimizer, rng)
            cycle.step()
            log_step(log, number + 1, loss, cycle.get_last_lr())
            progress.update(
                task, completed=number + 1, description=f"fine-tuning (loss {loss:.3f})"
            )
    model.eval()


def _batches(
    pairs: Sequence[Pair], size: int, rng: np.random.Generator
) -> Iterator[Sequence[Pair]]:
    """Passes over ``pairs`` without end, each in another order; the rest of a pass is skipped."""
    size = min(size, len(pairs))
    while True:
        order = rng.permutation(len(pairs))
        for start in range(0, len(pairs) - size + 1, size):
            yield [pairs[int(one)] for one in order[start : start + size]]


def _step(
    source: Source,
    batch: Sequence[Pair],
    prepare: Preprocess,
    optimizer: Any,
    rng: np.random.Generator,
) -> float:
    shown = np.stack([prepare(_cropped(read_picture(one.image, None), rng)) for one in batch])
    texts = [one.text for one in batch]
    with torch.no_grad():
        said = source.model.encode_text(source.tokenizer(texts), normalize=True)
    seen = source.model.encode_image(torch.from_numpy(shown), normalize=True)
    optimizer.zero_grad()
    loss: Any = pair_loss(seen, said, source.model.logit_scale.exp(), texts)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _cropped(picture: Any, rng: np.random.Generator) -> Any:
    height, width = picture.shape[:2]
    sides = [max(1, round(side * rng.uniform(_CROP, 1))) for side in (height, width)]
    top, left = (
        int(rng.integers(0, most - side + 1))
        for most, side in zip((height, width), sides, strict=True)
    )
    return picture[top : top + sides[0], left : left + sides[1]]
