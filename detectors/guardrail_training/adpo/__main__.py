"""``python -m guardrail_training.adpo``: hardens a vision encoder, or compares trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail_training.adpo.compare import Comparison, compare, draw, table
from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.pictures import Rows, collate
from guardrail_training.adpo.train import harden, prepared
from guardrail_training.command import refused, trainer, tried
from guardrail_training.mllm import load_mllm
from guardrail_training.settings import read_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


def _tried(settings: HardenConfig) -> str:
    mllm = load_mllm(settings.model)
    rows = settings.pictures.rows(mllm.side)
    few = Rows(list(rows)[: settings.run.batch])
    learner, loss = prepared(mllm, settings, few)
    said = tried(learner, loss, collate(list(few)))
    return f"{settings.method}: {len(rows)} pictures, {said}"


main = trainer(
    HardenConfig, harden, _tried, "Harden a model's vision encoder against small perturbations."
)
app.command("harden")(main)


@app.command("compare")
def compare_trainers(
    config: Annotated[Path, typer.Option(help="Bases, trainers and how they are measured.")],
    out: Annotated[Path, typer.Option(help="Folder of all models and results.")],
    limit_s: Annotated[float, typer.Option(help="Begin no further model after that.")] = 1e9,
) -> None:
    """Train and measure several trainers on several bases; what is there already is kept."""
    with refused():
        results = compare(read_settings(config, Comparison), out, limit_s)
        draw(results, out / "robustness.png")
        typer.echo(table(results))


if __name__ == "__main__":
    app()
