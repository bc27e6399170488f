"""``python -m guardrail_training.vlguard``: safety fine-tuning; torchrun starts it on many GPUs."""

from __future__ import annotations

import json
import logging
import shlex
from pathlib import Path
from typing import Annotated

import typer

from guardrail.errors import GuardrailError
from guardrail_training.settings import read_settings
from guardrail_training.vlguard.config import VLGuardConfig
from guardrail_training.vlguard.gate import GateError

_COMMAND = ("guardrail", "train", "vlguard")


def main(  # noqa: PLR0913 - each is an option
    *,
    config: Annotated[
        Path, typer.Option(help="Settings; a name is looked up beside the shipped ones.")
    ],
    data: Annotated[Path, typer.Option(help="Folder that the settings' files are below.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, measurements and export.")],
    model: Annotated[
        str | None, typer.Option(help="Folder or name of the model, instead of the settings'.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random choices.")] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="End the training early.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything, train nothing, say what would be.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="From the last checkpoint.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Train without helpfulness data; it over-refuses.")
    ] = False,
) -> None:
    """Tune an image-text-to-text model to refuse what is harmful (VLGuard), and export it.

    Ends with 1 when the tuned model does not pass the gate, and exports nothing then.
    """
    from guardrail_training.vlguard.run import Options, plan, run  # noqa: PLC0415 - torch, 3 s

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    command = shlex.join([*_COMMAND, "--config", config.name, "--data", data.name])
    options = Options(data, out, command, max_steps=max_steps, resume=resume, force=force)
    try:
        settings = _settings(config, seed, model)
        if dry_run:
            typer.echo(json.dumps(plan(settings, options), indent=1))
            return
        folder = run(settings, options)
    except GateError as error:
        typer.echo(f"error: {error}; see {out / 'evaluation.json'}", err=True)
        raise typer.Exit(1) from None
    except (GuardrailError, FloatingPointError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    if folder is not None:
        typer.echo(f"wrote {folder}")


def _settings(path: Path, seed: int | None, model: str | None) -> VLGuardConfig:
    changed = {"seed": seed, "model": model}
    given = {name: value for name, value in changed.items() if value is not None}
    return read_settings(path, VLGuardConfig).model_copy(update=given)


if __name__ == "__main__":
    typer.run(main)
