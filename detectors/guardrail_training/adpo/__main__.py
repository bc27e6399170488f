"""``python -m guardrail_training.adpo``: hardens a vision encoder, or compares trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from guardrail.errors import GuardrailError
from guardrail_training.adpo.compare import Comparison, compare, draw, table
from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.train import harden, prepared
from guardrail_training.mllm import load_mllm
from guardrail_training.settings import read_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


def main(
    config: Annotated[Path, typer.Option(help="Settings; a name is looked up beside the shipped.")],
    out: Annotated[Path, typer.Option(help="Folder of model, log, curves and checkpoints.")],
    *,
    model: Annotated[str | None, typer.Option(help="Instead of the settings' model.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random choices.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Fewer updates than the settings'.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Read everything, try one batch, stop.")] = False,
) -> None:
    """Harden a model's vision encoder against small perturbations."""
    try:
        settings = read_settings(config, HardenConfig)
        settings = _changed(settings, model, seed, max_steps)
        if dry_run:
            typer.echo(_tried(settings))
            return
        folder = harden(settings, out)
        (out / "config.yaml").write_text(yaml.safe_dump(settings.model_dump(mode="json")), "utf-8")
    except (GuardrailError, FloatingPointError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {folder}; its log is {out / 'log.csv'}")


def _changed(
    settings: HardenConfig, model: str | None, seed: int | None, max_steps: int | None
) -> HardenConfig:
    changed = {"seed": seed, "steps": max_steps}
    run = settings.run.model_copy(update={k: v for k, v in changed.items() if v is not None})
    return settings.model_copy(update={"run": run, "model": model or settings.model})


def _tried(settings: HardenConfig) -> str:
    from guardrail_training.adpo.pictures import Rows, collate  # noqa: PLC0415

    mllm = load_mllm(settings.model)
    rows = settings.pictures.rows(mllm.side)
    few = Rows(list(rows)[: settings.run.batch])
    learner, loss = prepared(mllm, settings, few)
    value, _ = loss(learner, collate(list(few)))
    weights = sum(one.numel() for one in learner.parameters() if one.requires_grad)
    return (
        f"{settings.method}: {len(rows)} pictures, {weights} weights learn, "
        f"the first batch's loss is {float(value.detach()):.4f}"
    )


@app.command("compare")
def compare_trainers(
    config: Annotated[Path, typer.Option(help="Bases, trainers and how they are measured.")],
    out: Annotated[Path, typer.Option(help="Folder of all models and results.")],
    limit_s: Annotated[float, typer.Option(help="Begin no further model after that.")] = 1e9,
) -> None:
    """Train and measure several trainers on several bases; what is there already is kept."""
    try:
        results = compare(read_settings(config, Comparison), out, limit_s)
    except (GuardrailError, FloatingPointError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    draw(results, out / "robustness.png")
    typer.echo(table(results))


app.command("harden")(main)

if __name__ == "__main__":
    app()
