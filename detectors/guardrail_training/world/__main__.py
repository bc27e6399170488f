"""``python -m guardrail_training.world``: the small world's model and its safety data."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

_EVERY = 25


def main(
    *,
    out: Annotated[Path, typer.Option(help="Folder for `base`, `halfway` and `data`.")],
    seed: Annotated[int, typer.Option(help="Of weights, pictures and questions.")] = 0,
    tower_steps: Annotated[int, typer.Option(min=1, help="Of the vision tower.")] = 500,
    steps: Annotated[int, typer.Option(min=2, help="Of the language model.")] = 3000,
    share: Annotated[
        float, typer.Option(min=0.001, max=1, help="Of VLGuard's size, that of the safety data.")
    ] = 1.0,
    threads: Annotated[int, typer.Option(min=1, help="Of torch; more than cores are slow.")] = 1,
) -> None:
    """Train the small world's MLLM from scratch, and write the world's safety data.

    Six minutes on one core. `base` answers every question, the harmful ones too; `halfway` is the
    same model in the middle of its training.
    """
    import torch  # noqa: PLC0415 - 3 s

    from guardrail_training.world.accuracy import accuracy  # noqa: PLC0415
    from guardrail_training.world.model import save  # noqa: PLC0415
    from guardrail_training.world.pretrain import Schedule, train_base  # noqa: PLC0415
    from guardrail_training.world.safety_set import Sizes, write_safety_set  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(threads)
    write_safety_set(out / "data", seed, Sizes().scaled(share))
    schedule = Schedule(tower_steps=tower_steps, steps=steps)
    model, reader = train_base(
        seed,
        schedule,
        step_done=_told,
        halfway=out / "halfway",
        checkpoints=out / "checkpoints",
    )
    save(model, reader, out / "base")
    found = accuracy(model, reader)
    typer.echo(f"wrote {out}: {found['all']:.1%} of its answers are right")


def _told(part: str, step: int, steps: int, loss: float) -> None:
    if step % _EVERY == 0 or step == steps:
        logging.getLogger(__name__).info("%s %d of %d: loss %.4f", part, step, steps, loss)


if __name__ == "__main__":
    typer.run(main)
