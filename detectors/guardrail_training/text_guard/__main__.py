"""``python -m guardrail_training.text_guard``: trains the text guard."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from guardrail.errors import GuardrailError
from guardrail_detectors.weights import MODELS
from guardrail_training.text_guard.config import TrainingConfig, read_config
from guardrail_training.text_guard.encoder.config import EncoderConfig

CONFIG = Path(__file__).parents[1] / "configs" / "text_guard_encoder.yaml"


def main(
    data: Annotated[Path, typer.Option(help="Folder that the sets are relative to.")],
    config: Annotated[
        Path, typer.Option(help="Settings of the run; a name is looked up beside the shipped ones.")
    ] = CONFIG,
    out: Annotated[
        Path | None, typer.Option(help="Model folder; by default the one that ships.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Folder or name of the base model, instead of the settings'.")
    ] = None,
    leave_out: Annotated[
        bool, typer.Option(help="Also train without some sets, to measure on strangers.")
    ] = True,
    readings: Annotated[
        Path | None, typer.Option(help="File that keeps what was read in pictures.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random choices.")] = None,
) -> None:
    """Train the text guard and write its model folder.

    The encoder takes an hour on two cores and minutes on a GPU, the linear model
    (text_guard_linear.yaml) a minute; and half a second for each picture that is read. The model
    card in the folder says how good it is.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = read_config(config if config.exists() else CONFIG.with_name(config.name))
        if seed is not None:
            settings = settings.model_copy(update={"seed": seed})
        folder = out or MODELS / settings.name
        _train(settings, data, folder, base, leave_out=leave_out, readings=readings)
    except GuardrailError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {folder}; read its MODEL_CARD.md")


def _train(
    settings: TrainingConfig | EncoderConfig,
    data: Path,
    folder: Path,
    base: str | None,
    **options: Any,
) -> None:
    if isinstance(settings, EncoderConfig):
        from guardrail_training.text_guard.encoder.train import (  # noqa: PLC0415 - torch, 3 s
            train as train_encoder,
        )

        train_encoder(settings, data, folder, base=base, **options)
    else:
        from guardrail_training.text_guard.train import (  # noqa: PLC0415 - scikit-learn, 1 s
            train as train_linear,
        )

        train_linear(settings, data, folder, **options)


if __name__ == "__main__":
    typer.run(main)
