"""What the training commands share: overrides, a tried batch, errors that end with 2."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel
from torch import nn

from guardrail.errors import GuardrailError
from guardrail_training.runs import Loss

Settings = TypeVar("Settings", bound=BaseModel)

Config = Annotated[Path, typer.Option(help="Settings; a name is looked up beside the shipped.")]
Out = Annotated[Path, typer.Option(help="Folder of model, log, curves and checkpoints.")]
Model = Annotated[str | None, typer.Option(help="Instead of the settings' model.")]
Seed = Annotated[int | None, typer.Option(help="Of all random choices.")]
MaxSteps = Annotated[int | None, typer.Option(help="Fewer updates than the settings'.")]
DryRun = Annotated[bool, typer.Option(help="Read everything, try one batch, stop.")]


@contextmanager
def refused() -> Generator[None]:
    """Says what is wrong with data, settings or a run, and ends with 2."""
    try:
        yield
    except (GuardrailError, FloatingPointError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


def changed(
    settings: Settings, model: str | None, seed: int | None, max_steps: int | None
) -> Settings:
    """Settings with a ``model`` and a ``run``, with what the command line says instead."""
    whole: Any = settings
    given = {"seed": seed, "steps": max_steps}
    run = whole.run.model_copy(update={key: one for key, one in given.items() if one is not None})
    return settings.model_copy(update={"run": run, "model": model or whole.model})


def tried(learner: nn.Module, loss: Loss, batch: Mapping[str, Any]) -> str:
    """How much would learn, and the loss of one batch."""
    value, _ = loss(learner, batch)
    weights = sum(one.numel() for one in learner.parameters() if one.requires_grad)
    return f"{weights} weights learn, the first batch's loss is {float(value.detach()):.4f}"
