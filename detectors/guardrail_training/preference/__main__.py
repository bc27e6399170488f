"""``python -m guardrail_training.preference``: trains an MLLM on pairs."""

from __future__ import annotations

import typer

from guardrail_training import command as options
from guardrail_training.command import changed, refused, tried
from guardrail_training.preference.records import collate
from guardrail_training.preference.train import PreferenceConfig, align, prepared
from guardrail_training.settings import read_settings

app = typer.Typer(add_completion=False)


@app.command()
def main(
    config: options.Config,
    out: options.Out,
    *,
    model: options.Model = None,
    seed: options.Seed = None,
    max_steps: options.MaxSteps = None,
    dry_run: options.DryRun = False,
) -> None:
    """Train a model to prefer the better answer of each pair."""
    with refused():
        settings = changed(read_settings(config, PreferenceConfig), model, seed, max_steps)
        if dry_run:
            mllm, rows, loss = prepared(settings)
            batch = collate([rows[number] for number in range(min(len(rows), settings.run.batch))])
            said = tried(mllm.model, loss, batch)
            typer.echo(f"{settings.objective}: {len(rows)} pairs, {said}")
            return
        folder = align(settings, out)
        typer.echo(f"wrote {folder}; its log is {out / 'log.csv'}")


if __name__ == "__main__":
    app()
