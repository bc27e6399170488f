"""The commands about models: list, verify, train."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from guardrail.cli_console import err, out, told

models_app = typer.Typer(no_args_is_help=True, help="The models that ship: list and verify them.")
train_app = typer.Typer(
    no_args_is_help=True, help="Train the models; needs `pip install 'mllm-guardrail[train]'`."
)


@models_app.command("list")
def list_models() -> None:
    """List the models that ship."""
    from guardrail.models import listed  # noqa: PLC0415

    with told():
        out.print(listed())


@models_app.command("verify")
def verify_models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models or folders; all that ship without any.")
    ] = None,
) -> None:
    """Check files against their checksums, and scores against the golden inputs."""
    from guardrail.models import verify  # noqa: PLC0415

    with told():
        results = verify(names or [])
    for name, fault in results:
        out.print(f"{name}: {fault or 'ok'}", style="red" if fault else "green", markup=False)
    if any(fault for _, fault in results):
        raise typer.Exit(1)


_TRAINERS = {
    "text-guard": ("text_guard", "Train the text guard."),
    "vlguard": ("vlguard", "Tune an MLLM to refuse what is harmful, measure it and export it."),
    "world": ("world", "Train the small world's MLLM and write its safety data."),
}
"""Command to its module in ``guardrail_training`` and what it does."""


def _add_trainer(name: str, module: str, said: str) -> None:
    def train(context: typer.Context) -> None:
        try:
            trainer = importlib.import_module(f"guardrail_training.{module}.__main__")
            command = typer.Typer(add_completion=False)
            command.command()(trainer.main)
            command(context.args, prog_name=f"guardrail train {name}")
        except ModuleNotFoundError as error:
            err.print(f"error: {error.name} is missing: pip install 'mllm-guardrail[train]'")
            raise typer.Exit(2) from None

    train_app.command(
        name,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        add_help_option=False,
        help=f"{said} `--help` lists its options.",
    )(train)


for _name, (_module, _said) in _TRAINERS.items():
    _add_trainer(_name, _module, _said)
