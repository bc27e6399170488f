"""A training run: its settings, Transformers' Trainer around a loss, its log and its curves."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import yaml
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments

from guardrail_training.text_guard.records import DataError

LOG = "log.csv"
CURVES = "curves.png"
CONFIG = "config.yaml"

Loss = Callable[[Any, Mapping[str, Any]], tuple[Tensor, dict[str, float]]]
"""The (possibly wrapped) model and a batch, to the mean loss and numbers worth a column."""


class Run(BaseModel):
    """How long, how fast and how reproducibly.

    Attributes:
        steps: Updates of the weights.
        batch: Rows of one forward pass and device.
        accumulate: Passes of one update: the same as a batch that many times as large.
        rate: Peak learning rate; warmed up, then a cosine.
        warm_up: Updates in which the rate rises.
        weight_decay: AdamW's.
        clip: Largest norm of a gradient.
        seed: Of weights, order and attacks.
        log_every: Updates between lines of the log.
        save_every: Updates between checkpoints, from which a run that was cut goes on.
        bf16: Mixed precision, where the device has it.
        tensorboard: Whether curves are written for TensorBoard besides the CSV file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: Annotated[int, Field(ge=1)] = 1000
    batch: Annotated[int, Field(ge=1)] = 32
    accumulate: Annotated[int, Field(ge=1)] = 1
    rate: Annotated[float, Field(gt=0, le=1)] = 1e-5
    warm_up: Annotated[int, Field(ge=0)] = 0
    weight_decay: Annotated[float, Field(ge=0)] = 1e-4
    clip: Annotated[float, Field(gt=0)] = 1.0
    seed: int = 0
    log_every: Annotated[int, Field(ge=1)] = 10
    save_every: Annotated[int, Field(ge=1)] = 100
    bf16: bool = False
    tensorboard: bool = False

    def arguments(self, out: Path) -> TrainingArguments:
        """What Transformers' Trainer is told; its checkpoints go to ``out``/checkpoints."""
        return TrainingArguments(
            output_dir=str(out / "checkpoints"),
            max_steps=self.steps,
            per_device_train_batch_size=self.batch,
            gradient_accumulation_steps=self.accumulate,
            learning_rate=self.rate,
            lr_scheduler_type="cosine",
            warmup_steps=self.warm_up,
            weight_decay=self.weight_decay,
            max_grad_norm=self.clip,
            seed=self.seed,
            logging_steps=self.log_every,
            logging_first_step=True,
            save_steps=self.save_every,
            save_total_limit=1,
            bf16=self.bf16,
            use_cpu=not torch.cuda.is_available(),
            report_to=reports(tensorboard=self.tensorboard),
            disable_tqdm=True,
            remove_unused_columns=False,
            dataloader_pin_memory=torch.cuda.is_available(),
        )


def reports(*, tensorboard: bool) -> list[str]:
    """Where the Trainer reports to besides the CSV file; its events lie below its checkpoints."""
    return ["tensorboard"] if tensorboard else []


class StrictTrainer(Trainer):
    """Transformers' Trainer that resumes with the right weights and stops at a loss that is none.

    Raises:
        FloatingPointError: In training, when the loss is NaN or infinite.
    """

    def training_step(self, *args: Any, **kwargs: Any) -> Tensor:
        """The loss of a pass, its gradients added."""
        loss: Tensor = super().training_step(*args, **kwargs)
        if not bool(torch.isfinite(loss)):
            step = self.state.global_step + 1
            raise FloatingPointError(
                f"step {step}: the loss is {float(loss)}, no longer finite: lower `rate`"
            )
        return loss

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Loads whole models strictly.

        ``save_pretrained`` writes a LLaVA's weights under older names, which the Trainer of
        Transformers 5.24 does not know again: it warns, and goes on from the base's weights.
        """
        found = self.model if model is None else model
        if not isinstance(found, PreTrainedModel):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        saved: Any = type(found).from_pretrained(resume_from_checkpoint, dtype=found.dtype)
        found.load_state_dict(saved.state_dict())


class LossTrainer(StrictTrainer):
    """A trainer with a loss that may attack, ask the model, or read two pictures.

    Args:
        loss: What is minimised; an average over the batch's rows.
        kwargs: The Trainer's own.
    """

    def __init__(self, loss: Loss, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._loss = loss
        self._seen: dict[str, list[float]] = defaultdict(list)
        # Each pass gives a mean over its rows, so passes of one update are averaged.
        self.model_accepts_loss_kwargs = False

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Mapping[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The loss of a batch."""
        del num_items_in_batch
        value, notes = self._loss(model, inputs)
        for name, note in notes.items():
            self._seen[name].append(note)
        return (value, {}) if return_outputs else value

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds the means of the noted numbers since the last line."""
        if "loss" in logs:
            logs |= {name: sum(seen) / len(seen) for name, seen in self._seen.items()}
            self._seen.clear()
        super().log(logs, start_time)


class CsvLog(TrainerCallback):
    """Every line that the Trainer logs of training, as a row of ``log.csv``.

    Args:
        file: Written anew at each line, since a resumed run repeats none of the lines before it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Writes what the run has logged so far."""
        rows = [row for row in state.log_history if "loss" in row]
        if rows and state.is_world_process_zero:
            write_log(self._file, rows)


def write_log(file: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """One row a logged update: its step, its loss, its learning rate and what else was noted."""
    names = list(dict.fromkeys(["step", *(name for row in rows for name in row)]))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def is_first() -> bool:
    """Whether this is the only process, or the first of a distributed run: it alone writes."""
    return int(os.environ.get("RANK", "0")) == 0


def claim(out: Path, settings: BaseModel) -> None:
    """Writes the settings of a run to ``out``/config.yaml, before anything is trained.

    Raises:
        DataError: The folder holds a run of other settings, which would be gone on with.
    """
    if not is_first():
        return
    out.mkdir(parents=True, exist_ok=True)
    file = out / CONFIG
    written = yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False)
    if file.exists() and file.read_text("utf-8") != written:
        raise DataError(f"{out}: holds a run of other settings, see {CONFIG}: give another folder")
    file.write_text(written, "utf-8")


def train(
    model: nn.Module, rows: Dataset[Any], collate: Any, loss: Loss, run: Run, out: Path
) -> None:
    """Trains ``model`` in place, from the last checkpoint in ``out`` when there is one.

    Args:
        model: Parameters with ``requires_grad`` learn.
        rows: What batches are drawn from.
        collate: Rows to a batch.
        loss: Of a batch.
        run: Settings.
        out: Folder of log, curves and checkpoints.
    """
    trainer = LossTrainer(
        loss,
        model=model,
        args=run.arguments(out),
        train_dataset=rows,
        data_collator=collate,
        callbacks=[CsvLog(out / LOG)],
    )
    checkpoints = list((out / "checkpoints").glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=bool(checkpoints))
    if is_first():
        draw_curves(out / LOG, out / CURVES)


def draw_curves(log: Path, picture: Path) -> None:
    """One plot a column of the log against the step, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - half a second
    from matplotlib.figure import Figure  # noqa: PLC0415

    with log.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    names = [name for name in rows[0] if name not in {"step", "epoch"}]
    figure = Figure(figsize=(4 * len(names), 3), layout="constrained")
    FigureCanvasAgg(figure)
    for axis, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        points = [(float(row["step"]), float(row[name])) for row in rows if row[name]]
        axis.plot(*zip(*points, strict=True))
        axis.set(title=name, xlabel="step")
    figure.savefig(picture)
