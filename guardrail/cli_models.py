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


@train_app.command(
    "text-guard",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def train_text_guard(context: typer.Context) -> None:
    """Train the text guard; `--help` lists its options."""
    try:
        trainer = importlib.import_module("guardrail_training.text_guard.__main__")
        command = typer.Typer(add_completion=False)
        command.command()(trainer.main)
        command(context.args, prog_name="guardrail train text-guard")
    except ModuleNotFoundError as error:
        err.print(f"error: {error.name} is missing: pip install 'mllm-guardrail[train]'")
        raise typer.Exit(2) from None
