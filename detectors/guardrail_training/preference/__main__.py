"""``python -m guardrail_training.preference``: trains an MLLM on pairs."""

from __future__ import annotations

import typer

from guardrail_training.command import trainer, tried
from guardrail_training.preference.records import collate
from guardrail_training.preference.train import PreferenceConfig, align, prepared

app = typer.Typer(add_completion=False)


def _tried(settings: PreferenceConfig) -> str:
    mllm, rows, loss = prepared(settings)
    batch = collate([rows[number] for number in range(min(len(rows), settings.run.batch))])
    return f"{settings.objective}: {len(rows)} pairs, {tried(mllm.model, loss, batch)}"


main = trainer(
    PreferenceConfig, align, _tried, "Train a model to prefer the better answer of each pair."
)
app.command()(main)


if __name__ == "__main__":
    app()
