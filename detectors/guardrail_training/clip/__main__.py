"""``python -m guardrail_training.clip``: trains a CLIP, its heads, or fine-tunes one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from guardrail.errors import GuardrailError
from guardrail_detectors.weights import MODELS
from guardrail_training.clip.config import (
    Config,
    EmbeddedConfig,
    FinetuneConfig,
    HeadsConfig,
    read_config,
)
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.icons import COLLECTION

CONFIG = Path(__file__).parents[1] / "configs" / "clip_embedded.yaml"


def main(  # noqa: PLR0913, PLR0917 - each is an option
    data: Annotated[Path, typer.Option(help="Folder that the settings' files are relative to.")],
    config: Annotated[
        Path, typer.Option(help="Settings of the run; a name is looked up beside the shipped ones.")
    ] = CONFIG,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; for the embedded model, the shipped one.")
    ] = None,
    icons: Annotated[
        Path | None, typer.Option(help="Folder that npm installed the icon packages into.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Folder or name of the text model, instead of the settings'.")
    ] = None,
    tower: Annotated[
        Path | None,
        typer.Option(help="Weights of the picture tower, instead of those that timm downloads."),
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="Folder that keeps what a later run can go on from.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="CSV file for the losses.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random choices.")] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="Steps of a cycle at most.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> None:
    """Train the embedded CLIP, heads on any model folder, or fine-tune any open_clip model.

    The settings' `kind` says which: embedded (clip_embedded.yaml), heads (clip_heads.yaml),
    finetune (clip_finetune.yaml).
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = read_config(config if config.exists() else CONFIG.with_name(config.name))
        if seed is not None:
            settings = settings.model_copy(update={"seed": seed})
        run = Run(data, out, icons, base, tower, work, log, max_steps, dry_run)
        told = _run(settings, run)
    except GuardrailError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(told)


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for on the command line; see ``main``."""

    data: Path
    out: Path | None
    icons: Path | None
    base: str | None
    tower: Path | None
    work: Path | None
    log: Path | None
    max_steps: int | None
    dry_run: bool


def _run(settings: Config, run: Run) -> str:
    """Does it, and says what was done."""
    match settings:
        case EmbeddedConfig():
            return _embedded(settings, run)
        case HeadsConfig():
            _without_embedded_options(run)
            return _heads(settings, run)
        case FinetuneConfig():
            _without_embedded_options(run)
            return _finetune(settings, run)


def _without_embedded_options(run: Run) -> None:
    """Nothing, unless an option was given that only the embedded model's settings read."""
    options = {"icons": run.icons, "base": run.base, "tower": run.tower, "work": run.work}
    given = next((name for name, value in options.items() if value is not None), None)
    if given is not None:
        raise ClipTrainingError(f"--{given}: only settings of kind embedded read it")


def _embedded(settings: EmbeddedConfig, run: Run) -> str:
    from guardrail_training.clip import material  # noqa: PLC0415 - torch, 3 s
    from guardrail_training.clip.train import train  # noqa: PLC0415

    if run.icons is None:
        raise ClipTrainingError(
            f"--icons is missing: the folder that `npm install --prefix FOLDER {COLLECTION}` filled"
        )
    out = run.out or MODELS / settings.name
    places = material.Places(run.icons, run.data, out, run.work, run.base, run.log, run.tower)
    if run.dry_run:
        return _listed(material.planned(settings, material.gathered(settings, places)))
    return f"wrote {train(settings, places, run.max_steps)}; read its MODEL_CARD.md"


def _heads(settings: HeadsConfig, run: Run) -> str:
    from guardrail_training.clip import train_heads as module  # noqa: PLC0415 - scikit-learn, 1 s

    if run.dry_run:
        return _listed(module.counted(settings, run.data))
    out = module.train_heads(settings, run.data, _named(run.out))
    return f"wrote {out}; its manifest says how good the heads are on sources left out"


def _finetune(settings: FinetuneConfig, run: Run) -> str:
    from guardrail_training.clip import finetune as module  # noqa: PLC0415 - torch, 3 s

    if run.dry_run:
        pairs = module.read_pairs(run.data / settings.pairs)
        return _listed({"pairs": len(pairs), "steps": settings.steps, "batch": settings.batch})
    out = module.finetune(settings, run.data, _named(run.out), run.max_steps, run.log)
    return f"wrote {out}"


def _named(out: Path | None) -> Path:
    if out is None:
        raise ClipTrainingError("--out is missing: the model folder to write")
    return out


def _listed(counts: Mapping[str, object]) -> str:
    return "\n".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items())


if __name__ == "__main__":
    typer.run(main)
