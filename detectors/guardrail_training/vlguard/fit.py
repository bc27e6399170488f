"""Fine-tuning with Transformers' trainer: accelerate, accumulation, bfloat16, resumption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed

from guardrail_training.adapt import learn_only, with_lora
from guardrail_training.runs import LOG, CsvLog, StrictTrainer, reports
from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.chat import Collator, Examples
from guardrail_training.vlguard.config import VLGuardConfig
from guardrail_training.vlguard.records import Example

CHECKPOINTS = "checkpoints"
_LOGGED = 200
"""Lines of the log, about."""


def prepared(model: Any, config: VLGuardConfig) -> Any:
    """The model with what shall learn set to learn, adapters included."""
    set_seed(config.seed)
    if config.method == "lora":
        return with_lora(model, config.lora)
    learn_only(model, ("projector", "language"))
    return model


def fit(
    model: Any,
    reader: Any,
    examples: Sequence[Example],
    config: VLGuardConfig,
    out: Path,
    *,
    max_steps: int | None = None,
    resume: bool = False,
) -> Any:
    """Fine-tunes ``model`` and returns it with its adapters merged, in evaluation mode.

    Args:
        model: In float32; trained in place.
        reader: Its processor.
        examples: The mixture.
        config: How.
        out: Checkpoints and ``log.csv`` go here.
        max_steps: Ends the run early, on the schedule of the whole run.
        resume: Whether to go on from the last checkpoint in ``out``.

    Raises:
        DataError: There is nothing to resume from.
        FloatingPointError: The loss is no longer finite.
    """
    trainer = make_trainer(prepared(model, config), reader, examples, config, out)
    if max_steps is not None:
        trainer.add_callback(_Stop(max_steps))
    trainer.train(resume_from_checkpoint=_last_checkpoint(out) if resume else None)
    tuned: Any = trainer.accelerator.unwrap_model(trainer.model)
    if config.method == "lora":
        tuned = tuned.merge_and_unload()
    return tuned.eval()


def make_trainer(
    model: Any, reader: Any, examples: Sequence[Example], config: VLGuardConfig, out: Path
) -> Trainer:
    """The trainer of a prepared model."""
    out.mkdir(parents=True, exist_ok=True)
    return StrictTrainer(
        model=model,
        args=_arguments(config, len(examples), out),
        data_collator=Collator(reader),
        train_dataset=Examples(examples),
        callbacks=[CsvLog(out / LOG)],
    )


def _arguments(config: VLGuardConfig, examples: int, out: Path) -> TrainingArguments:
    at_once = config.batch * config.accumulation
    steps = math.ceil(examples / at_once * config.epochs)
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        per_device_train_batch_size=config.batch,
        gradient_accumulation_steps=config.accumulation,
        num_train_epochs=config.epochs,
        learning_rate=config.peak_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(steps * config.warm_up),
        weight_decay=0.0,
        bf16=config.bf16,
        use_cpu=not torch.cuda.is_available(),
        logging_steps=max(1, steps // _LOGGED),
        logging_first_step=True,
        logging_nan_inf_filter=False,
        report_to=reports(tensorboard=config.tensorboard),
        save_strategy="steps",
        save_steps=config.save_every,
        save_total_limit=2,
        seed=config.seed,
        data_seed=config.seed,
        remove_unused_columns=False,
        dataloader_num_workers=config.loader_workers,
        dataloader_pin_memory=torch.cuda.is_available(),
        # A batch of instructions without pictures leaves the projector without a gradient.
        ddp_find_unused_parameters=True,
    )


class _Stop(TrainerCallback):
    """Ends a run after some steps; the schedule stays that of the whole run."""

    def __init__(self, after: int) -> None:
        self._after = after

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """Saves too, so that the run can be resumed from there."""
        if state.global_step >= self._after:
            control.should_training_stop = control.should_save = True


def _last_checkpoint(out: Path) -> str:
    found = sorted(
        (out / CHECKPOINTS).glob("checkpoint-*"), key=lambda one: int(one.name.split("-")[1])
    )
    if not found:
        raise DataError(f"{out / CHECKPOINTS}: no checkpoint to resume from; leave --resume out")
    return str(found[-1])
