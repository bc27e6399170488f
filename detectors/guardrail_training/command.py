"""What the training commands share: options, a tried batch, errors that end with 2."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel
from torch import nn

from guardrail.errors import GuardrailError
from guardrail_training.runs import LOG, Loss
from guardrail_training.settings import read_settings

Settings = TypeVar("Settings", bound=BaseModel)

Config = Annotated[Path, typer.Option(help="Settings; a name is looked up beside the shipped.")]
Out = Annotated[Path, typer.Option(help="Folder of model, log, curves and checkpoints.")]
Model = Annotated[str | None, typer.Option(help="Instead of the settings' model.")]
Seed = Annotated[int | None, typer.Option(help="Of all random choices.")]
MaxSteps = Annotated[int | None, typer.Option(help="Fewer updates than the settings'.")]
DryRun = Annotated[bool, typer.Option(help="Read everything, try one batch, stop.")]


def trainer(
    kind: type[Settings],
    train: Callable[[Settings, Path], Path],
    attempt: Callable[[Settings], str],
    said: str,
) -> Callable[..., None]:
    """A command that trains as settings say.

    Args:
        kind: Of the settings, which have a ``model`` and a ``run``.
        train: Takes them and the folder of the run, and returns that of the model.
        attempt: Tries one batch and returns what is to be said of it.
        said: What ``--help`` says of the command.
    """

    def main(
        config: Config,
        out: Out,
        *,
        model: Model = None,
        seed: Seed = None,
        max_steps: MaxSteps = None,
        dry_run: DryRun = False,
    ) -> None:
        with refused():
            settings = changed(read_settings(config, kind), model, seed, max_steps)
            if dry_run:
                typer.echo(attempt(settings))
                return
            folder = train(settings, out)
            typer.echo(f"wrote {folder}; its log is {out / LOG}")

    main.__doc__ = said
    return main


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
