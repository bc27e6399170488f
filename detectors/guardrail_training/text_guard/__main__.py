"""``python -m guardrail_training.text_guard``: trains the linear text guard."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from guardrail.errors import GuardrailError
from guardrail_detectors.weights import MODELS
from guardrail_training.text_guard.config import read_config

CONFIG = Path(__file__).parents[1] / "configs" / "text_guard_linear.yaml"


def main(
    data: Annotated[Path, typer.Option(help="Folder that the sets are relative to.")],
    config: Annotated[Path, typer.Option(help="Settings of the run.")] = CONFIG,
    out: Annotated[
        Path | None, typer.Option(help="Model folder; by default the one that ships.")
    ] = None,
    leave_out: Annotated[
        bool, typer.Option(help="Also train without each set in turn, to measure on strangers.")
    ] = True,
    readings: Annotated[
        Path | None, typer.Option(help="File that keeps what was read in pictures.")
    ] = None,
) -> None:
    """Train the linear text guard and write its model folder.

    Takes a minute or two on one core, and half a second for each picture that is read. The model
    card in the folder says how good it is.
    """
    from guardrail_training.text_guard.train import train  # noqa: PLC0415 - scikit-learn, 1 s

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = read_config(config)
        folder = out or MODELS / settings.name
        measured = train(settings, data, folder, leave_out=leave_out, readings=readings)
    except GuardrailError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {measured.manifest_folder}; read its MODEL_CARD.md")


if __name__ == "__main__":
    typer.run(main)
