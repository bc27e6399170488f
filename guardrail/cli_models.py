"""The commands about models: list, pull, add, verify, export, train."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli_console import err, out, told

models_app = typer.Typer(
    no_args_is_help=True, help="Models: those that ship, those installed, those to be pulled."
)
train_app = typer.Typer(
    no_args_is_help=True, help="Train the models; needs `pip install 'mllm-guardrail[train]'`."
)

HomeOption = Annotated[
    Path | None, typer.Option(help="Where models are installed; else $GUARDRAIL_MODELS.")
]


@models_app.command("list")
def list_models() -> None:
    """List the models that ship, those installed, and those that can be pulled."""
    from guardrail.models import listed  # noqa: PLC0415

    with told():
        for table in listed():
            out.print(table)


@models_app.command("verify")
def verify_models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models or folders; all there are without any.")
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


@models_app.command("pull")
def pull_model(
    name: Annotated[str, typer.Argument(help="A name that `guardrail models list` shows.")],
    endpoint: Annotated[
        str, typer.Option(help="Base URL of the Hub or a mirror; else $HF_ENDPOINT.")
    ] = "",
    home: HomeOption = None,
) -> None:
    """Fetch a known CLIP, make a model folder of it and install that; goes on where it stopped."""
    from guardrail.models import pulled  # noqa: PLC0415

    _install(lambda: pulled(name, endpoint, home))


@models_app.command("add")
def add_model(
    source: Annotated[str, typer.Argument(help="A model folder, or the URL of one.")],
    name: Annotated[str, typer.Option(help="What policies will call it.")] = "",
    home: HomeOption = None,
) -> None:
    """Install a model folder, once its checksums and golden embeddings are right."""
    from guardrail.models import added  # noqa: PLC0415

    _install(lambda: added(source, name, home))


def _install(install: Callable[[], Path]) -> None:
    with told():
        path = install()
    out.print(f"{path}: installed", markup=False, soft_wrap=True)


@models_app.command("export")
def export_model(
    model: Annotated[str, typer.Argument(help="open_clip's name of it, or local-dir:FOLDER.")],
    output: Annotated[Path, typer.Option(help="Folder to write.")],
    weights: Annotated[
        str | None, typer.Option(help="A checkpoint file, or a tag of open_clip.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the model is called.")] = "",
) -> None:
    """Make a model folder of any open_clip model; needs `pip install 'mllm-guardrail[train]'`."""
    from guardrail.models import exported  # noqa: PLC0415

    with told():
        exported(model, weights, output, name)
    out.print(f"{output}: written", markup=False, soft_wrap=True)


_TRAINERS = {
    "adpo": ("adpo", "Harden a vision encoder by adversarial preference optimisation."),
    "clip": ("clip", "Train the CLIP that ships, heads on any CLIP, or fine-tune one."),
    "fare": ("adpo", "Harden a vision encoder by holding its embeddings."),
    "preference": ("preference", "Train an MLLM on pairs of answers, by any objective's name."),
    "tecoa": ("adpo", "Harden a vision encoder by its classes."),
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
