"""``python -m guardrail_training.text_guard``: trains the text guard."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from guardrail.errors import GuardrailError
from guardrail_detectors.weights import MODELS
from guardrail_training.text_guard.config import TrainingConfig, read_config
from guardrail_training.text_guard.encoder.config import EncoderConfig
from guardrail_training.text_guard.records import DataError

CONFIG = Path(__file__).parents[1] / "configs" / "text_guard_encoder.yaml"


def main(  # noqa: PLR0913, PLR0917 - each is an option
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
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Batches at most, to try a run (encoder).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read the texts, count them, and train nothing.")
    ] = False,
) -> None:
    """Train the text guard and write its model folder.

    The encoder takes an hour on two cores and minutes on a GPU, the linear model
    (text_guard_linear.yaml) a minute; and half a second for each picture that is read. The model
    card in the folder says how good it is.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = _settings(config, seed)
        folder = out or MODELS / settings.name
        if dry_run:
            _tell(settings, data, folder)
            return
        options = {"leave_out": leave_out, "readings": readings, **_bounds(settings, max_steps)}
        _train(settings, data, folder, base, **options)
    except GuardrailError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {folder}; read its MODEL_CARD.md")


def _settings(config: Path, seed: int | None) -> TrainingConfig | EncoderConfig:
    settings = read_config(config if config.exists() else CONFIG.with_name(config.name))
    return settings if seed is None else settings.model_copy(update={"seed": seed})


def _tell(settings: TrainingConfig | EncoderConfig, data: Path, folder: Path) -> None:
    """What would be learnt from; pictures are not read for it."""
    from guardrail_training.text_guard.gather import gathered, held_out  # noqa: PLC0415

    packages = settings.packages if isinstance(settings, EncoderConfig) else ()
    records = gathered(
        data, settings.sets, (), None, packages=packages, with_written=settings.written
    )
    counts = Counter((one.group, one.label, held_out(one)) for one in records)
    for (group, label, kept), count in sorted(counts.items()):
        typer.echo(f"{count:6} {label} texts of {group}{', held out' if kept else ''}")
    typer.echo(f"would write {folder}")


def _bounds(settings: TrainingConfig | EncoderConfig, max_steps: int | None) -> dict[str, Any]:
    if max_steps is None:
        return {}
    if isinstance(settings, EncoderConfig):
        return {"max_steps": max_steps}
    raise DataError("--max-steps is for the encoder: the linear model is not trained in steps")


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
